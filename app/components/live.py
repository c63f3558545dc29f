"""How fresh a page is, and what makes it so: one small look a second; only when something has moved is the page drawn
again, and of that the browser changes only what is different."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import data, formats
from app.components import markup
from app.data import Seen
from app.sessions import Visit
from models import quarantine
from models.errors import StoreUnavailable
from models.periods import now_us, parse_time

EVERY = 1.0  # seconds; also how often an open page asks for its session


def still(visit: Visit) -> None:
    """To be said by a part of a page that is drawn alone, before it reads anything: the browser decides when that is.
    Where the session is over, or the role or the plan is another, the whole page is drawn again."""
    if data.viewer() != visit.viewer:
        st.rerun()


@st.fragment(run_every=EVERY)
def pulse(visit: Visit, seen: Seen) -> None:
    """To be drawn by each page, with what it was drawn from."""
    try:
        moved = data.viewer() != visit.viewer or data.seen(visit.workspace) != seen
        newest = None if moved else data.newest(visit.workspace, seen)
        held = data.held(visit.workspace)
    except StoreUnavailable as problem:
        markup.draw("freshness", live=False, text=problem.message, held="", address="")
        return
    if moved:
        st.rerun()
    address = address_of(visit, "quarantine")
    markup.draw("freshness", live=True, text=said(newest, now_us()), held=counted(held), address=address)


def attend(visit: Visit, control: int) -> None:
    """The same for a page of things that people manage: drawn again when somebody has changed one of them, and over
    when the session is. `control` is the version that the page was drawn from."""
    watch(visit, data.control, control)


@st.fragment(run_every=EVERY)
def watch(visit: Visit, look: Callable[[], object], seen: object) -> None:
    """The same for a page of anything else: drawn again when `look` sees something else than what was seen."""
    try:
        moved = data.viewer() != visit.viewer or look() != seen
    except StoreUnavailable:
        return
    if moved:
        st.rerun()


def counted(held: int) -> str:
    """So many; of more than are counted, that there are more. Of none nothing is said."""
    return f"{quarantine.GLANCED:,}+" if held > quarantine.GLANCED else f"{held:,}" if held else ""


def address_of(visit: Visit, path: str) -> str:
    """Of another page of the same workspace."""
    several = len(visit.viewer.workspaces) > 1
    return f"/{path}?{urlencode({'workspace': visit.workspace.name})}" if several else f"/{path}"


def said(newest: dict[str, Any] | None, now: int) -> str:
    if newest is None:
        return "Live"  # the light below says what is waited for
    return f"Live, newest event {formats.ago(parse_time(newest['received_at']), now)}"


@st.fragment(run_every=EVERY)
def retry() -> None:
    """Draw the page again as soon as the store answers."""
    try:
        data.viewer()
    except StoreUnavailable:
        return
    st.rerun()
