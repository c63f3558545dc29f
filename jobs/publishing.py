"""Publishing rollup files: additive top-ups and whole days, each checked against its grain before it is written.

One publisher at a time holds the lake's lock; a fencing number is checked where the watermark moves.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from jobs.counting import grouped, narrowed
from jobs.grain import check
from jobs.mending import Remains
from models import ledger
from models.accounts import workspaces, zones
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import progress
from models.spend.cubes import Cube
from models.spend.lake import Damage, Lake, Rollup, Stamp
from models.spend.progress import NOTHING, Expected, Published

Place = Callable[[Cube, WorkspaceInfo, date, pl.DataFrame, str, int], Stamp]


@dataclass
class Publisher:
    """The holder of the lock. `files` were put in place and are not yet recorded."""

    database: Database
    lake: Lake
    fence: int
    epoch: str
    remains: Remains
    expected: dict[tuple[str, str, str], Expected]  # by cube, workspace, day
    files: list[Published] = field(default_factory=list)

    # -- what should be there -------------------------------------------------------------------------------------

    def recorded(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> Expected | None:
        """What that day's file must have counted; None where nobody has recorded one."""
        return self.expected.get((cube.id, workspace.id, day.isoformat()))

    def counted(self, workspace: WorkspaceInfo, day: date) -> Expected:
        """The most that any cube has counted of that day, those of older versions too."""
        ours = (workspace.id, day.isoformat())
        recorded = (each for (_, *of), each in self.expected.items() if tuple(of) == ours)
        return max(recorded, key=lambda each: (each.through_seq, each.requests), default=NOTHING)

    def days(self, workspace: WorkspaceInfo) -> set[date]:
        """The days of which there should be files."""
        return {date.fromisoformat(day) for _, owner, day in self.expected if owner == workspace.id}

    def knows(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> bool:
        """Whether there is such a file, or should be."""
        return self.recorded(cube, workspace, day) is not None or self.lake.path(cube, workspace, day).exists()

    def standing(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> Rollup | None:
        """The file as it is, an empty one where there should be none yet; None where it is damaged."""
        if not self.knows(cube, workspace, day):
            return Rollup(pl.DataFrame(schema=cube.schema), progress.nothing(self.epoch))
        try:
            return self.remains.sound(cube, workspace, day, self.recorded(cube, workspace, day) or NOTHING)
        except Damage:
            return None

    # -- files ----------------------------------------------------------------------------------------------------

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

    def rebuild(self, cube: Cube, workspace: WorkspaceInfo, day: date, through: int) -> bool:
        """The whole day anew, never less far than the file that should be there; False where too much of it is gone."""
        expected = self.recorded(cube, workspace, day) or NOTHING
        remade = self.remains.remade(cube, workspace, day, through, expected)
        if remade:
            self.put(cube, workspace, day, *remade)
        return remade is not None

    def put(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        """Rows of a whole day in the place of that day's file."""
        self.write(self.lake.publish, cube, workspace, day, rows, through)

    def stage(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        """The same for a cube, or for a generation, that is not served yet."""
        self.write(self.lake.stage, cube, workspace, day, rows, through)

    def write(
        self, place: Place, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int
    ) -> None:
        rows = check(grouped(rows, cube), cube)
        stamp = place(cube, workspace, day, rows, self.epoch, through)
        self.files.append(Published(workspace, cube, day, stamp, rows.height, int(rows["requests"].sum())))

    # -- the record -----------------------------------------------------------------------------------------------

    def owe(self, cube: Cube, workspace: WorkspaceInfo, day: date, expected: Expected) -> None:
        """Record what a file that can't be made should have counted: nothing less may pass for it."""
        stamp = Stamp(self.epoch, expected.through_seq, "")
        self.files.append(Published(workspace, cube, day, stamp, 0, expected.requests))

    def owe_more(self, cube: Cube, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
        """The same for a file that is recorded, with new events of its day: an older copy must not pass for it."""
        expected = self.expected[cube.id, workspace.id, day.isoformat()]
        fresh = int(rows.filter(pl.col("seq") > expected.through_seq)["requests"].sum())
        through = max(through, expected.through_seq)
        self.owe(cube, workspace, day, Expected(through, "", expected.requests + fresh))

    def record(self, seq: dict[str, int]) -> None:
        """Say what is in place and how far it counts, in one transaction; everything is on disk by now."""
        with self.database.write() as connection:
            progress.move(connection, self.fence, self.files, seq)
        self.expected |= {file.which: file.expected for file in self.files}
        self.files = []

    def retire(self) -> None:
        """Take away cubes that nobody declares any more, such as versions before a change: they would stand still.
        Not while a file is owed: what is gone from the ledger may stand in theirs."""
        with self.database.read() as connection:
            retired = progress.retired(connection)
        if not retired or any(not each.stamp for each in self.expected.values()):
            return
        for cube in retired:
            self.lake.remove(cube)
        with self.database.write() as connection:
            progress.forget(connection, self.fence, retired)

    def settle(self, workspace_id: str) -> int:
        """Take away what is left of other generations than the workspace's own; then a glob adds up again."""
        with self.database.read() as connection:
            workspace = workspaces.by_id(connection, workspace_id)
        removed = self.lake.remove_leftovers(workspace)
        if removed or not workspace.files_exact:
            with self.database.write() as connection:
                progress.require_fence(connection, self.fence)
                zones.say_files_are(connection, workspace, exact=True)
        return removed


@contextmanager
def publishing(database: Database, lake: Lake) -> Iterator[Publisher]:
    """Wait for the lock, then publish under a fencing number of one's own."""
    with lake.publishing():
        lake.clear_staging()
        with database.write() as connection:
            fence = progress.take_fence(connection)
            epoch, epochs = ledger.current_epoch(connection), progress.epochs(connection)
            expected = progress.expected_files(connection)
        yield Publisher(database, lake, fence, epoch, Remains(database, lake, epochs), expected)
