"""The request log: single events, newest first, page by page over millions (keyset, never offset). Each stands once,
as it counts now, in the place of its own row: pages turn rightly whatever is corrected meanwhile. Names are told as
everywhere; of a single event also as they were sent.

What is rare is looked for piece by piece, and no further than the asker's patience: a page says how far it has looked,
and the next one goes on from there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, tuple_

from models import corrections, cursors, identity, periods
from models.corrections import NOW, OWN
from models.errors import NotFound
from models.money import usd
from models.rows import EVENTS, Row
from models.spend import events, explained
from models.spend.answer import WorkspaceSpend
from models.spend.dimensions import TAG_KEY, is_tag_key
from models.spend.facts import facts
from models.spend.filters import MAX_IN_SQL, Filter, Predicate
from models.spend.query import Period
from models.spend.renames import Names
from models.spend.search import Search
from models.tables import Identity, table
from models.usage.text import LABEL_CHARACTERS

IDENTITIES = table(Identity)
MAX_ROWS = 1_000
MAX_PIECE = 20_000  # rows looked at in one go while few of them match
STRIDE = 100_000  # rows that the database may pass over in one go: some 0.3 s
PATIENCE = 5 * STRIDE  # rows passed over for a page that somebody waits for
HANDED_OVER = 25  # what a row costs that is judged here and left out, in rows that the database passes over
INSTANTS = {"started_us": "started_at", "ended_us": "ended_at", "received_us": "received_at"}
LISTS = ("tags", "flags")
INTERNAL = ("seq", "home", "workspace_id", "sign", "corrects", "act")


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    next_cursor: str | None
    back_to_us: int | None = None  # how far it was looked, where that ended before the page was full
    by_id: bool = False  # its row is the one whose id was searched for, whatever the period


def page(
    spend: WorkspaceSpend,
    period: Period,
    where: tuple[Predicate, ...],
    limit: int,
    cursor: str | None,
    search: Search | None = None,
    patience: int | None = None,
) -> Page:
    """At most `limit` events of the period that filter and search let through, and where the next page begins. With
    patience, a page may end before it is full, after so many rows were passed over in vain."""
    if search and cursor is None and (row := by_id(spend, search.text)):
        return Page([row], None, by_id=True)
    with spend.store.database.read() as connection:
        return Looking(connection, spend, period, Filter(where, spend.visibility, spend.names), search).page(
            limit, cursor, patience
        )


def by_id(spend: WorkspaceSpend, event_id: str) -> dict[str, Any] | None:
    with spend.store.database.read() as connection:
        row = found_by_id(connection, spend, event_id)
    return told_row(row, spend) if row else None


@dataclass(frozen=True)
class Looking:
    """Goes back in time, stride by stride; within one the database passes over what the filter surely leaves out."""

    connection: Connection
    spend: WorkspaceSpend
    period: Period
    wanted: Filter
    search: Search | None

    def page(self, limit: int, cursor: str | None, patience: int | None) -> Page:
        found: list[dict[str, Any]] = []
        place = (self.period.end_us, 0) if cursor is None else cursors.read(cursor, 2)
        piece, stride, passed = limit + 1, 10 * limit, 0
        floor: int | None = place[0]
        while floor is not None and len(found) <= limit and (patience is None or passed < patience):
            floor = self.floor(place, stride)
            rows = self.look(place, floor, piece)
            found += [row for row in rows if row.pop("shows")]
            passed += HANDED_OVER * len(rows) + (0 if len(rows) == piece else stride)
            if len(rows) == piece:
                place, floor = (rows[-1]["started_us"], rows[-1]["home"]), rows[-1]["started_us"]
            elif floor is not None:
                place = (floor, 0)
            piece, stride = min(2 * piece, MAX_PIECE), min(4 * stride, STRIDE)
        if len(found) > limit:
            last = found[limit - 1]
            return Page(self.told(found[:limit]), cursors.written(last["started_us"], last["home"]))
        return Page(self.told(found), None if floor is None else cursors.written(*place), floor)

    def told(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [told_row(row, self.spend) for row in rows]

    def floor(self, place: tuple[int, ...], stride: int) -> int | None:
        """The instant so many rows before that place, by the index alone; None where the period ends before."""
        started = EVENTS.c.started_us
        back = (
            select(started)
            .where(EVENTS.c.workspace_id == self.spend.workspace.id, started >= self.period.start_us)
            .where(started <= self.newest(place))
            .order_by(started.desc())
            .limit(1)
            .offset(stride)
        )
        return self.connection.execute(back).scalar()

    def newest(self, place: tuple[int, ...]) -> int:
        """One bound: of two, the database may begin at the one that is further away. No seq is below 1: a place at 0
        has all of its instant behind it."""
        behind = 1 if place[1] == 0 else 0
        return min(place[0] - behind, self.period.end_us - 1)

    def look(self, place: tuple[int, ...], floor: int | None, piece: int) -> list[dict[str, Any]]:
        """The next rows in order, each with `shows`: whether the filter lets it through."""
        statement = self.statement(place, self.period.start_us if floor is None else floor, piece)
        rows = [dict(row) for row in self.connection.execute(statement).mappings()]
        for row, shows in zip(rows, decide(rows, self.wanted, self.spend), strict=True):
            row["shows"] = shows
        return rows

    def statement(self, place: tuple[int, ...], floor: int, piece: int) -> Select[Any]:
        started = OWN.c.started_us
        found = (
            corrections.standing()
            .where(OWN.c.workspace_id == self.spend.workspace.id, started >= floor, started <= self.newest(place))
            .where(tuple_(started, OWN.c.seq) < tuple_(*place))
            .where(self.wanted.sql(NOW), *tagged(self.wanted))
            .order_by(started.desc(), OWN.c.seq.desc())
            .limit(piece)
        )
        return found.where(self.search.sql(NOW, self.spend.names)) if self.search else found


def tagged(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Narrows to rows whose tags have these somewhere, as JSON has them; more may come through, never less. No more is
    said than the database takes: its conditions have a bounded depth, and its patterns a bounded length."""
    room = MAX_IN_SQL
    for each in wanted.predicates:
        if each.column == "tags" and not each.negated and None not in each.values:
            tags = tags_sent(each, wanted.names)
            if len(tags) <= room and all(len(tag) <= LABEL_CHARACTERS for tag in tags):
                room -= len(tags)
                texts = (json.dumps(tag, ensure_ascii=False) for tag in tags)
                yield or_(*(NOW.c.tags.contains(text, autoescape=True) for text in texts))


def tags_sent(asked: Predicate, names: Names) -> list[str]:
    """The whole tags, as they may have been sent, one of which an event must have."""
    key = f"{asked.dimension.removeprefix(TAG_KEY)}:" if is_tag_key(asked.dimension) else ""
    return sorted({tag for value in asked.values for tag in names.sent_as("tags", f"{key}{value}")})


def decide(rows: list[dict[str, Any]], wanted: Filter, spend: WorkspaceSpend) -> list[bool]:
    """Whether each row shows."""
    if not rows:
        return []
    values = [tuple(row[name] for name in events.COUNTED) for row in rows]
    frame = facts(events.frame(values, events.COUNTED), spend.workspace.timezone)
    return wanted.decided(frame, spend.workspace.name)


def one(spend: WorkspaceSpend, event_id: str) -> dict[str, Any]:
    """The event of that id, where this workspace has it and may see it, with the explanation of its cost and
    what was corrected of it."""
    with spend.store.database.read() as connection:
        row = found_by_id(connection, spend, event_id)
        if row is None:
            raise NotFound("No such event in this workspace")
        corrected = corrections.history(connection, row["home"])
        more = {"explanation": explained.of(connection, row), "corrections": corrected}
        sent, other = shown(dict(row), spend.workspace.name), told(row, spend)
        return sent | other | {"as_sent": {name: sent[name] for name in other}} | more


def found_by_id(connection: Connection, spend: WorkspaceSpend, event_id: str) -> Row | None:
    """None where this workspace has none of that id, or may not see it."""
    seq = select(IDENTITIES.c.seq).where(IDENTITIES.c.digest == identity.digest(spend.workspace.id, event_id))
    found = corrections.standing().where(OWN.c.seq == seq.scalar_subquery())
    row = connection.execute(found).mappings().first()
    return row if row and decide([dict(row)], Filter((), spend.visibility), spend)[0] else None


def told_row(row: Row, spend: WorkspaceSpend) -> dict[str, Any]:
    """As JSON has it, under the names that it is told by."""
    return shown(dict(row), spend.workspace.name) | told(row, spend)


def told(row: Row, spend: WorkspaceSpend) -> dict[str, Any]:
    """What of an event is told otherwise than it was sent, on the day of its start."""
    names = spend.names
    if not names.columns:
        return {}
    day = periods.day_of(row["started_us"], spend.workspace.timezone)
    sent = {name: json.loads(row[name]) if name == "tags" else row[name] for name in names.columns}
    now = {name: value_of(names, name, value, day) for name, value in sent.items() if value}
    return {name: value for name, value in now.items() if value != sent[name]}


def value_of(names: Names, name: str, value: Any, day: date) -> Any:
    if name != "tags":
        return names.of(name, value, day)
    renamed = [names.of(name, tag, day) for tag in value]
    return value if renamed == value else sorted(set(renamed))


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
