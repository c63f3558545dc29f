"""Which colours the members of a dimension have in a workspace, whatever a page is about: those that cost most lately
keep theirs everywhere, and only the others give way in a chart where two would be alike."""

from collections.abc import Mapping
from datetime import date, timedelta

import streamlit as st

from app import colours, questions
from app.colours import MAX_SERIES, Colour
from app.data import MAX_ENTRIES, Seen
from app.explored import told
from models.accounts.workspaces import WorkspaceInfo
from models.errors import EventsGone

LATELY = timedelta(days=30)
DAY = 86_400  # seconds


def of(workspace: WorkspaceInfo, dimension: str, seen: Seen) -> Mapping[str, Colour]:
    """By name; none where the days in question can't be told any more, for nobody came for the colours."""
    try:
        return lately(workspace, dimension, seen.today, seen.control)
    except EventsGone:
        return {}


@st.cache_data(show_spinner=False, ttl=DAY, max_entries=MAX_ENTRIES)
def lately(
    workspace: WorkspaceInfo,
    dimension: str,
    today: date,
    control: int,  # noqa: ARG001 - part of the key: names may have become others
) -> Mapping[str, Colour]:
    """Of whole days, so that what is called today moves nothing."""
    asked = (
        ("from", (today - LATELY).isoformat()), ("to", today.isoformat()),
        ("group_by", dimension), ("measures", "cost"), ("limit", str(MAX_SERIES)),
    )  # fmt: skip
    rows = questions.spend_now(workspace, asked).rows
    return colours.assign(told(each) for each in rows[dimension].to_list())
