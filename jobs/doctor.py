"""The doctor: looks at an installation without changing it, and says what is wrong, where, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from jobs.mending import Remains
from models import acts, ledger, migrations, price_tables
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.database import Database, plain
from models.errors import FarthingError
from models.periods import from_us, now_us
from models.settings import Settings
from models.spend import progress
from models.spend.cubes import BY_ID, Cube
from models.spend.lake import Damage, Lake
from models.spend.progress import NOTHING, Epochs, Expected
from models.tables import Quarantined, table

MENDED = "mended by `farthing rollup`"


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
        yield from examine_prices(database, now_us())
        yield from examine_quarantine(database)
        yield from examine_acts(database)
    except FarthingError as problem:
        yield Finding(False, problem.message)
    except DatabaseError as problem:
        yield Finding(False, f"The database can't be read ({plain(problem)}): restore a backup")
    finally:
        database.close()


def examine_acts(database: Database) -> Iterator[Finding]:
    """An act that was cut short is finished by nobody else, and keeps others from beginning."""
    with database.read() as connection:
        known = all_workspaces(connection)
        unfinished = [(each, act) for each in known for act in acts.in_hand(connection, each.id)]
    for workspace, act in unfinished:
        yield Finding(
            False,
            f"workspace={workspace.name}: the {act.called} is not finished: where nobody is at it, run it again "
            f"under its name or take it back, see `farthing reprice --list`",
        )


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
        remains = Remains(database, lake, progress.epochs(connection))
        marks = progress.served(connection)
        known = {each.id: each for each in all_workspaces(connection)}
    damaged = 0
    for finding in damaged_files(remains, known, expected):
        damaged += 1
        yield finding
    yield from unexpected(lake, known, set(expected), remains.epochs, counter)
    yield from generations(lake, known)
    yield from strangers(lake)
    behind = counter - min(marks.values(), default=counter)
    yield Finding(
        damaged == 0, f"lake {lake.root}: {len(expected)} files, {damaged} damaged, {behind} events not rolled up yet"
    )


def damaged_files(
    remains: Remains, known: dict[str, WorkspaceInfo], expected: dict[tuple[str, str, str], Expected]
) -> Iterator[Finding]:
    for (cube_id, workspace_id, day), wanted in sorted(expected.items()):
        workspace = known[workspace_id]
        problem = damage(remains, cube_id, workspace, day, wanted)
        if problem:
            where = f"cube={cube_id} workspace={workspace_id} ({workspace.name}) day={day}"
            remedy = remedy_for(remains, BY_ID[cube_id], workspace, day, wanted)
            yield Finding(False, f"{where}: {problem}; {remedy}")


def damage(remains: Remains, cube_id: str, workspace: WorkspaceInfo, day: str, wanted: Expected) -> str | None:
    """What is wrong with the file, in words."""
    if cube_id not in BY_ID:
        return None
    try:
        remains.sound(BY_ID[cube_id], workspace, date.fromisoformat(day), wanted)
    except Damage as found:
        return found.message
    return None


def remedy_for(remains: Remains, cube: Cube, workspace: WorkspaceInfo, day: str, wanted: Expected) -> str:
    """Who answers meanwhile, and what makes the file anew."""
    if remains.base(cube, workspace, date.fromisoformat(day), wanted) is None:
        return (
            "its events are no longer in the ledger: put a copy of the file back, then run `farthing rollup`; "
            "until then, questions that no other cube answers are refused"
        )
    if remains.whole(workspace, date.fromisoformat(day), wanted):
        return f"answered from the ledger, mended by `farthing rebuild --from {day} --to {day}`"
    return "its events are no longer in the ledger, but other files have counted them: mended by `farthing rollup`"


def unexpected(
    lake: Lake, known: dict[str, WorkspaceInfo], expected: set[tuple[str, str, str]], epochs: Epochs, counter: int
) -> Iterator[Finding]:
    """Files that this database does not know of, and files that have counted further than it has."""
    others = set()
    for cube, workspace, day, generation, stamp in lake.stamps():
        where = f"cube={cube} workspace={workspace} day={day}"
        if workspace not in known:
            others.add(workspace)
        elif stamp and stamp.through_seq > counter:
            restored = "this database is an older copy, which the next start of Farthing takes into account"
            yield Finding(
                False, f"{where}: counted through seq {stamp.through_seq}, the database {counter}: {restored}"
            )
        elif (cube, workspace, day) in expected or generation != known[workspace].generation:
            continue
        elif stamp is None:
            yield Finding(False, f"{where}: can't be read, and this database knows of no such file; {MENDED}")
        elif not epochs.trust(stamp, NOTHING):
            yield Finding(False, f"{where}: counts events that this database does not have; {MENDED}")
    for workspace in sorted(others):
        yield Finding(
            False, f"the lake holds files of workspace={workspace}, which this database does not know; left alone"
        )


def generations(lake: Lake, known: dict[str, WorkspaceInfo]) -> Iterator[Finding]:
    """Changes of time zones: those that wait, and what those that were cut short have left."""
    for workspace in known.values():
        where = f"workspace={workspace.id} ({workspace.name})"
        if workspace.next_timezone:
            yield Finding(True, f"{where}: its time zone is going to be {workspace.next_timezone}, by `farthing jobs`")
        left = len(lake.leftovers(workspace))
        if left or not workspace.files_exact:
            lying = f"{left} files" if left else "no files yet, but soon some,"
            yield Finding(
                False,
                f"{where}: {lying} of another time zone's days lie in the lake, and readers of the lake count "
                f"them too: a change of the time zone is at work or was cut short; {MENDED}",
            )


def strangers(lake: Lake) -> Iterator[Finding]:
    """Copies and the like: readers by glob count them too."""
    for path in lake.strangers():
        yield Finding(
            False, f"{lake.named(path)} is not a rollup file, but readers of the lake take it for one: move it"
        )


def examine_prices(database: Database, at_us: int) -> Iterator[Finding]:
    with database.read() as connection:
        edition = price_tables.in_use(connection)
        table = price_tables.table_of(connection, edition)
    today = from_us(at_us).date()
    newest = table.last_change(today)
    age = f"newest price {newest}, {(today - newest).days} days old" if newest else "no price has a date"
    origin = "the installed package" if edition.packaged else f"taken up {from_us(edition.adopted_us or 0):%Y-%m-%d}"
    yield Finding(True, f"prices: {edition.source} ({origin}), {age}")


def examine_quarantine(database: Database) -> Iterator[Finding]:
    with database.read() as connection:
        held = connection.execute(select(func.count()).select_from(table(Quarantined))).scalar_one()
    yield Finding(True, f"quarantine: {held} bad events" + (", see GET /api/v1/quarantine" if held else ""))
