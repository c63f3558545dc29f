"""What the lens Cache asks beside spend: where caches could spare more."""

from dataclasses import dataclass

import streamlit as st

from app import questions
from app.address import Address
from app.data import MAX_ENTRIES, Seen
from app.opened import opened
from app.questions import Asked
from models import periods
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.spend import caching
from models.spend import uncached as rule
from models.spend.caching import Repeated
from models.spend.uncached import Uncached

SLOT = 5 * 60 * periods.SECOND  # reading calls one by one takes half a second: not each time that one arrives


@dataclass(frozen=True)
class LookedAt:
    requests: int
    since_us: int


def uncached(workspace: WorkspaceInfo, seen: Seen, filters: Asked) -> list[Uncached]:
    question = (
        *filters, ("group_by", ",".join(rule.BY)), ("measures", ",".join(rule.MEASURES)),
        *(("where", each) for each in rule.WHERE),
    )  # fmt: skip
    found, now = questions.spend(workspace, seen, question), now_us()
    prices = opened().directory.view.prices_of(workspace.id)
    return rule.uncached(found.rows.iter_rows(named=True), prices, found.period.days_so_far(now), now)


def repeated(workspace: WorkspaceInfo, seen: Seen, here: Address) -> tuple[LookedAt, list[Repeated]]:
    """`seen` may say less than how far events have moved: this may be some minutes old."""
    return repeated_of(workspace, seen, here.asked(*questions.FILTERED))


@st.cache_data(show_spinner=False, ttl=SLOT // periods.SECOND, max_entries=MAX_ENTRIES)
def repeated_of(
    workspace: WorkspaceInfo,
    seen: Seen,  # noqa: ARG001 - part of the key
    filters: Asked,
) -> tuple[LookedAt, list[Repeated]]:
    now = now_us()
    query = questions.parse(workspace, filters, now)
    found = caching.recent(opened().spend(workspace), query.period, query.where, now)
    return LookedAt(found.requests, found.since_us), caching.repeated(found.calls)
