"""The rebuild: whole days of rollups from the ledger, equal row for row to what the incremental rollup has.

A pure function per (workspace, day). It heals days whose files are missing, unreadable or older than they must be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jobs.publishing import Publisher, publishing
from jobs.rollup import Said, history, quiet
from models import ledger
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.database import Database
from models.spend import progress
from models.spend.cubes import BY_ID, CUBES, Cube
from models.spend.lake import Damage, Lake


@dataclass(frozen=True)
class Wanted:
    """Which days, of which workspace; None is all of them."""

    first: date | None = None
    last: date | None = None
    workspace: str | None = None

    def days(self, database: Database, workspace: WorkspaceInfo, published: set[date]) -> list[date]:
        days = sorted({*history(database, workspace), *published})
        return [day for day in days if (not self.first or day >= self.first) and (not self.last or day <= self.last)]


@dataclass
class Rebuilt:
    days: int = 0
    files: int = 0

    def __str__(self) -> str:
        return f"rebuilt {self.days} days, {self.files} files"


def run(database: Database, lake: Lake, wanted: Wanted, said: Said = quiet) -> Rebuilt:
    """Rebuild the files of the cubes that serve; a rollup must have run once."""
    done = Rebuilt()
    with publishing(database, lake) as publisher:
        with database.read() as connection:
            cubes = [cube for cube in CUBES if cube.id in progress.served(connection)]
            workspaces = [each for each in all_workspaces(connection) if wanted.workspace in (None, each.name)]
        work = [(each, day) for each in workspaces for day in wanted.days(database, each, days(publisher, each))]
        for index, (workspace, day) in enumerate(work):
            rebuild_day(publisher, cubes, workspace, day)
            done.days += 1
            done.files += len(cubes)
            said(index + 1, len(work))
    return done


def days(publisher: Publisher, workspace: WorkspaceInfo) -> set[date]:
    return {date.fromisoformat(day) for _, owner, day in publisher.expected if owner == workspace.id}


def rebuild_day(publisher: Publisher, cubes: list[Cube], workspace: WorkspaceInfo, day: date) -> None:
    with publisher.database.read() as connection:
        through = ledger.last_seq(connection)
    for cube_id, rows in publisher.whole_day(cubes, workspace, day, through).items():
        if rows.height or publisher.knows(BY_ID[cube_id], workspace, day):
            publisher.put(BY_ID[cube_id], workspace, day, rows, through)
    publisher.record({})


def heal(database: Database, lake: Lake) -> list[str]:
    """Rebuild every file that is damaged; names them."""
    healed = []
    with publishing(database, lake) as publisher:
        with database.read() as connection:
            workspaces = {each.id: each for each in all_workspaces(connection)}
            through = ledger.last_seq(connection)
        for cube_id, workspace_id, day in damaged(publisher):
            publisher.rebuild(BY_ID[cube_id], workspaces[workspace_id], date.fromisoformat(day), through)
            publisher.record({})
            healed.append(f"cube={cube_id} workspace={workspaces[workspace_id].name} day={day}")
    return healed


def stray(publisher: Publisher, trust: progress.Progress) -> Iterator[tuple[str, str, str]]:
    """Files that nobody expects and that count what this database does not have: left by a life after its backup."""
    known = {owner for _, owner, _ in publisher.expected}
    for cube_id, workspace_id, day, stamp in publisher.lake.stamps():
        unexpected = (cube_id, workspace_id, day) not in publisher.expected
        trusted = stamp is not None and trust.trusts(stamp, progress.Expected(0, ""))
        if unexpected and not trusted and cube_id in BY_ID and workspace_id in known:
            yield cube_id, workspace_id, day


def damaged(publisher: Publisher) -> list[tuple[str, str, str]]:
    """What should be in the lake and is not, or not as it should be, or should not be: cube, workspace, day."""
    trust = progress.Progress(0, 0, publisher.epochs, {})
    found = [*stray(publisher, trust)]
    for (cube_id, workspace_id, day), expected in publisher.expected.items():
        if cube_id not in BY_ID:
            continue
        try:
            rollup = publisher.lake.read(BY_ID[cube_id], workspace_id, date.fromisoformat(day))
        except Damage:
            found.append((cube_id, workspace_id, day))
            continue
        if not trust.trusts(rollup.stamp, expected):
            found.append((cube_id, workspace_id, day))
    return found
