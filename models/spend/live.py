"""Events as facts, straight from the ledger: what no rollup has, or not yet, or not any more.

Where the ledger has no longer all that was counted of a day, reading the day is EventsGone, and never a part of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from models import ledger, periods
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.errors import EventsGone
from models.spend import events, held, progress
from models.spend.events import EVENTS
from models.spend.facts import facts
from models.spend.filters import Filter

NO_CUBE = "no rollup has what is asked: ask for whole days, or for fewer dimensions"


@dataclass(frozen=True)
class Live:
    """One workspace's events, as far as the filter narrows them in SQL: whoever reads them filters them again."""

    database: Database
    workspace: WorkspaceInfo
    filter: Filter

    def between(self, start_us: int, end_us: int, why: str = NO_CUBE) -> Iterator[pl.DataFrame]:
        """All that start in [start_us, end_us); `why` says, where some are gone, why they were needed."""
        if start_us >= end_us:
            return
        with self.database.read() as connection:
            self.require_whole(connection, start_us, end_us, why)
            ours = events.during(connection, self.workspace.id, start_us, end_us, self.filter.sql(EVENTS))
            yield from self.facts(ours)

    def days(self, first: date, end: date, why: str = NO_CUBE) -> Iterator[pl.DataFrame]:
        """The same for local days from first to end (excluded)."""
        yield from self.between(self.start(first), self.start(end), why)

    def above(self, watermark: int, first: date, end: date) -> Iterator[pl.DataFrame]:
        """The tail of those days, where it is too long to be kept."""
        started = EVENTS.c.started_us
        of_days = (started >= self.start(first), started < self.start(end))
        ours = (EVENTS.c.workspace_id == self.workspace.id, *of_days, self.filter.sql(EVENTS))
        with self.database.read() as connection:
            yield from self.facts(events.between(connection, watermark, ledger.last_seq(connection), *ours))

    def require_whole(self, connection: Connection, start_us: int, end_us: int, why: str) -> None:
        """EventsGone where the ledger has fewer events of one of these days than were counted."""
        ours, zone = self.workspace, self.workspace.timezone
        first, last = periods.day_of(start_us, zone), periods.day_of(end_us - 1, zone)
        for day, counted in progress.furthest(connection, ours, first, last + timedelta(days=1)).items():
            if not held.whole(connection, ours.id, zone, day, counted):
                raise EventsGone(day, why)

    def facts(self, pieces: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for piece in pieces:
            yield facts(piece, self.workspace.timezone)

    def start(self, day: date) -> int:
        return periods.day_start(day, self.workspace.timezone)
