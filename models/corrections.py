"""Corrections: what was stored is never changed. What turns out to be wrong is taken back and told anew, as accountants
do it.

A correction is a pair of rows, one right above the other: the reversal, a copy of the row that counted until now with
the sign -1, and the restatement. Both stand at their call's own time and arrival, so that they are counted, and one day
removed, where their call is. Both name the call's own row and the act that they belong to. Whatever adds up amount
times sign is right without knowing more. The row that counts now is the call's newest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from models import identity, ledger, periods
from models.rows import COLUMNS, EVENTS, Row
from models.tables import Act, table

ACTS = table(Act)
OWN = EVENTS.alias("own")
NOW = EVENTS.alias("now")
ALL_COLUMNS = (*COLUMNS, "sign", "corrects", "act")
MARKS = frozenset({"seq", "sign", "corrects", "act"})  # where a row differs from its copy

Restated = Callable[[Row], Mapping[str, Any] | None]


def reverses(row: Any = EVENTS) -> ColumnElement[bool]:
    """Spelled out: the index of reversals is known by these very words, never by a value that is bound to them."""
    condition: ColumnElement[bool] = row.c.sign < literal_column("0")
    return condition


def standing(*columns: str) -> Select[Any]:
    """Each call once: these columns of the row that counts NOW, all by default, and `home`, the seq of its OWN row, by
    which it is found and ordered whatever became of it."""
    newest = select(func.max(EVENTS.c.seq)).where(EVENTS.c.corrects == OWN.c.seq).scalar_subquery()
    taken = [NOW.c[name] for name in columns or ALL_COLUMNS]
    counting = NOW.c.seq == func.coalesce(newest, OWN.c.seq)
    return select(*taken, OWN.c.seq.label("home")).where(OWN.c.corrects.is_(None), counting)


def correct(connection: Connection, act: str, homes: Sequence[int], restated: Restated) -> int:
    """Append a pair for each of these calls that is to be told otherwise, and was not corrected by this act before; how
    many that were. What counts now is read, judged and corrected under one lock."""
    counter = ledger.lock(connection)
    rows = connection.execute(standing().where(OWN.c.seq.in_(homes)).order_by(OWN.c.seq)).mappings()
    wanted = {name_of(act, row): (row, told) for row in rows if (told := restated(row)) is not None}
    for digest in ledger.known(connection, wanted):
        del wanted[digest]
    numbered = list(zip(range(counter + 1, counter + 1 + 2 * len(wanted), 2), wanted.items(), strict=True))
    if numbered:
        pairs = [half for seq, (_, (row, told)) in numbered for half in pair(seq, row, told, act)]
        ledger.write(connection, [(digest, seq, False) for seq, (digest, _) in numbered], ALL_COLUMNS, pairs)
    return len(numbered)


def name_of(act: str, row: Row) -> bytes:
    """One identity for the pair; no sender's id can hold what stands between."""
    return identity.digest(row["workspace_id"], f"{act}\0{row['id']}")


def pair(seq: int, row: Row, told: Mapping[str, Any], act: str) -> Iterator[tuple[Any, ...]]:
    """The reversal and, right above it, the restatement, in the order of ALL_COLUMNS."""
    marks = {"corrects": row["home"], "act": act}
    for half in ({**row, **marks, "seq": seq, "sign": -1}, {**row, **told, **marks, "seq": seq + 1, "sign": 1}):
        yield tuple(half[name] for name in ALL_COLUMNS)


# -- what was corrected -------------------------------------------------------------------------------------------


def of_act(act: str, workspace_id: str, start_us: int, end_us: int, *columns: str) -> Select[Any]:
    """An act's pairs in a span of time: columns of the reversal as `old_…`, of the restatement as `new_…`."""
    new = EVENTS.alias("new")
    taken = [each.c[name].label(f"{said}_{name}") for said, each in (("old", EVENTS), ("new", new)) for name in columns]
    return (
        select(*taken)
        .join_from(EVENTS, new, new.c.seq == EVENTS.c.seq + 1)
        .where(EVENTS.c.workspace_id == workspace_id, EVENTS.c.started_us >= start_us, EVENTS.c.started_us < end_us)
        .where(reverses(), EVENTS.c.act == act)
    )


def before(connection: Connection, act: str, homes: Sequence[int]) -> dict[int, dict[str, Any]]:
    """How these calls were told before the act, by the seq of their own rows."""
    query = select(EVENTS).where(EVENTS.c.corrects.in_(homes), EVENTS.c.act == act, reverses())
    rows = connection.execute(query).mappings()
    return {row["corrects"]: {name: row[name] for name in ALL_COLUMNS if name not in MARKS} for row in rows}


def touched(
    connection: Connection, act: str, workspace_id: str, start_us: int, end_us: int, others: Sequence[str]
) -> str | None:
    """The first of the other acts, if any, that corrected a call after this act did."""
    later = EVENTS.alias("later")
    corrected = of_act(act, workspace_id, start_us, end_us, "seq")
    found = corrected.with_only_columns(later.c.act).join(
        later, (later.c.corrects == EVENTS.c.corrects) & (later.c.seq > EVENTS.c.seq)
    )
    return connection.execute(found.where(later.c.act.in_(others)).limit(1)).scalar()


def history(connection: Connection, home: int) -> list[dict[str, Any]]:
    """What was corrected of one call, the oldest first."""
    query = (
        select(EVENTS.c.cost_nano_usd, *ACTS.c)
        .join_from(EVENTS, ACTS, ACTS.c.id == EVENTS.c.act)
        .where(EVENTS.c.corrects == home)
        .order_by(EVENTS.c.seq)
    )
    rows = connection.execute(query).mappings().all()
    taken_back = {row["undoes"] for row in rows}
    return [shown(old, new, taken_back) for old, new in zip(rows[::2], rows[1::2], strict=True)]


def shown(old: Row, new: Row, taken_back: set[str | None]) -> dict[str, Any]:
    return {
        "act": new["id"],
        "kind": new["kind"],
        "name": new["name"],
        "reason": new["reason"],
        "author": new["author"],
        "at": periods.iso(new["begun_us"]),
        "from_cost_nano_usd": old["cost_nano_usd"],
        "to_cost_nano_usd": new["cost_nano_usd"],
        "undone": new["id"] in taken_back,
    }
