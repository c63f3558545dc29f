"""The ledger: the one way in for events. Rows are appended, never updated.

One transaction does, in this order: lock the counter → identity → (quota, budgets) → seq for what remains →
rows and counter. The lock makes seq gapless and the order of commit. Identity is (workspace, event id), whatever
the event's time: a second arrival changes nothing and is answered like the first.

This module knows no HTTP and no queue; `api/writer.py` gathers what waits into one append.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from models import identity
from models.pricing.cost import Cost
from models.tables import Control, EventRow, Identity, Ledger, LedgerEpoch, Publisher, table
from models.usage.event import Event

ROWS_PER_STATEMENT = 200  # of some fifty values each: a third of what SQLite binds to a statement
LOOKUP = 500  # ids per question, below every database's limit of bound values

LEDGER = table(Ledger)
EPOCHS = table(LedgerEpoch)
EVENTS = table(EventRow)
IDENTITIES = table(Identity)

# Where each column of `events` comes from; the rest are numbered and computed in `row`.
OF_EVENT = {
    column.name: column.name
    for column in EVENTS.columns
    if column.name in Event.__struct_fields__ and column.name not in ("tags", "flags", "units")
}
OF_TOKENS = {
    "input_tokens": "input",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
    "total_tokens": "total",
}
OF_COST = {
    "cost_nano_usd": "cost",
    "input_cost_nano_usd": "input_cost",
    "output_cost_nano_usd": "output_cost",
    "saved_nano_usd": "saved",
    "prompt_cache_saved_nano_usd": "prompt_cache_saved",
    "reported_cost_nano_usd": "reported",
    "computed_cost_nano_usd": "computed",
    "cost_source": "source",
    "partial_cost_nano_usd": "partial",
    "unpriced_reason": "unpriced_reason",
    "price_card": "price_card",
}
COMPUTED = ("seq", "workspace_id", "received_us", "tags", "flags", "units", "tokens_avoided")
COLUMNS = (*COMPUTED, *OF_EVENT, *OF_TOKENS, *OF_COST)

of_event = attrgetter(*OF_EVENT.values())
of_tokens = attrgetter(*OF_TOKENS.values())
of_cost = attrgetter(*OF_COST.values())


class Entry(msgspec.Struct, gc=False):
    """One event on its way into the ledger. Its event has an id by now; `minted` ids were made here, just now."""

    workspace_id: str
    received_us: int
    event: Event
    cost: Cost
    minted: bool = False


def append(connection: Connection, entries: Sequence[Entry]) -> int:
    """Store what is not stored yet; says how many that were. The transaction is the caller's."""
    counter = lock(connection)
    fresh = unknown(connection, entries)
    # Quota is taken here, then budgets are settled: both for fresh events only, before they get numbers.
    numbered = list(zip(range(counter + 1, counter + 1 + len(fresh)), fresh.items(), strict=True))
    if numbered:
        store(connection, IDENTITIES.name, ("digest", "seq"), sorted((digest, seq) for seq, (digest, _) in numbered))
        store(connection, EVENTS.name, COLUMNS, [row(seq, entry) for seq, (_, entry) in numbered])
        connection.exec_driver_sql("UPDATE ledger SET seq = ?", (counter + len(numbered),))
    return len(numbered)


def lock(connection: Connection) -> int:
    """Take the counter row for this transaction; the last seq that was given."""
    return int(connection.exec_driver_sql("UPDATE ledger SET seq = seq RETURNING seq").scalar_one())


def last_seq(connection: Connection) -> int:
    return int(connection.execute(select(LEDGER.c.seq)).scalar_one())


def unknown(connection: Connection, entries: Sequence[Entry]) -> dict[bytes, Entry]:
    """The entries whose identity is new, the first of each id, in order of arrival."""
    by_digest: dict[bytes, Entry] = {}
    questions = []
    for entry in entries:
        digest = identity.digest(entry.workspace_id, str(entry.event.id))
        if digest not in by_digest:
            by_digest[digest] = entry
            if not entry.minted:
                questions.append(digest)
    for digest in known(connection, questions):
        del by_digest[digest]
    return by_digest


def known(connection: Connection, digests: list[bytes]) -> Iterator[bytes]:
    digests.sort()
    for start in range(0, len(digests), LOOKUP):
        asked = digests[start : start + LOOKUP]
        yield from connection.execute(select(IDENTITIES.c.digest).where(IDENTITIES.c.digest.in_(asked))).scalars()


def row(seq: int, entry: Entry) -> tuple[Any, ...]:
    """One row of `events`, in the order of COLUMNS."""
    event = entry.event
    return (
        seq,
        entry.workspace_id,
        entry.received_us,
        as_json(event.tags) if event.tags else "[]",
        as_json(event.flags) if event.flags else "[]",
        None if event.units is None else as_json(event.units),
        tokens_avoided(event),
        *of_event(event),
        *of_tokens(event.tokens),
        *of_cost(entry.cost),
    )


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def tokens_avoided(event: Event) -> int:
    """The tokens that a response-cache hit spared: as told, else all of the call's."""
    if not event.cache_hit:
        return 0
    if event.avoided_input is not None or event.avoided_output is not None:
        return (event.avoided_input or 0) + (event.avoided_output or 0)
    return event.tokens.total or 0


def store(connection: Connection, into: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Many rows a statement: the driver gives up Python's lock once for each statement, and gets it back late while
    the event loop is busy."""
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        some = rows[start : start + ROWS_PER_STATEMENT]
        connection.exec_driver_sql(insertion(into, columns, len(some)), tuple(chain.from_iterable(some)))


@cache
def insertion(into: str, columns: tuple[str, ...], rows: int) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {into} ({names}) VALUES {', '.join([row] * rows)}"


# -- opening ----------------------------------------------------------------------------------------------------


def found(connection: Connection) -> None:
    """Make the ledger's single rows where this database has none yet."""
    if connection.execute(select(func.count()).select_from(LEDGER)).scalar_one():
        return
    epoch = open_epoch(connection)
    connection.execute(insert(LEDGER).values(id=1, seq=0, epoch=epoch))
    connection.execute(insert(table(Control)).values(id=1, version=1))
    connection.execute(insert(table(Publisher)).values(id=1, fence=0))


def open_epoch(connection: Connection) -> str:
    epoch = uuid4().hex
    connection.execute(insert(EPOCHS).values(epoch=epoch))
    return epoch


def current_epoch(connection: Connection) -> str:
    return str(connection.execute(select(LEDGER.c.epoch)).scalar_one())


def reopen_above(connection: Connection, highest: int) -> bool:
    """Open a new epoch where files have counted further than the counter: this database is an older copy.

    Files of the old epoch stay good as far as the counter goes; beyond, they count events that are not here.
    """
    counter = lock(connection)
    if highest <= counter:
        return False
    connection.execute(update(EPOCHS).where(EPOCHS.c.epoch == current_epoch(connection)).values(closed_seq=counter))
    connection.execute(update(LEDGER).values(seq=highest, epoch=open_epoch(connection)))
    return True


def epochs(connection: Connection) -> dict[str, int | None]:
    """Every epoch of this database: how far its files may be trusted, None without bound."""
    return dict(connection.execute(select(EPOCHS.c.epoch, EPOCHS.c.closed_seq)).all())


def ids_stored(connection: Connection, workspace_id: str, ids: Iterable[str]) -> set[str]:
    """Which of these ids are stored."""
    by_digest = {identity.digest(workspace_id, each): each for each in ids}
    return {by_digest[digest] for digest in known(connection, list(by_digest))}
