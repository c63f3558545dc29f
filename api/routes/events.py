"""Events: the request log, `GET /api/v1/events`, and one event by its id."""

from typing import Any

from fastapi import APIRouter

from api.deps import Parameters, Spend
from api.documentation import ERRORS, PERIOD_PARAMETERS, parameter
from models.periods import now_us
from models.spend import filters, log, search
from models.spend import query as queries

router = APIRouter(tags=["query"])

DEFAULT_LIMIT = 100
PARAMETERS = [
    *PERIOD_PARAMETERS,
    parameter("limit", "rows of a page", type="integer", minimum=1, maximum=log.MAX_ROWS),
    parameter("cursor", "next_cursor of the page before"),
    parameter("search", "an event's id or request id, or a piece of its error, user or end user"),
]


@router.get("/api/v1/events", responses=ERRORS, openapi_extra={"parameters": PARAMETERS})
def events(spend: Spend, parameters: Parameters) -> dict[str, Any]:
    """Single events, newest first. A page may hold fewer than `limit`; `next_cursor` says whether there are more."""
    period = queries.parse_period(parameters, spend.workspace.timezone, now_us())
    limit = queries.whole_number(parameters, "limit", 1, log.MAX_ROWS) or DEFAULT_LIMIT
    where = filters.parse(parameters.get("where", ()))
    wanted = search.read(queries.single(parameters, "search"))
    page = log.page(spend, period, where, limit, queries.single(parameters, "cursor"), wanted, log.PATIENCE)
    return {"rows": page.rows, "next_cursor": page.next_cursor}


@router.get("/api/v1/events/{event_id:path}", responses=ERRORS)
def event(event_id: str, spend: Spend) -> dict[str, Any]:
    """One event by its id."""
    return log.one(spend, event_id)
