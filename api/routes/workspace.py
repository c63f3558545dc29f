"""The workspace of who asks."""

from typing import Any

from fastapi import APIRouter

from api.deps import Admin, Author, JsonObject, ServiceDep
from api.documentation import ERRORS, taking
from models import contents
from models.accounts import workspaces
from models.periods import now_us

router = APIRouter(prefix="/api/v1/workspace", tags=["management"], responses=ERRORS)


@router.get("")
def workspace(who: Admin, service: ServiceDep) -> dict[str, Any]:
    """Its plan, time zone, retention and this month's use."""
    with service.installation.database.read() as connection:
        return workspaces.shown(connection, workspaces.by_id(connection, who.workspace.id), now_us())


CHANGES = taking(
    name={"type": "string"},
    timezone={"type": "string", "description": "an IANA name, such as Europe/Berlin"},
    retention_days={"type": "integer", "minimum": 1},
    capture_content={"type": "boolean", "description": "keep prompts and responses of LiteLLM's events, encrypted"},
    content_days={"type": "integer", "minimum": 1, "maximum": workspaces.MAX_CONTENT_DAYS},
    plan={"enum": list(workspaces.PLANS)},
    monthly_events={"type": ["integer", "null"], "minimum": 0},
    overage={"enum": list(workspaces.OVERAGES)},
)


@router.patch("", openapi_extra=CHANGES)
def change_workspace(who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """Change name, time zone, retention, less content capture; with the master key more, plan and allowance too."""
    contents.require_key(body, service.seal)
    with service.installation.database.read() as connection:
        workspaces.require_told(connection, workspaces.by_id(connection, who.workspace.id), body)
    with service.change() as connection:
        current = workspaces.by_id(connection, who.workspace.id)
        if not who.operator:
            workspaces.require_owner(current, body)
        workspaces.change(connection, current, body, author, who.operator)
        return workspaces.shown(connection, workspaces.by_id(connection, who.workspace.id), now_us())
