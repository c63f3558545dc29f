"""Spend: `GET /api/v1/spend`."""

from typing import Any

import msgspec
from fastapi import APIRouter, Response

from api.deps import Ask, Parameters
from api.documentation import ERRORS, PERIOD_PARAMETERS, parameter
from models.periods import now_us
from models.spend import dimensions, measures
from models.spend import query as queries
from models.spend.answer import WorkspaceSpend
from models.spend.export import MEDIA, file_of
from models.spend.table import Spend as Answer

router = APIRouter(tags=["query"])

FORMATS = ("json", "csv", "parquet")
ANSWERS = {"application/json": {"schema": {"type": "object"}}} | {
    media.split(";")[0]: {"schema": {"type": "string"}} for media in MEDIA.values()
}
PARAMETERS = [
    *PERIOD_PARAMETERS,
    parameter("group_by", f"dimensions, comma-separated: {dimensions.listed()}"),
    parameter("measures", f"comma-separated: {measures.listed()}"),
    parameter("granularity", "the grain of the rows", enum=list(queries.GRANULARITIES)),
    parameter("compare", "add the period of the same length before", enum=["previous"]),
    parameter("order", "a measure or a dimension, - in front for descending"),
    parameter("limit", "groups, the same in each period", type="integer", minimum=1),
    parameter("other", "all groups beyond the limit as one more row", enum=["true", "false"]),
    parameter("format", "the answer's form", enum=list(FORMATS)),
]


@router.get("/api/v1/spend", responses=ERRORS | {200: {"content": ANSWERS}}, openapi_extra={"parameters": PARAMETERS})
def spend(ask: Ask, parameters: Parameters) -> Response:
    """Spend by any dimensions, over any period; exact up to the newest acknowledged event."""
    wanted = queries.one_of(parameters, "format", FORMATS, "json")
    answer = ask(lambda spend: answered(spend, parameters))
    if wanted == "json":
        return Response(msgspec.json.encode(answer.shown()), media_type="application/json")
    return Response(file_of(answer, wanted), media_type=MEDIA[wanted])


def answered(spend: WorkspaceSpend, parameters: Any) -> Answer:
    now = now_us()
    return spend.answer(queries.parse(parameters, spend.workspace.timezone, now), now)
