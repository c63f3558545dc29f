"""Two engines: one writer at a time that loses nothing, readers that neither write nor wait."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update

from models import ledger
from models.errors import StoreUnavailable
from models.installation import Installation
from models.ledger import LEDGER

TURNS = 50


def test_a_reader_can_not_write(installation: Installation) -> None:
    with pytest.raises(StoreUnavailable), installation.database.read() as connection:
        connection.execute(update(LEDGER).values(seq=7))


def test_readers_do_not_wait_for_a_writer(installation: Installation) -> None:
    with installation.database.write() as writing:
        writing.execute(update(LEDGER).values(seq=7))
        with installation.database.read() as reading:
            assert ledger.last_seq(reading) == 0
    with installation.database.read() as reading:
        assert ledger.last_seq(reading) == 7


def test_a_reader_sees_one_moment(installation: Installation) -> None:
    with installation.database.read() as reading:
        before = ledger.last_seq(reading)
        with installation.database.write() as writing:
            writing.execute(update(LEDGER).values(seq=7))
        assert ledger.last_seq(reading) == before


def test_writers_that_read_first_lose_no_update(installation: Installation) -> None:
    def count(_: int) -> None:
        with installation.database.write() as connection:
            connection.execute(update(LEDGER).values(seq=ledger.last_seq(connection) + 1))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(count, range(TURNS)))
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == TURNS


def test_what_is_committed_is_synced_before_the_commit_returns(installation: Installation) -> None:
    with installation.database.write() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
