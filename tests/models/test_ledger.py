"""The ledger's promises: one way in, gapless seq in the order of commit, exactly once whatever the time."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models import identity, ledger
from models.installation import Installation, open_installation
from models.rows import EVENTS
from models.settings import Settings
from tests.factories import DAY, NOON, append, make_entry, make_event, make_workspace


def stored(installation: Installation) -> list[dict[str, object]]:
    with installation.database.read() as connection:
        return [dict(row) for row in connection.execute(select(EVENTS).order_by(EVENTS.c.seq)).mappings()]


def test_seq_is_gapless_and_in_the_order_of_arrival(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"), make_event(id="b"))
    append(installation, workspace.id, make_event(id="c"))
    assert [(row["seq"], row["id"]) for row in stored(installation)] == [(1, "a"), (2, "b"), (3, "c")]


def test_the_same_id_is_stored_once_whatever_its_time(installation: Installation) -> None:
    workspace = make_workspace(installation)
    assert append(installation, workspace.id, make_event(id="a"), make_event(NOON - 3 * DAY, id="a")) == 1
    assert append(installation, workspace.id, make_event(NOON + DAY, id="a", cost=5)) == 0
    assert [(row["started_us"], row["cost_nano_usd"]) for row in stored(installation)] == [(NOON, 1_000)]


def test_the_same_id_in_two_workspaces_is_two_events(installation: Installation) -> None:
    one, other = make_workspace(installation, "one"), make_workspace(installation, "other")
    assert append(installation, one.id, make_event(id="a")) == 1
    assert append(installation, other.id, make_event(id="a")) == 1


def test_a_transaction_that_is_rolled_back_gives_back_numbers_and_ids(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.writing.connect() as connection:
        ledger.append(connection, [make_entry(workspace.id, make_event(id="a"))])
        connection.rollback()
    append(installation, workspace.id, make_event(id="a"))
    assert [row["seq"] for row in stored(installation)] == [1]


def test_seq_goes_on_after_every_row_is_gone(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"), make_event(id="b"))
    with installation.database.write() as connection:
        connection.execute(EVENTS.delete())
    append(installation, workspace.id, make_event(id="c"))
    assert [row["seq"] for row in stored(installation)] == [3]
    assert append(installation, workspace.id, make_event(id="a")) == 0, "identity outlives the event"


def test_an_older_copy_of_the_database_opens_a_new_epoch_above_the_files(installation: Installation) -> None:
    with installation.database.write() as connection:
        before = ledger.current_epoch(connection)
        assert ledger.reopen_above(connection, 0) is False
        assert ledger.reopen_above(connection, 40) is True
        assert ledger.epochs(connection) == {before: 0, ledger.current_epoch(connection): None}
        assert ledger.last_seq(connection) == 40


def test_what_is_committed_is_synced(installation: Installation) -> None:
    with installation.database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2, "FULL: a 2xx means on disk"
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    with installation.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar_one() == 1


@given(st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=8))
def test_any_stream_with_repeats_is_stored_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    installation = open_installation(Settings(data_dir=folder, _env_file=None))
    workspace = make_workspace(installation)
    for commit in commits:
        append(installation, workspace.id, *(make_event(NOON + each * DAY, id=f"e{each}") for each in commit))
    rows = stored(installation)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    firsts = dict.fromkeys(f"e{each}" for commit in commits for each in commit)
    assert [row["id"] for row in rows] == list(firsts)
    installation.database.close()


def test_ids_of_ours_sort_by_time_and_so_do_their_digests() -> None:
    times = [NOON + step * 1_000_000 for step in range(50)]
    ids = [identity.new_event_id(time) for time in times]
    assert ids == sorted(ids)
    digests = [identity.digest("ws", each) for each in ids]
    assert [digest[:6] for digest in digests] == sorted(digest[:6] for digest in digests)
    assert len({*digests, *(identity.digest("other", each) for each in ids)}) == 100


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
def test_any_id_has_a_digest_of_sixteen_bytes(text: str) -> None:
    assert len(identity.digest("ws", text)) == 16
    assert len(identity.digest("ws", f"evt_{text}")) == 16


def test_sqlite_is_new_enough_for_row_values() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37)
