"""Mending: what a day's file can be made from when it is lost or wrong.

The ledger, as long as it has all that was counted. Else a file that can be trusted as far as it has counted, together
with the events above: an older copy of the same file, or a cube with finer grain. The recorded number of requests tells
whether that is everything. What is not everything is never put in the place of a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import cubes, held
from models.spend.cubes import Cube
from models.spend.lake import Damage, Lake, Rollup, Stamp
from models.spend.progress import NOTHING, Expected, Progress


@dataclass(frozen=True)
class Remains:
    """What is left of the days: their events, and the files that have counted them."""

    database: Database
    lake: Lake
    trust: Progress

    def base(self, cube: Cube, workspace: WorkspaceInfo, day: date, expected: Expected) -> Rollup | None:
        """Rows to which the ledger has the rest, the events above their `through_seq`; None where too much is gone."""
        bases = self.bases(cube, workspace.id, day)
        return next((base for base in bases if self.suffices(base, workspace, day, expected)), None)

    def bases(self, cube: Cube, workspace_id: str, day: date) -> Iterator[Rollup]:
        yield Rollup(pl.DataFrame(schema=cube.schema), Stamp("", 0, ""))
        for source in (cube, *cubes.finer(cube)):
            try:
                found = self.lake.read(source, workspace_id, day)
            except Damage:
                continue
            if self.trust.trusts(found.stamp, NOTHING):
                yield Rollup(found.rows.select(*cube.schema), found.stamp)

    def suffices(self, base: Rollup, workspace: WorkspaceInfo, day: date, expected: Expected) -> bool:
        above = base.stamp.through_seq
        return int(base.rows["requests"].sum()) + self.held(workspace, day, expected, above) >= expected.requests

    def held(self, workspace: WorkspaceInfo, day: date, expected: Expected, above: int = 0) -> int:
        """How many of the requests that were counted the ledger still has."""
        with self.database.read() as connection:
            return held.requests(connection, workspace.id, workspace.timezone, day, above, expected.through_seq)

    def whole(self, workspace: WorkspaceInfo, day: date, expected: Expected) -> bool:
        return self.held(workspace, day, expected) >= expected.requests
