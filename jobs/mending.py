"""Mending: what a day's file can be made from when it is lost or wrong.

The ledger, as long as it has all that was counted. Else a file that can be trusted as far as it has counted, together
with the events above: an older copy of the same file, or a cube with finer grain. The recorded number of requests tells
whether that is everything. What is not everything is never put in the place of a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from jobs.counting import narrowed, whole_day
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import cubes, held
from models.spend.cubes import Cube
from models.spend.lake import Damage, Lake, Rollup, Stamp
from models.spend.progress import NOTHING, Epochs, Expected


@dataclass(frozen=True)
class Remains:
    """What is left of the days: their events, and the files that have counted them."""

    database: Database
    lake: Lake
    epochs: Epochs

    def sound(self, cube: Cube, workspace: WorkspaceInfo, day: date, expected: Expected) -> Rollup:
        """The file as it must be; Damage, which says what is wrong, where it is not."""
        rollup = self.lake.read(cube, workspace, day)
        if self.epochs.trust(rollup.stamp, expected):
            return rollup
        counted, file = rollup.stamp.through_seq, self.lake.named(self.lake.path(cube, workspace, day))
        if counted < expected.through_seq:
            raise Damage(f"{file} has counted through seq {counted}, where this database says {expected.through_seq}")
        raise Damage(f"{file} counts events that this database does not have")

    def remade(
        self, cube: Cube, workspace: WorkspaceInfo, day: date, through: int, expected: Expected
    ) -> tuple[pl.DataFrame, int] | None:
        """The day's rows, and how far they count: no less far than was expected; None where too much is gone."""
        base = self.base(cube, workspace, day, expected)
        if base is None:
            return None
        through = max(through, expected.through_seq, base.stamp.through_seq)
        above = whole_day(self.database, [cube], workspace, day, through, above=base.stamp.through_seq)[cube.id]
        return pl.concat([base.rows, above]), through

    def base(self, cube: Cube, workspace: WorkspaceInfo, day: date, expected: Expected) -> Rollup | None:
        """Rows to which the ledger has the rest, the events above their `through_seq`; None where too much is gone."""
        bases = self.bases(cube, workspace, day)
        return next((base for base in bases if self.suffices(base, workspace, day, expected)), None)

    def bases(self, cube: Cube, workspace: WorkspaceInfo, day: date) -> Iterator[Rollup]:
        """Nothing, for the ledger may have it all; then what files have counted, in this cube's columns."""
        yield Rollup(pl.DataFrame(schema=cube.schema), Stamp("", 0, ""))
        for source in (cube, *cubes.finer(cube)):
            try:
                found = self.sound(source, workspace, day, NOTHING)
            except Damage:
                continue
            yield Rollup(narrowed(found.rows, cube), found.stamp)

    def suffices(self, base: Rollup, workspace: WorkspaceInfo, day: date, expected: Expected) -> bool:
        """Whether the base and the events above it are every request that was counted."""
        zone, counted = workspace.timezone, {"through": expected.through_seq, "above": base.stamp.through_seq}
        with self.database.read() as connection:
            left = held.requests(connection, workspace.id, zone, day, **counted)
        return int(base.rows["requests"].sum()) + left >= expected.requests

    def whole(self, workspace: WorkspaceInfo, day: date, expected: Expected) -> bool:
        """Whether the ledger still has every request that was counted."""
        with self.database.read() as connection:
            return held.whole(connection, workspace.id, workspace.timezone, day, expected)
