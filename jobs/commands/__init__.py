"""Commands by noun, a file each, with what they share; `farthing.py` gathers them.

What is imported within a command is imported where it is needed: most commands need little of it, and start at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import Connection

from models import settings as configuration

if TYPE_CHECKING:
    from models.accounts.workspaces import WorkspaceInfo
    from models.audit import Author
    from models.installation import Installation

WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="its name; by default the oldest")]
JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]


@contextmanager
def installation() -> Iterator["Installation"]:
    from models.installation import open_installation

    opened = open_installation(configuration.load())
    try:
        yield opened
    finally:
        opened.database.close()


def author() -> "Author":
    from models.audit import COMMAND_LINE, Author
    from models.periods import now_us

    return Author(COMMAND_LINE, now_us())


@contextmanager
def in_workspace(name: str | None) -> Iterator[tuple[Connection, "WorkspaceInfo"]]:
    """A transaction, and the workspace of that name, else the oldest."""
    from models.accounts import workspaces

    with installation() as opened, opened.database.write() as connection:
        yield connection, workspaces.named_or_oldest(connection, name)


@contextmanager
def looking_at(name: str | None) -> Iterator[tuple[Connection, "WorkspaceInfo"]]:
    """The same for what only reads: it waits for nobody who writes."""
    from models.accounts import workspaces

    with installation() as opened, opened.database.read() as connection:
        yield connection, workspaces.named_or_oldest(connection, name)
