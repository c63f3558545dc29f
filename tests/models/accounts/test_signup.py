"""Open sign-up: account, workspace and key, or nothing."""

import pytest
from sqlalchemy import Connection, func, select

from models import audit
from models.accounts import keys, members, signup, users, workspaces
from models.accounts.signup import SignedUp
from models.errors import BadRequest, Conflict
from models.installation import Installation
from tests.factories import AUTHOR, NOON, make_workspace

EMAIL = "ada@example.com"


def sign_up(connection: Connection, email: str = EMAIL, name: str = "") -> SignedUp:
    return signup.sign_up(connection, email, "argon2 of something", name, 90, AUTHOR)


def test_it_makes_an_account_a_free_workspace_and_a_key_that_shows_everything(installation: Installation) -> None:
    with installation.database.write() as connection:
        made = sign_up(connection, name="Acme")
        (key,) = keys.shown_all(connection, made.workspace.id, NOON)
        assert (made.workspace.name, made.workspace.plan) == ("Acme", "free")
        assert members.role_of(connection, EMAIL, made.workspace.id) == "owner"
        assert (key["scope"], key["state"]) == ("ingest", "active")
        assert key["sources"] == [{"provider": None, "model": None, "feature": None}]
        assert made.ingest_key.startswith(key["prefix"])
        actions = [each["action"] for each in audit.listed(connection, made.workspace.id).records]
    assert actions == ["key.create", "user.join", "workspace.create"]


def test_a_name_is_made_up_and_is_free(installation: Installation) -> None:
    make_workspace(installation, "ada")
    with installation.database.write() as connection:
        names = [sign_up(connection, f"ada@{host}.com").workspace.name for host in ("a", "b", "c")]
    assert len(set(names)) == 3
    assert all(name.startswith("ada-") for name in names)


@pytest.mark.parametrize("problem", ["e-mail", "name"])
def test_what_can_not_be_made_as_a_whole_is_not_made(installation: Installation, problem: str) -> None:
    make_workspace(installation, "taken")
    with installation.database.write() as connection:
        users.create(connection, "there@example.com", "x", NOON)
        before = counts(connection)
    email, name = ("there@example.com", "new") if problem == "e-mail" else ("new@example.com", "taken")
    with pytest.raises(Conflict), installation.database.write() as connection:
        sign_up(connection, email, name)
    with installation.database.read() as connection:
        assert counts(connection) == before


def counts(connection: Connection) -> list[int]:
    tables = (users.USERS, workspaces.WORKSPACES, members.MEMBERS, keys.KEYS)
    return [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in tables]


def test_a_workspace_may_be_named_or_not() -> None:
    assert signup.read_workspace_name("  ") == ""
    assert signup.read_workspace_name(" Acme GmbH ") == "Acme GmbH"
    for bad in ("x" * 257, "nul \x00"):
        with pytest.raises(BadRequest):
            signup.read_workspace_name(bad)
