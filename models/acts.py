"""Acts: corrections of many calls under one name, for one reason. An act can be told of, gone on with where it was cut
short, and taken back as a whole by another one, its undo.

A workspace has one act in hand at a time. An act that was cut short is in hand until it is finished or taken back.
"""

import base64
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import chain, count
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from models import audit, ledger, periods
from models.audit import AUDIT, COMMAND_LINE, Author
from models.errors import BadField, Conflict, NotFound
from models.tables import Act as ActRow
from models.tables import table
from models.usage.text import LABEL_CHARACTERS, UNSTORABLE

ACTS = table(ActRow)
MAX_REASON = 1_000  # characters
MAX_MODEL_NAMED = 200  # characters of it in a name that is made up

# Where nobody says why.
REPRICED = "by the prices known now"
UNDONE = "taken back"

Kind = Literal["reprice", "undo"]


@dataclass(frozen=True)
class Act:
    """`terms` are what it was asked to do, and what it found when it began."""

    id: str
    workspace_id: str
    name: str
    kind: str
    reason: str
    author: str
    terms: dict[str, Any]
    undoes: str | None
    begun_us: int
    finished_us: int | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """By what one act under a name is told from another."""
        return {field: self.terms[field] for field in ("from", "to", "model")}

    @property
    def span(self) -> tuple[int, int]:
        return self.terms["start_us"], self.terms["end_us"]

    @property
    def called(self) -> str:
        return f"undo of {self.name!r}" if self.kind == "undo" else f"act {self.name!r}"

    def shown(self) -> dict[str, Any]:
        times = {"begun_at": periods.iso(self.begun_us), "finished_at": periods.iso(self.finished_us)}
        said = {name: getattr(self, name) for name in ("id", "name", "kind", "reason", "author", "undoes")}
        return said | {field: self.terms[field] for field in ("from", "to", "model")} | times


def new(
    workspace_id: str, kind: Kind, name: str, reason: str, author: str, terms: dict[str, Any], now_us: int,
    undoes: str | None = None,
) -> Act:  # fmt: skip
    name, reason, author = read("name", name), read("reason", reason, MAX_REASON), read("author", author)
    return Act(id_of(workspace_id, kind, name), workspace_id, name, kind, reason, author, terms, undoes, now_us)


def read(field: str, text: str, most: int = LABEL_CHARACTERS) -> str:
    if not text.strip() or len(text) > most or UNSTORABLE.search(text):
        raise BadField(field, text, f"a text of 1 to {most} characters")
    return text


def read_reason(reason: str, otherwise: str) -> str:
    return read("reason", reason if reason.strip() else otherwise, MAX_REASON)


def id_of(workspace_id: str, kind: Kind, name: str) -> str:
    digest = blake2b(f"{workspace_id}\n{kind}\n{name}".encode(), digest_size=10).digest()
    return f"act_{base64.b32hexencode(digest).decode().lower()}"


# -- beginning and ending -----------------------------------------------------------------------------------------


def begin(connection: Connection, wanted: Act, actor: str = COMMAND_LINE) -> Act:
    """The act; where it was begun before, as it was begun. The transaction is the caller's. `actor` is who has it done,
    for the audit log."""
    ledger.lock(connection)
    there = found(connection, wanted.id)
    if there:
        require_same(there, wanted)
        require_same_prices(there, wanted)
        require_not_undone(connection, there)
        return there
    require_alone(connection, wanted.workspace_id, but=wanted.undoes)
    connection.execute(insert(ACTS).values(asdict(wanted)))
    said = {"reason": wanted.reason, **wanted.terms}
    told(connection, wanted, "begin", Author(actor, wanted.begun_us), said)
    return wanted


def finish(connection: Connection, act: Act, now_us: int, did: dict[str, Any], actor: str = COMMAND_LINE) -> Act:
    """Say once that it is done, and what it did."""
    mine = update(ACTS).where(ACTS.c.id == act.id, ACTS.c.finished_us.is_(None))
    if connection.execute(mine.values(finished_us=now_us)).rowcount:
        told(connection, act, "finish", Author(actor, now_us), did)
    return by_id(connection, act.id)


def told(connection: Connection, act: Act, step: str, author: Author, details: dict[str, Any]) -> None:
    said = {"act": act.id, "author": act.author, **details}
    audit.record(connection, author, act.workspace_id, f"{act.kind}.{step}", act.name, said)


def require_same(there: Act, wanted: Act) -> None:
    for field, value in wanted.asked.items():
        if there.asked[field] != value:
            raise Conflict(
                f"The {there.called} has other terms: its {field} is {there.asked[field]!r}, "
                f"not {value!r}: choose another name",
                {"field": field, "value": value},
            )


def require_same_prices(there: Act, wanted: Act) -> None:
    """An act goes on by the prices that it began with, or not at all: nobody could tell which of them a call has."""
    if there.finished_us is None and there.terms.get("prices") != wanted.terms.get("prices"):
        raise Conflict(f"Prices have changed since the {there.called} began: take it back, then do it anew")


def require_alone(connection: Connection, workspace_id: str, but: str | None = None) -> None:
    """No other act is in hand, but that which is to be taken back."""
    for other in in_hand(connection, workspace_id):
        if other.id != but:
            raise Conflict(f"The {other.called} is not finished: run it again, or take it back, first")


def require_not_undone(connection: Connection, act: Act) -> None:
    if undo_of(connection, act):
        raise Conflict(f"The {act.called} was taken back: choose another name")


def require_open(connection: Connection, act: Act) -> None:
    """Before each part of it: nobody has finished it or begun to take it back meanwhile."""
    if by_id(connection, act.id).finished_us is not None:
        raise Conflict(f"The {act.called} was finished by another process")
    require_not_undone(connection, act)


# -- finding ------------------------------------------------------------------------------------------------------


def found(connection: Connection, act_id: str) -> Act | None:
    row = connection.execute(select(ACTS).where(ACTS.c.id == act_id)).mappings().first()
    return Act(**row) if row else None


def by_id(connection: Connection, act_id: str) -> Act:
    return Act(**connection.execute(select(ACTS).where(ACTS.c.id == act_id)).mappings().one())


def named(connection: Connection, workspace_id: str, name: str) -> Act:
    """The re-pricing of that name; an undo has no name of its own, and can't be taken back."""
    act = found(connection, id_of(workspace_id, "reprice", name))
    if act is None:
        raise NotFound(f"No act is named {name[:LABEL_CHARACTERS]!r}: see `farthing reprice --list`")
    return act


def listed(connection: Connection, workspace_id: str) -> list[Act]:
    """The oldest first."""
    query = select(ACTS).where(ACTS.c.workspace_id == workspace_id).order_by(ACTS.c.begun_us, ACTS.c.kind, ACTS.c.id)
    return [Act(**row) for row in connection.execute(query).mappings()]


def made_up_name(connection: Connection, workspace_id: str, first: str, last: str, model: str | None) -> str:
    """Its days and its model; a number behind it where an act of that name is over. One that was cut short goes on."""
    name = f"{first}..{last} {(model or 'all models')[:MAX_MODEL_NAMED]}"
    going_on = {act.name for act in in_hand(connection, workspace_id)}
    taken = {act.name for act in listed(connection, workspace_id)} - going_on
    names = chain([name], (f"{name} ({number})" for number in count(2)))
    return next(each for each in names if each not in taken)


def did(connection: Connection, workspace_id: str) -> dict[str, dict[str, Any]]:
    """What each act that is finished has changed in all, by its id, as the audit log has it."""
    finishes = [f"{kind}.finish" for kind in ("reprice", "undo")]
    query = select(AUDIT.c.details).where(AUDIT.c.workspace_id == workspace_id, AUDIT.c.action.in_(finishes))
    return {details["act"]: details for details in connection.execute(query).scalars()}


def undo_of(connection: Connection, act: Act) -> Act | None:
    row = connection.execute(select(ACTS).where(ACTS.c.undoes == act.id)).mappings().first()
    return Act(**row) if row else None


def in_hand(connection: Connection, workspace_id: str) -> list[Act]:
    """Begun, neither finished nor being taken back."""
    acts = listed(connection, workspace_id)
    taken_back = {act.undoes for act in acts}
    return [act for act in acts if act.finished_us is None and act.id not in taken_back]


def in_force(connection: Connection, workspace_id: str) -> set[str]:
    """The ids of re-pricings that nobody has taken back."""
    acts = listed(connection, workspace_id)
    taken_back = {act.undoes for act in acts}
    return {act.id for act in acts if act.kind == "reprice" and act.id not in taken_back}
