"""Quarantine: bad events that came with good ones are not lost. What of them may be kept waits here, with the reason,
until somebody replays it.

A replay is carried out by an API process, which has the decoders. Others ask for one: the wish waits with its event.
Lists and counts look at the newest 10,000 of a workspace, so that a flood of bad events slows nobody down.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, insert, null, select, update

from models import audit, identity, periods
from models.audit import Author
from models.errors import BadField, BadRequest, NotFound, shown_value
from models.tables import Quarantined, table

QUARANTINE = table(Quarantined)
LISTED = 1_000
BOUND = 10_000  # of a workspace's bad events: what lists and counts look at, and what one wish for all takes in
GLANCED = 1_000  # counted at most where it is done each second
PATIENCE = 15 * periods.SECOND  # a wish waits for half a second where an API process runs; many take longer
MAX_CHANGES = 7_000  # bytes of new values, as JSON: what may be kept of one event

FIELD = func.coalesce(QUARANTINE.c.details["field"].as_string(), "")
REASON = func.coalesce(QUARANTINE.c.details["expected"].as_string(), QUARANTINE.c.error)


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


@dataclass(frozen=True)
class Which:
    """Which of a workspace's bad events: those that are wrong in this field (empty: in none that is named), for this
    reason. None is any."""

    field: str | None = None
    reason: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        asked = ((FIELD, self.field), (REASON, self.reason))
        return [column == wanted for column, wanted in asked if wanted is not None]


@dataclass(frozen=True)
class Problem:
    """What is wrong with several of them."""

    field: str
    reason: str
    events: int


@dataclass(frozen=True)
class Refusal:
    """Why a replay was refused, and what is kept of the event now."""

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


# -- looking ------------------------------------------------------------------------------------------------------


def newest(workspace_id: str, which: Which = Which()) -> Select[Any]:
    """Their ids, the newest first."""
    query = select(QUARANTINE.c.id).where(QUARANTINE.c.workspace_id == workspace_id)
    query = query.order_by(QUARANTINE.c.received_us.desc(), QUARANTINE.c.id.desc())
    conditions = which.conditions()
    if not conditions:
        return query.limit(BOUND)
    return query.where(QUARANTINE.c.id.in_(query.limit(BOUND)), *conditions)


def listed(connection: Connection, workspace_id: str) -> list[dict[str, Any]]:
    """The newest first."""
    return [shown(row) for row in page(connection, workspace_id, Which(), 0, LISTED)]


def page(connection: Connection, workspace_id: str, which: Which, offset: int, limit: int) -> Sequence[RowMapping]:
    ids = newest(workspace_id, which).offset(offset).limit(limit)
    query = select(QUARANTINE).where(QUARANTINE.c.id.in_(ids))
    query = query.order_by(QUARANTINE.c.received_us.desc(), QUARANTINE.c.id.desc())
    return connection.execute(query).mappings().all()


def count(connection: Connection, workspace_id: str, which: Which = Which(), bound: int = BOUND) -> int:
    """How many there are, up to that bound."""
    found = newest(workspace_id, which).limit(bound).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def problems(connection: Connection, workspace_id: str) -> list[Problem]:
    """What is wrong, the most frequent first."""
    number = func.count()
    query = select(FIELD, REASON, number).where(QUARANTINE.c.id.in_(newest(workspace_id)))
    query = query.group_by(FIELD, REASON).order_by(number.desc(), FIELD, REASON)
    return [Problem(*row) for row in connection.execute(query)]


def glance(connection: Connection, workspace_id: str, ids: Iterable[str], now_us: int) -> tuple[Any, ...]:
    """Another one when anything has happened to these, or to the number of all, or when one of these waits too long:
    cheap, for looking each second."""
    columns = (QUARANTINE.c.id, QUARANTINE.c.asked_us, QUARANTINE.c.refused_us)
    rows = connection.execute(select(*columns).where(QUARANTINE.c.id.in_(ids))).mappings().all()
    return tide(connection, workspace_id), states(rows, now_us)


def tide(connection: Connection, workspace_id: str) -> tuple[Any, ...]:
    """What has come last, and how many there are."""
    first = connection.execute(newest(workspace_id).limit(1)).scalar()
    return first, count(connection, workspace_id, bound=GLANCED)


def states(rows: Sequence[RowMapping], now_us: int) -> tuple[Any, ...]:
    """How it stands with each of these."""
    return tuple(
        sorted((row["id"], row["asked_us"], row["refused_us"], stuck(row["asked_us"], now_us)) for row in rows)
    )


def stuck(asked_us: int | None, now_us: int) -> bool:
    """Whether a wish waits for so long that no API process can be running."""
    return asked_us is not None and now_us - asked_us > PATIENCE


def one(connection: Connection, workspace_id: str, held_id: str) -> RowMapping:
    query = select(QUARANTINE).where(QUARANTINE.c.workspace_id == workspace_id, QUARANTINE.c.id == held_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("No such event in this workspace's quarantine")
    return row


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


# -- the way out --------------------------------------------------------------------------------------------------


def release(connection: Connection, workspace_id: str, held_id: str) -> None:
    """Forget it: it is in the ledger now."""
    connection.execute(delete(QUARANTINE).where(QUARANTINE.c.workspace_id == workspace_id, QUARANTINE.c.id == held_id))


def replayed(
    connection: Connection, row: RowMapping, event_id: str, changes: Mapping[str, Any], author: Author
) -> None:
    """It was stored under that id."""
    release(connection, row["workspace_id"], row["id"])
    said = {"event": event_id, "changes": told(changes)}
    audit.record(connection, author, row["workspace_id"], "quarantine.replay", row["id"], said)


def discard(connection: Connection, workspace_id: str, held_id: str, author: Author) -> None:
    """Delete it for good, unreplayed."""
    row = one(connection, workspace_id, held_id)
    release(connection, workspace_id, held_id)
    audit.record(connection, author, workspace_id, "quarantine.delete", held_id, {"error": row["error"]})


# -- wishes -------------------------------------------------------------------------------------------------------


def ask(connection: Connection, workspace_id: str, held_id: str, changes: Mapping[str, Any], author: Author) -> None:
    """Have it replayed, with new values for some fields: by name, or by path (`usage.input_tokens`)."""
    row = one(connection, workspace_id, held_id)
    if len(json.dumps(changes)) > MAX_CHANGES:
        raise BadRequest(f"New values may be {MAX_CHANGES:,} bytes together")
    wish(connection, QUARANTINE.c.id == held_id, author.at_us, replacing(row["kept"], changes))
    said = {"changes": told(changes)}
    audit.record(connection, author, workspace_id, "quarantine.replay", held_id, said)


def ask_all(connection: Connection, workspace_id: str, which: Which, author: Author) -> int:
    """Have all of these replayed as they are; how many that were. Those that wait already are left as they wait."""
    these = QUARANTINE.c.id.in_(newest(workspace_id, which))
    asked = wish(connection, these & QUARANTINE.c.asked_us.is_(None), author.at_us, {})
    said = {"events": asked, "field": which.field, "reason": which.reason}
    audit.record(connection, author, workspace_id, "quarantine.replay_all", "quarantine", said)
    return asked


def wish(connection: Connection, which: ColumnElement[bool], now_us: int, wanted: dict[str, Any]) -> int:
    return connection.execute(update(QUARANTINE).where(which).values(wanted=wanted, asked_us=now_us)).rowcount


def replacing(kept: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the event as they will be with these changes, the changed ones only."""
    wanted: dict[str, Any] = {}
    for name, value in changes.items():
        first, *rest = place(kept, name)
        wanted[first] = replaced(wanted.get(first, kept.get(first)), rest, value)
    return wanted


def place(kept: Mapping[str, Any], name: str) -> list[str]:
    """Where that field stands. LiteLLM keeps a provider's usage inside its metadata."""
    path = name.split(".")
    if not all(path):
        raise BadField("field", name, "the name of a field, or a path such as usage.input_tokens")
    inside = kept.get("metadata")
    moved = path[0] == "usage" and "usage" not in kept and isinstance(inside, dict) and "usage_object" in inside
    return ["metadata", "usage_object", *path[1:]] if moved else path


def replaced(holder: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    members = holder if isinstance(holder, dict) else {}
    return members | {path[0]: replaced(members.get(path[0]), path[1:], value)}


def told(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shown_value(value) for name, value in changes.items()}


def wishes(connection: Connection, limit: int) -> Sequence[RowMapping]:
    """Those that wait for a replay, of all workspaces, the one that has waited longest first."""
    waiting = QUARANTINE.c.asked_us.is_not(None)
    query = select(QUARANTINE).where(waiting).order_by(QUARANTINE.c.asked_us, QUARANTINE.c.id).limit(limit)
    return connection.execute(query).mappings().all()


def refuse(connection: Connection, row: RowMapping, why: Refusal, now_us: int) -> None:
    """That wish came to nothing. A newer one for the same event stays."""
    same = (QUARANTINE.c.id == row["id"], QUARANTINE.c.asked_us == row["asked_us"])
    values = {"error": why.error, "details": why.details, "kept": why.kept, "refused_us": now_us}
    connection.execute(update(QUARANTINE).where(*same).values(values | {"wanted": null(), "asked_us": None}))
