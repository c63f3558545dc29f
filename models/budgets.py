"""Budgets: an amount that spend of some dimensions should not exceed in a period. This module keeps them, and who made
them stands on the audit log; nothing is held back by one yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models import audit, durations, identity, periods
from models.audit import Author
from models.errors import BadField
from models.money import NANO, exact_usd, nano_usd, usd
from models.tables import Budget as BudgetRow
from models.tables import table

BUDGETS = table(BudgetRow)

MAX_NANO = 10**9 * NANO  # a thousand million dollars: nine of those are all that 64 bits hold
AN_AMOUNT = f"US dollars from 0 to {MAX_NANO // NANO}"
FOR_EVER = "total"  # the period that never starts anew
THRESHOLDS = (0.5, 0.8, 1.0)  # shares of the amount at which people are told


@dataclass(frozen=True)
class Cap:
    """How much in which period. Without an amount there is no budget, whatever its period would be."""

    amount_nano_usd: int | None
    period: str | None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Cap":
        """LiteLLM's `max_budget` and `budget_duration`."""
        duration = durations.read(said.get("budget_duration"), "budget_duration")
        return cls(read_amount(said.get("max_budget"), "max_budget"), str(duration) if duration else None)

    def noted(self, budget_id: str | None) -> dict[str, Any]:
        """What the details of whose budget it is say of it."""
        said = {"budget_id": budget_id, "budget_duration": self.period}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class Budget:
    id: str
    amount_nano_usd: int
    period: str
    created_us: int


def read_amount(value: Any, field: str) -> int | None:
    """Nano-US-dollars; None where nothing was said."""
    if value is None or value == "":
        return None
    try:
        return nano_usd(value, MAX_NANO)
    except (ValueError, ArithmeticError):
        raise BadField(field, value, AN_AMOUNT) from None


def create(connection: Connection, workspace_id: str, where: Mapping[str, str], cap: Cap, author: Author) -> str | None:
    """A budget that blocks, on what these dimensions are; its id. None without an amount."""
    if cap.amount_nano_usd is None:
        return None
    budget_id = identity.new_id("budget")
    name = " ".join(f"{dimension} {value}" for dimension, value in where.items())
    values = {
        "id": budget_id, "workspace_id": workspace_id, "name": name,
        "where": dict(where), "amount_nano_usd": cap.amount_nano_usd, "period": cap.period or FOR_EVER,
        "action": "block", "thresholds": list(THRESHOLDS), "created_us": author.at_us,
    }  # fmt: skip
    connection.execute(insert(BUDGETS).values(values))
    tell(connection, workspace_id, author, "budget.create", values)
    return budget_id


def put(
    connection: Connection,
    workspace_id: str,
    budget_id: str | None,
    where: Mapping[str, str],
    cap: Cap,
    author: Author,
) -> str | None:
    """Change that budget, or make one where there is none yet; its id."""
    if by_id(connection, workspace_id, budget_id) is None:
        return create(connection, workspace_id, where, cap, author)
    change(connection, workspace_id, str(budget_id), cap, author)
    return budget_id


def change(connection: Connection, workspace_id: str, budget_id: str, cap: Cap, author: Author) -> None:
    """Another amount, another period, or both: what nothing was said of stays."""
    said = {"amount_nano_usd": cap.amount_nano_usd, "period": cap.period}
    values = {name: value for name, value in said.items() if value is not None}
    ours = (BUDGETS.c.workspace_id == workspace_id, BUDGETS.c.id == budget_id)
    if not values:
        return
    connection.execute(update(BUDGETS).where(*ours).values(values))
    row = connection.execute(select(BUDGETS).where(*ours)).mappings().one()
    tell(connection, workspace_id, author, "budget.change", dict(row))


def tell(connection: Connection, workspace_id: str, author: Author, action: str, values: Mapping[str, Any]) -> None:
    details = {name: values[name] for name in ("name", "where", "period", "action")}
    amount = {"amount_usd": exact_usd(values["amount_nano_usd"])}
    audit.record(connection, author, workspace_id, action, values["id"], details | amount)


def by_id(connection: Connection, workspace_id: str, budget_id: str | None) -> Budget | None:
    columns = (BUDGETS.c.id, BUDGETS.c.amount_nano_usd, BUDGETS.c.period, BUDGETS.c.created_us)
    query = select(*columns).where(BUDGETS.c.workspace_id == workspace_id, BUDGETS.c.id == budget_id)
    row = connection.execute(query).first()
    return None if row is None else Budget(*row)


def noted(connection: Connection, workspace_id: str, details: Mapping[str, Any], now_us: int) -> dict[str, Any]:
    """The budget that these details speak of, in LiteLLM's words; null where there is none."""
    budget = by_id(connection, workspace_id, details.get("budget_id"))
    if budget is None:
        without = {"max_budget": None, "budget_duration": details.get("budget_duration")}
        return without | {"budget_id": None, "budget_reset_at": None}
    duration = durations.of_text(budget.period)
    return {
        "max_budget": usd(budget.amount_nano_usd),
        "budget_duration": None if budget.period == FOR_EVER else budget.period,
        "budget_id": budget.id,
        "budget_reset_at": periods.iso(duration.window_end(budget.created_us, now_us)) if duration else None,
    }
