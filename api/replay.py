"""Replays: a bad event goes in again, with other values where somebody gave some.

Over HTTP one at a time, answered at once; beside that each API process carries out what was asked for on pages, where
the decoders are not. Both go through the writer, like any event; the id is the same each time, so that a replay that
is cut short, or done by two processes, is stored once.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from sqlalchemy import RowMapping

from api.dialects import Arrival, BadEvent, Dialect, dialects
from api.doors import entry
from api.service import Service
from models import quarantine
from models.accounts.directory import POLL
from models.accounts.keys import Key
from models.audit import Author
from models.errors import BadRequest, Conflict, FarthingError
from models.ledger import Entry
from models.periods import SECOND, now_us
from models.quarantine import Refusal

log = structlog.get_logger()

TURN = 500  # wishes that are carried out in one commit


async def once(service: Service, workspace_id: str, held_id: str, changes: dict[str, Any], author: Author) -> str:
    """Replay one now; the id under which it is stored. What is wrong with it is raised, and it stays as it was."""
    # Beside the event loop: a locked store must not hold up the doors.
    row = await asyncio.to_thread(taken, service, workspace_id, held_id)
    made = again(row, changes, service)
    if isinstance(made, Refusal):
        raise BadRequest(made.error, made.details)
    for why in (await service.writer.write([made], [], None)).refused.values():
        raise why.with_traceback(None)  # one error tells of many events, at many times
    await asyncio.to_thread(tell, service, row, str(made.event.id), changes, author)
    return str(made.event.id)


def taken(service: Service, workspace_id: str, held_id: str) -> RowMapping:
    with service.installation.database.read() as connection:
        return quarantine.one(connection, workspace_id, held_id)


def tell(service: Service, row: RowMapping, event_id: str, changes: Mapping[str, Any], author: Author) -> None:
    with service.installation.database.write() as connection:
        quarantine.replayed(connection, row, event_id, changes, author)


def again(row: RowMapping, changes: Mapping[str, Any], service: Service) -> Entry | Refusal:
    """The event as it goes to the ledger, or what is wrong with it still. Conflict where nothing can mend that."""
    event = dialect_of(row).decode_one(row["kept"] | changes, Arrival(row["received_us"]))
    if isinstance(event, BadEvent):
        return Refusal(event.error, event.details, event.kept)
    event.id = event.id or row["id"].replace("q_", "evt_", 1)  # cut short and done again: stored once
    return entry(event, sender(row, service), row["received_us"], service.directory.view)


def dialect_of(row: RowMapping) -> Dialect:
    found = next((each for each in dialects().values() if each.name == row["dialect"]), None)
    if found is None:
        raise Conflict(f"It came through a door that is no more, {row['dialect']}: it can't be read again")
    return found


def sender(row: RowMapping, service: Service) -> Key:
    """The logical key that sent it, whatever became of its secret."""
    view = service.directory.current(now_us())
    ours = (key for key in view.keys.values() if (key.workspace_id, key.name) == (row["workspace_id"], row["key"]))
    found = next(ours, None)
    if found is None:
        name = f"named {row['key']!r}" if row["key"] else "that sent it"
        raise Conflict(f"This workspace has no key {name}: an event counts as sent by its key")
    return found


# -- wishes -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Twice a second, carry out what was asked for."""
    turning = asyncio.create_task(turns(service))
    try:
        yield
    finally:
        turning.cancel()
        with suppress(asyncio.CancelledError):
            await turning


async def turns(service: Service) -> None:
    while True:
        await asyncio.sleep(POLL / SECOND)
        try:
            while await turn(service) == TURN:
                continue
        except FarthingError as problem:
            log.warning("replays wait", reason=problem.message)
        except Exception as problem:
            log.error("replays failed", kind=type(problem).__name__)


async def turn(service: Service) -> int:
    """Some wishes, in one commit; what is refused says why, and is a wish no more. How many that were."""
    rows = await asyncio.to_thread(waiting, service)
    if not rows:
        return 0
    made = await asyncio.to_thread(lambda: [attempted(row, service) for row in rows])
    entries = [each for each in made if isinstance(each, Entry)]
    fates = await service.writer.write(entries, [], None)
    outcomes = list(made)
    places = [index for index, each in enumerate(made) if isinstance(each, Entry)]
    for index, why in fates.refused.items():
        outcomes[places[index]] = not_taken(rows[places[index]], why)
    await asyncio.to_thread(settle, service, rows, outcomes)
    return len(rows)


def waiting(service: Service) -> Sequence[RowMapping]:
    with service.installation.database.read() as connection:
        return quarantine.wishes(connection, TURN)


def attempted(row: RowMapping, service: Service) -> Entry | Refusal:
    try:
        return again(row, row["wanted"], service)
    except FarthingError as problem:
        return not_taken(row, problem)


def not_taken(row: RowMapping, why: FarthingError) -> Refusal:
    """It can be read, or nothing of it can: it is kept as it was wished."""
    return Refusal(why.message, why.details or {}, row["kept"] | row["wanted"])


def settle(service: Service, rows: Sequence[RowMapping], outcomes: Sequence[Entry | Refusal]) -> None:
    with service.installation.database.write() as connection:
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                quarantine.refuse(connection, row, outcome, now_us())
            else:
                quarantine.release(connection, row["workspace_id"], row["id"])
