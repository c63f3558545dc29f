"""When keys were last used: noted in memory, written in bunches, the latest of all processes wins."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from models import database
from models.accounts import keys
from models.accounts.directory import Directory
from models.accounts.keys import NewKey
from models.accounts.uses import USES, Uses
from models.database import Database
from models.errors import StoreUnavailable, Unauthorized
from models.installation import Installation
from models.periods import SECOND
from tests.factories import AUTHOR, NOON, make_workspace


def written(installation: Installation) -> dict[str, int]:
    with installation.database.read() as connection:
        return {row.key_id: row.used_us for row in connection.execute(select(USES))}


def test_the_latest_use_of_all_processes_wins(installation: Installation) -> None:
    one, other = Uses(), Uses()
    one.note("a", NOON + 5)
    other.note("a", NOON + 3)
    other.note("b", NOON)
    one.write(installation.database)
    other.write(installation.database)
    assert written(installation) == {"a": NOON + 5, "b": NOON}
    other.note("a", NOON + 9)
    other.write(installation.database)
    assert written(installation)["a"] == NOON + 9


def test_where_nothing_moved_nothing_is_written(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    uses = Uses()
    uses.note("a", NOON)
    uses.write(installation.database)
    monkeypatch.setattr(installation.database, "write", None)
    uses.write(installation.database)


def test_a_store_that_is_busy_is_tried_again_later(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 0)
    impatient, uses = Database(installation.database.path), Uses()
    uses.note("a", NOON)
    with installation.database.write(), pytest.raises(StoreUnavailable):
        uses.write(impatient)
    assert written(installation) == {}
    uses.write(impatient)
    assert written(installation) == {"a": NOON}
    impatient.close()


def test_a_key_that_opens_is_noted_one_that_does_not_is_not(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        ids = {scope: keys.create(connection, workspace.id, NewKey(scope, scope), AUTHOR) for scope in keys.SCOPES}
        revoked_id, revoked = keys.create(connection, workspace.id, NewKey("gone", "ingest"), AUTHOR)
        keys.revoke(connection, workspace.id, revoked_id, AUTHOR)
    found = Directory(installation.database)
    for number, (_, secret) in enumerate(ids.values()):
        found.authenticate(secret, NOON + number)
    for secret in (revoked, "sk-nobody"):
        with pytest.raises(Unauthorized):
            found.authenticate(secret, NOON)
    assert found.uses.noted == {key_id: NOON + number for number, (key_id, _) in enumerate(ids.values())}
    found.uses.write(installation.database)
    with installation.database.read() as connection:
        shown = keys.shown_all(connection, workspace.id, NOON)
    assert [each["last_used_at"] for each in shown if each["id"] == revoked_id] == [None]
    assert all(each["last_used_at"] for each in shown if each["id"] != revoked_id)


def test_notes_are_taken_while_they_are_written(installation: Installation) -> None:
    uses, keys_in_use = Uses(), [f"k{number}" for number in range(200)]

    def send(second: int) -> None:
        for key in keys_in_use:
            uses.note(key, NOON + second * SECOND)

    with ThreadPoolExecutor(3) as threads:
        sending = [threads.submit(send, second) for second in range(40)]
        while not all(each.done() for each in sending):
            uses.write(installation.database)
        for each in sending:
            each.result()
    last = dict.fromkeys(keys_in_use, NOON + 40 * SECOND)
    uses.noted |= last
    uses.write(installation.database)
    assert written(installation) == last
