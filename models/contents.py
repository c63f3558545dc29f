"""Prompts and responses that a workspace keeps: sealed, each beside its event, for so many days and no longer.

They are written in the transaction of their events (`models/ledger.py`), and only there. Nobody sees one without a
record of it on the audit log. No route of the API reads them.
"""

import time
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from models import audit
from models.audit import Author
from models.database import Database
from models.errors import NotFound
from models.seal import Seal, require
from models.tables import Content, Workspace, table
from models.usage import content

CONTENTS = table(Content)
WORKSPACES = table(Workspace)

CHUNK, CHUNK_BYTES = 500, 1024 * 1024  # deleted in one transaction, at most: some 20 ms
BREATH = 1.0  # rests as long as a transaction took

NOTHING = "Nothing is kept of its prompt and response"


class Sealed(NamedTuple):
    """One row."""

    workspace_id: str
    event_id: str
    received_us: int
    sealed: bytes


def keep(connection: Connection, found: Iterable[Sealed]) -> None:
    """Of the workspaces that want it at this moment: whoever decoded the events may know of a switch a little late."""
    rows = list(found)
    if not rows:
        return
    asked = {row.workspace_id for row in rows}
    wanted = select(WORKSPACES.c.id).where(WORKSPACES.c.id.in_(asked), WORKSPACES.c.capture_content)
    keeping = set(connection.execute(wanted).scalars())
    kept = [row._asdict() for row in rows if row.workspace_id in keeping]
    if kept:
        connection.execute(insert(CONTENTS), kept)


def require_key(wanted: Mapping[str, Any], seal: Seal | None) -> None:
    """Conflict where a change would switch capture on and nothing could be encrypted."""
    if wanted.get("capture_content") is True:
        require(seal)


def is_kept(connection: Connection, workspace_id: str, event_id: str) -> bool:
    return (
        connection.execute(select(CONTENTS.c.received_us).where(*of_event(workspace_id, event_id))).first() is not None
    )


def look(
    connection: Connection, workspace_id: str, event_id: str, seal: Seal | None, author: Author
) -> content.Content:
    """What was said in that call. In the same transaction it is recorded who looked."""
    row = connection.execute(select(CONTENTS.c.sealed).where(*of_event(workspace_id, event_id))).first()
    if row is None:
        raise NotFound(NOTHING)
    audit.record(connection, author, workspace_id, "content.look", event_id)
    return require(seal).open(workspace_id, event_id, row.sealed)


def of_event(workspace_id: str, event_id: str) -> tuple[Any, ...]:
    return CONTENTS.c.workspace_id == workspace_id, CONTENTS.c.event_id == event_id


def count(connection: Connection, workspace_id: str) -> int:
    query = select(func.count()).select_from(CONTENTS).where(CONTENTS.c.workspace_id == workspace_id)
    return int(connection.execute(query).scalar_one())


# -- deleting -----------------------------------------------------------------------------------------------------


def delete_before(database: Database, workspace_id: str, before_us: int) -> int:
    """Delete what was received before; how many those were. In small transactions, with a rest after each: events
    that come in never wait for it."""
    deleted = 0
    while some := oldest_before(database, workspace_id, before_us):
        began = time.monotonic()
        these = (CONTENTS.c.workspace_id == workspace_id, CONTENTS.c.event_id.in_(some))
        with database.write() as connection:
            deleted += connection.execute(delete(CONTENTS).where(*these)).rowcount
        time.sleep(BREATH * (time.monotonic() - began))
    return deleted


def oldest_before(database: Database, workspace_id: str, before_us: int) -> list[str]:
    """As many as are deleted in one transaction, at least one if there is any. Asked of a reader, so nobody waits."""
    old = (CONTENTS.c.workspace_id == workspace_id, CONTENTS.c.received_us < before_us)
    lengths = select(CONTENTS.c.event_id, func.length(CONTENTS.c.sealed)).where(*old)
    with database.read() as connection:
        rows = connection.execute(lengths.order_by(CONTENTS.c.received_us).limit(CHUNK)).all()
    sizes = accumulate(length for _, length in rows)
    return [event_id for (event_id, length), size in zip(rows, sizes, strict=True) if size - length < CHUNK_BYTES]


def tell_deletion(connection: Connection, workspace_id: str, name: str, author: Author) -> None:
    """To be said before all that is kept is deleted because somebody wants it."""
    details = {"events": count(connection, workspace_id)}
    audit.record(connection, author, workspace_id, "content.delete", name, details)
