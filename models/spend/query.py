"""A question about spend, as a frozen value: measures, dimensions, filters, grain, period. Parsed here once for
endpoint, page, job and notebook; it knows nothing of where the answer comes from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, get_args

from models import periods
from models.errors import BadRequest
from models.spend import dimensions, filters, measures
from models.spend.dimensions import DIMENSIONS
from models.spend.filters import Predicate
from models.spend.measures import MEASURES, SUMS, Measure

Granularity = Literal["total", "minute", "hour", "day", "week", "month"]
GRANULARITIES: tuple[str, ...] = get_args(Granularity)
ROLLING = {"m": 60 * periods.SECOND, "h": periods.HOUR}
DAYS = {"d": 1, "w": 7}
LAST = re.compile(r"([1-9]\d{0,4})([mhdw])")
MAX_DAYS = 3_660
YEARS = range(1900, 3000)  # whose days there are: far enough from the calendar's ends for the period before and after
MINUTE_RANGE = periods.DAY  # the longest period that is answered minute by minute
DEFAULT_LAST = "30d"
DEFAULT_MEASURES = ("cost", "requests", "unpriced_requests")


@dataclass(frozen=True)
class Period:
    """From one instant to another (excluded), in a time zone; `days` where both are whole local days."""

    start_us: int
    end_us: int
    timezone: str
    days: tuple[date, date] | None = None

    @classmethod
    def of_days(cls, first: date, end: date, timezone: str) -> "Period":
        return cls(periods.day_start(first, timezone), periods.day_start(end, timezone), timezone, (first, end))

    def previous(self) -> "Period":
        """The period of the same length right before."""
        if self.days:
            first, end = self.days
            return Period.of_days(first - (end - first), first, self.timezone)
        return replace(self, start_us=2 * self.start_us - self.end_us, end_us=self.start_us)

    def days_so_far(self, now_us: int) -> int:
        """Of those that have come, in whole days: what an amount a day is divided by. At least one."""
        return max(1, round((min(self.end_us, now_us) - self.start_us) / periods.DAY))

    def shown(self) -> dict[str, str | None]:
        """Local dates for whole days, UTC times else."""
        if self.days:
            return {"from": self.days[0].isoformat(), "to": self.days[1].isoformat()}
        return {"from": periods.iso(self.start_us), "to": periods.iso(self.end_us)}


@dataclass(frozen=True)
class Query:
    period: Period
    measures: tuple[str, ...] = DEFAULT_MEASURES
    group_by: tuple[str, ...] = ()
    where: tuple[Predicate, ...] = ()
    granularity: str = "total"
    order: str = "-cost"
    limit: int | None = None
    other: bool = False  # all groups beyond `limit` are one, so that rows add up to the totals
    compare: bool = False

    @property
    def asked(self) -> list[Measure]:
        """The measures to show, and the one to order by where it is another."""
        names = dict.fromkeys([*self.measures, *([self.order_name] if self.order_name in MEASURES else [])])
        return [MEASURES[name] for name in names]

    @property
    def sums(self) -> list[str]:
        """The summed columns that the measures are made of, and the count that tells whether a group is there."""
        named = {name for measure in self.asked for name in measure.needs}
        return [name for name in SUMS if name in named or name == "requests"]

    @property
    def folds(self) -> bool:
        """Whether there may be a row for all groups beyond the limit."""
        return self.other and bool(self.group_by)

    @property
    def order_name(self) -> str:
        return self.order.removeprefix("-")

    def joined(self, other: "Query") -> "Query":
        """What has to be read to answer both, which ask about the same calls, at the same granularity or in total."""
        return replace(
            self,
            measures=tuple(dict.fromkeys(each.name for each in (*self.asked, *other.asked))),
            group_by=tuple(dict.fromkeys((*self.group_by, *other.group_by))),
            granularity=other.granularity if self.granularity == "total" else self.granularity,
            compare=self.compare or other.compare,
        )


def parse(parameters: Mapping[str, Sequence[str]], timezone: str, now_us: int) -> Query:
    """A query from text, as it stands in a URL: each name with its values. BadRequest names what is wrong."""
    group_by = names(parameters, "group_by", ())
    query = Query(
        period=parse_period(parameters, timezone, now_us),
        measures=known(names(parameters, "measures", DEFAULT_MEASURES), "measures", MEASURES, measures.listed()),
        group_by=tuple(check_dimension(each) for each in group_by),
        where=filters.parse(parameters.get("where", ())),
        granularity=one_of(parameters, "granularity", GRANULARITIES, "total"),
        order=single(parameters, "order") or "-cost",
        limit=whole_number(parameters, "limit", 1, 1_000_000),
        other=one_of(parameters, "other", ("true", "false"), "false") == "true",
        compare=bool(one_of(parameters, "compare", ("previous",), "")),
    )
    check_order(query)
    if query.granularity == "minute" and query.period.end_us - query.period.start_us > MINUTE_RANGE:
        raise wrong("granularity", "minute", "at most 24 hours of period with minute")
    return query


def parse_period(parameters: Mapping[str, Sequence[str]], timezone: str, now_us: int) -> Period:
    last, start, end = (single(parameters, name) for name in ("last", "from", "to"))
    if last and (start or end):
        raise wrong("last", last, "either last or from and to")
    if start:
        return parse_range(start, end, timezone, now_us)
    if end:
        raise wrong("from", None, "a day or time, where to is given")
    return parse_last(last or DEFAULT_LAST, timezone, now_us)


def parse_last(text: str, timezone: str, now_us: int) -> Period:
    """Days are local and include today; hours and minutes are rolling and include this instant."""
    match = LAST.fullmatch(text)
    if not match:
        raise wrong("last", text, "a number and m, h, d or w, such as 30d")
    number, unit = int(match[1]), match[2]
    if unit in ROLLING:
        return checked(Period(now_us + 1 - number * ROLLING[unit], now_us + 1, timezone), "last", text)
    if number * DAYS[unit] > MAX_DAYS:
        raise wrong("last", text, f"at most {MAX_DAYS} days")
    tomorrow = periods.day_of(now_us, timezone) + timedelta(days=1)
    return Period.of_days(tomorrow - timedelta(days=number * DAYS[unit]), tomorrow, timezone)


def parse_range(start: str, end: str | None, timezone: str, now_us: int) -> Period:
    first = parse_moment("from", start, timezone)
    last = parse_moment("to", end, timezone) if end else now_us + 1
    if isinstance(first, date) and isinstance(last, date):
        if first < last:
            return checked(Period.of_days(first, last, timezone), "from", start)
        raise wrong("from", start, "a day before to")
    period = Period(as_instant(first, timezone), as_instant(last, timezone), timezone)
    if period.start_us >= period.end_us:
        raise wrong("from", start, "a time before to")
    return checked(period, "from", start)


def checked(period: Period, name: str, text: str) -> Period:
    if period.end_us - period.start_us > (MAX_DAYS + 1) * periods.DAY:
        raise wrong(name, text, f"at most {MAX_DAYS} days")
    return period


def parse_moment(name: str, text: str, timezone: str) -> date | int:
    """A date is a local day, everything else an instant."""
    moment: date | int
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            moment = day = date.fromisoformat(text)
        else:
            moment = periods.parse_time(text)
            day = periods.day_of(moment, timezone)
    except (ValueError, OverflowError):
        raise wrong(name, text, "a day such as 2026-06-01 or a time such as 2026-06-01T12:00:00Z") from None
    if day.year not in YEARS:
        raise wrong(name, text, f"a day of the years {YEARS[0]} to {YEARS[-1]}")
    return moment


def as_instant(moment: date | int, timezone: str) -> int:
    return periods.day_start(moment, timezone) if isinstance(moment, date) else moment


def check_dimension(name: str) -> str:
    if name not in DIMENSIONS and not dimensions.is_tag_key(name):
        raise BadRequest(
            f"Unknown dimension {name[:80]!r}: there are {dimensions.listed()}",
            {"field": "group_by", "value": name[:80], "dimensions": dimensions.listed()},
        )
    return name


def check_order(query: Query) -> None:
    if query.order_name not in MEASURES and query.order_name not in query.group_by:
        raise wrong(
            "order", query.order, f"a measure ({measures.listed()}) or a dimension of group_by, - for descending"
        )


def known(found: tuple[str, ...], field: str, there_are: Mapping[str, Any], listed: str) -> tuple[str, ...]:
    for name in found:
        if name not in there_are:
            raise BadRequest(
                f"Unknown measure {name[:80]!r}: there are {listed}",
                {"field": field, "value": name[:80], "measures": listed},
            )
    return found


def names(parameters: Mapping[str, Sequence[str]], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Comma-separated, repeated, or both; without doubles."""
    given = [each.strip() for text in parameters.get(name, ()) for each in text.split(",")]
    return tuple(dict.fromkeys(each for each in given if each)) or default


def single(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    given = parameters.get(name, ())
    return given[-1] if given and given[-1] else None


def one_of(parameters: Mapping[str, Sequence[str]], name: str, choices: Sequence[str], default: str) -> str:
    value = single(parameters, name)
    if value is not None and value not in choices:
        raise wrong(name, value, ", ".join(choices))
    return value or default


def whole_number(parameters: Mapping[str, Sequence[str]], name: str, low: int, high: int) -> int | None:
    value = single(parameters, name)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
        raise wrong(name, value, f"a whole number from {low} to {high}")
    return int(value)


def wrong(field: str, value: str | None, expected: str) -> BadRequest:
    shown = "missing" if value is None else value[:80]
    return BadRequest(
        f"{field} is {shown}: it takes {expected}", {"field": field, "value": shown, "expected": expected}
    )
