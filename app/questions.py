"""What pages ask about spend: every question goes through the query layer, under the names of the query API, and its
answer is kept as `app/data.py` says."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.address import Address
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.opened import opened
from models.accounts.workspaces import WorkspaceInfo
from models.errors import EventsGone
from models.periods import SECOND, now_us
from models.spend import query as queries
from models.spend.answer import WorkspaceSpend
from models.spend.dimensions import NONE
from models.spend.query import Period, Query
from models.spend.table import Spend

Asked = tuple[tuple[str, str], ...]  # names and values, as they stand in an address
MAX_LARGE = 24  # answers of many rows; one is some megabytes at most
SLOT = 30 * SECOND  # reading events one by one takes a second or two: not each time that one arrives
OFFERED = 500  # values of one dimension that a filter offers, the dearest first

FILTERED = ("last", "from", "to", "where")  # of an address: which events are asked about


def asked(here: Address, **more: str) -> Asked:
    """The filters of an address, with what the page asks about those events."""
    return (*here.asked(*FILTERED), *more.items())


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def spend(workspace: WorkspaceInfo, seen: Seen, asked: Asked) -> Spend:  # noqa: ARG001 - part of the key
    """BadRequest names what can't be asked."""
    return spend_now(workspace, asked)


def spend_now(workspace: WorkspaceInfo, asked: Asked) -> Spend:
    """Not kept: for files, which are made once and may be large."""
    now = now_us()
    return told(opened().spend(workspace), [parse(workspace, asked, now)], now)[0]


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_LARGE)
def together(workspace: WorkspaceInfo, seen: Seen, asked: tuple[Asked, ...]) -> list[Spend]:  # noqa: ARG001 - part of the key
    """Several questions about the same calls, in one reading."""
    now = now_us()
    return told(opened().spend(workspace), [parse(workspace, each, now) for each in asked], now)


def told(spend: WorkspaceSpend, queries: Sequence[Query], now: int) -> list[Spend]:
    """Without the period before where only that can't be told any more."""
    try:
        return spend.answers(queries, now)
    except EventsGone:
        if not any(each.compare for each in queries):
            raise
        return spend.answers([replace(each, compare=False) for each in queries], now)


def at_times(seen: Seen) -> Seen:
    """For answers that are read event by event: another one every half a minute, however many events arrive."""
    return replace(seen, events=-(now_us() // SLOT))  # never what counts events


def tag_keys(workspace: WorkspaceInfo, seen: Seen, here: Address) -> list[str]:
    """Those of `key:value` tags in the period of an address, the dearest first; without what an address can't name."""
    found = (each.partition(":") for each in values(workspace, seen, here, "tag"))
    return list(dict.fromkeys(key for key, colon, _ in found if colon and can_be_asked(key)))


def can_be_asked(key: str) -> bool:
    """A comma separates dimensions, blanks around them are no part of them, and a final `!` says no."""
    return bool(key) and "," not in key and key == key.rstrip() and not key.endswith("!")


def parse(workspace: WorkspaceInfo, asked: Asked, now: int) -> Query:
    parameters: dict[str, list[str]] = {}
    for name, value in asked:
        parameters.setdefault(name, []).append(value)
    return queries.parse(parameters, workspace.timezone, now)


def period(workspace: WorkspaceInfo, here: Address) -> Period:
    """That which an address names."""
    return parse(workspace, here.asked("last", "from", "to"), now_us()).period


def values(workspace: WorkspaceInfo, seen: Seen, here: Address, dimension: str) -> list[str]:
    """Those of a dimension in the period of an address, the dearest first, as filters write them."""
    found = (*here.asked("last", "from", "to"), ("group_by", dimension), ("limit", str(OFFERED)), ("measures", "cost"))
    rows = spend(workspace, seen, found).rows
    return [written(each) for each in rows[dimension].to_list()]


def written(value: object) -> str:
    return NONE if value is None else str(value).lower() if isinstance(value, bool) else str(value)
