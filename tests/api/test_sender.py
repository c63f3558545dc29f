"""Who sends: an event's own key decides, and what is wrong with one is said for that event only."""

from itertools import repeat

import pytest
from sqlalchemy import text

from api.dialects import dialects
from api.doors import sort
from api.sender import Sender
from models.accounts import keys, secrets
from models.accounts.directory import Directory
from models.accounts.keys import Key, NewKey
from models.errors import Forbidden, StoreUnavailable, Unauthorized
from models.installation import Installation
from models.periods import now_us
from tests.factories import AUTHOR, make_event, make_workspace

CALLBACK = dialects()["/api/litellm/callback"]


@pytest.fixture
def directory(installation: Installation) -> Directory:
    return Directory(installation.database)


def new_key(installation: Installation, name: str, scope: str = "ingest") -> str:
    workspace = make_workspace(installation, f"of {name}")
    with installation.database.write() as connection:
        return keys.create(connection, workspace.id, NewKey(name, scope), AUTHOR)[1]


def test_an_events_own_key_goes_before_the_requests(installation: Installation, directory: Directory) -> None:
    requests, own = new_key(installation, "request"), new_key(installation, "own")
    sender = Sender(directory, requests, now_us())
    names = [key.name for key in (sender.of(own), sender.of(None)) if isinstance(key, Key)]
    assert names == ["own", "request"]


def test_what_is_wrong_with_a_key_is_told_and_a_required_one_is_refused(
    installation: Installation, directory: Directory
) -> None:
    reading = new_key(installation, "reading", "read")
    assert isinstance(Sender(directory, None, now_us()).of(reading), Forbidden)
    assert isinstance(Sender(directory, None, now_us()).of(secrets.new_secret()), Unauthorized)
    with pytest.raises(Unauthorized, match="Missing API key"):
        Sender(directory, None, now_us()).required()


def test_events_are_not_refused_because_their_keys_can_not_be_looked_up(
    installation: Installation, directory: Directory
) -> None:
    """The request is answered 503 then, and sent again; an event that is named in a 200 is never sent again."""
    with installation.database.write() as connection:
        connection.execute(text("DROP TABLE control"))
    event = make_event(credential=secrets.new_secret())
    with pytest.raises(StoreUnavailable):
        sort(repeat(event, 2), CALLBACK, Sender(directory, None, now_us()), now_us())
