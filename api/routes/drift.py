"""Drift: `GET /api/v1/drift`, the models whose reported costs and list prices disagree."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter

from api.deps import Ask, Parameters
from api.documentation import ERRORS, PERIOD_PARAMETERS, parameter
from models.errors import BadField
from models.periods import now_us
from models.spend import drift, filters
from models.spend import query as queries
from models.spend.answer import WorkspaceSpend
from models.spend.drift import Drift

router = APIRouter(tags=["query"])

PARAMETERS = [
    *PERIOD_PARAMETERS,
    parameter("above", f"the share of the list's amount that is let pass, {drift.SHARE} by default", type="number"),
]


@router.get("/api/v1/drift", responses=ERRORS, openapi_extra={"parameters": PARAMETERS})
def disagreements(ask: Ask, parameters: Parameters) -> dict[str, Any]:
    """Models whose reported costs differ from the price list by more than one per cent."""
    return ask(lambda spend: found(spend, parameters)).shown()


def found(spend: WorkspaceSpend, parameters: Mapping[str, Sequence[str]]) -> Drift:
    now = now_us()
    period = queries.parse_period(parameters, spend.workspace.timezone, now)
    where = filters.parse(parameters.get("where", ()))
    return drift.disagreements(spend, period, where, now, share(queries.single(parameters, "above")))


def share(text: str | None) -> float:
    if text is None:
        return drift.SHARE
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise BadField("above", text[:80], "a share such as 0.01")
    return value
