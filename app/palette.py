"""Which colours the members of a dimension have in a workspace, whatever a page is about: those that cost most lately
keep theirs everywhere, and only the others give way in a chart where two would be alike."""

from collections.abc import Mapping
from datetime import date, timedelta

import streamlit as st

from app import colours, questions
from app.colours import MAX_SERIES, Colour
from app.data import MAX_ENTRIES
from app.explored import told
from models.accounts.workspaces import WorkspaceInfo

LATELY = timedelta(days=30)
DAY = 86_400  # seconds


@st.cache_data(show_spinner=False, ttl=DAY, max_entries=MAX_ENTRIES)
def of(workspace: WorkspaceInfo, dimension: str, today: date) -> Mapping[str, Colour]:
    """By name. Of whole days, so that a day has one answer, however much is called in it."""
    asked = (
        ("from", (today - LATELY).isoformat()), ("to", today.isoformat()),
        ("group_by", dimension), ("measures", "cost"), ("limit", str(MAX_SERIES)),
    )  # fmt: skip
    rows = questions.spend_now(workspace, asked).rows
    return colours.assign(told(each) for each in rows[dimension])
