"""Time: how it is read, and which local day and hour an instant belongs to.

Instants are integers, microseconds since the epoch in UTC. A day is a day of the workspace's reporting time zone.
`local_day` and `local_hour` are the one definition that rollup, tail, rebuild and queries share.
"""

import re
import time
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import polars as pl

# The pinned tzdata package, not whatever this machine has: a day must begin at the same instant everywhere.
zoneinfo.reset_tzpath(to=())

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000 = 946_684_800 * SECOND
NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?")
MILLISECONDS_FROM = 10**11  # a bare number from here on counts milliseconds, below it seconds
MAX_AHEAD = DAY  # of arrival; further ahead is a broken clock
MAX_LATENCY = 30 * DAY  # longer is a broken clock too: the latency is then unknown


def now_us() -> int:
    """The clock, read at the edges only."""
    return time.time_ns() // 1_000


def parse_time(value: Any) -> int:
    """ISO text, epoch seconds or epoch milliseconds to microseconds; a time without zone is UTC. ValueError else."""
    if isinstance(value, str):
        return parse_text_time(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError("not a time")
    try:
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise ValueError("not a time") from None
    if not number.is_finite() or number.adjusted() > 15:
        raise ValueError("not a time")
    return int(number * (1_000 if abs(number) >= MILLISECONDS_FROM else SECOND))


def parse_text_time(text: str) -> int:
    """Text of a number is that number: `fromisoformat` would read 1712100512359 as a day of the year 1712."""
    text = text.strip()
    if "-" not in text[1:] and NUMBER.fullmatch(text):
        return parse_time(Decimal(text))
    moment = datetime.fromisoformat(text.upper())  # RFC 3339 also has t and z
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def to_us(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_us(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def iso(instant: int | None) -> str | None:
    """UTC text with microseconds where there are any: 2026-06-01T00:00:00Z."""
    if instant is None:
        return None
    return from_us(instant).replace(tzinfo=None).isoformat() + "Z"


def latency_between(started_us: int, ended_us: int | None) -> int | None:
    """Microseconds, None where the end is unknown, before the start or absurdly late."""
    if ended_us is None or not 0 <= ended_us - started_us <= MAX_LATENCY:
        return None
    return ended_us - started_us


# -- local days -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=600)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of that IANA name; ValueError where it is unknown or Polars reads it otherwise."""
    try:
        found = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name[:64]!r}") from None
    if not agrees_with_polars(name, found):
        raise ValueError(f"time zone {name!r} is read differently by the libraries Farthing counts days with")
    return found


def agrees_with_polars(name: str, found: zoneinfo.ZoneInfo) -> bool:
    """Every noon and midnight from 2000 to 2036 has the same offset in both libraries' time zone data."""
    instants = range(YEAR_2000, YEAR_2000 + 37 * 365 * DAY, DAY // 2)
    moments = pl.Series(instants, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    try:
        local = moments.dt.convert_time_zone(name).dt.replace_time_zone(None).dt.epoch("us").to_list()
    except pl.exceptions.PolarsError:
        return False
    return all(
        wall - instant == from_us(instant).astimezone(found).utcoffset() // timedelta(microseconds=1)  # type: ignore[operator]
        for wall, instant in zip(local, instants, strict=True)
    )


def day_start(day: date, timezone: str) -> int:
    """The instant at which that local day begins (where midnight is skipped, the first instant after it)."""
    return to_us(datetime(day.year, day.month, day.day, tzinfo=zone(timezone)).astimezone(UTC))


def day_span(day: date, timezone: str) -> tuple[int, int]:
    """The instants at which that local day and the next one begin."""
    return day_start(day, timezone), day_start(day + timedelta(days=1), timezone)


def following(start: date, granularity: str) -> date:
    """The first day of the next day, week or month."""
    if granularity == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=7 if granularity == "week" else 1)


def day_of(instant: int, timezone: str) -> date:
    for start, end, day in second_midnights(timezone):
        if start <= instant < end:
            return day
    return from_us(instant).astimezone(zone(timezone)).date()


@lru_cache(maxsize=600)
def second_midnights(timezone: str) -> tuple[tuple[int, int, date], ...]:
    """Where clocks went back over midnight (Newfoundland's, at 00:01 until 2011): from the first midnight of a day to
    the second, which all belongs to the day that had begun. A day is one stretch of time, everywhere."""
    found = []
    for day in (date(2000, 1, 1) + timedelta(days=index) for index in range(37 * 366)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
        if midnight.utcoffset() == midnight.replace(fold=1).utcoffset():
            continue
        first, second = (to_us(midnight.replace(fold=fold).astimezone(UTC)) for fold in (0, 1))
        if first < second and from_us(second - 1).astimezone(zone(timezone)).date() < day:
            found.append((first, second, day))
    return tuple(found)


def hour_start(instant: int, timezone: str) -> int:
    """The instant at which the local hour of that instant starts, as `local_hour` has it."""
    wall = from_us(instant).astimezone(zone(timezone))
    return instant - (wall.minute * 60 + wall.second) * SECOND - wall.microsecond


def wall_clock(instant: pl.Expr, timezone: str) -> pl.Expr:
    """Microseconds since the epoch as local time."""
    return instant.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(timezone)


def local_day(instant: pl.Expr, timezone: str) -> pl.Expr:
    found = wall_clock(instant, timezone).dt.date()
    for start, end, day in second_midnights(timezone):
        found = pl.when((instant >= start) & (instant < end)).then(pl.lit(day)).otherwise(found)
    return found


def local_hour(instant: pl.Expr, timezone: str) -> pl.Expr:
    """The UTC instant (microseconds) at which the local hour starts: half past in half-hour zones."""
    wall = wall_clock(instant, timezone)
    into_hour = (
        wall.dt.minute().cast(pl.Int64) * 60 * SECOND
        + wall.dt.second().cast(pl.Int64) * SECOND
        + wall.dt.microsecond().cast(pl.Int64)
    )
    return instant - into_hour
