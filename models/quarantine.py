"""Quarantine: bad events that came with good ones are not lost. What of them may be kept waits here, with the reason,
until somebody replays it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from models import identity, periods
from models.errors import NotFound
from models.tables import Quarantined, table

QUARANTINE = table(Quarantined)
LISTED = 1_000


@dataclass(frozen=True)
class Held:
    """A bad event on its way into quarantine."""

    workspace_id: str
    received_us: int
    dialect: str
    key: str | None
    error: str
    details: dict[str, Any]
    kept: dict[str, Any]


def hold(connection: Connection, held: list[Held]) -> None:
    rows = [
        {
            "id": identity.new_id("q"), "workspace_id": each.workspace_id, "received_us": each.received_us,
            "dialect": each.dialect, "key": each.key, "error": each.error, "details": each.details, "kept": each.kept,
        }
        for each in held
    ]  # fmt: skip
    if rows:
        connection.execute(insert(QUARANTINE), rows)


def listed(connection: Connection, workspace_id: str) -> list[dict[str, Any]]:
    """The newest first."""
    query = (
        select(QUARANTINE)
        .where(QUARANTINE.c.workspace_id == workspace_id)
        .order_by(QUARANTINE.c.received_us.desc(), QUARANTINE.c.id)
        .limit(LISTED)
    )
    return [shown(row) for row in connection.execute(query).mappings()]


def one(connection: Connection, workspace_id: str, held_id: str) -> RowMapping:
    query = select(QUARANTINE).where(QUARANTINE.c.workspace_id == workspace_id, QUARANTINE.c.id == held_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("No such event in this workspace's quarantine")
    return row


def release(connection: Connection, workspace_id: str, held_id: str) -> None:
    """Forget it: it is in the ledger now."""
    connection.execute(delete(QUARANTINE).where(QUARANTINE.c.workspace_id == workspace_id, QUARANTINE.c.id == held_id))


def shown(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "received_at": periods.iso(row["received_us"]),
        "dialect": row["dialect"],
        "key": row["key"],
        "error": row["error"],
        "details": row["details"],
        "event": row["kept"],
    }
