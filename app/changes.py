"""All that pages change. A change asks for the role that it needs, as it is this moment, in the transaction that makes
it, and carries who did it, for the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy import Connection

from app import data
from app.opened import opened
from app.sessions import Viewer, Visit
from models.accounts import members, roles, sessions
from models.audit import Author
from models.errors import Forbidden, Unauthorized
from models.periods import now_us


@contextmanager
def changing(visit: Visit, least: str) -> Iterator[tuple[Connection, Author]]:
    """A transaction in that workspace for somebody whose role is at least this. Once committed, it holds here at once.

    Unauthorized where the session is over, Forbidden where the role is not enough (any more).
    """
    with changing_own(visit.viewer) as (connection, author):
        require(connection, visit, least)
        yield connection, author
    opened().directory.look(now_us())


@contextmanager
def changing_own(viewer: Viewer) -> Iterator[tuple[Connection, Author]]:
    """The same for what belongs to one person, whatever the workspace, and without one too."""
    now = now_us()
    with opened().installation.database.write() as connection:
        require_session(connection, viewer, now)
        yield connection, Author(f"user {viewer.email}", now, address())
    opened().sessions.answers.clear()  # roles and names of workspaces stand in them


def require(connection: Connection, visit: Visit, least: str) -> None:
    roles.require(role_of(connection, visit), least)


def role_of(connection: Connection, visit: Visit) -> str:
    """As it is this moment, whatever it was when the page was drawn."""
    role = members.role_of(connection, visit.viewer.email, visit.workspace.id)
    if role is None:
        raise Forbidden("You are no member of this workspace any more")
    return role


def require_session(connection: Connection, viewer: Viewer, now_us: int) -> None:
    if sessions.holder(connection, data.cookie(), now_us) != viewer.email:
        raise Unauthorized("Your session has ended: sign in again")


def address() -> str:
    """Where the browser is. Streamlit tells of none where that is this machine."""
    return st.context.ip_address or "127.0.0.1"
