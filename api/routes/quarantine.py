"""Quarantine: what was refused and why, and the way back in."""

import asyncio
from typing import Any

from fastapi import APIRouter
from sqlalchemy import RowMapping

from api.deps import Admin, JsonObject, ServiceDep
from api.dialects import Arrival, BadEvent, dialects
from api.documentation import ERRORS, taking
from api.doors import entry
from api.service import Service
from models import quarantine
from models.accounts.keys import Key
from models.errors import BadRequest
from models.ledger import Entry
from models.periods import now_us

router = APIRouter(prefix="/api/v1/quarantine", tags=["management"], responses=ERRORS)


@router.get("")
def list_quarantine(who: Admin, service: ServiceDep) -> dict[str, Any]:
    """The newest 1000 bad events, each with its reason and what of it may be kept."""
    with service.installation.database.read() as connection:
        return {"events": quarantine.listed(connection, who.workspace.id)}


@router.post("/{held_id}/replay", openapi_extra=taking(event={"type": ["object", "null"]}))
async def replay(held_id: str, who: Admin, service: ServiceDep, body: JsonObject) -> dict[str, Any]:
    """Send it again, with the fields of the body's `event` instead of its own; once stored, it leaves quarantine."""
    # Beside the event loop: a locked store must not hold up the doors.
    row = await asyncio.to_thread(taken, service, who.workspace.id, held_id)
    made = again(row, body.get("event") or {}, service)
    refused = await service.writer.write([made], [], row["dialect"])
    if refused:
        raise BadRequest(refused[0])
    await asyncio.to_thread(release, service, who.workspace.id, held_id)
    return {"status": "accepted", "id": made.event.id}


def taken(service: Service, workspace_id: str, held_id: str) -> RowMapping:
    with service.installation.database.read() as connection:
        return quarantine.one(connection, workspace_id, held_id)


def release(service: Service, workspace_id: str, held_id: str) -> None:
    with service.installation.database.write() as connection:
        quarantine.release(connection, workspace_id, held_id)


def again(row: RowMapping, fixes: Any, service: Service) -> Entry:
    if not isinstance(fixes, dict):
        raise BadRequest("Invalid payload", {"field": "event", "expected": "an object of fields to replace"})
    dialect = next(each for each in dialects().values() if each.name == row["dialect"])
    event = dialect.decode_one(row["kept"] | fixes, Arrival(row["received_us"]))
    if isinstance(event, BadEvent):
        raise BadRequest(event.error, event.details)
    event.id = event.id or row["id"].replace("q_", "evt_", 1)  # cut short and done again: stored once
    key = sender(row, service)
    return entry(event, key, row["received_us"], service.directory.view.prices_of(key.workspace_id))


def sender(row: RowMapping, service: Service) -> Key:
    """The logical key that sent it, whatever became of its secret."""
    view = service.directory.current(now_us())
    return next(key for key in view.keys.values() if (key.workspace_id, key.name) == (row["workspace_id"], row["key"]))
