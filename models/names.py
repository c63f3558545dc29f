"""Names as they are kept: which value of a dimension is told as which other, made and removed, never changed, each time
with a record on the audit log.

They hold wherever questions are answered, for what is stored already too, and for none of it any more once they are
removed: `models/spend/renames.py` says how. Events keep what they came with.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from models import audit, identity, periods
from models.accounts import control
from models.audit import Author
from models.errors import BadField, BadRequest, Conflict, NotFound
from models.spend.dimensions import NONE
from models.spend.renames import RENAMABLE, Rename, closes_a_circle
from models.tables import NameMapping, table
from models.usage.text import LABEL_CHARACTERS, label

MAPPINGS = table(NameMapping)
IN_ORDER = (MAPPINGS.c.created_us, MAPPINGS.c.id)

MAX_NAMES = 1_000  # of one workspace: every process holds them, and each question of their dimension obeys them
FIELDS = ("dimension", "name", "becomes", "from", "to")
MADE = ("id", "author", "created_at")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EXPECTED_DAY = "a day such as 2026-06-01, or null"
EXPECTED_VALUE = f"text of 1 to {LABEL_CHARACTERS} characters, and not {NONE}"


@dataclass(frozen=True)
class Kept:
    """A rename, and who made it when."""

    id: str
    rename: Rename
    author: str
    created_us: int


# -- what is asked for --------------------------------------------------------------------------------------------


def of_body(body: Mapping[str, Any]) -> Rename:
    """The rename that is asked for; days are those of the workspace's zone."""
    for field in body.keys() - {*FIELDS, *MADE}:  # what was shown may be sent again
        raise BadField(field[:LABEL_CHARACTERS], body[field], f"one of {', '.join(FIELDS)}", show=False)
    dimension = read_dimension(body.get("dimension"))
    name, becomes = (read_value(field, body.get(field)) for field in ("name", "becomes"))
    if name == becomes:
        raise BadField("becomes", becomes, "another value than name")
    first, end = read_day("from", body.get("from")) or date.min, read_day("to", body.get("to")) or date.max
    if first >= end:
        raise BadField("to", body["to"], "a day after from")
    return Rename(dimension, name, becomes, first, end)


def read_dimension(value: Any) -> str:
    if value not in RENAMABLE:
        raise BadField("dimension", value, f"one of {', '.join(RENAMABLE)}")
    return str(value)


def read_value(field: str, value: Any) -> str:
    if not isinstance(value, str) or value == NONE or label(value) != value:
        raise BadField(field, value, EXPECTED_VALUE)
    return value


def read_day(field: str, value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) and DAY.fullmatch(value) else "")
    except ValueError:
        raise BadField(field, value, EXPECTED_DAY) from None


# -- changes ------------------------------------------------------------------------------------------------------


def create(connection: Connection, workspace_id: str, rename: Rename, author: Author) -> Kept:
    """It holds once this is committed: here at once, in other processes within two seconds."""
    require_room(of_workspace(connection, workspace_id), rename)
    kept = Kept(identity.new_id("name"), rename, author.actor, author.at_us)
    connection.execute(insert(MAPPINGS).values(row_of(workspace_id, kept)))
    control.changed(connection)
    tell(connection, workspace_id, "name.map", kept, author)
    return kept


def require_room(others: Iterable[Kept], new: Rename) -> None:
    stated = [each.rename for each in others]
    if len(stated) >= MAX_NAMES:
        raise BadRequest(f"A workspace has at most {MAX_NAMES:,} names that are told as others: remove some first")
    for each in stated:
        if each.overlaps(new):
            raise Conflict(f"{new.dimension} {new.name!r} is told as {each.becomes!r} on some of these days already")
    if closes_a_circle([each for each in stated if each.dimension == new.dimension], new):
        raise Conflict(
            f"{new.dimension} {new.becomes!r} is told as {new.name!r} on some of these days, at once or in the end"
        )


def remove(connection: Connection, workspace_id: str, name_id: str, author: Author) -> None:
    mine = (MAPPINGS.c.workspace_id == workspace_id, MAPPINGS.c.id == name_id)
    row = connection.execute(select(MAPPINGS).where(*mine)).mappings().first()
    if row is None:
        raise NotFound("No such name in this workspace")
    connection.execute(delete(MAPPINGS).where(*mine))
    control.changed(connection)
    tell(connection, workspace_id, "name.unmap", kept_of(row), author)


def tell(connection: Connection, workspace_id: str, action: str, kept: Kept, author: Author) -> None:
    said = shown(kept)
    audit.record(connection, author, workspace_id, action, kept.id, {field: said[field] for field in FIELDS})


# -- rows ---------------------------------------------------------------------------------------------------------


def row_of(workspace_id: str, kept: Kept) -> dict[str, Any]:
    rename, said = kept.rename, shown(kept)
    return {
        "id": kept.id,
        "workspace_id": workspace_id,
        "dimension": rename.dimension,
        "name": rename.name,
        "becomes": rename.becomes,
        "from_day": said["from"],
        "to_day": said["to"],
        "author": kept.author,
        "created_us": kept.created_us,
    }


def kept_of(row: RowMapping) -> Kept:
    return Kept(row["id"], rename_of(row), row["author"], row["created_us"])


def rename_of(row: RowMapping) -> Rename:
    first = date.fromisoformat(row["from_day"]) if row["from_day"] else date.min
    end = date.fromisoformat(row["to_day"]) if row["to_day"] else date.max
    return Rename(row["dimension"], row["name"], row["becomes"], first, end)


def of_workspace(connection: Connection, workspace_id: str) -> list[Kept]:
    """The oldest first."""
    query = select(MAPPINGS).where(MAPPINGS.c.workspace_id == workspace_id)
    return [kept_of(row) for row in connection.execute(query.order_by(*IN_ORDER)).mappings()]


def renames(connection: Connection) -> dict[str, tuple[Rename, ...]]:
    """Of each workspace that has some."""
    found: dict[str, tuple[Rename, ...]] = {}
    for row in connection.execute(select(MAPPINGS).order_by(*IN_ORDER)).mappings():
        found[row["workspace_id"]] = (*found.get(row["workspace_id"], ()), rename_of(row))
    return found


def shown(kept: Kept) -> dict[str, Any]:
    """As it may be sent again."""
    rename = kept.rename
    return {
        "id": kept.id,
        "dimension": rename.dimension,
        "name": rename.name,
        "becomes": rename.becomes,
        "from": None if rename.first == date.min else rename.first.isoformat(),
        "to": None if rename.end == date.max else rename.end.isoformat(),
        "author": kept.author,
        "created_at": periods.iso(kept.created_us),
    }
