"""The ledger: the one way in for events. Rows are appended, never updated.

One transaction does, in this order: lock the counter → identity → (quota, budgets) → seq for what remains →
rows and counter. The lock makes seq gapless and the order of commit. Identity is (workspace, event id), whatever
the event's time: a second arrival changes nothing and is answered like the first.

What was stored and turns out to be wrong is corrected by further rows: `models/corrections.py`, which writes here too.
This module knows no HTTP and no queue; `api/writer.py` gathers what waits into one append.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from models import identity, price_cards
from models.pricing.cost import Cost
from models.rows import COLUMNS, EVENTS, row_of
from models.tables import Control, Identity, Ledger, LedgerEpoch, Publisher, table
from models.usage.event import Event

ROWS_PER_STATEMENT = 200  # of some fifty values each: a third of what SQLite binds to a statement
LOOKUP = 500  # ids per question, below every database's limit of bound values

LEDGER = table(Ledger)
EPOCHS = table(LedgerEpoch)
IDENTITIES = table(Identity)


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
    numbered = list(enumerate(fresh.items(), counter + 1))
    if numbered:
        rows = [row_of(seq, each.workspace_id, each.received_us, each.event, each.cost) for seq, (_, each) in numbered]
        write(connection, [(digest, seq) for seq, (digest, _) in numbered], COLUMNS, rows)
        price_cards.keep(connection, (entry.cost.card for entry in fresh.values() if entry.cost.card))
    return len(numbered)


def write(
    connection: Connection, identities: list[tuple[bytes, int]], columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Rows, seq first, each right above the one before; the counter goes to the last of them."""
    store(connection, IDENTITIES.name, ("digest", "seq"), sorted(identities))
    store(connection, EVENTS.name, columns, rows)
    connection.exec_driver_sql("UPDATE ledger SET seq = ?", (rows[-1][0],))


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
