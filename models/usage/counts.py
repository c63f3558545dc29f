"""A token count as somebody sent it, read exactly or refused.

Every dialect and every flavour of usage reads its counts here, so that all refuse the same values in the same words.
It never rounds, never parses text and never takes a truth value for a number.
"""

from decimal import Decimal
from typing import Any

from models.errors import BadField
from models.usage.event import MAX_TOKENS

EXPECTED = f"a whole number from 0 to {MAX_TOKENS}"


def count(value: Any, field: str) -> int | None:
    """The count, None where it is unknown (null); integral floats and Decimals are counts, for JSON has one number."""
    if value is None or (type(value) is int and 0 <= value <= MAX_TOKENS):
        return value
    whole = whole_number(value)
    if whole is None or not 0 <= whole <= MAX_TOKENS:
        raise BadField(field, value, EXPECTED)
    return whole


def whole_number(value: Any) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, Decimal):
        return bounded(value)
    return None


def bounded(value: Decimal) -> int | None:
    """None also above the bound: 1E+999999 is a short Decimal and a very long integer."""
    if not value.is_finite() or abs(value) > MAX_TOKENS or value != value.to_integral_value():
        return None
    return int(value)
