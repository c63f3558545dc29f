"""The request log: single events, newest first, page by page over millions (keyset, never offset). Each stands once,
as it counts now, in the place of its own row: pages turn rightly whatever is corrected meanwhile."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, tuple_

from models import corrections, cursors, identity, periods
from models.corrections import NOW, OWN
from models.errors import NotFound
from models.money import usd
from models.spend import events, explained
from models.spend.answer import WorkspaceSpend
from models.spend.facts import facts
from models.spend.filters import Filter, Predicate
from models.spend.query import Period
from models.tables import Identity, table

IDENTITIES = table(Identity)
MAX_ROWS = 1_000
MAX_PIECE = 20_000  # rows looked at in one go while few of them match
INSTANTS = {"started_us": "started_at", "ended_us": "ended_at", "received_us": "received_at"}
LISTS = ("tags", "flags")
INTERNAL = ("seq", "home", "workspace_id", "sign", "corrects", "act")


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    next_cursor: str | None


def page(spend: WorkspaceSpend, period: Period, where: tuple[Predicate, ...], limit: int, cursor: str | None) -> Page:
    """At most `limit` events of the period that the filter lets through, and where the next page begins."""
    found: list[dict[str, Any]] = []
    after = None if cursor is None else cursors.read(cursor, 2)
    piece = limit + 1
    with spend.store.database.read() as connection:
        while len(found) <= limit:
            looked_at = look(connection, spend, period, where, after, piece)
            found += [row for row in looked_at if row.pop("shows")]
            if len(looked_at) < piece:
                break
            after = looked_at[-1]["started_us"], looked_at[-1]["home"]
            piece = min(2 * piece, MAX_PIECE)
    more = len(found) > limit
    found = found[:limit]
    following = cursors.written(found[-1]["started_us"], found[-1]["home"]) if more else None
    return Page([shown(row, spend.workspace.name) for row in found], following)


def look(
    connection: Connection,
    spend: WorkspaceSpend,
    period: Period,
    where: tuple[Predicate, ...],
    after: tuple[int, ...] | None,
    piece: int,
) -> list[dict[str, Any]]:
    """The next rows in order, each with `shows`: whether the filter lets it through."""
    wanted = Filter(where, spend.visibility)
    rows = [dict(row) for row in connection.execute(statement(spend, period, wanted, after, piece)).mappings()]
    for row, shows in zip(rows, decide(rows, wanted, spend), strict=True):
        row["shows"] = shows
    return rows


def statement(
    spend: WorkspaceSpend, period: Period, wanted: Filter, after: tuple[int, ...] | None, piece: int
) -> Select[Any]:
    started = OWN.c.started_us
    found = (
        corrections.standing()
        .where(OWN.c.workspace_id == spend.workspace.id, started >= period.start_us, started < period.end_us)
        .where(wanted.sql(NOW))
        .order_by(started.desc(), OWN.c.seq.desc())
        .limit(piece)
    )
    if after:
        found = found.where(started <= after[0], tuple_(started, OWN.c.seq) < tuple_(*after))
    return found


def decide(rows: list[dict[str, Any]], wanted: Filter, spend: WorkspaceSpend) -> list[bool]:
    """Whether each row shows."""
    if not rows:
        return []
    values = [tuple(row[name] for name in events.COUNTED) for row in rows]
    frame = facts(events.frame(values, events.COUNTED), spend.workspace.timezone)
    return frame.with_columns(shows=wanted.polars(spend.workspace.name))["shows"].to_list()


def one(spend: WorkspaceSpend, event_id: str) -> dict[str, Any]:
    """The event of that id, where this workspace has it and may see it, with the explanation of its cost and
    what was corrected of it."""
    with spend.store.database.read() as connection:
        seq = select(IDENTITIES.c.seq).where(IDENTITIES.c.digest == identity.digest(spend.workspace.id, event_id))
        found = corrections.standing().where(OWN.c.seq == seq.scalar_subquery())
        row = connection.execute(found).mappings().first()
        if row is None or not decide([dict(row)], Filter((), spend.visibility), spend)[0]:
            raise NotFound("No such event in this workspace")
        corrected = corrections.history(connection, row["home"])
        more = {"explanation": explained.of(connection, row), "corrections": corrected}
        return shown(dict(row), spend.workspace.name) | more


def shown(row: dict[str, Any], workspace: str) -> dict[str, Any]:
    """An event as JSON has it: times as text, milliseconds of latency, money in nano-dollars and in dollars."""
    body: dict[str, Any] = {"workspace": workspace}
    for name, value in row.items():
        if name in INSTANTS:
            body[INSTANTS[name]] = periods.iso(value)
        elif name in LISTS:
            body[name] = json.loads(value)
        elif name == "units":
            body[name] = json.loads(value or "{}")
        elif name == "latency_us":
            body["latency_ms"] = None if value is None else value / 1_000
        elif name not in INTERNAL:
            body[name] = value
    return body | {"cost_usd": usd(row["cost_nano_usd"])}
