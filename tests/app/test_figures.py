"""Values as they are read: rounded where they stand, in full where they are pointed at."""

import pytest

from app import figures
from models.spend.measures import Unit


@pytest.mark.parametrize(
    ("unit", "value", "rounded", "full"),
    [
        ("nano_usd", 1_847_200_000_001, "$1,847.20", "$1,847.200000001"),
        ("tokens", 1_234_567, "1.23M", "1,234,567"),
        ("count", 1_234_567, "1,234,567", "1,234,567"),
        ("ratio", 0.019837, "2.0\u202f%", "2.0\u202f% (0.019837)"),
        ("ms", 1_850.25, "1.85\u202fs", "1.85\u202fs (1850.25\u202fms)"),
        ("ms", 950.0, "950\u202fms", "950\u202fms"),
        ("ms", None, "–", "–"),
    ],
)
def test_a_value_is_rounded_and_in_full(unit: Unit, value: int | float | None, rounded: str, full: str) -> None:
    assert figures.written(unit, value) == rounded
    assert figures.full(unit, value) == full
