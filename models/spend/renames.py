"""Renames: values of a dimension that are told as others, from one local day to another. They hold where questions are
answered, and only there: events keep what they came with, files and tail are as they were.

Renames may be stated one upon the other (a to b, b to c); they are resolved to one table a span of days, without
chains. Nothing here knows where they are kept or who made them.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from models.spend import dimensions
from models.spend.dimensions import COLUMNS
from models.spend.facts import DAY

TAG = "tag"
STRETCH, SENT, BECOMES, TOLD = "stretch", "sent", "becomes", "told"  # columns of our own, no dimension's name
RENAMABLE = (*(each.name for each in COLUMNS if each.kind == "text"), TAG)


@dataclass(frozen=True)
class Rename:
    """That value, as events have it, is told as another on the local days from `first` to `end` (excluded)."""

    dimension: str
    name: str
    becomes: str
    first: date = date.min
    end: date = date.max

    def overlaps(self, other: "Rename") -> bool:
        """Whether both tell what becomes of one value on some day."""
        same = (self.dimension, self.name) == (other.dimension, other.name)
        return same and self.first < other.end and other.first < self.end


class Span(NamedTuple):
    """On these days, the values of one dimension that are told as others."""

    first: date
    end: date
    told: dict[str, str]

    def touches(self, first: date, last: date) -> bool:
        return self.first <= last and first < self.end

    def covers(self, first: date, last: date) -> bool:
        return self.first <= first and last < self.end


def spans(renames: Iterable[Rename]) -> Iterator[Span]:
    """The renames of one dimension as they are stated, chains and all, for each stretch of days on which they are the
    same."""
    stated = list(renames)
    cuts = {date.min, date.max, *(each.first for each in stated), *(each.end for each in stated)}
    for first, end in pairwise(sorted(cuts)):
        yield Span(first, end, {each.name: each.becomes for each in stated if each.first <= first and end <= each.end})


def resolved(renames: Iterable[Rename]) -> tuple[Span, ...]:
    """The same without chains, and without days on which nothing is renamed."""
    found: list[Span] = []
    for first, end, stated in spans(renames):
        told = without_chains(stated)
        if found and found[-1].end == first and found[-1].told == told:
            first = found.pop().first
        if told:
            found.append(Span(first, end, told))
    return tuple(found)


def without_chains(stated: dict[str, str]) -> dict[str, str]:
    """What becomes of each in the end. There is no circle among them: none is ever taken."""
    told: dict[str, str] = {}
    for name in stated:
        passed = [name]
        while (following := stated[passed[-1]]) in stated and following not in told:
            passed.append(following)
        told |= dict.fromkeys(passed, told.get(following, following))
    return told


def closes_a_circle(renames: Iterable[Rename], new: Rename) -> bool:
    """Whether, on some day, what the new one's value becomes would become that value again."""
    for span in spans([*renames, new]):
        if new.first <= span.first and span.end <= new.end:
            reached = new.becomes
            while reached != new.name and reached in span.told:
                reached = span.told[reached]
            if reached == new.name:
                return True
    return False


@dataclass(frozen=True)
class Names:
    """All renames of one workspace, resolved."""

    renames: tuple[Rename, ...] = ()

    @cached_property
    def spans(self) -> dict[str, tuple[Span, ...]]:
        """By column."""
        of_column: dict[str, list[Rename]] = {}
        for each in self.renames:
            of_column.setdefault(dimensions.column_of(each.dimension) or "", []).append(each)
        return {column: resolved(found) for column, found in of_column.items()}

    @cached_property
    def sources(self) -> dict[tuple[str, str], set[str]]:
        """By column and what it is told as: the values, as sent, that are told so on some day."""
        found: dict[tuple[str, str], set[str]] = {}
        for column, of_column in self.spans.items():
            for name, becomes in ((name, becomes) for span in of_column for name, becomes in span.told.items()):
                found.setdefault((column, becomes), set()).add(name)
        return found

    def among(self, columns: Iterable[str]) -> list[str]:
        """Those of these columns of which something is renamed."""
        return sorted(self.spans.keys() & set(columns))

    def told(self, rows: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
        """The same rows in the same order, each of which has its local day; these columns as they are told."""
        for column in self.among(columns):
            rows = told_in(self.spans[column], rows, column)
        return rows

    def of(self, column: str, value: str, day: date) -> str:
        """One value of one day."""
        found = next((span for span in self.spans.get(column, ()) if span.covers(day, day)), None)
        return found.told.get(value, value) if found else value

    def sent_as(self, column: str, value: str) -> set[str]:
        """The values under which events may have come that are told as this one."""
        return {value} | self.sources.get((column, value), set())


AS_SENT = Names()


# -- rows ---------------------------------------------------------------------------------------------------------


def told_in(spans: Iterable[Span], rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Each different value is told once, of each span of days, and not once a row."""
    if rows.is_empty():
        return rows
    first, last = rows.select(first=pl.col(DAY).min(), last=pl.col(DAY).max()).row(0)
    touching = [span for span in spans if span.touches(first, last)]
    if not touching:
        return rows
    cuts = sorted({day for span in touching for day in (span.first, span.end)})
    placed = rows.with_columns(pl.lit(pl.Series(cuts)).search_sorted(pl.col(DAY), side="right").alias(STRETCH))
    different = placed.group_by(STRETCH, column).agg()
    told = (tags_told if column == "tags" else values_told)(different, column, table_of(touching, cuts))
    joined = placed.join(told, on=[STRETCH, column], how="left", maintain_order="left")
    return joined.with_columns(pl.col(TOLD).alias(column)).drop(STRETCH, TOLD)


def table_of(spans: list[Span], cuts: list[date]) -> pl.DataFrame:
    """What each value is told as, by the number of the stretch of days between two cuts."""
    found = [(bisect(cuts, span.first), name, becomes) for span in spans for name, becomes in span.told.items()]
    return pl.DataFrame(found, {STRETCH: pl.UInt32, SENT: pl.String, BECOMES: pl.String}, orient="row")


def values_told(different: pl.DataFrame, column: str, table: pl.DataFrame) -> pl.DataFrame:
    found = different.join(
        table, left_on=[STRETCH, column], right_on=[STRETCH, SENT], how="left", maintain_order="left"
    )
    return found.select(STRETCH, column, pl.coalesce(BECOMES, column).alias(TOLD))


def tags_told(different: pl.DataFrame, column: str, table: pl.DataFrame) -> pl.DataFrame:
    """They stay sorted sets: two tags that become one are one."""
    each = different.with_row_index().explode(column, empty_as_null=True)
    told = values_told(each.drop("index"), column, table)[TOLD]
    sets = (
        each.select("index", told).group_by("index", maintain_order=True).agg(pl.col(TOLD).drop_nulls().unique().sort())
    )
    return different.with_columns(sets[TOLD])
