"""Quarantine: what was refused and why, and the way back in."""

from typing import Any

from fastapi import APIRouter

from api import replay
from api.deps import Admin, Author, JsonObject, ServiceDep
from api.documentation import ERRORS, SAID, taking
from models import quarantine
from models.errors import BadRequest

router = APIRouter(prefix="/api/v1/quarantine", tags=["management"], responses=ERRORS)


@router.get("")
def list_quarantine(who: Admin, service: ServiceDep) -> dict[str, Any]:
    """The newest 1000 bad events, each with its reason and what of it may be kept."""
    with service.installation.database.read() as connection:
        return {"events": quarantine.listed(connection, who.workspace.id)}


@router.post("/{held_id}/replay", openapi_extra=taking(event={"type": ["object", "null"]}), responses={402: SAID[402]})
async def replay_held(
    held_id: str, who: Admin, service: ServiceDep, body: JsonObject, author: Author
) -> dict[str, Any]:
    """Send it again, with the fields of the body's `event` instead of its own; once stored, it leaves quarantine."""
    event_id = await replay.once(service, who.workspace.id, held_id, changes(body), author)
    return {"status": "accepted", "id": event_id}


@router.delete("/{held_id}", status_code=204)
def delete_held(held_id: str, who: Admin, service: ServiceDep, author: Author) -> None:
    """Forget it for good, unreplayed."""
    with service.installation.database.write() as connection:
        quarantine.discard(connection, who.workspace.id, held_id, author)


def changes(body: dict[str, Any]) -> dict[str, Any]:
    found = body.get("event") or {}
    if not isinstance(found, dict):
        raise BadRequest("Invalid payload", {"field": "event", "expected": "an object of fields to replace"})
    return found
