"""Time: how it is read, and which local day and hour an instant belongs to."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models import periods
from models.periods import DAY, HOUR, SECOND, YEAR_2000

MINUTE = 60 * SECOND

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Asia/Gaza",
    "America/St_Johns",
)
AFTER_MIDNIGHT_CAME_TWICE = 1_289_097_900_000_000  # 2010-11-07T02:45Z: clocks went from 00:01 back to 23:01
INSTANTS = st.integers(YEAR_2000, YEAR_2000 + 36 * 365 * DAY)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("2026-06-01", "2026-06-01T00:00:00Z"), ("2026-06-01T12:00", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00.123456+02:00", "2026-06-01T10:00:00.123456Z"), ("2026-06-01 12:00:00Z", "2026-06-01T12:00:00Z"),
        (1780315200, "2026-06-01T12:00:00Z"), (1780315200000, "2026-06-01T12:00:00Z"), (Decimal("1780315200.000001"), "2026-06-01T12:00:00.000001Z"),
        ("1780315200", "2026-06-01T12:00:00Z"), (99999999999, "5138-11-16T09:46:39Z"),
    ],
)  # fmt: skip
def test_times_are_read(sent: object, seen: str) -> None:
    assert periods.iso(periods.parse_time(sent)) == seen


@pytest.mark.parametrize(
    "sent", ["", "soon", "2026-13-01", None, True, [], {}, float("nan"), float("inf"), "1e999999999999999999", 1e300]
)
def test_no_times(sent: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any wording
        periods.parse_time(sent)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "\x00", "a" * 500])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        periods.zone(name)


def test_a_zone_that_the_libraries_read_differently_is_refused() -> None:
    zones = {name: periods.agrees_with_polars(name, periods.zoneinfo.ZoneInfo(name)) for name in ZONES}
    assert all(zones.values())
    assert not periods.agrees_with_polars("UTC", periods.zoneinfo.ZoneInfo("Europe/Berlin"))


@given(INSTANTS, st.sampled_from(ZONES))
@example(AFTER_MIDNIGHT_CAME_TWICE, "America/St_Johns")
def test_day_and_hour_are_the_same_in_rollups_and_in_periods(instant: int, zone: str) -> None:
    frame = pl.DataFrame({"t": [instant]}).select(
        day=periods.local_day(pl.col("t"), zone), hour=periods.local_hour(pl.col("t"), zone)
    )
    day, hour = frame.row(0)
    assert day == periods.day_of(instant, zone)
    assert periods.day_start(day, zone) <= instant < periods.day_start(day + timedelta(days=1), zone)
    assert hour == periods.hour_start(instant, zone)
    assert 0 <= instant - hour < HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", date(2026, 3, 29), 23), ("Europe/Berlin", date(2026, 10, 25), 25), ("Asia/Kathmandu", date(2026, 6, 1), 24),
     ("Australia/Lord_Howe", date(2026, 4, 5), 24.5), ("Africa/Cairo", date(2026, 4, 24), 23)],
)  # fmt: skip
def test_days_are_as_long_as_they_are(zone: str, day: date, hours: float) -> None:
    assert periods.day_start(day + timedelta(days=1), zone) - periods.day_start(day, zone) == hours * HOUR


def test_where_midnight_comes_twice_the_day_begins_with_the_first() -> None:
    zone, day = "America/St_Johns", date(2010, 11, 7)
    assert periods.day_of(AFTER_MIDNIGHT_CAME_TWICE, zone) == day
    assert periods.day_of(AFTER_MIDNIGHT_CAME_TWICE - 16 * MINUTE, zone) == date(2010, 11, 6)
    assert periods.day_start(day + timedelta(days=1), zone) - periods.day_start(day, zone) == 25 * HOUR
    assert periods.second_midnights("Europe/Berlin") == ()


def test_latency_is_unknown_where_it_makes_no_sense() -> None:
    assert periods.latency_between(10, 25) == 15
    assert periods.latency_between(10, None) is None
    assert periods.latency_between(10, 9) is None
    assert periods.latency_between(0, 31 * DAY) is None


def test_weeks_and_months_follow_each_other() -> None:
    assert periods.following(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert periods.following(date(2026, 1, 31), "day") == date(2026, 2, 1)
    assert periods.following(date(2026, 11, 16), "week") == date(2026, 11, 23)
