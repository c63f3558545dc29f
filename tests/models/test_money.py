"""Money is read exactly and rounded half up once."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import MAX_EVENT_NANO, divide_half_up, nano_usd, usd


@pytest.mark.parametrize(
    ("sent", "nano"),
    [
        (0.00015, 150_000), (0.00028319999999999994, 283_200), ("0.0000000005", 1), ("0.00000000049999999999999999999999999999999999", 0),
        (Decimal("0.1"), 100_000_000), (0, 0), (1, 10**9), (-0.0, 0), ("1e-9", 1), (Decimal("1E+6"), MAX_EVENT_NANO), (1e-300, 0),
    ],
)  # fmt: skip
def test_amounts(sent: object, nano: int) -> None:
    assert nano_usd(sent) == nano


@pytest.mark.parametrize(
    "sent", ["", "x", None, True, [], {}, -1, float("nan"), float("inf"), "NaN", 1_000_000.01, 1e300, "1e999999999"]
)
def test_no_amounts(sent: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any wording
        nano_usd(sent)


@given(st.decimals(min_value=0, max_value=1_000_000, allow_nan=False, places=15))
def test_any_decimal_is_rounded_half_up_once(amount: Decimal) -> None:
    exact = Fraction(amount) * 10**9
    assert nano_usd(amount) == int(exact + Fraction(1, 2))


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
def test_division_rounds_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = int(abs(exact) + Fraction(1, 2)) * (-1 if numerator < 0 else 1)
    assert divide_half_up(numerator, denominator) == rounded


def test_dollars_are_for_convenience() -> None:
    assert (usd(150_000), usd(None)) == (0.00015, None)
