"""The rebuild: whole days of rollups from the ledger, equal row for row to what the incremental rollup has.

A pure function per (workspace, day). It heals days whose files are missing, unreadable or older than they must be.
Where the ledger has no longer all that was counted, sound files are left as they are: a rebuild never counts less.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from jobs.counting import whole_day
from jobs.publishing import Publisher, publishing
from jobs.rollup import Said, all_days, quiet
from models import ledger
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.database import Database
from models.spend import progress
from models.spend.cubes import BY_ID, CUBES, Cube
from models.spend.lake import Damage, Lake
from models.spend.progress import NOTHING


@dataclass(frozen=True)
class Wanted:
    """Which days, of which workspace; None is all of them."""

    first: date | None = None
    last: date | None = None
    workspace: str | None = None

    def days(self, publisher: Publisher, workspace: WorkspaceInfo) -> list[date]:
        days = all_days(publisher, workspace)
        return [day for day in days if (not self.first or day >= self.first) and (not self.last or day <= self.last)]


@dataclass
class Rebuilt:
    """What a rebuild did. `kept` are days whose events are gone; `lost` are damaged files that nothing is left of."""

    days: int = 0
    files: int = 0
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kept = [f"left as it is, for its events are no longer in the ledger: {day}" for day in self.kept]
        return "\n".join([f"rebuilt {self.days} days, {self.files} files", *kept, *map(beyond_repair, self.lost)])


@dataclass
class Healed:
    """Damaged files that were made anew, those that can't be, and workspaces of which old generations were left."""

    mended: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        mended = [f"rebuilt, for it was damaged: {name}" for name in self.mended]
        cleared = [f"removed, for they were left by a change of the time zone: {name}" for name in self.cleared]
        return "\n".join([*cleared, *mended, *map(beyond_repair, self.lost)])


def beyond_repair(name: str) -> str:
    return f"damaged, and its events are no longer in the ledger, see `farthing doctor`: {name}"


def run(database: Database, lake: Lake, wanted: Wanted, said: Said = quiet) -> Rebuilt:
    """Rebuild the files of the cubes that serve; a rollup must have run once."""
    done = Rebuilt()
    with publishing(database, lake) as publisher:
        with database.read() as connection:
            cubes = [cube for cube in CUBES if cube.id in progress.served(connection)]
            workspaces = [each for each in all_workspaces(connection) if wanted.workspace in (None, each.name)]
        work = [(each, day) for each in workspaces for day in wanted.days(publisher, each)]
        for index, (workspace, day) in enumerate(work):
            rebuild_day(publisher, cubes, workspace, day, done)
            said(index + 1, len(work))
    return done


def rebuild_day(publisher: Publisher, cubes: list[Cube], workspace: WorkspaceInfo, day: date, done: Rebuilt) -> None:
    with publisher.database.read() as connection:
        through = ledger.last_seq(connection)
    if publisher.remains.whole(workspace, day, publisher.counted(workspace, day)):
        recount(publisher, cubes, workspace, day, through)
        done.days += 1
    else:
        done.kept.append(f"workspace={workspace.name} day={day}")
        done.lost += mend(publisher, cubes, workspace, day, through)
    done.files += len(publisher.files)
    publisher.record({})


def recount(publisher: Publisher, cubes: list[Cube], workspace: WorkspaceInfo, day: date, through: int) -> None:
    """Every file of the day anew, from the ledger."""
    for cube_id, rows in whole_day(publisher.database, cubes, workspace, day, through).items():
        if rows.height or publisher.knows(BY_ID[cube_id], workspace, day):
            publisher.put(BY_ID[cube_id], workspace, day, rows, through)


def mend(publisher: Publisher, cubes: list[Cube], workspace: WorkspaceInfo, day: date, through: int) -> list[str]:
    """The day's damaged files anew, the sound ones left as they are; names those that can't be made."""
    damaged = [cube for cube in cubes if publisher.standing(cube, workspace, day) is None]
    lost = [cube for cube in damaged if not publisher.rebuild(cube, workspace, day, through)]
    return [named(cube.id, workspace, day) for cube in lost]


def heal(database: Database, lake: Lake) -> Healed:
    """Make every damaged file anew that can be, take away what changes of time zones left; names all."""
    healed = Healed()
    with publishing(database, lake) as publisher:
        with database.read() as connection:
            workspaces = {each.id: each for each in all_workspaces(connection)}
            through = ledger.last_seq(connection)
        for workspace in workspaces.values():
            if files := publisher.settle(workspace.id):
                healed.cleared.append(f"workspace={workspace.name}, {files} files")
        for cube_id, workspace_id, iso in damaged(publisher, workspaces):
            workspace, day = workspaces[workspace_id], date.fromisoformat(iso)
            made = publisher.rebuild(BY_ID[cube_id], workspace, day, through)
            publisher.record({})
            (healed.mended if made else healed.lost).append(named(cube_id, workspace, day))
    return healed


def named(cube_id: str, workspace: WorkspaceInfo, day: date) -> str:
    return f"cube={cube_id} workspace={workspace.name} day={day}"


def damaged(publisher: Publisher, known: dict[str, WorkspaceInfo]) -> list[tuple[str, str, str]]:
    """What should be in the lake and is not, or not as it should be, or should not be: cube, workspace, day."""
    return [*stray(publisher, known), *unsound(publisher, known)]


def unsound(publisher: Publisher, known: dict[str, WorkspaceInfo]) -> Iterator[tuple[str, str, str]]:
    """Files that are expected and are missing, unreadable or older than they must be."""
    for (cube_id, workspace_id, day), expected in publisher.expected.items():
        if cube_id not in BY_ID:
            continue
        try:
            publisher.remains.sound(BY_ID[cube_id], known[workspace_id], date.fromisoformat(day), expected)
        except Damage:
            yield cube_id, workspace_id, day


def stray(publisher: Publisher, known: dict[str, WorkspaceInfo]) -> Iterator[tuple[str, str, str]]:
    """Files that nobody expects and that count what this database does not have: left by a life after its backup."""
    for found in publisher.lake.stamps():
        which = found.cube, found.workspace, found.day
        trusted = found.stamp is not None and publisher.remains.epochs.trust(found.stamp, NOTHING)
        if which not in publisher.expected and not trusted and found.cube in BY_ID and found.workspace in known:
            yield which
