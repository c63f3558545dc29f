"""Publishing rollup files: additive top-ups and whole days, each checked against its grain before it is written.

One publisher at a time holds the lake's lock; a fencing number is checked where the watermark moves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from jobs.grain import check
from jobs.mending import Remains
from models import ledger, periods
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import events, progress
from models.spend.cubes import BY_ID, Cube
from models.spend.events import EVENTS
from models.spend.facts import DAY, SUM_NAMES, added, facts
from models.spend.lake import Damage, Lake, Rollup, Stamp
from models.spend.progress import NOTHING, Expected, Published


@dataclass
class Publisher:
    """The holder of the lock. `files` were put in place and are not yet recorded."""

    database: Database
    lake: Lake
    fence: int
    epoch: str
    epochs: dict[str, int | None]
    expected: dict[tuple[str, str, str], Expected]
    files: list[Published] = field(default_factory=list)

    def top_up(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        """Add to that day's file what it has not counted: facts with seq, up to `through`."""
        before = self.standing(cube, workspace, day)
        if before is None:
            if not self.rebuild(cube, workspace, day, through):
                self.owe_more(cube, workspace, day, rows, through)
            return
        fresh = rows.filter(pl.col("seq") > before.stamp.through_seq)
        added = pl.concat([before.rows, narrowed(fresh, cube)])
        self.put(cube, workspace, day, added, max(through, before.stamp.through_seq))

    def standing(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> Rollup | None:
        """The file as it is, an empty one where there should be none yet; None where it is damaged."""
        expected = self.expected.get((cube.id, workspace.id, day.isoformat()))
        present = self.lake.path(cube, workspace.id, day).exists()
        if expected is None and not present:
            return Rollup(pl.DataFrame(schema=cube.schema), progress.nothing(self.epoch))
        try:
            rollup = self.lake.read(cube, workspace.id, day)
        except Damage:
            return None
        return rollup if self.remains.trust.trusts(rollup.stamp, expected or NOTHING) else None

    def knows(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> bool:
        """Whether there is such a file, or should be."""
        expected = (cube.id, workspace.id, day.isoformat()) in self.expected
        return expected or self.lake.path(cube, workspace.id, day).exists()

    @property
    def remains(self) -> Remains:
        return Remains(self.database, self.lake, progress.Progress(0, 0, self.epochs, {}))

    def rebuild(self, cube: Cube, workspace: WorkspaceInfo, day: date, through: int) -> bool:
        """The whole day anew, never less far than the file that should be there; False where too much of it is gone."""
        expected = self.expected.get((cube.id, workspace.id, day.isoformat()), NOTHING)
        made = self.made_anew(cube, workspace, day, through, expected)
        if made:
            self.put(cube, workspace, day, *made)
        return made is not None

    def made_anew(
        self, cube: Cube, workspace: WorkspaceInfo, day: date, through: int, expected: Expected
    ) -> tuple[pl.DataFrame, int] | None:
        """The day's rows, and how far they count, from what is left of it; None where that is not everything."""
        base = self.remains.base(cube, workspace, day, expected)
        if base is None:
            return None
        through = max(through, expected.through_seq, base.stamp.through_seq)
        above = self.whole_day([cube], workspace, day, through, above=base.stamp.through_seq)[cube.id]
        return pl.concat([base.rows, above]), through

    def owe(self, cube: Cube, workspace: WorkspaceInfo, day: date, expected: Expected) -> None:
        """Record what a file that can't be made should have counted: nothing less may pass for it."""
        stamp = Stamp(self.epoch, expected.through_seq, "")
        self.files.append(Published(workspace.id, cube, day, stamp, 0, expected.requests))

    def owe_more(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        expected = self.expected[cube.id, workspace.id, day.isoformat()]
        fresh = int(rows.filter(pl.col("seq") > expected.through_seq)["requests"].sum())
        through = max(through, expected.through_seq)
        self.owe(cube, workspace, day, Expected(through, "", expected.requests + fresh))

    def days(self, workspace: WorkspaceInfo) -> set[date]:
        """The days of which there should be files."""
        return {date.fromisoformat(day) for _, owner, day in self.expected if owner == workspace.id}

    def counted(self, workspace: WorkspaceInfo, day: date) -> Expected:
        """The most that any cube has counted of that day."""
        recorded = (self.expected.get((cube_id, workspace.id, day.isoformat()), NOTHING) for cube_id in BY_ID)
        return max(recorded, key=lambda each: (each.through_seq, each.requests))

    def whole_day(
        self, cubes: list[Cube], workspace: WorkspaceInfo, day: date, through: int, above: int = 0
    ) -> dict[str, pl.DataFrame]:
        """Each cube's rows of one day, from the ledger, with above < seq <= through, in bounded memory."""
        counted = (EVENTS.c.seq > above) & (EVENTS.c.seq <= through)
        start, end = (periods.day_start(each, workspace.timezone) for each in (day, day + timedelta(days=1)))
        sums = {cube.id: pl.DataFrame(schema=cube.schema) for cube in cubes}
        with self.database.read() as connection:
            for piece in events.during(connection, workspace.id, start, end, counted):
                rows = facts(piece, workspace.timezone)
                for cube in cubes:
                    sums[cube.id] = grouped(pl.concat([sums[cube.id], narrowed(rows, cube)]), cube)
        return sums

    def put(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        rows = check(grouped(rows, cube), cube)
        stamp = self.lake.publish(cube, workspace.id, day, rows, self.epoch, through)
        self.files.append(Published(workspace.id, cube, day, stamp, rows.height, int(rows["requests"].sum())))

    def stage(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        """The same for a cube that is not served yet."""
        rows = check(grouped(rows, cube), cube)
        stamp = self.lake.stage(cube, workspace.id, day, rows, self.epoch, through)
        self.files.append(Published(workspace.id, cube, day, stamp, rows.height, int(rows["requests"].sum())))

    def record(self, seq: dict[str, int]) -> None:
        """Say what is in place and how far it counts, in one transaction; everything is on disk by now."""
        with self.database.write() as connection:
            progress.move(connection, self.fence, self.files, seq)
        self.expected |= {file.which: file.expected for file in self.files}
        self.files = []


@contextmanager
def publishing(database: Database, lake: Lake) -> Iterator[Publisher]:
    """Wait for the lock, then publish under a fencing number of one's own."""
    with lake.publishing():
        lake.clear_staging()
        with database.write() as connection:
            fence = progress.take_fence(connection)
            epoch, epochs = ledger.current_epoch(connection), ledger.epochs(connection)
            expected = progress.expected_files(connection)
        yield Publisher(database, lake, fence, epoch, epochs, expected)


def narrowed(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """Only the columns of the cube."""
    return rows.select(*cube.schema)


def grouped(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """One row per combination, in a fixed order, so that a rebuild gives the same file content."""
    sums = rows.group_by(cube.columns).agg(added(rows, SUM_NAMES))
    counted = sums.filter(pl.col("requests") != 0).with_columns(pl.col(SUM_NAMES).cast(pl.Int64))
    return counted.select(*cube.schema).sort(sortable(cube), nulls_last=True)


def sortable(cube: Cube) -> list[pl.Expr]:
    return [pl.col(name).list.join("\x00") if name == "tags" else pl.col(name) for name in cube.columns]


def days_of(rows: pl.DataFrame) -> list[date]:
    return sorted(rows[DAY].unique().to_list())
