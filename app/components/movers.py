"""Who moved: the largest changes, each with what explains it, which adds up to it. What they are compared with and what
they are told by is chosen here, and draws nothing else anew."""

from datetime import timedelta

import streamlit as st

from app import data, formats, glance
from app.address import Address
from app.components import live, markup
from app.questions import Asked
from app.sessions import Visit
from models import periods
from models.periods import now_us
from models.spend import movers
from models.spend.dimensions import NONE
from models.spend.movers import Mover, Movers

BEFORE, MONDAY = "period before", "last week"

# What explains a change, and how that is told.
PARTS = {
    "volume": "As many calls as now, of the old kinds at the old prices",
    "mix": "What calling other models than before makes of it, at the old prices",
    "price": "What the calls of now cost more or less than they would have",
}


@st.fragment
def draw(visit: Visit, here: Address, asked: Asked, earlier: str) -> None:
    """`earlier` says what the period before is."""
    live.still(visit)
    with st.container(key="movers"):
        markup.draw("head", title="What moved", note="volume, mix and price explain it")
        with st.container(horizontal=True):
            monday = choose_since(earlier) == MONDAY
            by = choose_by(glance.HOURLY if monday else glance.MOVING)
        find = glance.moved_since_monday if monday else glance.moved
        found = find(visit.workspace, data.seen(visit.workspace), asked, by)
        against = "the same days and hours of last week" if monday else f"the {earlier}"
        if found is None:
            markup.draw("nothing", text=f"What was called in the {earlier} can't be told any more.")
            return
        there = this_week(visit, here) if monday else here.to("explorer").put(compare="previous")
        listed(found, by, there, against)


def choose_since(earlier: str) -> str:
    named = {BEFORE: f"the {earlier}", MONDAY: "last week’s same days"}
    return st.segmented_control(
        "Against", [*named], default=BEFORE, key="movers-since", required=True, label_visibility="collapsed",
        format_func=lambda each: named[each],
    )  # fmt: skip


def choose_by(names: tuple[str, ...]) -> str:
    return st.selectbox(
        "By", names, key="movers-by", width=140, label_visibility="collapsed", format_func=lambda name: f"by {name}"
    )


def this_week(visit: Visit, here: Address) -> Address:
    """What is said of this week is there; the explorer compares with no other week's same days."""
    now, timezone = now_us(), visit.workspace.timezone
    week, _ = movers.since_monday(now, timezone)
    monday, today = (periods.day_of(each, timezone) for each in (week.start_us, now))
    span = {"from_": monday.isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    return here.to("explorer").put(**span, last=None, compare=None)


def listed(found: Movers, dimension: str, there: Address, earlier: str) -> None:
    rows = [(each.name or NONE, there.only(dimension, each.name).href, each, change(each)) for each in found.largest]
    most = max([1, *(abs(each.change) for each in found.largest)])
    whole = found.whole
    markup.draw("movers", rows=rows, whole=whole, change=change(whole), parts=PARTS, most=most, earlier=earlier)


def change(mover: Mover) -> formats.Change:
    """Where there was nothing before, it is new, and where there is nothing now, gone."""
    found = formats.moved(mover.now.cost, mover.before.cost, True)
    if found is None:
        return formats.Change(f"{formats.signed_money(mover.change)} (new)", "bad")
    return formats.Change(f"{formats.signed_money(mover.change)} (gone)", "good") if not mover.now.calls else found
