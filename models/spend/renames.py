"""Renames: values of a dimension that are told as others, from one local day to another. They hold where questions are
answered, and only there: events keep what they came with, files and tail are as they were.

Renames may be stated one upon the other (a to b, b to c); they are resolved to what each value is told as since which
day, without chains. Nothing here knows where they are kept or who made them.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import itemgetter
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

import polars as pl

from models.spend import dimensions
from models.spend.dimensions import COLUMNS
from models.spend.facts import DAY

TAG = "tag"
STRETCH, SENT, BECOMES, TOLD = "stretch", "sent", "becomes", "told"  # columns of our own, no dimension's name
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
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


class Stretch(NamedTuple):
    """From day to day (excluded) a value is told as this."""

    first: date
    end: date
    becomes: str


Leading = dict[str, list[Rename]]


def leading(renames: Iterable[Rename]) -> Leading:
    """By the value that is renamed, the earliest first."""
    found: Leading = {}
    for each in sorted(renames, key=lambda each: each.first):
        found.setdefault(each.name, []).append(each)
    return found


def followed(renames: Leading, name: str, first: date, end: date) -> Iterator[Stretch]:
    """What becomes of a value in the end on these days, in no order. There is no circle: none is ever taken."""
    ahead = [Stretch(first, end, name)]
    while ahead:
        first, end, name = ahead.pop()
        for each in renames.get(name, ()):
            if each.first < end and first < each.end:
                if first < each.first:
                    yield Stretch(first, each.first, name)
                ahead.append(Stretch(max(first, each.first), min(end, each.end), each.becomes))
                first = min(end, each.end)
        if first < end:
            yield Stretch(first, end, name)


def closes_a_circle(renames: Iterable[Rename], new: Rename) -> bool:
    """Whether, on some day, what the new one's value becomes would become that value again. The others do not say what
    becomes of it on these days."""
    ends = followed(leading(renames), new.becomes, new.first, new.end)
    return any(stretch.becomes == new.name for stretch in ends)


@dataclass(frozen=True)
class Told:
    """The renames of one column, resolved: no larger than what changes on some day."""

    renames: tuple[Rename, ...]

    @cached_property
    def since(self) -> dict[str, list[tuple[date, str]]]:
        """By value: since which day it is told as what, or as itself again; the earliest first."""
        renames = leading(self.renames)
        return {name: steps(followed(renames, name, date.min, date.max)) for name in renames}

    @cached_property
    def cuts(self) -> list[date]:
        """The days on which something changes."""
        return sorted({day for of_value in self.since.values() for day, _ in of_value})

    @cached_property
    def table(self) -> pl.DataFrame:
        """What each value is told as since which cut, by that cut's number, counted from 1."""
        number = {day: place for place, day in enumerate(self.cuts, 1)}
        found = [(number[day], name, becomes) for name, of_value in self.since.items() for day, becomes in of_value]
        return pl.DataFrame(sorted(found), {STRETCH: pl.UInt32, SENT: pl.String, BECOMES: pl.String}, orient="row")

    def touches(self, first: date, last: date) -> bool:
        return any(each.first <= last and first < each.end for each in self.renames)

    def of(self, value: str, day: date) -> str:
        of_value = self.since.get(value)
        return of_value[bisect(of_value, day, key=itemgetter(0)) - 1][1] if of_value else value


def steps(stretches: Iterable[Stretch]) -> list[tuple[date, str]]:
    """In order, each where something else begins."""
    found: list[tuple[date, str]] = []
    for first, _, becomes in sorted(stretches):
        if not found or found[-1][1] != becomes:
            found.append((first, becomes))
    return found


@dataclass(frozen=True)
class Names:
    """All renames of one workspace, resolved."""

    renames: tuple[Rename, ...] = ()

    @cached_property
    def columns(self) -> dict[str, Told]:
        """Those of which something is renamed."""
        found: dict[str, list[Rename]] = {}
        for each in self.renames:
            found.setdefault(dimensions.column_of(each.dimension) or "", []).append(each)
        return {column: Told(tuple(renames)) for column, renames in found.items()}

    @cached_property
    def sources(self) -> dict[str, dict[str, set[str]]]:
        """By column, then by what it is told as: the values, as sent, that are told so on some day."""
        return {column: sources_of(told) for column, told in self.columns.items()}

    def among(self, columns: Iterable[str]) -> list[str]:
        """Those of these columns of which something is renamed."""
        return sorted(self.columns.keys() & set(columns))

    def told(self, rows: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
        """The same rows in the same order, each of which has its local day; these columns as they are told."""
        for column in self.among(columns):
            rows = told_in(self.columns[column], rows, column)
        return rows

    def of(self, column: str, value: str, day: date) -> str:
        """One value of one day."""
        return self.columns[column].of(value, day) if column in self.columns else value

    def sent_as(self, column: str, value: str) -> set[str]:
        """The values under which events may have come that are told as this one."""
        return {value} | self.sources.get(column, {}).get(value, set())

    def sent_with(self, column: str, piece: str) -> set[str]:
        """The values under which events may have come that are told with this piece of text, in ASCII in capital or
        small letters."""
        wanted = in_small_letters(piece)
        found = (sent for told, sent in self.sources.get(column, {}).items() if wanted in in_small_letters(told))
        return set().union(*found)


def sources_of(told: Told) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, of_value in told.since.items():
        for _, becomes in of_value:
            found.setdefault(becomes, set()).add(name)
    return found


def in_small_letters(text: str) -> str:
    """As databases have it: of ASCII alone."""
    return text.translate(SMALL)


AS_SENT = Names()


# -- rows ---------------------------------------------------------------------------------------------------------


def told_in(column_told: Told, rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Each different value is told once, of each stretch of days between two cuts, and not once a row."""
    if rows.is_empty() or not column_told.touches(*rows.select(first=pl.col(DAY).min(), last=pl.col(DAY).max()).row(0)):
        return rows
    cuts = pl.lit(pl.Series(column_told.cuts))
    placed = rows.with_columns(cuts.search_sorted(pl.col(DAY), side="right").alias(STRETCH))
    different = placed.group_by(STRETCH, column).agg().sort(STRETCH)
    told = (tags_told if column == "tags" else values_told)(different, column, column_told.table)
    joined = placed.join(told, on=[STRETCH, column], how="left", maintain_order="left")
    return joined.with_columns(pl.col(TOLD).alias(column)).drop(STRETCH, TOLD)


def values_told(different: pl.DataFrame, column: str, table: pl.DataFrame) -> pl.DataFrame:
    """Both are sorted by stretch: of each value the newest change counts."""
    found = different.join_asof(table, on=STRETCH, by_left=column, by_right=SENT, check_sortedness=False)
    return found.select(STRETCH, column, pl.coalesce(BECOMES, column).alias(TOLD))


def tags_told(different: pl.DataFrame, column: str, table: pl.DataFrame) -> pl.DataFrame:
    """They stay sorted sets: two tags that become one are one."""
    each = different.with_row_index().explode(column, empty_as_null=True)
    told = values_told(each.drop("index"), column, table)[TOLD]
    sets = (
        each.select("index", told).group_by("index", maintain_order=True).agg(pl.col(TOLD).drop_nulls().unique().sort())
    )
    return different.with_columns(sets[TOLD])
