"""How far the rollups have counted, as the database has it: watermarks, the files that should be there, the epochs
whose files may be trusted. Readers take all of it in one snapshot; the publisher moves all of it in one transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from models import ledger
from models.errors import Conflict, TimeZoneChanged
from models.spend.cubes import CUBES, Cube
from models.spend.lake import Owner, Stamp
from models.tables import Publisher, RollupFile, Watermark, Workspace, table

WATERMARKS = table(Watermark)
FILES = table(RollupFile)
PUBLISHER = table(Publisher)
WORKSPACES = table(Workspace)
RECORDED = (FILES.c.through_seq, FILES.c.stamp, FILES.c.requests)


@dataclass(frozen=True)
class Expected:
    """A file that should be there, counted at least this far, and how many requests that were."""

    through_seq: int
    stamp: str
    requests: int


NOTHING = Expected(0, "", 0)  # of a file that nobody has recorded


@dataclass(frozen=True)
class Published:
    """A file that was just put in its place."""

    owner: Owner
    cube: Cube
    day: date
    stamp: Stamp
    rows: int
    requests: int

    @property
    def which(self) -> tuple[str, str, str]:
        return self.cube.id, self.owner.id, self.day.isoformat()

    @property
    def recorded(self) -> dict[str, str | int]:
        cube, workspace, day = self.which
        counted = {"through_seq": self.stamp.through_seq, "rows": self.rows, "requests": self.requests}
        return {"workspace_id": workspace, "cube": cube, "day": day, **counted, "stamp": self.stamp.stamp}

    @property
    def expected(self) -> Expected:
        return Expected(self.stamp.through_seq, self.stamp.stamp, self.requests)


@dataclass(frozen=True)
class Epochs:
    """The lives of this database: which files may be trusted."""

    closed: dict[str, int | None]  # the seq at which each life ended; None for the one that goes on

    def trust(self, stamp: Stamp, expected: Expected) -> bool:
        """Whether a file has counted what it must, and nothing that this database does not have."""
        if stamp.epoch not in self.closed or stamp.through_seq < expected.through_seq:
            return False
        closed = self.closed[stamp.epoch]
        return closed is None or stamp.through_seq <= closed


@dataclass(frozen=True)
class Progress:
    """One snapshot, for one workspace and cube."""

    watermark: int
    oldest: int  # the least watermark of all cubes
    epochs: Epochs
    files: dict[date, Expected]


def nothing(epoch: str) -> Stamp:
    """What a file that is not there yet has counted."""
    return Stamp(epoch, 0, "")


def epochs(connection: Connection) -> Epochs:
    return Epochs(ledger.epochs(connection))


def watermarks(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(select(WATERMARKS.c.cube, WATERMARKS.c.seq)).all())


def served(connection: Connection) -> dict[str, int]:
    """The watermarks of the cubes that serve queries; one that is not backfilled yet has none."""
    known = {cube.id for cube in CUBES}
    return {cube: seq for cube, seq in watermarks(connection).items() if cube in known}


def retired(connection: Connection) -> list[str]:
    """Cubes that were served once and are declared no more."""
    return sorted(watermarks(connection).keys() - {cube.id for cube in CUBES})


def snapshot(connection: Connection, owner: Owner, cube: Cube, first: date, end: date) -> Progress:
    """For days from first to end (excluded), as the owner's generation has them."""
    require_current(connection, owner)
    query = select(FILES.c.day, *RECORDED).where(*of_days(owner.id, first, end), FILES.c.cube == cube.id)
    files = {date.fromisoformat(day): Expected(*recorded) for day, *recorded in connection.execute(query)}
    marks = served(connection)
    return Progress(marks[cube.id], min(marks.values()), epochs(connection), files)


def sizes(connection: Connection, workspace_id: str, first: date, end: date) -> dict[str, int]:
    """How many rows each cube's files of those days have."""
    rows = select(FILES.c.cube, func.sum(FILES.c.rows)).where(*of_days(workspace_id, first, end))
    return {cube: int(count) for cube, count in connection.execute(rows.group_by(FILES.c.cube))}


def furthest(
    connection: Connection, owner: Owner, first: date = date.min, end: date = date.max
) -> dict[date, Expected]:
    """Of each day from first to end (excluded) what the cube has recorded that has counted furthest."""
    require_current(connection, owner)
    ours = select(FILES.c.day, *RECORDED).where(*of_days(owner.id, first, end))
    query = ours.order_by(FILES.c.through_seq, FILES.c.requests)
    return {date.fromisoformat(day): Expected(*recorded) for day, *recorded in connection.execute(query)}


def of_days(workspace_id: str, first: date, end: date) -> tuple[ColumnElement[bool], ...]:
    day = FILES.c.day
    return FILES.c.workspace_id == workspace_id, day >= first.isoformat(), day < end.isoformat()


def require_current(connection: Connection, owner: Owner) -> None:
    """Whoever knows a workspace as it was before its time zone changed finds other days than they ask for."""
    if (
        connection.execute(select(WORKSPACES.c.generation).where(WORKSPACES.c.id == owner.id)).scalar()
        != owner.generation
    ):
        raise TimeZoneChanged


def take_fence(connection: Connection) -> int:
    """A number higher than any publisher's before."""
    connection.execute(update(PUBLISHER).values(fence=PUBLISHER.c.fence + 1))
    return int(connection.execute(select(PUBLISHER.c.fence)).scalar_one())


def move(connection: Connection, fence: int, files: Collection[Published], seq: dict[str, int]) -> None:
    """Say what was published and how far it counts; refused where another publisher took over meanwhile."""
    require_fence(connection, fence)
    for owner in {file.owner.id: file.owner for file in files}.values():
        require_current(connection, owner)
    for file in files:
        record(connection, file)
    for cube, counted in seq.items():
        connection.execute(delete(WATERMARKS).where(WATERMARKS.c.cube == cube))
        connection.execute(insert(WATERMARKS).values(cube=cube, seq=counted))


def require_fence(connection: Connection, fence: int) -> None:
    if int(connection.execute(select(PUBLISHER.c.fence)).scalar_one()) != fence:
        raise Conflict("Another publisher took over: this run's files are topped up by the next one")


def forget(connection: Connection, fence: int, cubes: Iterable[str]) -> None:
    """Expect nothing of these cubes any more."""
    require_fence(connection, fence)
    for cube in cubes:
        connection.execute(delete(FILES).where(FILES.c.cube == cube))
        connection.execute(delete(WATERMARKS).where(WATERMARKS.c.cube == cube))


def record(connection: Connection, file: Published) -> None:
    cube, workspace, day = file.which
    same = (FILES.c.workspace_id == workspace, FILES.c.cube == cube, FILES.c.day == day)
    connection.execute(delete(FILES).where(*same))
    connection.execute(insert(FILES).values(file.recorded))


def replace(connection: Connection, fence: int, owner: Owner, files: Iterable[Published]) -> None:
    """Expect these files of a workspace, and no others."""
    require_fence(connection, fence)
    connection.execute(delete(FILES).where(FILES.c.workspace_id == owner.id))
    if recorded := [file.recorded for file in files]:
        connection.execute(insert(FILES), recorded)


def expected_files(connection: Connection) -> dict[tuple[str, str, str], Expected]:
    """Every file that should be there, by cube, workspace and day."""
    rows = connection.execute(select(FILES.c.cube, FILES.c.workspace_id, FILES.c.day, *RECORDED))
    return {(cube, workspace, day): Expected(*recorded) for cube, workspace, day, *recorded in rows}
