"""A decimal number as JSON writes it, read exactly; one that arithmetic could not bear is refused."""

from decimal import Decimal, InvalidOperation

MAX_EXPONENT = 1_000  # a number beyond it is no amount, time or count, and arithmetic on it may overflow


def exact(digits: str) -> Decimal:
    number = Decimal(digits)
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise InvalidOperation
    return number
