"""One installation: its database and its lake, opened, migrated and held against each other before anything is
counted; and what `farthing init` makes."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from models import ledger, migrations
from models.accounts import keys, members, passwords, users, workspaces
from models.accounts.keys import NewKey
from models.audit import COMMAND_LINE, Author
from models.database import Database
from models.errors import Conflict
from models.settings import Settings
from models.spend.cubes import CUBES
from models.spend.lake import Lake, locked
from models.spend.progress import WATERMARKS, watermarks
from models.tables import Workspace, table

ADMIN_EMAIL = "admin@farthing.local"


@dataclass(frozen=True)
class Installation:
    settings: Settings
    database: Database
    lake: Lake


@dataclass(frozen=True)
class Made:
    """A new workspace, with the secrets that are shown once. An owner who was there keeps their password."""

    workspace_id: str
    workspace: str
    plan: str
    admin_email: str
    admin_password: str | None
    ingest_key: str
    read_key: str


def open_installation(settings: Settings) -> Installation:
    """Database and lake, ready to be worked on: the schema is the newest, and no file has counted what is not here."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    database, lake = Database.of(settings), Lake(settings.lake_path)
    with locked(settings.data_dir / "opening.lock"):
        migrations.migrate(database)
    with database.read() as connection:
        highest = highest_counted(connection, lake)  # it opens every file: before others have to wait for it
    with database.write() as connection:
        ledger.found(connection)
        serve_from_the_start(connection)
        ledger.reopen_above(connection, highest)
    return Installation(settings, database, lake)


def serve_from_the_start(connection: Connection) -> None:
    """While there is no event, every cube has counted all of them."""
    if ledger.last_seq(connection) == 0:
        missing = [cube.id for cube in CUBES if cube.id not in watermarks(connection)]
        for cube in missing:
            connection.execute(insert(WATERMARKS).values(cube=cube, seq=0))


def highest_counted(connection: Connection, lake: Lake) -> int:
    """How far the files of this database's workspaces have counted; others' files are left alone."""
    known = set(connection.execute(select(table(Workspace).c.id)).scalars())
    found = ((each.workspace, each.stamp) for each in lake.stamps())
    counted = [stamp.through_seq for workspace, stamp in found if stamp and workspace in known]
    return max(counted, default=0)


def is_new(database: Database) -> bool:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table(Workspace))).scalar_one() == 0


def make_workspace(installation: Installation, name: str, plan: str, now_us: int) -> Made:
    """A workspace with its owner, an ingest key and a read key, in one transaction."""
    settings, author = installation.settings, Author(COMMAND_LINE, now_us)
    with installation.database.write() as connection:
        if connection.execute(select(table(Workspace).c.id).where(table(Workspace).c.name == name)).first():
            raise Conflict(f"A workspace named {name!r} exists already")
        workspace = workspaces.create(connection, name, plan, settings.retention_days, author)
        email, password = owner(connection, settings, workspace.id, author)
        _, ingest_key = keys.create(connection, workspace.id, NewKey("default", "ingest"), author)
        _, read_key = keys.create(connection, workspace.id, NewKey("read", "read"), author)
    return Made(workspace.id, workspace.name, workspace.plan, email, password, ingest_key, read_key)


def made_up_email(connection: Connection, workspace_id: str) -> str:
    """Each workspace's owner is an account of its own, unless the settings name one."""
    if not users.exists(connection, ADMIN_EMAIL):
        return ADMIN_EMAIL
    return ADMIN_EMAIL.replace("@", f"+{workspace_id.removeprefix('ws_')}@")


def owner(connection: Connection, settings: Settings, workspace_id: str, author: Author) -> tuple[str, str | None]:
    """The owner's e-mail, and the password where it is theirs: an account that was there keeps its own, unless somebody
    had made it in their name."""
    email = settings.admin_email or made_up_email(connection, workspace_id)
    password = settings.admin_password or secrets.token_urlsafe(12)
    user_id = users.ensure(connection, email, password, author.at_us)
    users.prove(connection, user_id, passwords.hashed(password), author)
    members.add(connection, user_id, workspace_id, "owner")
    return email.lower(), password if users.known(connection, email, password) else None
