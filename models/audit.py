"""The audit log: who did what, when and from where. Records are appended and never changed; the database itself refuses
it. A record is written in the transaction of what it tells of: neither is there without the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select

from models import cursors, periods
from models.tables import AuditRecord, table

AUDIT = table(AuditRecord)
COMMAND_LINE = "command line"  # who acts on the server itself
LISTED = 100  # records of a page, unless more are asked for
MAX_LISTED = 1_000
MAX_TAKEN = 100_000  # records of one download


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


@dataclass(frozen=True)
class Which:
    """Which records: of this actor, with this action (or any of this noun), from one instant to another (excluded).
    None is any."""

    actor: str | None = None
    action: str | None = None
    nouns: tuple[str, ...] = ()  # those of a group; empty is any
    from_us: int | None = None
    to_us: int | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.actor is not None:
            yield AUDIT.c.actor == self.actor
        if self.action is not None:
            yield (AUDIT.c.action == self.action) | AUDIT.c.action.startswith(f"{self.action}.", autoescape=True)
        if self.nouns:
            yield or_(*(AUDIT.c.action.startswith(f"{noun}.", autoescape=True) for noun in self.nouns))
        if self.from_us is not None:
            yield AUDIT.c.at_us >= self.from_us
        if self.to_us is not None:
            yield AUDIT.c.at_us < self.to_us


def listed(
    connection: Connection,
    workspace_id: str,
    limit: int = LISTED,
    cursor: str | None = None,
    operator: bool = False,
    which: Which = Which(),
) -> Page:
    """The newest first; for the operator those of the whole installation too, which belong to no workspace."""
    ours = AUDIT.c.workspace_id == workspace_id
    shows = ours | AUDIT.c.workspace_id.is_(None) if operator else ours
    query = select(AUDIT).where(shows, *which.conditions()).order_by(AUDIT.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(AUDIT.c.id < cursors.read(cursor, 1)[0])
    rows = connection.execute(query).mappings().all()
    more = len(rows) > limit
    return Page([shown(dict(row)) for row in rows[:limit]], cursors.written(rows[limit - 1]["id"]) if more else None)


def everything(connection: Connection, workspace_id: str, which: Which) -> Iterator[dict[str, Any]]:
    """All records of these, the newest first, page by page."""
    cursor = None
    while True:
        page = listed(connection, workspace_id, MAX_LISTED, cursor, which=which)
        yield from page.records
        cursor = page.next_cursor
        if cursor is None:
            return


def actors(connection: Connection, workspace_id: str) -> list[str]:
    """Who did anything here, by name."""
    query = select(AUDIT.c.actor).where(AUDIT.c.workspace_id == workspace_id).distinct().order_by(AUDIT.c.actor)
    return list(connection.execute(query.limit(MAX_LISTED)).scalars())


def newest(connection: Connection, workspace_id: str) -> int | None:
    """The number of the latest record: another one when anything was done."""
    query = select(func.max(AUDIT.c.id)).where(AUDIT.c.workspace_id == workspace_id)
    return connection.execute(query).scalar()


def shown(row: dict[str, Any]) -> dict[str, Any]:
    said = {name: row[name] for name in ("actor", "action", "subject", "details", "address")}
    return {"id": row["id"], "at": periods.iso(row["at_us"])} | said
