"""The live tail: events that no rollup has counted yet, kept by each reading process as a bounded frame that grows by
`seq > last`. Beyond the bound (no rollup has run for long) there is no frame, and readers ask the ledger."""

import threading
from dataclasses import dataclass, field

import polars as pl

from models import ledger
from models.database import Database
from models.spend import events
from models.spend.facts import facts

BOUND = 100_000  # events; some 60 MB, and twice what starts a rollup


@dataclass
class OfWorkspace:
    """The facts of one workspace's share, up to a seq."""

    timezone: str
    rows: pl.DataFrame
    through: int


@dataclass
class Tail:
    database: Database
    base: int = -1  # events above it are here
    last: int = -1
    rows: pl.DataFrame = field(default_factory=events.none)
    shares: dict[str, OfWorkspace] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def facts(self, workspace_id: str, timezone: str, above: int, oldest: int) -> pl.DataFrame | None:
        """The workspace's facts with seq > above, to the newest commit; None beyond the bound.

        `oldest` is the least watermark: nobody asks for what lies under it any more.
        """
        with self.guard:
            if not self.extend(min(above, oldest)):
                return None
            return self.share(workspace_id, timezone).filter(pl.col("seq") > above)

    def extend(self, above: int) -> bool:
        if self.base < 0 or above < self.base:
            self.base = self.last = above
            self.rows, self.shares = events.none(), {}
        if above > self.base:
            self.trim(above)
        with self.database.read() as connection:
            newest = ledger.last_seq(connection)
            if newest - self.base > BOUND:
                self.base = -1
                self.rows, self.shares = events.none(), {}
                return False
            self.rows = pl.concat([self.rows, *events.between(connection, self.last, newest)])
        self.last = newest
        return True

    def trim(self, above: int) -> None:
        self.base = above
        self.last = max(self.last, above)
        if self.rows.height and self.rows["seq"][0] <= above:
            self.rows = self.rows.filter(pl.col("seq") > above).rechunk()
            self.shares = {}

    def share(self, workspace_id: str, timezone: str) -> pl.DataFrame:
        found = self.shares.get(workspace_id)
        if found is None or found.timezone != timezone:
            found = OfWorkspace(timezone, facts(events.none(), timezone), self.base)
            self.shares[workspace_id] = found
        if found.through < self.last:
            fresh = self.rows.filter((pl.col("seq") > found.through) & (pl.col("workspace_id") == workspace_id))
            found.rows = pl.concat([found.rows, facts(fresh, timezone)])
            found.through = self.last
        return found.rows
