"""What the page Names asks: which values are told as others, which there are, and which look alike. As `app/data.py`
has it: cached with a bound, under all that an answer depends on."""

from dataclasses import dataclass, replace

import streamlit as st

from app import questions
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.opened import opened
from models import names
from models.accounts.workspaces import WorkspaceInfo
from models.names import Kept
from models.spend import lookalikes
from models.spend.lookalikes import Pair
from models.spend.table import Spend

RECENT = "90d"  # whose values are offered
SUGGESTED = ("team", "department", "agent", "feature", "endpoint", "project", "env", "tag", "token", "model")


@dataclass(frozen=True)
class Merge:
    """Values of a dimension that likely mean the same as one of them. `spend` is what they cost, it aside."""

    dimension: str
    names: tuple[str, ...]
    becomes: str
    spend: int
    certain: bool


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def kept(workspace: WorkspaceInfo, control: int) -> list[Kept]:  # noqa: ARG001 - part of the key
    """The newest first."""
    with opened().installation.database.read() as connection:
        return names.of_workspace(connection, workspace.id)[::-1]


def spend_by_value(workspace: WorkspaceInfo, seen: Seen, dimension: str) -> dict[str, int]:
    """Nano-US-dollars of the last 90 days by value, as it is told now; the dearest first."""
    asked = (("last", RECENT), ("group_by", dimension), ("measures", "cost"))
    return by_value(questions.spend(workspace, once(seen), asked), dimension)


def by_value(found: Spend, dimension: str) -> dict[str, int]:
    rows = found.rows.select(dimension, "cost_nano_usd").drop_nulls(dimension).iter_rows()
    return {str(value): int(cost) for value, cost in rows}


def merges(workspace: WorkspaceInfo, seen: Seen) -> list[Merge]:
    """What is suggested, the best first."""
    found = [each for dimension in SUGGESTED for each in of_dimension(workspace, seen, dimension)]
    return sorted(found, key=lambda each: (not each.certain, -each.spend))


def of_dimension(workspace: WorkspaceInfo, seen: Seen, dimension: str) -> list[Merge]:
    together: dict[str, list[Pair]] = {}
    for pair in lookalikes.pairs(spend_by_value(workspace, seen, dimension)):
        together.setdefault(pair.becomes, []).append(pair)
    return [
        Merge(
            dimension,
            tuple(each.name for each in pairs),
            becomes,
            sum(each.spend for each in pairs),
            all(each.certain for each in pairs),
        )
        for becomes, pairs in together.items()
    ]


def once(seen: Seen) -> Seen:
    """Not asked anew with each event: names come seldom, and an answer is a minute old at most."""
    return replace(seen, events=0)
