"""What the routes in LiteLLM's words have in common: the words of their bodies, and how spend stands beside a key, a
user, a team."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from api.deps import Parameters
from api.documentation import parameter
from models.accounts import gateway_keys
from models.budgets import MAX_NANO
from models.durations import A_DURATION
from models.errors import BadField, StoreUnavailable
from models.money import NANO
from models.spend import lifetime
from models.spend import query as queries
from models.spend.answer import WorkspaceSpend
from models.usage.text import LABEL_CHARACTERS

NAME = {"type": ["string", "null"], "maxLength": LABEL_CHARACTERS}
FLAG = {"type": ["boolean", "null"]}
DURATION = {"type": ["string", "null"], "description": A_DURATION}
TAGS = {"type": ["array", "null"], "items": {"type": "string"}}
BUDGET = {
    "max_budget": {
        "type": ["number", "string", "null"],
        "minimum": 0,
        "maximum": MAX_NANO // NANO,
        "description": "dollars; spend beyond it is blocked",
    },
    "budget_duration": DURATION | {"description": f"{A_DURATION}; without it the budget never starts anew"},
}


def naming(name: str, description: str) -> dict[str, Any]:
    """What a route says of the one parameter that it takes."""
    return {"parameters": [parameter(name, description) | {"required": True}]}


def asked(parameters: Parameters, name: str, expected: str) -> str:
    value = queries.single(parameters, name)
    if value is None:
        raise BadField(name, None, expected)
    return value


def with_spend(
    shown: Mapping[str, Any], spend: WorkspaceSpend, dimension: str, name: str, now_us: int
) -> dict[str, Any]:
    return {**shown, **lifetime.shown(spent(spend, dimension, [name], now_us)[name])}


def keys_shown(
    connection: Connection, rows: Sequence[RowMapping], spend: WorkspaceSpend, now_us: int
) -> list[dict[str, Any]]:
    known = spent(spend, "key", [row["name"] for row in rows], now_us)
    return [gateway_keys.shown(connection, row, now_us) | lifetime.shown(known[row["name"]]) for row in rows]


def spent(spend: WorkspaceSpend, dimension: str, names: Sequence[str], now_us: int) -> dict[str, int | None]:
    """None where it can't be told right now: a change that is made already is answered, whatever state the figures are
    in, for its secret is told this once."""
    try:
        known = lifetime.spent(spend, dimension, names, now_us)
    except StoreUnavailable:
        return dict.fromkeys(names)
    return {name: known.get(name, 0) for name in names}
