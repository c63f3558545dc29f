"""Periods in words: what stands beside a figure, and what it is compared with."""

from datetime import date, timedelta

from models import periods
from models.spend.query import Period


def said(period: Period, now_us: int) -> str:
    """`last 30 days`, `last hour`, `1 Nov to 20 Nov`."""
    if until_now(period, now_us):
        return f"last {length(period)}" if length(period) != "day" else "today"
    if period.days:
        return between(period.days[0], period.days[1] - timedelta(days=1))
    return between(*(periods.day_of(each, period.timezone) for each in (period.start_us, period.end_us - 1)))


def until_now(period: Period, now_us: int) -> bool:
    """Whether it ends with today, or about now: what is to come is not the last of anything."""
    if period.days:
        return period.days[1] == periods.day_of(now_us, period.timezone) + timedelta(days=1)
    return abs(now_us - period.end_us) < periods.HOUR


def before(period: Period) -> str:
    """`30 days before`: the period of the same length right before."""
    return f"{length(period)} before"


def length(period: Period) -> str:
    """`30 days`, `day`, `24 hours`, `15 minutes`."""
    if period.days:
        return numbered((period.days[1] - period.days[0]).days, "day")
    span = period.end_us - period.start_us
    hours = round(span / periods.HOUR)
    return numbered(hours, "hour") if hours else numbered(round(span / (60 * periods.SECOND)), "minute")


def numbered(number: int, unit: str) -> str:
    return unit if number == 1 else f"{number} {unit}s"


def between(first: date, last: date) -> str:
    return f"{first:%-d %b}" if first == last else f"{first:%-d %b} to {last:%-d %b}"


def exactly(period: Period) -> str:
    """`23 Oct – 21 Nov 2026`, both days included; of times `21 Nov 2026, 12:00 – 13:30`, as clocks there show them."""
    if period.days:
        first, last = period.days[0], period.days[1] - timedelta(days=1)
        return joined(f"{first:%-d %b}" if first.year == last.year else dated(first), dated(last), first == last)
    here = periods.zone(period.timezone)
    start, end = (periods.from_us(each).astimezone(here) for each in (period.start_us, period.end_us))
    alike = start.date() == end.date()
    return f"{dated(start)}, {start:%H:%M} – {'' if alike else f'{dated(end)}, '}{end:%H:%M}"


def joined(first: str, last: str, one: bool) -> str:
    return last if one else f"{first} – {last}"


def dated(day: date) -> str:
    return f"{day:%-d %b %Y}"
