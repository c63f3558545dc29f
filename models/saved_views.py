"""Saved views: a page's question under a name, for everybody in the workspace. Any member may save one; who saved it
takes it away again, or an admin does. Each change stands on the audit log."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from models import audit, identity
from models.accounts import control
from models.audit import Author
from models.errors import BadField, BadRequest, Conflict, Forbidden, NotFound
from models.tables import SavedView as Row
from models.tables import table
from models.usage.text import UNSTORABLE

VIEWS = table(Row)

MAX_VIEWS = 500  # of one workspace: all of them stand in one list
MAX_NAME = 80  # characters
MAX_QUERY = 8_000  # characters: what browsers and proxies take in an address
PATH = re.compile(r"[a-z]*")


@dataclass(frozen=True)
class SavedView:
    """`query` as the address of the page at `path` has it."""

    id: str
    name: str
    path: str
    query: str
    author: str
    created_us: int


def of_workspace(connection: Connection, workspace_id: str) -> list[SavedView]:
    """By name."""
    columns = (VIEWS.c[name] for name in SavedView.__dataclass_fields__)
    query = select(*columns).where(VIEWS.c.workspace_id == workspace_id)
    return [SavedView(**row) for row in connection.execute(query.order_by(func.lower(VIEWS.c.name))).mappings()]


def save(connection: Connection, workspace_id: str, name: str, path: str, query: str, author: Author) -> SavedView:
    """Other pages have it as soon as this is committed."""
    view = SavedView(
        identity.new_id("view"), read_name(name), read_path(path), read_query(query), author.actor, author.at_us
    )
    require_room(of_workspace(connection, workspace_id), view)
    connection.execute(insert(VIEWS).values(workspace_id=workspace_id, **vars(view)))
    told(connection, workspace_id, "view.save", view, author)
    return view


def remove(connection: Connection, workspace_id: str, view_id: str, author: Author, any_author: bool = False) -> None:
    """`any_author` is for those who may take away what others have saved."""
    found = next((each for each in of_workspace(connection, workspace_id) if each.id == view_id), None)
    if found is None:
        raise NotFound("No such saved view in this workspace")
    if found.author != author.actor and not any_author:
        raise Forbidden("Only who saved a view may delete it, or an admin")
    connection.execute(delete(VIEWS).where(VIEWS.c.workspace_id == workspace_id, VIEWS.c.id == view_id))
    told(connection, workspace_id, "view.delete", found, author)


def told(connection: Connection, workspace_id: str, action: str, view: SavedView, author: Author) -> None:
    control.changed(connection)
    audit.record(connection, author, workspace_id, action, view.name, {"path": view.path, "query": view.query})


# -- what is asked for --------------------------------------------------------------------------------------------


def require_room(others: list[SavedView], new: SavedView) -> None:
    if new.name in {each.name for each in others}:
        raise Conflict(f"There is a view called {new.name!r} already: choose another name, or delete that one")
    if len(others) >= MAX_VIEWS:
        raise BadRequest(f"A workspace has at most {MAX_VIEWS} saved views: delete some first")


def read_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or UNSTORABLE.search(name):
        raise BadField("name", name, f"a text of 1 to {MAX_NAME} characters")
    return name


def read_path(path: str) -> str:
    if not PATH.fullmatch(path):
        raise BadField("path", path, "the address of a page")
    return path


def read_query(query: str) -> str:
    if len(query) > MAX_QUERY or UNSTORABLE.search(query):
        raise BadField("query", query, f"at most {MAX_QUERY} characters")
    return query
