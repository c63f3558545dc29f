"""The schema: what the migrations make is what the tables say, both ways."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from models import migrations
from models.database import Database
from models.errors import FarthingError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "farthing.db")


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    assert migrations.migrate(database) is True
    with database.writing.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    assert migrations.migrate(database) is False


def test_they_can_be_taken_back(database: Database) -> None:
    migrations.migrate(database)
    command.downgrade(migrations.configuration(database), "base")
    assert inspect(database.writing).get_table_names() == ["alembic_version"]
    assert migrations.migrate(database) is True


def test_another_versions_schema_is_refused(database: Database) -> None:
    with pytest.raises(FarthingError, match="farthing migrate"):
        migrations.require_newest(database)


def test_identities_have_no_rowid(database: Database) -> None:
    """Their primary key is the table: half the size, and half the writes, of a table with an index."""
    migrations.migrate(database)
    with database.read() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'identities'").scalar_one()
    assert "WITHOUT ROWID" in made


def test_files_recorded_before_requests_were_have_at_least_one_a_row(database: Database) -> None:
    command.upgrade(migrations.configuration(database), "0001")
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO rollup_files (workspace_id, cube, day, through_seq, rows, stamp)"
            " VALUES ('ws', 'models', '2026-11-21', 9, 4, 'a')"
        )
    migrations.migrate(database)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT requests FROM rollup_files").scalar_one() == 4
