"""The directory: no database read on the hot path, and every change seen in time."""

import pytest

from models.accounts import directory, keys, secrets
from models.accounts.directory import Directory
from models.accounts.keys import NewKey
from models.errors import Unauthorized
from models.installation import Installation
from models.periods import SECOND
from tests.factories import AUTHOR, NOON, make_workspace


def make_key(installation: Installation, name: str = "k", **wanted: object) -> tuple[str, str, str]:
    workspace = make_workspace(installation, f"of-{name}")
    with installation.database.write() as connection:
        key_id, secret = keys.create(connection, workspace.id, NewKey(name, "ingest"), AUTHOR)
    return workspace.id, key_id, secret


def test_a_new_key_works_at_once_on_every_process(installation: Installation) -> None:
    other = Directory(installation.database)
    other.check(NOON)
    workspace_id, _, secret = make_key(installation)
    assert other.authenticate(secret, NOON).workspace_id == workspace_id


def test_a_known_key_asks_no_database(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Directory(installation.database)
    _, _, secret = make_key(installation)
    found.check(NOON)
    monkeypatch.setattr(installation.database, "read", None)
    assert found.authenticate(secret, NOON + SECOND).name == "k"


def test_a_change_holds_elsewhere_when_the_view_is_two_seconds_old(installation: Installation) -> None:
    other = Directory(installation.database)
    workspace_id, key_id, secret = make_key(installation)
    other.check(NOON)
    with installation.database.write() as connection:
        keys.revoke(connection, workspace_id, key_id, AUTHOR)
    with pytest.raises(Unauthorized, match="Revoked API key"):
        other.authenticate(secret, NOON + 2 * SECOND + 1)


def test_a_clock_that_was_set_back_asks_again(installation: Installation) -> None:
    other = Directory(installation.database)
    workspace_id, key_id, secret = make_key(installation)
    other.check(NOON)
    with installation.database.write() as connection:
        keys.set_active(connection, workspace_id, key_id, active=False, author=AUTHOR)
    with pytest.raises(Unauthorized, match="Inactive API key"):
        other.authenticate(secret, NOON - 60 * SECOND)


def test_an_unknown_key_gets_one_look_up_a_second(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Directory(installation.database)
    found.check(NOON)
    looked = []
    look_up = found.look_up
    monkeypatch.setattr(found, "look_up", lambda digest, now: looked.append(now) or look_up(digest, now))
    secret = secrets.new_secret()
    for now in (NOON, NOON + 1, NOON + SECOND // 2, NOON + SECOND + 1):
        with pytest.raises(Unauthorized, match="Invalid API key"):
            found.authenticate(secret, now)
    assert looked == [NOON, NOON + SECOND + 1]


def test_misses_are_remembered_in_bounded_memory(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_MISSES", 10)
    found = Directory(installation.database)
    for _ in range(30):
        with pytest.raises(Unauthorized):
            found.authenticate(secrets.new_secret(), NOON)
    assert len(found.misses) == 10


def test_a_grace_ends_by_itself(installation: Installation) -> None:
    workspace_id, key_id, secret = make_key(installation)
    with installation.database.write() as connection:
        keys.rotate(connection, workspace_id, key_id, 60, AUTHOR)
    found = Directory(installation.database)
    found.check(NOON)
    assert found.authenticate(secret, NOON + 59 * SECOND)
    with pytest.raises(Unauthorized, match="Revoked"):
        found.authenticate(secret, NOON + 61 * SECOND)


def test_strangers_have_only_so_many_secrets_looked_up(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Directory(installation.database)
    found.check(NOON)
    asked = []
    look_up = found.look_up
    monkeypatch.setattr(found, "look_up", lambda digest, now: asked.append(digest) or look_up(digest, now))
    for _ in range(directory.MAX_LOOK_UPS + 50):
        with pytest.raises(Unauthorized):
            found.authenticate(secrets.new_secret(), NOON)
    assert len(asked) == directory.MAX_LOOK_UPS
    _, _, secret = make_key(installation)
    assert found.authenticate(secret, NOON + SECOND).name == "k"
