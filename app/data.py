"""All that pages ask. Every query of the dashboard is here, through models, cached with a bound, and with everything
that its answer depends on among its arguments: the workspace first of all, then how far it has moved (`Seen`).

An answer that was cached under a `Seen` holds at least what had been committed then; the moment anything is
committed, the next `Seen` is another, and asks anew. So nothing is ever stale, and nothing is computed twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from app.opened import opened
from app.sessions import COOKIE, Viewer
from models import periods
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.spend import log
from models.spend.query import MAX_DAYS, Query, parse, parse_last
from models.spend.table import Spend

TOP = 5  # rows of a top list
UNPRICED_MODELS = 3  # named beside the total
MAX_SECONDS = 60  # that an answer is kept where nothing has moved; for memory's sake only
MAX_ENTRIES = 64  # answers of one kind; one is some 100 kB at most


# -- who, and how far things have moved ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """How far a workspace has moved: another one means that answers may be others, too."""

    events: int
    control: int  # version of keys, workspaces and source definitions
    today: date


def viewer() -> Viewer | None:
    """Who is looking at the page that is being drawn; None where their session is over."""
    return opened().sessions.viewer(st.context.cookies.get(COOKIE), now_us())


def seen(workspace: WorkspaceInfo) -> Seen:
    """Never cached: two small reads."""
    here, now = opened(), now_us()
    here.directory.check(now)
    with here.installation.database.read() as connection:
        events = here.pulse.of(connection, workspace.id)
    return Seen(events, here.directory.view.version, periods.day_of(now, workspace.timezone))


def control() -> int:
    """The version of all control data, as it is now."""
    here = opened()
    here.directory.check(now_us())
    return here.directory.view.version


def api_address() -> str:
    return opened().installation.settings.api_address()


# -- answers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overview:
    """`trend` is 30 days by provider and day beside the 30 before; the lists are the last 7 days'."""

    trend: Spend
    endpoints: Spend
    tokens: Spend
    unpriced: Spend


TREND: dict[str, str] = {
    "last": "30d", "compare": "previous", "granularity": "day", "group_by": "provider",
    "measures": "cost,saved,saved_share,prompt_cache_saved,requests,unpriced_requests",
}  # fmt: skip
LIST = {"last": "7d", "measures": "cost,requests,unpriced_requests", "limit": str(TOP)}
UNPRICED = {
    "last": "30d", "group_by": "provider,model", "measures": "unpriced_requests", "order": "-unpriced_requests",
    "limit": str(UNPRICED_MODELS),
}  # fmt: skip


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def overview(workspace: WorkspaceInfo, seen: Seen) -> Overview:  # noqa: ARG001 - part of the key
    return Overview(
        answer(workspace, TREND),
        answer(workspace, LIST | {"group_by": "endpoint"}),
        answer(workspace, LIST | {"group_by": "token"}),
        answer(workspace, UNPRICED),
    )


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def newest(workspace: WorkspaceInfo, seen: Seen) -> dict[str, Any] | None:  # noqa: ARG001 - part of the key
    """The newest call that this workspace may see; None where it has none."""
    ever = parse_last(f"{MAX_DAYS}d", workspace.timezone, now_us())
    rows = log.page(opened().spend(workspace), ever, (), 1, None).rows
    return rows[0] if rows else None


def answer(workspace: WorkspaceInfo, parameters: Mapping[str, str]) -> Spend:
    now = now_us()
    query: Query = parse({name: [value] for name, value in parameters.items()}, workspace.timezone, now)
    return opened().spend(workspace).answer(query, now)
