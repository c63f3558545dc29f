"""The ledger: the one way in for events. Rows are appended, never updated.

One transaction does, in this order: lock the counter → identity → allowance → seq for what remains → rows and
counters. The lock makes seq gapless and the order of commit. Identity is (workspace, event id), whatever the event's
time: a second arrival changes nothing and is answered like the first. What is beyond the allowance of a plan that takes
no more is refused, and reserves no id.

What was stored and turns out to be wrong is corrected by further rows: `models/corrections.py`, which writes here too.
This module knows no HTTP and no queue; `api/writer.py` gathers what waits into one append.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from models import contents, identity, price_cards
from models.allowance import Allowances
from models.contents import Sealed
from models.errors import FarthingError, OverQuota
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
    sealed: bytes | None = None  # prompt and response, where the workspace keeps them


class Fates(msgspec.Struct):
    """What became of entries, by their places. What is not refused is stored, now or before."""

    refused: dict[int, FarthingError] = {}
    overage: set[int] = set()  # beyond the allowance of a plan that goes on; repeats of such are, too

    def part(self, start: int, end: int) -> "Fates":
        """Those from start to end (excluded), by their places there."""
        refused = {place - start: self.refused[place] for place in range(start, end) if place in self.refused}
        return Fates(refused, {place - start for place in range(start, end) if place in self.overage})


class Appended(Fates):
    stored: int = 0  # how many were new


def append(connection: Connection, entries: Sequence[Entry]) -> Appended:
    """Store what is not stored yet and may be. The transaction is the caller's."""
    counter = lock(connection)
    done = Appended()
    admitted = list(enumerate(admit(connection, entries, done), counter + 1))
    if admitted:
        rows = [row_of(seq, each.workspace_id, each.received_us, each.event, each.cost) for seq, (*_, each) in admitted]
        write(connection, [(digest, seq, overage) for seq, (digest, overage, _) in admitted], COLUMNS, rows)
        price_cards.keep(connection, (each.cost.card for _, (*_, each) in admitted if each.cost.card))
        contents.keep(connection, (content_of(each) for _, (*_, each) in admitted if each.sealed))
    done.stored = len(admitted)
    return done


def content_of(entry: Entry) -> Sealed:
    return Sealed(entry.workspace_id, str(entry.event.id), entry.received_us, entry.sealed or b"")


def admit(connection: Connection, entries: Sequence[Entry], done: Appended) -> list[tuple[bytes, bool, Entry]]:
    """What is new, with its identity and whether it is overage. In order of arrival: what is known, or stands earlier
    in this commit, is left out; the rest takes from the allowance of its month, or is refused."""
    digests = [identity.digest(each.workspace_id, str(each.event.id)) for each in entries]
    standing = known(connection, {digest for digest, each in zip(digests, entries, strict=True) if not each.minted})
    allowances = Allowances(connection, {each.workspace_id for each in entries})
    admitted: list[tuple[bytes, bool, Entry]] = []
    for place, (digest, entry) in enumerate(zip(digests, entries, strict=True)):
        overage: bool | OverQuota | None = standing.get(digest)
        if overage is None:
            overage = allowances.take(entry.workspace_id, entry.received_us)
            if isinstance(overage, OverQuota):
                done.refused[place] = overage
                continue
            standing[digest] = overage
            admitted.append((digest, overage, entry))
        if overage:
            done.overage.add(place)
    allowances.keep()
    return admitted


def write(
    connection: Connection,
    identities: list[tuple[bytes, int, bool]],
    columns: tuple[str, ...],
    rows: list[tuple[Any, ...]],
) -> None:
    """Rows, seq first, each right above the one before; the counter goes to the last of them."""
    store(connection, IDENTITIES.name, ("digest", "seq", "overage"), sorted(identities))
    store(connection, EVENTS.name, columns, rows)
    connection.exec_driver_sql("UPDATE ledger SET seq = ?", (rows[-1][0],))


def lock(connection: Connection) -> int:
    """Take the counter row for this transaction; the last seq that was given."""
    return int(connection.exec_driver_sql("UPDATE ledger SET seq = seq RETURNING seq").scalar_one())


def last_seq(connection: Connection) -> int:
    return int(connection.execute(select(LEDGER.c.seq)).scalar_one())


def known(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, bool]:
    """Those that are stored, each with whether it was overage."""
    asked = sorted(digests)
    found: dict[bytes, bool] = {}
    for start in range(0, len(asked), LOOKUP):
        these = IDENTITIES.c.digest.in_(asked[start : start + LOOKUP])
        found.update(connection.execute(select(IDENTITIES.c.digest, IDENTITIES.c.overage).where(these)).all())
    return found


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
