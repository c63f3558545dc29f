"""Durations as LiteLLM writes them."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import durations, periods
from models.durations import Duration
from models.errors import BadField
from models.periods import DAY, HOUR, SECOND, to_us
from tests.factories import NOON


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("30s", "30s"), ("30m", "30m"), ("24h", "24h"), ("7d", "7d"), ("30d", "30d"), ("1mo", "1mo"), ("30min", "30m"), ("2w", "14d"),
        ("daily", "24h"), ("Weekly", "7d"), (" 1d ", "1d"), ("hourly", "1h"), ("monthly", "30d"), ("36500d", "36500d"),
    ],
)  # fmt: skip
def test_what_is_read(said: str, read: str) -> None:
    assert str(durations.read(said, "budget_duration")) == read


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_said_is_none(nothing: str | None) -> None:
    assert durations.read(nothing, "duration") is None


@pytest.mark.parametrize(
    "wrong",
    ["0s", "-1d", "1", "d", "1y", "1.5d", "1d2h", "01d", "36501d", "1200mo", "9999999999s", 30, True, [], "½d", "٣d"],
)
def test_what_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(BadField) as refused:
        durations.read(wrong, "duration")
    assert refused.value.field == "duration"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T12:00:00+00:00", 1, "2026-02-28T12:00:00+00:00"), ("2024-01-31T12:00:00+00:00", 1, "2024-02-29T12:00:00+00:00"),
        ("2026-12-15T00:00:00+00:00", 1, "2027-01-15T00:00:00+00:00"), ("2026-01-31T12:00:00+00:00", 14, "2027-03-31T12:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_month_is_one_of_the_calendar(start: str, months: int, end: str) -> None:
    assert Duration(months, "mo").after(at(start)) == at(end)


def test_windows_of_a_month_are_counted_from_the_first_day_and_lose_none() -> None:
    start = at("2026-01-31T12:00:00+00:00")
    assert Duration(1, "mo").window_end(start, at("2026-03-30T00:00:00+00:00")) == at("2026-03-31T12:00:00+00:00")


@pytest.mark.parametrize(
    ("later", "end"),
    [
        (0, HOUR),
        (HOUR - 1, HOUR),
        (HOUR, 2 * HOUR),
        (90 * SECOND * 60, 2 * HOUR),
        (400 * DAY, 400 * DAY + HOUR),
        (-5, HOUR),
    ],
)
def test_a_window_ends_after_now(later: int, end: int) -> None:
    assert Duration(1, "h").window_end(NOON, NOON + later) == NOON + end


@given(st.integers(1, 50), st.sampled_from(["s", "m", "h", "d", "mo"]), st.integers(0, 40 * 365 * DAY))
def test_this_moment_lies_in_the_window_and_the_one_before_is_over(number: int, unit: str, later: int) -> None:
    duration, now = Duration(number, unit), NOON + later
    end = duration.window_end(NOON, now)
    times = next(
        times for times in range(max(1, estimate(duration, later)), 10**10) if duration.after(NOON, times) > now
    )
    assert end == duration.after(NOON, times) > now
    assert times == 1 or duration.after(NOON, times - 1) <= now


def estimate(duration: Duration, later: int) -> int:
    return later // (duration.number * durations.LONGEST[duration.unit] * periods.SECOND)
