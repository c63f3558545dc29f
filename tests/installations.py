"""Installations for tests, made in this process. Their schema is migrated once and copied, and their passwords are hashed
at the least cost: both take longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from models import installation, migrations
from models.accounts import passwords
from models.database import Database
from models.installation import Installation, Made
from models.periods import now_us
from models.settings import Settings

QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@cache
def schema() -> bytes:
    """A database that nothing was ever in."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "farthing.db")
        migrations.migrate(database)
        database.close()
        return database.path.read_bytes()


def open_installation(settings: Settings) -> Installation:
    """As the product does, and sooner where there is none yet."""
    if not settings.database_path.exists():
        settings.database_path.parent.mkdir(parents=True, exist_ok=True)
        settings.database_path.write_bytes(schema())
    return installation.open_installation(settings)


def initialise(settings: Settings) -> Made:
    """What `farthing init` does."""
    opened = open_installation(settings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "HASHER", QUICK)
        made = installation.make_workspace(opened, "default", "paid", now_us())
    opened.database.close()
    return made
