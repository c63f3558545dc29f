"""The doctor: looks at an installation without changing it, and says what is wrong, where, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from models import ledger, migrations
from models.database import Database, plain
from models.errors import FarthingError
from models.settings import Settings
from models.spend import progress
from models.spend.cubes import BY_ID
from models.spend.lake import Damage, Lake
from models.spend.progress import Progress
from models.tables import Quarantined, Workspace, table


@dataclass(frozen=True)
class Finding:
    good: bool
    says: str


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding after the other; later ones need the earlier ones good."""
    if not settings.database_path.exists():
        yield Finding(False, f"There is no database at {settings.database_path}: run `farthing init` or `farthing up`")
        return
    database, lake = Database.of(settings), Lake(settings.lake_path)
    try:
        yield from examine_schema(database)
        yield from examine_lake(database, lake)
        yield from examine_quarantine(database)
    except FarthingError as problem:
        yield Finding(False, problem.message)
    except DatabaseError as problem:
        yield Finding(False, f"The database can't be read ({plain(problem)}): restore a backup")
    finally:
        database.close()


def examine_schema(database: Database) -> Iterator[Finding]:
    migrations.require_newest(database)
    with database.read() as connection:
        intact = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        counter = ledger.last_seq(connection)
    if intact != "ok":
        yield Finding(False, "The database file is damaged: restore a backup, then run `farthing rebuild`")
    yield Finding(True, f"database {database.path}: seq {counter}, schema {migrations.newest()}")


def examine_lake(database: Database, lake: Lake) -> Iterator[Finding]:
    with database.read() as connection:
        expected = progress.expected_files(connection)
        counter = ledger.last_seq(connection)
        trust = Progress(0, counter, ledger.epochs(connection), {})
        marks = progress.served(connection)
        known = dict(connection.execute(select(table(Workspace).c.id, table(Workspace).c.name)).all())
    damaged = 0
    for (cube_id, workspace_id, day), wanted in sorted(expected.items()):
        problem = damage(lake, trust, cube_id, workspace_id, day, wanted)
        if problem:
            damaged += 1
            where = f"cube={cube_id} workspace={workspace_id} ({known.get(workspace_id)}) day={day}"
            yield Finding(
                False,
                f"{where}: {problem}; answered from the ledger, mended by `farthing rebuild --from {day} --to {day}`",
            )
    yield from unexpected(lake, set(known), set(expected), trust)
    behind = counter - min(marks.values(), default=counter)
    yield Finding(
        damaged == 0, f"lake {lake.root}: {len(expected)} files, {damaged} damaged, {behind} events not rolled up yet"
    )


def damage(
    lake: Lake, trust: Progress, cube_id: str, workspace_id: str, day: str, wanted: progress.Expected
) -> str | None:
    if cube_id not in BY_ID:
        return None
    try:
        rollup = lake.read(BY_ID[cube_id], workspace_id, date.fromisoformat(day))
    except Damage as found:
        return found.message
    if not trust.trusts(rollup.stamp, wanted):
        return f"counted through seq {rollup.stamp.through_seq}, not what this database says ({wanted.through_seq})"
    return None


def unexpected(lake: Lake, known: set[str], expected: set[tuple[str, str, str]], trust: Progress) -> Iterator[Finding]:
    """Files that this database does not know of, and files that have counted further than it has."""
    others = set()
    for cube, workspace, day, stamp in lake.stamps():
        where = f"cube={cube} workspace={workspace} day={day}"
        if workspace not in known:
            others.add(workspace)
        elif stamp and stamp.through_seq > trust.counter:
            restored = "this database is an older copy, which the next start of Farthing takes into account"
            yield Finding(
                False, f"{where}: counted through seq {stamp.through_seq}, the database {trust.counter}: {restored}"
            )
        elif (cube, workspace, day) not in expected and not (stamp and trust.trusts(stamp, progress.Expected(0, ""))):
            yield Finding(
                False, f"{where}: counts events that this database does not have; mended by `farthing rollup`"
            )
    for workspace in sorted(others):
        yield Finding(
            False, f"the lake holds files of workspace={workspace}, which this database does not know; left alone"
        )


def examine_quarantine(database: Database) -> Iterator[Finding]:
    with database.read() as connection:
        held = connection.execute(select(func.count()).select_from(table(Quarantined))).scalar_one()
    yield Finding(True, f"quarantine: {held} bad events" + (", see GET /api/v1/quarantine" if held else ""))
