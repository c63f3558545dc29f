"""The audit log: who did what, when and from where. Records are appended and never changed; the database itself refuses
it. A record is written in the transaction of what it tells of: neither is there without the other."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from models import cursors, periods
from models.tables import AuditRecord, table

AUDIT = table(AuditRecord)
COMMAND_LINE = "command line"  # who acts on the server itself
LISTED = 100  # records of a page, unless more are asked for
MAX_LISTED = 1_000


class Author(NamedTuple):
    """Who changes something, when and from where."""

    actor: str
    at_us: int
    address: str | None = None


@dataclass(frozen=True)
class Page:
    records: list[dict[str, Any]]
    next_cursor: str | None


def record(
    connection: Connection,
    author: Author,
    workspace_id: str | None,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
) -> None:
    """`action` is a noun and its verb (`price.create`), `subject` the id or name of that noun."""
    values = author._asdict() | {"workspace_id": workspace_id, "action": action, "subject": subject}
    connection.execute(insert(AUDIT).values(values | {"details": details or {}}))


def listed(
    connection: Connection, workspace_id: str, limit: int = LISTED, cursor: str | None = None, operator: bool = False
) -> Page:
    """The newest first; for the operator those of the whole installation too, which belong to no workspace."""
    ours = AUDIT.c.workspace_id == workspace_id
    shows = ours | AUDIT.c.workspace_id.is_(None) if operator else ours
    query = select(AUDIT).where(shows).order_by(AUDIT.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(AUDIT.c.id < cursors.read(cursor, 1)[0])
    rows = connection.execute(query).mappings().all()
    more = len(rows) > limit
    return Page([shown(dict(row)) for row in rows[:limit]], cursors.written(rows[limit - 1]["id"]) if more else None)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    said = {name: row[name] for name in ("actor", "action", "subject", "details", "address")}
    return {"id": row["id"], "at": periods.iso(row["at_us"])} | said
