"""Which edition of the price data is in use: the newest that was taken up, else that of the installed package.

The only code that reads and writes the table `price_tables`. Taking up an edition changes nothing of past events. Rows
are never changed: a card's source, with the hash of its file, names one edition for ever.
"""

import hashlib
import zlib
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from models import audit, periods
from models.accounts import control
from models.audit import Author
from models.database import Database
from models.errors import FarthingError
from models.pricing import editions
from models.pricing.changes import Change, changes, counted
from models.pricing.changes import as_text as changes_as_text
from models.pricing.table import Table, packaged
from models.tables import PriceTable, table

PRICE_TABLES = table(PriceTable)


class Edition(NamedTuple):
    id: int | None  # None where none was ever taken up
    source: str
    packaged: bool
    adopted_us: int | None


def in_use(connection: Connection) -> Edition:
    columns = PRICE_TABLES.c
    of_package = columns.content.is_(None).label("packaged")
    query = select(columns.id, columns.source, of_package, columns.adopted_us).order_by(columns.id.desc()).limit(1)
    row = connection.execute(query).first()
    found = Edition(*row) if row else Edition(None, "", True, None)
    return found._replace(source=packaged().source) if found.packaged else found


def table_of(connection: Connection, edition: Edition) -> Table:
    """Takes some 0.1 s where it comes from a file."""
    if edition.packaged:
        return packaged()
    query = select(PRICE_TABLES.c.content).where(PRICE_TABLES.c.id == edition.id)
    return Table(edition.source, editions.restored(unpacked(connection.execute(query).scalar_one())))


def packed(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""  # which is no price data


# -- taking one up ------------------------------------------------------------------------------------------------


class Update(NamedTuple):
    before: str
    after: str
    taken: bool  # False where it was in use already
    changes: list[Change]


def update(database: Database, data: bytes | None, now_us: int, actor: str) -> Update:
    """Take up the data of a file, None is the installed package's. It is read as a whole before anything is stored."""
    offered = packaged() if data is None else Table(source_of(data, now_us), editions.read(data))
    with database.read() as connection:
        edition = in_use(connection)
        current = readable(connection, edition)
    found = changes(current, offered, now_us)
    taken = not (edition.packaged if data is None else content_of(edition.source) == content_of(offered.source))
    if taken:
        with database.write() as connection:
            adopt(connection, edition, offered.source, data, found, now_us, actor)
    return Update(edition.source, offered.source, taken, found)


def read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(editions.MAX_BYTES + 1)  # one more is refused


def as_text(update: Update) -> list[str]:
    if not update.taken:
        return [f"{update.before} is in use already: nothing to do"]
    return [f"took up {update.after}, instead of {update.before}", *changes_as_text(update.changes)]


def source_of(data: bytes, now_us: int) -> str:
    return f"prices file {hashlib.sha256(data).hexdigest()[:8]} of {periods.from_us(now_us):%Y-%m-%d}"


def content_of(source: str) -> str:
    """A source without the day on which it was taken up."""
    return source.partition(" of ")[0]


def readable(connection: Connection, edition: Edition) -> Table:
    """What can't be read any more can still be replaced."""
    try:
        return table_of(connection, edition)
    except FarthingError:
        return Table(edition.source, ())


def adopt(
    connection: Connection,
    before: Edition,
    source: str,
    data: bytes | None,
    found: list[Change],
    now_us: int,
    actor: str,
) -> None:
    content = None if data is None else packed(data)
    connection.execute(insert(PRICE_TABLES).values(source=source, content=content, adopted_us=now_us))
    said = {"before": before.source, **counted(found)}
    audit.record(connection, Author(actor, now_us), None, "price_data.adopt", source, said)
    control.changed(connection)
