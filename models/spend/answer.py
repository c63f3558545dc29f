"""Answers: a query over rollups and live tail, exact at any moment, bound to one workspace by construction.

The order is what makes it exact: take the watermark, then the files, then the events above max(watermark, the
file's own `through_seq`) of each day. A missing or older file is damage: its day is answered from the ledger.
What no cube has (a minute, an unusual combination) is read from the ledger as a whole, never from a part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import ColumnElement, Connection

from models import periods
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import cubes, dimensions, events, latency, progress
from models.spend.cubes import Cube
from models.spend.events import EVENTS
from models.spend.facts import DAY, HOUR, facts
from models.spend.filters import Filter, Visibility
from models.spend.lake import Damage, Lake, Rollup
from models.spend.progress import Progress
from models.spend.query import Period, Query
from models.spend.table import Spend, tabulate
from models.spend.tail import Tail

HOURLY = next(cube for cube in cubes.CUBES if cube.hourly)


@dataclass
class Store:
    """What every reading process opens once: the database, the lake, the tail."""

    database: Database
    lake: Lake
    tail: Tail

    @classmethod
    def open(cls, database: Database, lake: Lake) -> "Store":
        return cls(database, lake, Tail(database))

    def of(self, workspace: WorkspaceInfo, sources: dict[str, tuple[Source, ...]]) -> "WorkspaceSpend":
        return WorkspaceSpend(self, workspace, Visibility(sources) if workspace.plan == "free" else None)


@dataclass(frozen=True)
class WorkspaceSpend:
    """One workspace's spend, as its plan shows it. Nothing else can be asked of it."""

    store: Store
    workspace: WorkspaceInfo
    visibility: Visibility | None

    def answer(self, query: Query, now_us: int) -> Spend:
        now = tabulate(self.rows(query, query.period), query, query.period, now_us, self.workspace.name)
        if not query.compare:
            return now
        before = query.period.previous()
        groups = now.rows if query.limit else None
        now.previous = tabulate(self.rows(query, before), query, before, now_us, self.workspace.name, groups)
        return now

    def rows(self, query: Query, period: Period) -> pl.DataFrame:
        """Everything of the period that the filter lets through, partly summed: the columns that the query names."""
        reading = Reading(self, query, period)
        parts = [reading.reduced(part) for part in reading.parts()]
        return pl.concat(parts, how="vertical_relaxed") if parts else reading.empty

    def filter(self, query: Query) -> Filter:
        return Filter(query.where, self.visibility)


class Reading:
    """One query's way to its rows over one period."""

    def __init__(self, spend: WorkspaceSpend, query: Query, period: Period) -> None:
        self.store, self.workspace, self.period = spend.store, spend.workspace, period
        self.filter = spend.filter(query)
        grouped = {column for name in query.group_by if (column := dimensions.column_of(name))}
        grain = {"minute": ["started_us"], "hour": [HOUR], "total": []}.get(query.granularity, [DAY])
        histogram = [latency.BUCKET] if any(measure.quantile for measure in query.asked) else []
        self.columns = sorted({*grouped, *self.filter.columns, *grain, *histogram})
        self.keys = sorted({*grouped, *grain, *histogram})
        self.sums = query.sums
        self.kept = [*self.keys, *self.sums]
        self.keeps = self.filter.polars(self.workspace.name)

    def reduced(self, part: pl.DataFrame) -> pl.DataFrame:
        """What the filter lets through of a part; summed where it came event by event, so that memory has a bound."""
        kept = part.filter(self.keeps).select(self.kept)
        if "seq" not in part.columns:
            return kept
        sums = pl.col(self.sums).cast(pl.Int128).sum()
        return kept.group_by(self.keys).agg(sums) if self.keys else kept.select(sums)

    @property
    def empty(self) -> pl.DataFrame:
        return facts(events.none(), self.period.timezone).select(self.kept)

    def parts(self) -> Iterator[pl.DataFrame]:
        available = self.available()
        hourly = HOURLY if HOURLY.id in available and HOURLY.answers([*self.columns, HOUR]) else None
        cube = cubes.narrowest(self.columns, available)
        if self.period.days and cube:
            yield from self.days(cube, *self.period.days)
        elif hourly:
            yield from self.hours(hourly)
        elif cube and (whole := whole_days(self.period)):
            yield from self.days(cube, *whole)
            yield from self.edges(*(periods.day_start(day, self.period.timezone) for day in whole))
        else:
            yield from self.live(self.period.start_us, self.period.end_us)

    def available(self) -> dict[str, int]:
        with self.store.database.read() as connection:
            return progress.served(connection)

    # -- rollups and tail -----------------------------------------------------------------------------------------

    def days(self, cube: Cube, first: date, end: date) -> Iterator[pl.DataFrame]:
        with self.store.database.read() as connection:
            taken = progress.snapshot(connection, self.workspace.id, cube, first, end)
            oldest = min(progress.served(connection).values())
        bounds: dict[date, int] = {}
        damaged: list[date] = []
        for day, expected in sorted(taken.files.items()):
            rollup = self.load(cube, day, taken, expected)
            if rollup is None:
                damaged.append(day)
                continue
            bounds[day] = max(taken.watermark, rollup.stamp.through_seq)
            yield rollup.rows.with_columns(pl.lit(day).alias(DAY))
        yield from self.since(taken, oldest, bounds, damaged, first, end)
        for day in damaged:
            yield from self.live(*(periods.day_start(each, self.period.timezone) for each in (day, next_day(day))))

    def load(self, cube: Cube, day: date, taken: Progress, expected: progress.Expected) -> Rollup | None:
        """The day's file, None where it is damaged."""
        try:
            rollup = self.store.lake.load(cube, self.workspace.id, day, expected.stamp)
        except Damage:
            return None
        return rollup if taken.trusts(rollup.stamp, expected) else None

    def since(
        self, taken: Progress, oldest: int, bounds: dict[date, int], damaged: list[date], first: date, end: date
    ) -> Iterator[pl.DataFrame]:
        """Events above what each day's file has counted."""
        tail = self.store.tail.facts(self.workspace.id, self.period.timezone, taken.watermark, oldest)
        pieces = [tail] if tail is not None else self.above(taken.watermark, first, end)
        in_days = (pl.col(DAY) >= first) & (pl.col(DAY) < end) & ~pl.col(DAY).is_in(damaged)
        ahead = {day: bound for day, bound in bounds.items() if bound > taken.watermark}
        counted = pl.col(DAY).replace_strict(ahead, default=taken.watermark, return_dtype=pl.Int64) if ahead else None
        for piece in pieces:
            yield piece.filter(in_days if counted is None else in_days & (pl.col("seq") > counted))

    def above(self, watermark: int, first: date, end: date) -> Iterator[pl.DataFrame]:
        """The tail from the ledger, where it is too long to be kept."""
        start, stop = (periods.day_start(day, self.period.timezone) for day in (first, end))
        yield from self.read(self.between(start, stop) & (EVENTS.c.seq > watermark))

    def hours(self, cube: Cube) -> Iterator[pl.DataFrame]:
        """Whole local hours from the hourly cube, the rest of the first and the last from the ledger."""
        first, end = whole_hours(self.period)
        if first >= end:
            yield from self.live(self.period.start_us, self.period.end_us)
            return
        inside = (pl.col(HOUR) >= first) & (pl.col(HOUR) < end)
        days = periods.day_of(first, self.period.timezone), next_day(periods.day_of(end - 1, self.period.timezone))
        for part in self.days(cube, *days):
            yield part.filter(inside)
        for part in self.edges(first, end, overlap=periods.HOUR):
            yield part.filter(~inside)

    # -- the ledger -----------------------------------------------------------------------------------------------

    def edges(self, first: int, end: int, overlap: int = 0) -> Iterator[pl.DataFrame]:
        """What of the period lies outside [first, end), read so far into it that no instant is missed."""
        after_start, before_end = min(first + overlap, end), end
        yield from self.live(self.period.start_us, after_start)
        yield from self.live(before_end, self.period.end_us)

    def live(self, start_us: int, end_us: int) -> Iterator[pl.DataFrame]:
        if start_us < end_us:
            yield from self.read(self.between(start_us, end_us))

    def between(self, start_us: int, end_us: int) -> ColumnElement[bool]:
        started = EVENTS.c.started_us
        return (EVENTS.c.workspace_id == self.workspace.id) & (started >= start_us) & (started < end_us)

    def read(self, condition: ColumnElement[bool]) -> Iterator[pl.DataFrame]:
        with self.store.database.read() as connection:
            yield from self.pieces(connection, condition & self.filter.sql(EVENTS))

    def pieces(self, connection: Connection, condition: ColumnElement[bool]) -> Iterator[pl.DataFrame]:
        for piece in events.counted(connection, condition):
            yield facts(piece, self.period.timezone)


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
