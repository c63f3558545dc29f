"""The rollup: new events, added to the daily files of every cube.

Additive: a run fixes its end once; to each file it adds only events above the file's own `through_seq`, replaces
the file as a whole, and moves the watermark when all files are on disk. A run that was killed anywhere can be run
again. Late events heal their day by the same path. What it costs grows with new events, not with history.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import func, select

from jobs.counting import whole_day
from jobs.publishing import Publisher, publishing
from models import ledger, periods
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.database import Database
from models.spend import events, progress
from models.spend.cubes import CUBES, Cube
from models.spend.events import EVENTS
from models.spend.facts import DAY, facts
from models.spend.lake import Lake

STEP = events.PIECE  # events at a time: what bounds a run's memory, however far it is behind

Said = Callable[[int, int], None]  # events done, events in all


@dataclass
class Run:
    """What a run did."""

    events: int = 0
    files: int = 0
    through_seq: int = 0
    backfilled: tuple[str, ...] = ()

    def __str__(self) -> str:
        new = f", new cubes {', '.join(self.backfilled)}" if self.backfilled else ""
        return f"rolled up {self.events} events into {self.files} files, through seq {self.through_seq}{new}"


def quiet(_: int, __: int) -> None:
    """Say nothing of the progress."""


def run(database: Database, lake: Lake, said: Said = quiet) -> Run:
    """Bring every cube up to the newest event."""
    with publishing(database, lake) as publisher:
        with database.read() as connection:
            end = ledger.last_seq(connection)
            counted = progress.served(connection)
            workspaces = {each.id: each for each in all_workspaces(connection)}
        new = [cube for cube in CUBES if cube.id not in counted]
        done = Run(through_seq=end, backfilled=tuple(cube.id for cube in new))
        if new:
            done.files += backfill(publisher, workspaces, end, new)
        publisher.retire()
        start = min(counted.values(), default=end)
        for step in steps(database, start, end):
            count(publisher, workspaces, counted, step, done)
            said(step[1] - start, end - start)
        return done


def steps(database: Database, start: int, end: int) -> Iterator[tuple[int, int]]:
    """None ends between the halves of a correction: no file ever lacks an event that was only told otherwise."""
    while start < end:
        last = min(start + STEP, end)
        with database.read() as connection:
            last += connection.execute(select(EVENTS.c.sign).where(EVENTS.c.seq == last)).scalar() == -1
        yield start, last
        start = last


def count(
    publisher: Publisher,
    workspaces: dict[str, WorkspaceInfo],
    counted: dict[str, int],
    step: tuple[int, int],
    done: Run,
) -> None:
    """Events with first < seq <= last into the files of their days."""
    first, last = step
    with publisher.database.read() as connection:
        new = pl.concat(events.between(connection, first, last))
    for (workspace_id,), rows in new.group_by(["workspace_id"], maintain_order=True):
        add(publisher, workspaces[str(workspace_id)], rows, counted, last)
    done.events += new.height
    done.files += len(publisher.files)
    publisher.record({cube: last for cube, seq in counted.items() if seq <= last})


def add(publisher: Publisher, workspace: WorkspaceInfo, new: pl.DataFrame, counted: dict[str, int], last: int) -> None:
    rows = facts(new, workspace.timezone)
    for day in sorted(rows[DAY].unique()):
        of_day = rows.filter(pl.col(DAY) == day)
        for cube in CUBES:
            if cube.id in counted:
                fresh = of_day.filter(pl.col("seq") > counted[cube.id])
                publisher.top_up(cube, workspace, day, fresh, last)


# -- new cubes ----------------------------------------------------------------------------------------------------


def backfill(publisher: Publisher, workspaces: dict[str, WorkspaceInfo], end: int, cubes: list[Cube]) -> int:
    """Count all of history for cubes that are new, outside `rollups/`, then serve them from `end` on."""
    for workspace in workspaces.values():
        for day in all_days(publisher, workspace):
            backfill_day(publisher, cubes, workspace, day, end)
    for cube in cubes:
        publisher.lake.serve_staged(cube)
    files = len(publisher.files)
    publisher.record({cube.id: end for cube in cubes})
    return files


def backfill_day(publisher: Publisher, cubes: list[Cube], workspace: WorkspaceInfo, day: date, end: int) -> None:
    """From the ledger, or from what is left of a day whose events are gone: every cube has the same totals."""
    counted = publisher.counted(workspace, day)
    if publisher.remains.whole(workspace, day, counted):
        rows = whole_day(publisher.database, cubes, workspace, day, end)
        for cube in [cube for cube in cubes if rows[cube.id].height]:
            publisher.stage(cube, workspace, day, rows[cube.id], end)
        return
    for cube in cubes:
        made = publisher.remains.remade(cube, workspace, day, end, counted)
        if made:
            publisher.stage(cube, workspace, day, *made)
        else:
            publisher.owe(cube, workspace, day, counted)


def all_days(publisher: Publisher, workspace: WorkspaceInfo) -> list[date]:
    """Every local day that has events, or had some that were counted."""
    return sorted({*history(publisher.database, workspace), *publisher.days(workspace)})


def history(database: Database, workspace: WorkspaceInfo) -> list[date]:
    """Every local day from the workspace's first event to its last."""
    query = select(func.min(EVENTS.c.started_us), func.max(EVENTS.c.started_us))
    with database.read() as connection:
        first, last = connection.execute(query.where(EVENTS.c.workspace_id == workspace.id)).one()
    if first is None:
        return []
    ends = (periods.day_of(instant, workspace.timezone).toordinal() for instant in (first, last))
    return [date.fromordinal(day) for day in range(next(ends), next(ends) + 1)]
