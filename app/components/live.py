"""How fresh a page is, and what makes it so: one small look a second; only when something has moved is the page drawn
again, and of that the browser changes only what is different."""

from typing import Any

import streamlit as st

from app import data, formats
from app.components import markup
from app.data import Seen
from app.sessions import Visit
from models.errors import StoreUnavailable
from models.periods import now_us, parse_time

EVERY = 1.0  # seconds; also how often an open page asks for its session


@st.fragment(run_every=EVERY)
def pulse(visit: Visit, seen: Seen) -> None:
    """To be drawn by each page, with what it was drawn from."""
    try:
        moved = data.viewer() != visit.viewer or data.seen(visit.workspace) != seen
        newest = None if moved else data.newest(visit.workspace, seen)
    except StoreUnavailable as problem:
        markup.draw("freshness", live=False, text=problem.message)
        return
    if moved:
        st.rerun()
    markup.draw("freshness", live=True, text=said(newest, now_us()))


@st.fragment(run_every=EVERY)
def attend(visit: Visit, control: int) -> None:
    """The same for a page of things that people manage: drawn again when somebody has changed one of them, and over
    when the session is. `control` is the version that the page was drawn from."""
    try:
        moved = data.viewer() != visit.viewer or data.control() != control
    except StoreUnavailable:
        return
    if moved:
        st.rerun()


def said(newest: dict[str, Any] | None, now: int) -> str:
    if newest is None:
        return "Live, waiting for the first event"
    return f"Live, newest event {formats.ago(parse_time(newest['received_at']), now)}"


@st.fragment(run_every=EVERY)
def retry() -> None:
    """Draw the page again as soon as the store answers."""
    try:
        data.viewer()
    except StoreUnavailable:
        return
    st.rerun()
