"""Bodies that are too many, or too slow: one sender never holds up the others, and never a connection for ever."""

import asyncio
import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from api import body, doors
from api.doors import PART, Doors, Sorted
from api.main import create_app
from api.writer import MAX_COMMIT, POISONED
from models import ledger
from models.accounts import keys
from models.accounts.keys import NewKey
from models.installation import Installation
from models.ledger import Appended, Entry, Fates
from models.quarantine import Held
from models.settings import Settings
from tests.api.dialects.samples import CALLBACK, DOORS, LITELLM
from tests.api.test_writer import poisoned, running, stored
from tests.factories import AUTHOR, NOON, make_entry, make_event, make_workspace
from tests.servers import MASTER_KEY

Message = MutableMapping[str, Any]
BATCHING = (LITELLM, CALLBACK)


# -- many events of one body --------------------------------------------------------------------------------------


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of each append."""
    sizes: list[int] = []
    append = ledger.append

    def counting(connection: Connection, entries: list[Entry]) -> Appended:
        sizes.append(len(entries))
        return append(connection, entries)

    monkeypatch.setattr(ledger, "append", counting)
    return sizes


async def test_a_huge_body_is_stored_in_commits_of_bounded_size(installation: Installation, commits: list[int]) -> None:
    workspace = make_workspace(installation)
    found = Sorted([make_entry(workspace.id, make_event(id=f"e{each}")) for each in range(3 * PART + 1)])
    async with running(installation) as writer:
        assert await doors.store(writer, found, "ingest-litellm") == Fates()
    assert len(stored(installation)) == 3 * PART + 1, "all of them before the answer goes out"
    assert commits == [PART, PART, PART, 1]
    assert 2 * PART <= MAX_COMMIT


async def test_others_are_stored_between_its_commits(installation: Installation) -> None:
    workspace = make_workspace(installation)
    huge = Sorted([make_entry(workspace.id, make_event(id=f"e{each}")) for each in range(5 * PART)])
    other = Sorted([make_entry(workspace.id, make_event(id="other"))])
    async with running(installation) as writer:
        storing = asyncio.create_task(doors.store(writer, huge, "ingest-litellm"))
        await asyncio.sleep(0)
        await doors.store(writer, other, "ingest")
        await storing
    assert stored(installation).index("other") <= 2 * PART


async def test_a_poisoned_event_in_a_later_commit_is_named_by_its_place(installation: Installation) -> None:
    workspace = make_workspace(installation)
    entries = [make_entry(workspace.id, make_event(id=f"e{each}")) for each in range(PART + 3)]
    entries[PART + 1] = poisoned(workspace.id, id="bad", team="\ud800")
    async with running(installation) as writer:
        assert await doors.store(writer, Sorted(entries), "ingest-litellm") == Fates(refused={PART + 1: POISONED})
    assert "bad" not in stored(installation)


async def test_bad_events_alone_are_kept_too(installation: Installation) -> None:
    workspace = make_workspace(installation)
    held = [Held(workspace.id, NOON, "ingest-litellm", "default", "bad", {}, {}) for _ in range(PART + 1)]
    async with running(installation) as writer:
        assert await doors.store(writer, Sorted(held=held), "ingest-litellm") == Fates()
    with installation.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM quarantine").scalar_one() == PART + 1


# -- slow bodies --------------------------------------------------------------------------------------------------


class Slow:
    """A sender who never comes to an end: some bytes, then silence, or a byte now and then for ever."""

    def __init__(self, dripping: bool) -> None:
        self.dripping = dripping
        self.answer: list[Message] = []

    async def receive(self) -> Message:
        await asyncio.sleep(0.001 if self.dripping else 3_600)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(self, message: Message) -> None:
        self.answer.append(message)

    @property
    def status(self) -> int:
        return int(self.answer[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.answer[0]["headers"])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doors:
    monkeypatch.setattr(body, "PATIENCE", 0.05)
    return create_app(Settings(data_dir=tmp_path, master_key=MASTER_KEY, _env_file=None))  # type: ignore[call-arg]


async def asked(app: Doors, path: str, key: str, slow: Slow) -> None:
    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"x-api-key", key.encode())]}
    await app(scope | {"query_string": b""}, slow.receive, slow.send)


def new_key(installation: Installation) -> str:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        return keys.create(connection, workspace.id, NewKey("default", "ingest"), AUTHOR)[1]


@pytest.mark.parametrize("dripping", [True, False], ids=["byte by byte", "silent"])
@pytest.mark.parametrize(
    ("path", "status"), [*((path, 503 if path in BATCHING else 408) for path in DOORS), ("/api/v1/keys", 408)]
)
async def test_a_body_that_never_ends_is_given_up(app: Doors, path: str, status: int, dripping: bool) -> None:
    """LiteLLM sends again after 5xx only."""
    slow = Slow(dripping)
    inner: Any = app.app
    async with inner.router.lifespan_context(inner):
        key = new_key(app.service().installation)
        await asked(app, path, MASTER_KEY if path == "/api/v1/keys" else key, slow)
    assert (slow.status, slow.headers[b"connection"]) == (status, b"close")
    assert json.loads(slow.answer[1]["body"])["error"]
