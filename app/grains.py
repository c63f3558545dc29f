"""Granularities of a chart: in which of them a period can be drawn, and which one is taken where nobody chose."""

from models import periods
from models.spend.query import MINUTE_RANGE, Period

# The longest period that is drawn so finely: beyond it bars are thinner than a pixel, or there are too many to read.
LONGEST = {"minute": MINUTE_RANGE, "hour": 31 * periods.DAY, "day": 400 * periods.DAY, "week": 4 * 400 * periods.DAY}
UNROLLED = 2 * periods.DAY  # of what no rollup has by the hour: it is read call by call
SHORTEST = {"day": periods.DAY, "week": 7 * periods.DAY, "month": 28 * periods.DAY}
COMFORTABLE = {"minute": 2 * periods.HOUR, "hour": 2 * periods.DAY, "day": 93 * periods.DAY, "week": 400 * periods.DAY}
CLOCKS = 2 * periods.HOUR  # by which a period may be longer where clocks were set back


def offered(period: Period, hourly: bool = True) -> list[str]:
    """From the finest on, and the total. `hourly` says that rollups have what is asked by the hour."""
    longest = LONGEST if hourly else LONGEST | {"hour": UNROLLED}
    span = period.end_us - period.start_us
    fits = [name for name in ("minute", "hour", "day", "week", "month") if span <= allowed(name, longest)]
    return [*(name for name in fits if span >= SHORTEST.get(name, 0) - CLOCKS), "total"]


def allowed(name: str, longest: dict[str, int]) -> float:
    slack = 0 if name == "minute" else CLOCKS
    return longest[name] + slack if name in longest else float("inf")


def automatic(period: Period, hourly: bool = True) -> str:
    """What gives some dozens of bars, of what is offered."""
    span = period.end_us - period.start_us
    wanted = next((name for name, most in COMFORTABLE.items() if span <= most + CLOCKS), "month")
    there = offered(period, hourly)
    return wanted if wanted in there else there[0]
