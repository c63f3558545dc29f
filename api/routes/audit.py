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
]


@router.get("/api/v1/audit", responses=ERRORS, openapi_extra={"parameters": PARAMETERS})
def list_audit(who: Admin, service: ServiceDep, parameters: Parameters) -> dict[str, Any]:
    """Who did what, when and from where, newest first; with the master key also what was done to the installation."""
    limit = queries.whole_number(parameters, "limit", 1, audit.MAX_LISTED) or audit.LISTED
    with service.installation.database.read() as connection:
        cursor = queries.single(parameters, "cursor")
        page = audit.listed(connection, who.workspace.id, limit, cursor, who.operator)
    return {"records": page.records, "next_cursor": page.next_cursor}
