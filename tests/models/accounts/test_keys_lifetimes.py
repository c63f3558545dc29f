"""How long a secret is good for: it expires like one that is revoked, and people are reminded in time."""

from typing import Any

import pytest

from models.accounts import keys, lifetimes
from models.accounts.directory import Directory
from models.accounts.keys import NewKey
from models.accounts.lifetimes import FOREVER, MAX_DAYS, Lifetime
from models.audit import Author
from models.errors import BadField, Conflict, Unauthorized
from models.installation import Installation
from models.periods import DAY, SECOND
from tests.factories import AUTHOR, NOON, make_workspace


@pytest.mark.parametrize(
    ("said", "lifetime"),
    [
        ({}, FOREVER), ({"expires_at": None, "rotate_after_days": None}, FOREVER),
        ({"expires_in_days": 1}, Lifetime(NOON + DAY)), ({"rotate_after_days": 90}, Lifetime(None, 90)),
        ({"expires_at": "2026-11-21T12:00:01Z"}, Lifetime(NOON + SECOND)),
        ({"expires_at": "2026-11-22T13:00+01:00", "rotate_after_days": 1}, Lifetime(NOON + DAY, 1)),
    ],
)  # fmt: skip
def test_what_is_asked_for(said: dict[str, Any], lifetime: Lifetime) -> None:
    assert lifetimes.read(said, NOON) == lifetime


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"expires_at": "2026-11-21T12:00:00Z"}, "expires_at"), ({"expires_at": "yesterday"}, "expires_at"), ({"expires_at": []}, "expires_at"),
        ({"expires_at": "9999-01-01"}, "expires_at"), ({"expires_at": 10**30}, "expires_at"),
        ({"expires_in_days": 0}, "expires_in_days"), ({"expires_in_days": True}, "expires_in_days"), ({"expires_in_days": 1.5}, "expires_in_days"),
        ({"expires_in_days": MAX_DAYS + 1}, "expires_in_days"), ({"expires_in_days": 1, "expires_at": "2027-01-01"}, "expires_in_days"),
        ({"rotate_after_days": 0}, "rotate_after_days"), ({"rotate_after_days": "90"}, "rotate_after_days"),
    ],
)  # fmt: skip
def test_what_no_key_can_have_is_refused_by_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadField) as problem:
        lifetimes.read(said, NOON)
    assert problem.value.field == field


def made(installation: Installation, lifetime: Lifetime) -> tuple[str, str, str]:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        key_id, secret = keys.create(connection, workspace.id, NewKey("k", "ingest", lifetime=lifetime), AUTHOR)
    return workspace.id, key_id, secret


def seen(installation: Installation, workspace_id: str, key_id: str, now_us: int) -> dict[str, Any]:
    with installation.database.read() as connection:
        return keys.shown(connection, workspace_id, key_id, now_us)


def test_an_expired_key_is_refused_like_a_revoked_one_and_told_when_it_expired(installation: Installation) -> None:
    workspace_id, key_id, secret = made(installation, Lifetime(NOON + DAY))
    found = Directory(installation.database)
    found.check(NOON)
    assert found.authenticate(secret, NOON + DAY - 1).name == "k"
    with pytest.raises(Unauthorized, match="Revoked API key") as problem:
        found.authenticate(secret, NOON + DAY)
    assert "expired at 2026-11-22T12:00:00Z" in str(problem.value.details)
    shown = seen(installation, workspace_id, key_id, NOON + DAY)
    assert (shown["state"], shown["expires_at"], shown["revoked_at"]) == ("revoked", "2026-11-22T12:00:00Z", None)


def test_one_that_was_revoked_before_is_not_told_of_its_expiry(installation: Installation) -> None:
    workspace_id, key_id, secret = made(installation, Lifetime(NOON + DAY))
    with installation.database.write() as connection:
        keys.revoke(connection, workspace_id, key_id, AUTHOR)
    with pytest.raises(Unauthorized) as problem:
        Directory(installation.database).authenticate(secret, NOON + 2 * DAY)
    assert problem.value.body() == {"error": "Revoked API key"}


@pytest.mark.parametrize("after", [3, 40])
def test_a_rotation_begins_the_same_life_anew_and_revives_what_has_expired(
    installation: Installation, after: int
) -> None:
    workspace_id, key_id, _ = made(installation, Lifetime(NOON + 30 * DAY, 20))
    then = NOON + after * DAY
    with installation.database.write() as connection:
        new_id, secret = keys.rotate(connection, workspace_id, key_id, 0, Author("tests", then))
    found = Directory(installation.database)
    assert found.authenticate(secret, then + 30 * DAY - 1).lifetime == Lifetime(then + 30 * DAY, 20)
    with pytest.raises(Unauthorized, match="Revoked"):
        found.authenticate(secret, then + 30 * DAY)
    assert seen(installation, workspace_id, new_id, then)["age_days"] == 0


def test_an_expired_key_can_not_be_switched_on(installation: Installation) -> None:
    workspace_id, key_id, _ = made(installation, Lifetime(NOON + DAY))
    with installation.database.write() as connection, pytest.raises(Conflict):
        keys.set_active(connection, workspace_id, key_id, True, Author("tests", NOON + DAY))


def test_the_reminder_comes_with_the_day_and_goes_with_the_rotation(installation: Installation) -> None:
    workspace_id, key_id, _ = made(installation, Lifetime(None, 30))

    def due(day: int) -> tuple[int, bool]:
        shown = seen(installation, workspace_id, key_id, NOON + day * DAY)
        return shown["age_days"], shown["rotation_due"]

    assert [due(29), due(30), due(31)] == [(29, False), (30, True), (31, True)]
    with installation.database.write() as connection:
        new_id, _ = keys.rotate(connection, workspace_id, key_id, 3_600, Author("tests", NOON + 31 * DAY))
    assert due(31) == (31, False), "the old one is on its way out"
    assert not seen(installation, workspace_id, new_id, NOON + 31 * DAY)["rotation_due"]
