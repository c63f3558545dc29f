"""Answers: a query over rollups and live tail, exact at any moment, bound to one workspace by construction.

Whole days come from the files of a cube and the tail (`days.py`). What no cube has (a minute, an unusual combination,
the ends of a period that cuts days) is read from the ledger as a whole (`live.py`), and never answered in part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

import polars as pl

from models import periods
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import cubes, progress
from models.spend.columns import Columns
from models.spend.cubes import Cube
from models.spend.days import Days
from models.spend.facts import HOUR
from models.spend.filters import Filter, Visibility
from models.spend.lake import Lake
from models.spend.live import Live
from models.spend.query import Period, Query
from models.spend.renames import AS_SENT, Names
from models.spend.table import Spend, tabulate
from models.spend.tail import Tail


@dataclass
class Store:
    """What every reading process opens once: the database, the lake, the tail."""

    database: Database
    lake: Lake
    tail: Tail

    @classmethod
    def open(cls, database: Database, lake: Lake) -> "Store":
        return cls(database, lake, Tail(database))

    def of(
        self, workspace: WorkspaceInfo, sources: dict[str, tuple[Source, ...]], names: Names = AS_SENT
    ) -> "WorkspaceSpend":
        return WorkspaceSpend(self, workspace, Visibility(sources) if workspace.plan == "free" else None, names)


@dataclass(frozen=True)
class WorkspaceSpend:
    """One workspace's spend, as its plan shows it and its names are told. Nothing else can be asked of it."""

    store: Store
    workspace: WorkspaceInfo
    visibility: Visibility | None
    names: Names = AS_SENT

    def whole(self) -> "WorkspaceSpend":
        """What the plan hides, too: for those who ask how much that is."""
        return replace(self, visibility=None)

    def as_sent(self) -> "WorkspaceSpend":
        """Under the names that events came with: for those who look for what is called so elsewhere, too, such as keys
        and prices."""
        return replace(self, names=AS_SENT)

    def answer(self, query: Query, now_us: int) -> Spend:
        return self.answers((query,), now_us)[0]

    def answers(self, queries: Sequence[Query], now_us: int) -> list[Spend]:
        """Several questions about the same calls, in one reading."""
        whole = reduce(Query.joined, queries)
        rows, name = self.rows(whole, whole.period), self.workspace.name
        found = [tabulate(rows, query, query.period, now_us, name) for query in queries]
        if whole.compare:
            before = whole.period.previous()
            earlier = self.rows(whole, before)
            for each in found:
                if each.query.compare:
                    each.previous = tabulate(earlier, each.query, before, now_us, name, each.compared)
        return found

    def rows(self, query: Query, period: Period) -> pl.DataFrame:
        """Everything of the period that the filter lets through, partly summed: the columns that the query names."""
        wanted = Filter(query.where, self.visibility, self.names)
        live = Live(self.store.database, self.workspace, wanted)
        return Reading(self.store, live, Columns.of(query, wanted), period).rows()


@dataclass(frozen=True)
class Reading:
    """One query's way to its rows over one period: which part of it comes from where."""

    store: Store
    live: Live
    columns: Columns
    period: Period

    def rows(self) -> pl.DataFrame:
        wanted, workspace = self.live.filter, self.live.workspace.name
        parts = [self.columns.reduced(part, wanted, workspace) for part in self.parts()]
        return pl.concat(parts, how="vertical_relaxed") if parts else self.columns.none(self.period.timezone)

    def parts(self) -> Iterator[pl.DataFrame]:
        able, hourly = self.able()
        if self.period.days and able:
            yield from self.days().between(able, *self.period.days)
        elif hourly:
            yield from self.hours(hourly)
        elif able and (whole := whole_days(self.period)):
            yield from self.days().between(able, *whole)
            yield from self.edges(*(periods.day_start(day, self.period.timezone) for day in whole))
        else:
            yield from self.live.between(self.period.start_us, self.period.end_us)

    def able(self) -> tuple[list[Cube], list[Cube]]:
        """The cubes that have what is asked, and those of them that have it by the hour; the least to read first."""
        first, last = (
            periods.day_of(each, self.period.timezone) for each in (self.period.start_us, self.period.end_us)
        )
        with self.store.database.read() as connection:
            served = progress.served(connection)
            sizes = progress.sizes(connection, self.live.workspace.id, first, next_day(last))
        found = [cubes.able(columns, served) for columns in (self.columns.named, [*self.columns.named, HOUR])]
        able, hourly = (sorted(each, key=lambda cube: sizes.get(cube.id, 0)) for each in found)
        return able, hourly

    def days(self, *more: str) -> Days:
        """Whole days, with these columns beside those of the query."""
        return Days(self.store.lake, self.store.tail, self.live, self.columns.stored(*more))

    def hours(self, able: list[Cube]) -> Iterator[pl.DataFrame]:
        """Whole local hours from an hourly cube, the rest of the first and the last from the ledger."""
        first, end = whole_hours(self.period)
        if first >= end:
            yield from self.live.between(self.period.start_us, self.period.end_us)
            return
        inside = (pl.col(HOUR) >= first) & (pl.col(HOUR) < end)
        days = periods.day_of(first, self.period.timezone), next_day(periods.day_of(end - 1, self.period.timezone))
        for part in self.days(HOUR).between(able, *days):
            yield part.filter(inside)
        for part in self.edges(first, end, overlap=periods.HOUR):
            yield part.filter(~inside)

    def edges(self, first: int, end: int, overlap: int = 0) -> Iterator[pl.DataFrame]:
        """What of the period lies outside [first, end), read so far into it that no instant is missed."""
        yield from self.live.between(self.period.start_us, min(first + overlap, end))
        yield from self.live.between(end, self.period.end_us)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def whole_days(period: Period) -> tuple[date, date] | None:
    """The local days that lie within the period as a whole."""
    first = periods.day_of(period.start_us, period.timezone)
    if periods.day_start(first, period.timezone) < period.start_us:
        first = next_day(first)
    end = periods.day_of(period.end_us, period.timezone)
    return (first, end) if first < end else None


def whole_hours(period: Period) -> tuple[int, int]:
    """The local hours that lie within the period as a whole: the start of the first, the end of the last."""
    first = periods.hour_start(period.start_us, period.timezone)
    if first < period.start_us:
        first += periods.HOUR
    return first, periods.hour_start(period.end_us, period.timezone)
