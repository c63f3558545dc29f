"""The members of a dimension, as a lens shows them: which of them a chart draws, along the time and in which colours,
what they spent lately, and how much of it is in few hands. Figures in, figures out; it asks nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from app import colours, figures, formats, timeline
from app.colours import GREY, OTHER, Colour
from app.explored import losses, told
from app.timeline import Before, Value
from models.spend.measures import Measure
from models.spend.table import PERIOD, Spend

FEW = 3  # members that a sentence about concentration names at most
NUMBERS = {2: "Two", 3: "Three"}
UNPRICED = "unpriced_requests"
HALF = 0.5  # of the spend: few members that have it are worth a sentence


@dataclass(frozen=True)
class Members:
    """Of one measure. `whole` is member by member over the whole period, `along` the same members along the time."""

    dimension: str
    measure: Measure
    whole: Spend
    along: Spend
    kept: Mapping[str, Colour]  # by name, whatever is drawn

    @cached_property
    def largest(self) -> list[Any]:
        """Those with a series of their own, the largest first."""
        found = self.ranked[self.dimension].to_list()
        return found if len(found) <= colours.MAX_SERIES else found[: colours.MAX_SERIES - 1]

    @property
    def ranked(self) -> pl.DataFrame:
        """Those that there is anything of, a loss as large as a gain."""
        column = pl.col(self.measure.column)
        found = self.whole.rows.select(self.dimension, column).filter(column != 0)
        return found.sort(column.abs(), self.dimension, descending=[True, False], nulls_last=True)

    @property
    def rest(self) -> bool:
        """Whether there are others, drawn as one."""
        return self.ranked.height > len(self.largest)

    @cached_property
    def colours(self) -> dict[str, Colour]:
        """By the names of the series, in their order."""
        named = [told(each) for each in self.largest]
        assigned = colours.assign(named, self.kept)
        return {name: assigned[name] for name in named} | ({OTHER: GREY} if self.rest else {})

    def colour_of(self, member: Any) -> Colour:
        """That of its series; all others share one."""
        return self.colours[told(member)] if member in self.largest else GREY

    def series(self, starts: Sequence[Any]) -> dict[str, list[Value]]:
        """By the same names."""
        own = {told(each): self.of(each, starts) for each in self.largest}
        others = self.along.rows.filter(~self.one_of(self.largest))
        return own | ({OTHER: self.summed(others, starts)} if self.rest else {})

    def of(self, member: Any, starts: Sequence[Any]) -> list[Value]:
        return self.summed(self.along.rows.filter(self.one_of([member])), starts)

    def summed(self, rows: pl.DataFrame, starts: Sequence[Any]) -> list[Value]:
        return timeline.values_of(timeline.summed(rows, self.measure), self.measure, starts)

    def one_of(self, members: list[Any]) -> pl.Expr:
        named = [each for each in members if each is not None]
        found = pl.col(self.dimension).is_in(named).fill_null(False)
        return found | pl.col(self.dimension).is_null() if None in members else found


def before(along: Spend, measure: Measure, granularity: str, places: int) -> Before | None:
    """All of the period before, where it can be told."""
    if along.previous is None:
        return None
    rows = timeline.summed(along.previous.rows, measure)
    return timeline.before_of(along.previous, rows, measure, granularity, places)


# -- lately -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lately:
    """By member, from an answer of the last 30 days by day."""

    dimension: str
    measure: Measure
    daily: Spend

    def total(self, days: int) -> int | None:
        """None where it is not known, as of a member."""
        (row,) = self.rows(days).select(self.sums).iter_rows(named=True)
        return self.amount(row)

    def by_member(self, days: int) -> dict[Any, int | None]:
        rows = self.rows(days).group_by(self.dimension).agg(self.sums)
        return {row[self.dimension]: self.amount(row) for row in rows.iter_rows(named=True)}

    @property
    def sums(self) -> pl.Expr:
        return pl.col(self.measure.column, UNPRICED).sum()

    def amount(self, row: dict[str, Any]) -> int | None:
        found = figures.known(self.measure, row)
        return None if found is None else int(found)

    def rows(self, days: int) -> pl.DataFrame:
        return self.daily.rows.filter(pl.col(PERIOD) >= self.first(days))

    def first(self, days: int) -> date:
        assert self.daily.period.days
        return self.daily.period.days[1] - timedelta(days=days)


# -- concentration ------------------------------------------------------------------------------------------------


def concentration(whole: Spend, dimension: str, measure: Measure, called: str) -> str:
    """`Three of 14 endpoints are 81 % of spend.` Nothing where there are too few to say so. What has no name is part of
    the whole, but no member; of losses nothing is a part."""
    if losses(whole.rows, measure):
        return ""
    rows = whole.rows.filter(pl.col(measure.column) > 0)
    total = int(rows[measure.column].sum())
    named = rows.filter(pl.col(dimension).is_not_null()).sort(measure.column, descending=True)
    few, all_named = fewest(named[measure.column].to_list(), total), number(whole, dimension)
    if not few or few >= all_named:
        return ""
    share = formats.whole_percent(int(named[measure.column].head(few).sum()) / total)
    of = "spend" if measure.name == "cost" else "it"
    if few == 1:
        return f"{figures.member(named[dimension][0])} alone is {share} of {of}."
    return f"{NUMBERS[few]} of {all_named:,} {called} are {share} of {of}."


def fewest(amounts: list[int], total: int) -> int:
    """How many of the largest are half of it, else as many as a sentence takes; none of none."""
    sums = [sum(amounts[:number]) for number in range(1, FEW + 1)]
    enough = (number for number, each in enumerate(sums, 1) if total and each >= HALF * total)
    return next(enough, FEW if total else 0)


def number(whole: Spend, dimension: str) -> int:
    """How many members have a name."""
    return whole.rows[dimension].drop_nulls().len()
