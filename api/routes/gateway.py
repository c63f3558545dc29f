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
from models.errors import BadField
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
    return {**shown, **lifetime.shown(lifetime.spent(spend, dimension, [name], now_us).get(name, 0))}


def keys_shown(
    connection: Connection, rows: Sequence[RowMapping], spend: WorkspaceSpend, now_us: int
) -> list[dict[str, Any]]:
    spent = lifetime.spent(spend, "key", [row["name"] for row in rows], now_us)
    return [gateway_keys.shown(connection, row, now_us) | lifetime.shown(spent.get(row["name"], 0)) for row in rows]
