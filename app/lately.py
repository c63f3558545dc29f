"""Answers that go by the clock: those of the last minutes, which roll on while nothing happens, and those that are read
call by call, which would take too long each time that one arrives."""

from dataclasses import replace

import streamlit as st

from app import questions
from app.address import Address
from app.caching import SLOT
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.glance import FRESH, moment
from app.questions import MAX_LARGE, Asked
from models import periods
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.spend.table import Spend

EVERY = FRESH / periods.SECOND  # seconds: how often what says "now" is drawn


def spend(workspace: WorkspaceInfo, seen: Seen, here: Address, **more: str) -> Spend:
    """Under the filters of an address, whatever its period is."""
    return spend_at(workspace, seen, (*here.asked("where"), *more.items()), moment())


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def spend_at(workspace: WorkspaceInfo, seen: Seen, asked: Asked, moment: int) -> Spend:  # noqa: ARG001 - part of the key
    return questions.spend_now(workspace, asked)


def by_calls(workspace: WorkspaceInfo, seen: Seen, asked: Asked) -> Spend:
    """This may be some minutes old."""
    return spend_of_slot(workspace, replace(seen, events=now_us() // SLOT), asked)


@st.cache_data(show_spinner=False, ttl=SLOT // periods.SECOND, max_entries=MAX_LARGE)
def spend_of_slot(workspace: WorkspaceInfo, seen: Seen, asked: Asked) -> Spend:  # noqa: ARG001 - part of the key
    return questions.spend_now(workspace, asked)
