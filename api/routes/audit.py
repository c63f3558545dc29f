"""The audit log: `GET /api/v1/audit`."""

from typing import Any

from fastapi import APIRouter

from api.deps import Admin, Parameters, ServiceDep
from api.documentation import ERRORS, parameter
from models import audit
from models.spend import query as queries

router = APIRouter(tags=["management"])

PARAMETERS = [
    parameter("limit", "records of a page", type="integer", minimum=1, maximum=audit.MAX_LISTED),
    parameter("cursor", "next_cursor of the page before"),
    parameter("actor", "who did it, as the records say it: user ada@example.com"),
    parameter("action", "what was done: key.rotate, or key for all that was done to keys"),
    parameter("from", "first day (2026-06-01) or instant"),
    parameter("to", "the day or instant after the last"),
]


@router.get("/api/v1/audit", responses=ERRORS, openapi_extra={"parameters": PARAMETERS})
def list_audit(who: Admin, service: ServiceDep, parameters: Parameters) -> dict[str, Any]:
    """Who did what, when and from where, newest first; with the master key also what was done to the installation."""
    limit = queries.whole_number(parameters, "limit", 1, audit.MAX_LISTED) or audit.LISTED
    with service.installation.database.read() as connection:
        cursor = queries.single(parameters, "cursor")
        page = audit.listed(connection, who.workspace.id, limit, cursor, who.operator, wanted(parameters, who))
    return {"records": page.records, "next_cursor": page.next_cursor}


def wanted(parameters: Parameters, who: Admin) -> audit.Which:
    """Either end of the period may stay open: an audit log is as old as its workspace."""
    from_us, to_us = (moment(parameters, name, who.workspace.timezone) for name in ("from", "to"))
    actor, action = (queries.single(parameters, name) for name in ("actor", "action"))
    return audit.Which(actor, action, from_us=from_us, to_us=to_us)


def moment(parameters: Parameters, name: str, timezone: str) -> int | None:
    said = queries.single(parameters, name)
    return None if said is None else queries.as_instant(queries.parse_moment(name, said, timezone), timezone)
