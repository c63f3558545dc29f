"""What the lens Cache asks beside spend: where caches could spare more."""

from dataclasses import dataclass

import streamlit as st

from app import questions
from app.address import Address
from app.data import MAX_ENTRIES, Seen
from app.opened import opened
from app.questions import asked
from models import periods
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.spend import caching
from models.spend.caching import Repeated, Uncached

SLOT = 5 * 60 * periods.SECOND  # reading calls one by one takes half a second: not each time that one arrives


@dataclass(frozen=True)
class LookedAt:
    requests: int
    since_us: int


def uncached(workspace: WorkspaceInfo, seen: Seen, here: Address) -> list[Uncached]:
    question = (
        *asked(here, group_by=",".join(caching.BY), measures=",".join(caching.MEASURES)),
        *(("where", each) for each in caching.WHERE),
    )
    found = questions.spend(workspace, seen, question)
    days = round((min(found.period.end_us, now_us()) - found.period.start_us) / periods.DAY) or 1
    prices = opened().directory.view.prices_of(workspace.id)
    return caching.uncached(found.rows.iter_rows(named=True), prices, days, now_us())


def repeated(workspace: WorkspaceInfo, seen: Seen, here: Address) -> tuple[LookedAt, list[Repeated]]:
    """`seen` may say less than how far events have moved: this may be some minutes old."""
    return repeated_of(workspace, seen, here.asked(*questions.FILTERED))


@st.cache_data(show_spinner=False, ttl=SLOT // periods.SECOND, max_entries=MAX_ENTRIES)
def repeated_of(
    workspace: WorkspaceInfo,
    seen: Seen,  # noqa: ARG001 - part of the key
    filters: questions.Asked,
) -> tuple[LookedAt, list[Repeated]]:
    now = now_us()
    query = questions.parse(workspace, filters, now)
    found = caching.recent(opened().spend(workspace), query.period, query.where, now)
    return LookedAt(found.requests, found.since_us), caching.repeated(found.calls)
