"""How figures are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formats
from models.money import NANO
from models.periods import DAY, HOUR, SECOND


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "$0.00"),
        (1_847_200_000_000, "$1,847.20"),
        (1_234_567_890_000_000, "$1,234,567.89"),
        (NANO, "$1.00"),
        (NANO // 2, "$0.50"),
        (123_400_000, "$0.12"),
        (2_400_000, "$0.0024"),
        (2_000_000, "$0.0020"),
        (99_600_000, "$0.10"),
        (999_999_999, "$1.00"),
        (14_900_000, "$0.015"),
        (1, "$0.000000001"),
        (-12_400_000_000, "−$12.40"),
        (None, "–"),
    ],
)
def test_money_reads_like_money(nano: int | None, text: str) -> None:
    assert formats.money(nano) == text


@given(st.integers(1, 10**24))
def test_nothing_that_cost_is_written_as_nothing(nano: int) -> None:
    assert set(formats.money(nano)) & set("123456789")


@given(st.integers(NANO, 10**24))
def test_from_a_dollar_on_money_is_exact_to_the_cent(nano: int) -> None:
    shown = int(formats.money(nano).replace("$", "").replace(",", "").replace(".", ""))
    assert abs(shown * NANO // 100 - nano) <= NANO // 200


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (9_999_990_000_000, "$9,999.99"),
        (12_400_000_000_000, "$12.4k"),
        (999_950_000_000_000, "$1.00M"),
        (124_000_000_000_000, "$124k"),
        (1_240_000_000_000_000, "$1.24M"),
        (5_000_000_000_000_000_000, "$5.00B"),
    ],
)
def test_large_amounts_are_shortened_where_there_is_little_room(nano: int, text: str) -> None:
    assert formats.compact_money(nano) == text


def test_counts() -> None:
    assert formats.count(1_204_113) == "1,204,113"
    assert formats.compact_count(1_204_113) == "1.20M"
    assert formats.compact_count(9_999) == "9,999"
    assert formats.count(None) == formats.compact_count(None) == "–"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.131, "13.1\u202f%"), (0.0, "0.0\u202f%"), (0.0004, "<0.1\u202f%"), (None, "–"), (-0.5, "−50.0\u202f%")],
)
def test_percent(ratio: float | None, text: str) -> None:
    assert formats.percent(ratio) == text


@pytest.mark.parametrize(
    ("now", "before", "less_is_better", "text", "meaning"),
    [
        (113, 100, True, "+13.0\u202f%", "bad"),
        (87, 100, True, "−13.0\u202f%", "good"),
        (113, 100, False, "+13.0\u202f%", "good"),
        (113, 100, None, "+13.0\u202f%", "neutral"),
        (100_001, 100_000, True, "±0\u202f%", "neutral"),
        (0, 100, True, "−100.0\u202f%", "good"),
        (2_500, 100, True, "25×", "bad"),
    ],
)
def test_a_change_says_direction_and_meaning(
    now: int, before: int, less_is_better: bool | None, text: str, meaning: str
) -> None:
    assert formats.change(now, before, less_is_better) == formats.Change(text, meaning)  # type: ignore[arg-type]


def test_a_moved_amount_says_so_much_and_its_share() -> None:
    assert formats.moved(1_847_200_000_000, 1_632_900_000_000, True) == formats.Change("+$214.30 (13.1\u202f%)", "bad")
    assert formats.moved(NANO, 2 * NANO, True) == formats.Change(f"{formats.MINUS}$1.00 (50.0\u202f%)", "good")
    assert formats.moved(NANO, NANO) == formats.Change("±0\u202f%", "neutral")
    assert formats.moved(NANO, 0) is None


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.759, "76"),
        (0.018, "2"),
        (0.004, "<1"),
        (0.005, "<1"),
        (0.0099, "<1"),
        (0.01, "1"),
        (0.0, "0"),
        (1.0, "100"),
        (0.9999, ">99"),
        (-0.2, f"{formats.MINUS}20.0"),
    ],
)
def test_whole_percentages_are_neither_nothing_nor_all_unless_they_are(ratio: float, text: str) -> None:
    assert formats.whole_percent(ratio) == f"{text}\u202f%"


@given(st.integers(-(10**24), 10**24))
def test_the_exact_amount_is_all_of_it(nano: int) -> None:
    text = formats.exact(nano).replace(formats.MINUS, "-").replace("$", "").replace(",", "")
    assert Decimal(text) * NANO == nano


def test_nothing_to_compare_with_is_no_change() -> None:
    assert formats.change(5, 0) is None


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (-SECOND, "0\u202fs ago"),
        (2 * SECOND, "2\u202fs ago"),
        (59 * SECOND, "59\u202fs ago"),
        (60 * SECOND, "1\u202fmin ago"),
        (HOUR, "1\u202fh ago"),
        (47 * HOUR, "47\u202fh ago"),
        (2 * DAY, "2 days ago"),
    ],
)
def test_ages(age: int, text: str) -> None:
    assert formats.ago(10**15 - age, 10**15) == text


def test_a_moment_is_what_clocks_in_that_zone_show() -> None:
    noon = 1_795_262_404_000_000
    assert formats.moment(noon, "UTC") == "21 Nov 2026, 12:00:04"
    assert formats.moment(noon, "Asia/Kolkata") == "21 Nov 2026, 17:30:04"
