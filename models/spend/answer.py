"""Answers: a query over rollups and live tail, exact at any moment, bound to one workspace by construction.

The order is what makes it exact: take the watermark, then the files, then the events above max(watermark, the
file's own `through_seq`) of each day. A missing or older file is damage: its day is answered from another cube that
has what is asked, else from the ledger. What no cube has (a minute, an unusual combination) is read from the ledger as
a whole. Where the ledger has no longer all that was counted of a day, the answer is EventsGone, and never a part of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from models import ledger, periods
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.errors import EventsGone
from models.spend import cubes, dimensions, events, held, latency, progress
from models.spend.cubes import Cube
from models.spend.events import EVENTS
from models.spend.facts import DAY, HOUR, added, facts
from models.spend.filters import Filter, Visibility
from models.spend.lake import Damage, Lake
from models.spend.progress import Progress
from models.spend.query import Period, Query
from models.spend.table import Spend, tabulate
from models.spend.tail import Tail

SEE_DOCTOR = "see `farthing doctor`"
NO_CUBE = "no rollup has what is asked: ask for whole days, or for fewer dimensions"


@dataclass(frozen=True)
class Counted:
    """A day's rows; every event of the day up to `through` is in them."""

    rows: pl.DataFrame
    through: int


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
        self.stored = [name for name in (*self.columns, *self.sums) if name != DAY]
        self.keeps = self.filter.polars(self.workspace.name)

    def reduced(self, part: pl.DataFrame) -> pl.DataFrame:
        """What the filter lets through of a part; summed where it came event by event, so that memory has a bound."""
        kept = part.lazy().filter(self.keeps).select(self.kept).collect()
        if "seq" not in part.columns:
            return kept
        sums = added(kept, self.sums)
        return kept.group_by(self.keys).agg(sums) if self.keys else kept.select(sums)

    @property
    def empty(self) -> pl.DataFrame:
        return facts(events.none(), self.period.timezone).select(self.kept)

    def parts(self) -> Iterator[pl.DataFrame]:
        able, hourly = self.able()
        if self.period.days and able:
            yield from self.days(able, *self.period.days)
        elif hourly:
            yield from self.hours(hourly)
        elif able and (whole := whole_days(self.period)):
            yield from self.days(able, *whole)
            yield from self.edges(*(periods.day_start(day, self.period.timezone) for day in whole))
        else:
            yield from self.live(self.period.start_us, self.period.end_us)

    def able(self) -> tuple[list[Cube], list[Cube]]:
        """The cubes that have what is asked, and those of them that have it by the hour; the least to read first."""
        first, last = (
            periods.day_of(each, self.period.timezone) for each in (self.period.start_us, self.period.end_us)
        )
        with self.store.database.read() as connection:
            served = progress.served(connection)
            sizes = progress.sizes(connection, self.workspace.id, first, next_day(last))
        found = [cubes.able(columns, served) for columns in (self.columns, [*self.columns, HOUR])]
        able, hourly = (sorted(each, key=lambda cube: sizes.get(cube.id, 0)) for each in found)
        return able, hourly

    # -- rollups and tail -----------------------------------------------------------------------------------------

    def days(self, able: list[Cube], first: date, end: date) -> Iterator[pl.DataFrame]:
        """From the first of these cubes; a day whose file is damaged from another, else from the ledger."""
        cube, *others = able
        with self.store.database.read() as connection:
            taken = progress.snapshot(connection, self.workspace.id, cube, first, end)
            oldest = min(progress.served(connection).values())
        found = {
            day: self.load(cube, day, taken) or self.load_other(others, day, taken.watermark)
            for day in sorted(taken.files)
        }
        counted = {day: each for day, each in found.items() if each}
        damaged = [day for day, each in found.items() if not each]
        if counted:
            yield dated({day: each.rows for day, each in counted.items()})
        yield from self.since(taken, oldest, {day: each.through for day, each in counted.items()}, damaged, first, end)
        for day in damaged:
            start, stop = (periods.day_start(each, self.period.timezone) for each in (day, next_day(day)))
            yield from self.live(start, stop, f"the rollup file cube={cube.id} day={day} is damaged: {SEE_DOCTOR}")

    def load(self, cube: Cube, day: date, taken: Progress) -> Counted | None:
        """The day as its file has it; None where it is damaged, or nobody says that there is one."""
        expected = taken.files.get(day)
        try:
            stamp = expected.stamp if expected else ""
            rollup = self.store.lake.load(cube, self.workspace.id, day, stamp, self.stored) if expected else None
        except Damage:
            return None
        if not rollup or not expected or not taken.trusts(rollup.stamp, expected):
            return None
        return Counted(rollup.rows, max(taken.watermark, rollup.stamp.through_seq))

    def load_other(self, others: list[Cube], day: date, watermark: int) -> Counted | None:
        """The same day from a cube that has counted at least as far: above that, the tail has everything."""
        for cube in others:
            with self.store.database.read() as connection:
                taken = progress.snapshot(connection, self.workspace.id, cube, day, next_day(day))
            counted = self.load(cube, day, taken)
            if counted and counted.through >= watermark:
                return counted
        return None

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
        started = EVENTS.c.started_us
        ours = (EVENTS.c.workspace_id == self.workspace.id, started >= start, started < stop, self.filter.sql(EVENTS))
        with self.store.database.read() as connection:
            newest = ledger.last_seq(connection)
            yield from self.facts(events.between(connection, watermark, newest, *ours))

    def hours(self, able: list[Cube]) -> Iterator[pl.DataFrame]:
        """Whole local hours from an hourly cube, the rest of the first and the last from the ledger."""
        first, end = whole_hours(self.period)
        if first >= end:
            yield from self.live(self.period.start_us, self.period.end_us)
            return
        inside = (pl.col(HOUR) >= first) & (pl.col(HOUR) < end)
        days = periods.day_of(first, self.period.timezone), next_day(periods.day_of(end - 1, self.period.timezone))
        self.stored = sorted({*self.stored, HOUR})
        for part in self.days(able, *days):
            yield part.filter(inside)
        for part in self.edges(first, end, overlap=periods.HOUR):
            yield part.filter(~inside)

    # -- the ledger -----------------------------------------------------------------------------------------------

    def edges(self, first: int, end: int, overlap: int = 0) -> Iterator[pl.DataFrame]:
        """What of the period lies outside [first, end), read so far into it that no instant is missed."""
        after_start, before_end = min(first + overlap, end), end
        yield from self.live(self.period.start_us, after_start)
        yield from self.live(before_end, self.period.end_us)

    def live(self, start_us: int, end_us: int, why: str = NO_CUBE) -> Iterator[pl.DataFrame]:
        if start_us >= end_us:
            return
        with self.store.database.read() as connection:
            self.require_whole(connection, start_us, end_us, why)
            ours = events.during(connection, self.workspace.id, start_us, end_us, self.filter.sql(EVENTS))
            yield from self.facts(ours)

    def require_whole(self, connection: Connection, start_us: int, end_us: int, why: str) -> None:
        """EventsGone where the ledger has fewer events of one of these days than were counted."""
        ours, zone = self.workspace.id, self.workspace.timezone
        days = periods.day_of(start_us, zone), next_day(periods.day_of(end_us - 1, zone))
        for day, counted in progress.furthest(connection, ours, *days).items():
            if held.requests(connection, ours, zone, day, through=counted.through_seq) < counted.requests:
                raise EventsGone(day, why)

    def facts(self, pieces: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for piece in pieces:
            yield facts(piece, self.period.timezone)


def dated(rows: dict[date, pl.DataFrame]) -> pl.DataFrame:
    """Rows of several days below each other, each with its day."""
    days = [pl.Series(DAY, [day]).new_from_index(0, of_day.height) for day, of_day in rows.items()]
    return pl.concat(rows.values()).with_columns(pl.concat(days))


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
