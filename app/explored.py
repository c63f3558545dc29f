"""What the explorer draws, from its answers: series, their colours and where they lead, tiles, rows. Figures in,
figures out; it knows no Streamlit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from app import colours, drilldown, figures, timeline, treemap
from app.address import Address
from app.colours import OTHER as OTHERS
from app.colours import Colour
from app.exploration import AMOUNT, CUMULATIVE, SHARE, Exploration
from app.ranking import Bar
from app.timeline import Before, Timeline, Value
from models import periods
from models.spend import table
from models.spend.dimensions import NONE
from models.spend.measures import MEASURES, Measure
from models.spend.query import Period
from models.spend.table import OTHER, PERIOD, Spend

Row = dict[str, Any]
ALL = "all"  # the one series where nothing is grouped
TILES = 150  # of a treemap
BARS = 20  # of a ranking
SIDE_NAMES = ("input", "output", "not split")
OWN = dict(
    zip((ALL, *SIDE_NAMES, OTHERS), (colours.BLUE, colours.BLUE, colours.CLAY, colours.GREY, colours.GREY), strict=True)
)


@dataclass(frozen=True)
class Series:
    """`row` is one of its rows, for the members that it stands for."""

    name: str
    row: Row
    values: dict[date | int, Value]


@dataclass(frozen=True)
class Explored:
    """The answers to `Exploration.members`, `.drawn` and `.along`; `kept` are the colours that members of the first
    dimension have on every page."""

    asked: Exploration
    members: Spend
    drawn: Spend
    along: Spend
    kept: Mapping[str, Colour]

    @property
    def rows(self) -> list[Row]:
        return list(self.members.rows.iter_rows(named=True))

    @property
    def nothing(self) -> bool:
        return not self.members.totals["requests"]

    @property
    def losses(self) -> bool:
        """Whether there are no shares of the whole, of groups, or of parts of the time where nothing is grouped."""
        rows = self.members.rows if self.asked.group_by else self.along.rows
        return losses(rows, self.asked.measure) or losses(self.drawn.rows, self.asked.measure)

    @property
    def show(self) -> str:
        return AMOUNT if self.asked.show == SHARE and self.losses else self.asked.show

    @property
    def areas(self) -> bool:
        """Whether it is drawn as a treemap, which has no room for what is below 0."""
        return self.asked.chart == "treemap" and not self.losses

    # -- names, and where they lead -------------------------------------------------------------------------------

    def name(self, row: Row) -> str:
        """Of a group: its members, one after the other."""
        if row.get(OTHER):
            return OTHERS
        return " · ".join(told(row[name]) for name in self.asked.group_by) or ALL

    def leads(self, row: Row, first: list[Row]) -> str:
        """Where a group leads; nowhere where no filter says what it is. `first` are the groups that are not `other`."""
        here, groups = self.asked.here, self.asked.group_by
        if not row.get(OTHER):
            known = not any(unspoken(row[name]) for name in groups)
            found = drilldown.into(here, {name: row[name] for name in groups}) if known else None
        else:
            beyond = [each[groups[0]] for each in first if not each.get(OTHER)] if len(groups) == 1 else []
            known = len(groups) == 1 and len(beyond) <= 50 and not any(map(unspoken, beyond))
            found = drilldown.beyond(here, groups[0], beyond) if known else None
        return found.href if found else ""

    # -- along the time -------------------------------------------------------------------------------------------

    def series(self) -> list[Series]:
        """What is drawn: groups, the largest first and `other` last, or the sides of a measure."""
        if self.asked.sides:
            return self.sides()
        found: dict[str, Series] = {}
        for row in self.drawn.rows.iter_rows(named=True):
            name = self.name(row)
            series = found.setdefault(name, Series(name, row, {}))
            series.values[row.get(PERIOD, 0)] = figures.known(self.asked.measure, row)
        return sorted(found.values(), key=lambda each: (each.row.get(OTHER, False), -size(each)))

    def sides(self) -> list[Series]:
        """Input, output, and what is known as a whole only."""
        whole = self.asked.measure.column
        columns = [MEASURES[name].column for name in self.asked.sides]
        found = [Series(name, {}, {}) for name in SIDE_NAMES]
        for row in self.along.rows.iter_rows(named=True):
            known = [row[column] for column in columns]
            unpriced = figures.unpriced(self.asked.measure, row)
            for each, value in zip(found, [*known, row[whole] - sum(known)], strict=True):
                each.values[row.get(PERIOD, 0)] = None if unpriced else value
        return [each for each in found if each.name != SIDE_NAMES[-1] or any(each.values.values())]

    def colours(self) -> dict[str, Colour]:
        return self.assigned(each.name for each in self.series() if each.name not in OWN) | OWN

    def assigned(self, groups: Iterable[str]) -> dict[str, Colour]:
        """Groups of several dimensions are on no other page."""
        return colours.assign(groups, self.kept if len(self.asked.group_by) == 1 else {})

    def timeline(self, theme: str, now_us: int) -> Timeline:
        asked, zone = self.asked, self.along.period.timezone
        starts = timeline.starts_of(asked.period, asked.granularity, now_us)
        found = self.series() or [Series(ALL, {}, {})]
        given = self.colours()
        values = {each.name: along(each.values, starts, asked.measure.additive) for each in found}
        drawn = [each.row for each in found]
        leads = {each.name: self.leads(each.row, drawn) if each.row else deeper(asked.here) for each in found}
        shown = Timeline(
            starts, values, {name: given[name].on(theme) for name in values}, asked.measure.unit, asked.granularity,
            zone, self.before(len(starts)), timeline.unfinished(starts, asked.granularity, asked.period, now_us),
            leads={name: untimed(href) for name, href in leads.items()},
            spans=[during(start, asked.period, asked.granularity) for start in starts],
        )  # fmt: skip
        return transformed(shown, self.show)

    def before(self, places: int) -> Before | None:
        """The period before, under the same places; several lines have no whole that it could stand beside."""
        asked, earlier = self.asked, self.along.previous
        alone = self.drawn.rows.select(asked.group_by).n_unique() <= 1
        if not asked.compares or earlier is None or (asked.chart == "lines" and not alone):
            return None
        return timeline.before_of(earlier, earlier.rows, asked.measure, asked.granularity, places)

    # -- as a whole -----------------------------------------------------------------------------------------------

    def leaves(self) -> list[treemap.Leaf]:
        column, rows = self.asked.measure.column, self.rows
        largest = sorted((row for row in rows if not row.get(OTHER)), key=lambda row: -row[column])
        rest = sum(row[column] for row in [*largest[TILES:], *(row for row in rows if row.get(OTHER))])
        names = self.asked.group_by
        found = [
            treemap.Leaf(tuple(told(row[name]) for name in names) or (ALL,), row[column], self.leads(row, rows))
            for row in largest[:TILES]
        ]
        return [*found, *([treemap.Leaf((OTHERS,), rest)] if rest > 0 else [])]

    def tiles(self, theme: str) -> dict[str, str]:
        """Colours of the first level, the largest ones' their own."""
        sums: dict[str, int] = {}
        for leaf in self.leaves():
            sums[leaf.path[0]] = sums.get(leaf.path[0], 0) + leaf.value
        first = sorted(sums, key=lambda name: (name == OTHERS, -sums[name]))[: colours.MAX_SERIES]
        given = colours.assign(first, self.kept)
        return {name: given.get(name, colours.GREY).on(theme) for name in sums}

    def ranking(self, theme: str) -> list[Bar]:
        column, rows = self.asked.measure.column, self.rows
        given = self.assigned(self.name(row) for row in self.drawn.rows.iter_rows(named=True))
        return [
Bar(name, row[column], given.get(name, colours.GREY).on(theme), self.leads(row, rows), self.unpriced(row))
            for row in self.ranked() for name in [self.name(row)]
        ]  # fmt: skip

    def ranked(self) -> list[Row]:
        """The first rows; where there are losses the largest amounts either way, in the same order."""
        rows, column = self.rows, self.asked.measure.column
        if not self.losses:
            return rows[:BARS]
        largest = sorted(range(len(rows)), key=lambda place: -abs(rows[place][column]))[:BARS]
        return [rows[place] for place in sorted(largest)]

    def unpriced(self, row: Row) -> str:
        return "unpriced" if figures.unpriced(self.asked.measure, row) else ""


def told(value: Any) -> str:
    """A member; what is called as we call others, or what is missing, is quoted."""
    text = figures.member(value)
    return f"“{text}”" if value is not None and text in (OTHERS, NONE) and value != [] else text


def unspoken(value: Any) -> bool:
    """Whether no filter says it: what is called as we write what is missing."""
    return NONE in value if isinstance(value, list) else value == NONE


def losses(rows: pl.DataFrame, measure: Measure) -> bool:
    """Whether some of it is below 0, so that nothing is a share of the whole."""
    return measure.additive and bool((rows[measure.column] < 0).any())


def size(series: Series) -> float:
    return sum(value or 0 for value in series.values.values())


def along(values: dict[date | int, Value], starts: list[date | int], additive: bool) -> list[Value]:
    return [values.get(start, 0 if additive else None) for start in starts]


def transformed(shown: Timeline, show: str) -> Timeline:
    if show == SHARE:
        return replace(shown, series=timeline.share(shown.series), unit="ratio", before=None)
    if show == CUMULATIVE:
        series = {name: timeline.cumulative(values) for name, values in shown.series.items()}
        before = shown.before and replace(shown.before, values=timeline.cumulative(shown.before.values))
        return replace(shown, series=series, before=before)
    return shown


# -- a part of the time -------------------------------------------------------------------------------------------


def deeper(here: Address) -> str:
    """Where a click leads that is on no group."""
    return drilldown.deeper(here, []).href


def untimed(href: str) -> str:
    """An address without its period and granularity, which a bar of the time gives anew."""
    return Address.read(href).put(last=None, from_=None, to=None, granularity=None).href if href else ""


def during(start: date | int, period: Period, granularity: str) -> dict[str, str]:
    """The part of a period that a bar stands for, as an address has it."""
    first, end = table.span(start, granularity, period.timezone)
    if period.days and isinstance(start, date):
        last = min(periods.following(start, granularity), period.days[1])
        return {"from": max(start, period.days[0]).isoformat(), "to": last.isoformat()}
    return {"from": iso(max(first, period.start_us)), "to": iso(min(end, period.end_us))}


def iso(instant: int) -> str:
    return str(periods.iso(instant))


def parts(explored: Explored) -> Iterator[tuple[date | int, Row, str]]:
    """Where nothing is grouped: each part of the time, the newest first, and where it leads."""
    asked = explored.asked
    base = Address.read(untimed(deeper(asked.here)))
    for row in reversed(list(explored.along.rows.iter_rows(named=True))):
        span = during(row[PERIOD], asked.period, asked.granularity)
        yield row[PERIOD], row, base.put(from_=span["from"], to=span["to"]).href
