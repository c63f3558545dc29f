"""The database's schema, from the first table on: `farthing migrate`, and each start, bring it to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.database import Database
from models.errors import FarthingError


def configuration(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = database.writing
    return config


def newest() -> str:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    return head


def current(database: Database) -> str | None:
    with database.writing.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database) -> bool:
    """Bring the schema to the newest revision; says whether there was anything to do."""
    if current(database) == newest():
        return False
    command.upgrade(configuration(database), "head")
    return True


def require_newest(database: Database) -> None:
    """Refuse to work on another version's schema."""
    if current(database) != newest():
        raise FarthingError("The database has another version's schema: run `farthing migrate`")
