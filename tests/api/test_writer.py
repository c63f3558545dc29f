"""The writer: what waits is written together, a bad event fails alone, and nobody waits in vain."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from api import writer as writing
from api.writer import Writer
from models import ledger, quarantine
from models.errors import StoreUnavailable
from models.installation import Installation
from models.ledger import Appended, Entry
from models.rows import EVENTS
from tests.factories import make_entry, make_event, make_workspace


@asynccontextmanager
async def running(installation: Installation) -> AsyncIterator[Writer]:
    writer = Writer(installation.database)
    await writer.start()
    yield writer
    await writer.stop()


def stored(installation: Installation) -> list[str]:
    with installation.database.read() as connection:
        return list(connection.execute(select(EVENTS.c.id).order_by(EVENTS.c.seq)).scalars())


def poisoned(workspace_id: str, **values: Any) -> Entry:
    """What no edge lets through, and no database takes."""
    return make_entry(workspace_id, make_event(**values))


async def test_what_waits_together_is_committed_together(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    sizes: list[int] = []
    append = ledger.append

    def counting(connection: Any, entries: Any) -> Appended:
        sizes.append(len(entries))
        return append(connection, entries)

    monkeypatch.setattr(ledger, "append", counting)
    async with running(installation) as writer:
        entries = [[make_entry(workspace.id, make_event(id=f"e{each}"))] for each in range(50)]
        await asyncio.gather(*(writer.write(each, [], "ingest") for each in entries))
    assert sum(sizes) == 50
    assert len(sizes) < 25, "group commit"
    assert len(stored(installation)) == 50


async def test_a_poisoned_event_fails_neither_its_neighbours_nor_its_own_request(installation: Installation) -> None:
    workspace = make_workspace(installation)
    good = [make_entry(workspace.id, make_event(id=f"g{each}")) for each in range(3)]
    bad = poisoned(workspace.id, id="bad", team="\ud800")
    huge = poisoned(workspace.id, id="huge", latency_us=10**30)
    async with running(installation) as writer:
        fates = await asyncio.gather(
            writer.write([good[0], bad, good[1]], [], "ingest"),
            writer.write([huge], [], "ingest"),
            writer.write([good[2]], [], "ingest"),
        )
    assert [each.refused for each in fates] == [{1: writing.POISONED}, {0: writing.POISONED}, {}]
    assert sorted(stored(installation)) == ["g0", "g1", "g2"]
    with installation.database.read() as connection:
        held = quarantine.listed(connection, workspace.id)
        seqs = list(connection.execute(select(EVENTS.c.seq).order_by(EVENTS.c.seq)).scalars())
    assert len(held) == 2
    assert seqs == [1, 2, 3], "a savepoint that is rolled back gives back its numbers"


async def test_an_id_that_was_refused_is_not_reserved(installation: Installation) -> None:
    workspace = make_workspace(installation)
    async with running(installation) as writer:
        first = await writer.write([poisoned(workspace.id, id="again", team="\ud800")], [], "ingest")
        assert first.refused == {0: writing.POISONED}
        again = await writer.write([make_entry(workspace.id, make_event(id="again"))], [], "ingest")
        assert again.refused == {}
    assert stored(installation) == ["again"]


async def test_a_full_queue_refuses_at_once(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace(installation)
    monkeypatch.setattr(writing, "MAX_WAITING", 2)
    entries = [make_entry(workspace.id, make_event(id=f"e{each}")) for each in range(3)]
    with holding_the_lock(installation):
        async with running(installation) as writer:
            first = asyncio.create_task(writer.write(entries[:1], [], "ingest"))
            await asyncio.sleep(0.2)
            second = asyncio.create_task(writer.write(entries[:2], [], "ingest"))
            await asyncio.sleep(0)
            with pytest.raises(StoreUnavailable):
                await writer.write(entries, [], "ingest")
            first.cancel()
            second.cancel()


async def test_what_waits_too_long_is_refused(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace(installation)
    monkeypatch.setattr(writing, "PATIENCE", 0.3)
    monkeypatch.setattr(writing, "TICK", 0.05)
    entries = [make_entry(workspace.id, make_event(id=f"e{each}")) for each in range(2)]
    async with running(installation) as writer:
        with holding_the_lock(installation):
            in_commit = asyncio.create_task(writer.write(entries[:1], [], "ingest"))
            await asyncio.sleep(0.1)
            queued = asyncio.create_task(writer.write(entries[1:], [], "ingest"))
            for waiting in (in_commit, queued):
                with pytest.raises(StoreUnavailable):
                    await waiting
        await writer.write([make_entry(workspace.id, make_event(id="after"))], [], "ingest")
    assert "e1" not in stored(installation), "what still waited was taken out of the queue"
    assert "after" in stored(installation)


class holding_the_lock:
    """Another process that keeps the database's write lock."""

    def __init__(self, installation: Installation) -> None:
        self.connection = sqlite3.connect(installation.settings.database_path, isolation_level=None)

    def __enter__(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self.connection.execute("ROLLBACK")
        self.connection.close()


async def test_a_database_that_stays_locked_is_a_503_and_nothing_is_stored(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    with holding_the_lock(installation):
        async with running(installation) as writer:
            with pytest.raises(StoreUnavailable):
                await writer.write([make_entry(workspace.id, make_event(id="e"))], [], "ingest")
    assert stored(installation) == []


async def test_stopping_writes_what_waits(installation: Installation) -> None:
    workspace = make_workspace(installation)
    writer = Writer(installation.database)
    await writer.start()
    waiting = [
        asyncio.create_task(writer.write([make_entry(workspace.id, make_event(id=f"e{each}"))], [], "ingest"))
        for each in range(20)
    ]
    await asyncio.sleep(0)
    await writer.stop()
    await asyncio.gather(*waiting)
    assert len(stored(installation)) == 20
    assert threading.active_count() < 50
