"""What the page Requests asks: the log, one request in full, and whether anything was kept of what was said in it. As
`app/data.py` says; what was said itself is never kept here, and is read by `app/views/requests.py` alone."""

from typing import Any

import streamlit as st

from app import questions
from app.address import Address
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.opened import opened
from app.questions import FILTERED, Asked
from models import contents
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.spend import log, search
from models.spend.log import Page

ROWS = 50  # of a page


def page(workspace: WorkspaceInfo, seen: Seen, here: Address, cursor: str | None) -> Page:
    """The requests that an address asks for, from the cursor on."""
    return asked(workspace, seen, here.asked(*FILTERED), here.get("search"), cursor)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def asked(
    workspace: WorkspaceInfo,
    seen: Seen,  # noqa: ARG001 - part of the key
    filters: Asked,
    text: str,
    cursor: str | None,
) -> Page:
    """BadRequest names what can't be asked."""
    query = questions.parse(workspace, filters, now_us())
    wanted = search.read(text)
    return log.page(opened().spend(workspace), query.period, query.where, ROWS, cursor, wanted, log.PATIENCE)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def one(workspace: WorkspaceInfo, seen: Seen, event_id: str) -> dict[str, Any]:  # noqa: ARG001 - part of the key
    """NotFound where there is none, or where the plan hides it."""
    return log.one(opened().spend(workspace), event_id)


def is_kept(workspace: WorkspaceInfo, event_id: str) -> bool:
    """Whether prompt and response of that request are kept. Never cached: a small read."""
    with opened().installation.database.read() as connection:
        return contents.is_kept(connection, workspace.id, event_id)


def kept(workspace: WorkspaceInfo) -> int:
    """Of how many requests they are."""
    with opened().installation.database.read() as connection:
        return contents.count(connection, workspace.id)
