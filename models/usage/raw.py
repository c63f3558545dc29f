"""Reading a raw usage object member by member: a count exactly as it was told, or refused by its path.

What is absent or null has nothing to tell, which is not 0.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

from models.errors import BadField
from models.usage.counts import EXPECTED, count
from models.usage.event import MAX_TOKENS

Raw = Mapping[str, Any]
NOTHING: Raw = {}


def told(holder: Raw, name: str, within: str = "") -> int | None:
    value = holder.get(name)
    if value is None or (type(value) is int and 0 <= value <= MAX_TOKENS):
        return value
    return count(value, path(name, within))


def first_told(holder: Raw, *names: str) -> int | None:
    """One count that is spelled in several ways."""
    for name in names:
        if holder.get(name) is not None:
            return told(holder, name)
    return None


def part(holder: Raw, name: str, within: str = "") -> Raw:
    """An object inside usage; what is absent, null or empty has nothing to tell."""
    value = holder.get(name)
    if type(value) is dict or isinstance(value, Mapping):
        return value
    if not value:
        return NOTHING
    raise BadField(path(name, within), value, "an object", show=False)


def entries(holder: Raw, name: str) -> Sequence[Raw]:
    """The objects of a list; what else stands in it has nothing to tell."""
    value = holder.get(name) or ()
    if not isinstance(value, list | tuple):
        raise BadField(path(name), value, "an array", show=False)
    return [each for each in value if isinstance(each, Mapping)]


def of_entries(holder: Raw, name: str, counted: str) -> int | None:
    """The sum over a list; None where no entry tells."""
    return added(*(told(each, counted, name) for each in entries(holder, name)))


def seconds(holder: Raw, name: str) -> int | None:
    """A duration, billed by the second that has begun."""
    value = holder.get(name)
    if value is None or value == {}:  # Mistral's way to say that there was no audio
        return None
    if not is_number(value) or not 0 <= value <= MAX_TOKENS:
        raise BadField(path(name), value, EXPECTED)
    whole: int = ceil(value)
    return whole


def is_number(value: Any) -> bool:
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int | float)
    return finite and not isinstance(value, bool)


def path(name: str, within: str = "") -> str:
    return f"usage.{within}.{name}" if within else f"usage.{name}"


# -- counts that may be unknown -----------------------------------------------------------------------------------


def added(*counts: int | None) -> int | None:
    """The sum of what is known, None where nothing is."""
    known = [each for each in counts if each is not None]
    return sum(known) if known else None


def most(*counts: int | None) -> int | None:
    """The same count under several names: a 0 beside a larger one is a field that its sender left alone."""
    return max((each for each in counts if each is not None), default=None)
