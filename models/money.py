"""Money is an integer number of nano-US-dollars (1 USD = 1 000 000 000), read exactly and rounded half up once."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

NANO = 1_000_000_000
STEP = Decimal("1E-9")  # quantizing rounds once, however many digits were sent
MAX_EVENT_NANO = 1_000_000 * NANO  # one event costs at most 1 million USD; more is a mistake in somebody's unit


def nano_usd(value: Any, most: int = MAX_EVENT_NANO) -> int:
    """Dollars as sent (a number or a decimal string) to nano-dollars; ValueError when it is no amount in bounds.

    A float counts as the shortest decimal that names it: 0.00028319999999999994 is 283 200 nano-dollars.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueError("not an amount")
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not amount.is_finite() or not 0 <= amount <= most // NANO:
        raise ValueError("out of bounds")
    return int(amount.quantize(STEP, ROUND_HALF_UP).scaleb(9))


def divide_half_up(numerator: int, denominator: int) -> int:
    """Exact integer division rounded half up (away from zero for negatives); the denominator is positive."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def usd(nano: int | None) -> float | None:
    """For convenience only: a float beside the integer that counts."""
    return None if nano is None else nano / NANO


def exact_usd(nano: int) -> str:
    """For people, and all of it: 1234567890 is 1.23456789, 45 is 0.000000045. At least two decimals."""
    whole, rest = divmod(abs(nano), NANO)
    decimals = f"{rest:09}".rstrip("0").ljust(2, "0")
    return f"{'-' if nano < 0 else ''}{whole:,}.{decimals}"
