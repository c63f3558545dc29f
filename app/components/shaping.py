"""The shape of what the explorer asks: which measures, grouped how, how fine, drawn how. Each stands in the address;
the controls show what it says, and write to it."""

import re
from collections.abc import Callable, Sequence

import streamlit as st

from app import exploration, figures, grains, questions
from app.address import Address
from app.components.filters import change, shown
from app.data import Seen
from app.exploration import AMOUNT, CUMULATIVE, MAX_GROUPS, SHARE, SPLIT, Exploration
from app.sessions import Visit
from models.errors import BadRequest
from models.spend.dimensions import DIMENSIONS, TAG_KEY, is_tag_key
from models.spend.measures import MEASURES
from models.spend.query import DEFAULT_MEASURES

GRAINS = {"minute": "Minute", "hour": "Hour", "day": "Day", "week": "Week", "month": "Month", "total": "Total"}
CHARTS = {"bars": "Bars", "lines": "Lines", "area": "Area", "treemap": "Treemap", "table": "Table"}
SHOWS = {AMOUNT: "Amount", SHARE: "Share", CUMULATIVE: "Running total", SPLIT: "Input and output"}
TOPS = (3, 5, 7, 10, 20, 50, 100)
GROUPS = [name for name in DIMENSIONS if name != "workspace"]
LETTERS = re.compile(r"\W+")


def draw(visit: Visit, seen: Seen, asked: Exploration) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="shaping"):
        choose("Measure", asked.here, list(MEASURES), asked.measure.name, drawn, figures.label, 180)
        choose_groups(asked)
        tag_keys(visit, seen, asked)
        choose_grain(asked)
        choose_top(asked)
        choose_show(asked)


def choose_chart(asked: Exploration) -> None:
    offered = exploration.charts_of(asked.measure, asked.granularity)
    st.segmented_control(
        "Chart", offered, key=shown("explore-chart", asked.chart), format_func=lambda name: CHARTS[name],
        label_visibility="collapsed", required=True,
        on_change=lambda: change(asked.here, charted, st.session_state["explore-chart"]),
    )  # fmt: skip


def choose(
    label: str,
    here: Address,
    options: Sequence[str],
    chosen: str,
    changed: Callable[[Address, str], Address],
    said: Callable[[str], str],
    width: int,
) -> None:
    key = f"explore-{LETTERS.sub('-', label.lower())}"
    st.selectbox(
        label, list(dict.fromkeys([*options, chosen])), key=shown(key, chosen), format_func=said, width=width,
        on_change=lambda: change(here, changed, st.session_state[key]),
    )  # fmt: skip


def choose_groups(asked: Exploration) -> None:
    chosen = list(asked.group_by)
    st.multiselect(
        "Group by", list(dict.fromkeys([*GROUPS, *chosen])), key=shown("explore-groups", chosen), width=270,
        format_func=figures.label, max_selections=MAX_GROUPS, placeholder="Nothing: all in one",
        on_change=lambda: change(asked.here, grouped, st.session_state["explore-groups"]),
    )  # fmt: skip


def tag_keys(visit: Visit, seen: Seen, asked: Exploration) -> None:
    """What keys there are is asked when somebody opens it."""
    place = st.popover(
        "Tag key…",
        key=f"explore-tag-keys {asked.here.href}",
        on_change="rerun",
        help="Group by the value of one tag key",
    )
    if not place.open:
        return
    with place:
        keys = found_keys(visit, seen, asked.here)
        st.selectbox(
            "Tag key", keys, None, key="explore-tag-key", placeholder="Search" if keys else "No key:value tags here",
            on_change=lambda: change(asked.here, with_tag_key, st.session_state["explore-tag-key"]),
        )  # fmt: skip


def found_keys(visit: Visit, seen: Seen, here: Address) -> list[str]:
    """None where the period can't be answered."""
    try:
        return questions.tag_keys(visit.workspace, seen, here)
    except BadRequest:
        return []


def choose_grain(asked: Exploration) -> None:
    offered = grains.offered(asked.period, asked.hourly)
    choose("By", asked.here, offered, asked.granularity, grained, lambda name: GRAINS[name], 105)


def choose_top(asked: Exploration) -> None:
    """Of everything that is beyond, one group is made."""
    if asked.group_by:
        limit = str(asked.limit) if asked.limit else ""
        choose("Show", asked.here, ["", *map(str, TOPS)], limit, limited, said_top, 120)


def said_top(limit: str) -> str:
    return f"Top {limit}" if limit else "All groups"


def choose_show(asked: Exploration) -> None:
    offered = exploration.shows_of(asked.measure, asked.chart, asked.granularity)
    if len(offered) > 1:
        choose("As", asked.here, offered, asked.show, showing, lambda name: SHOWS[name], 150)


def columns(asked: Exploration) -> None:
    with st.popover("Columns", key="explore-columns-open", help="Further measures in the table"):
        st.multiselect(
            "Further measures in the table", [name for name in MEASURES if name != asked.measure.name],
            key=shown("explore-columns", list(asked.measures[1:])), format_func=figures.label, width=340,
            on_change=lambda: change(asked.here, with_columns, asked.measure.name, st.session_state["explore-columns"]),
        )  # fmt: skip


# -- addresses ----------------------------------------------------------------------------------------------------


def drawn(here: Address, name: str) -> Address:
    """Another measure first; those of the table stay."""
    others = (here.names("measures") or DEFAULT_MEASURES)[1:]
    return measured(here, [name, *(each for each in others if each != name)])


def with_columns(here: Address, first: str, others: list[str]) -> Address:
    return measured(here, [first, *others])


def measured(here: Address, names: list[str]) -> Address:
    """Those that the API takes for granted need not be said, unless nothing else of the page would be."""
    kept = here.put(measures=None if tuple(names) == DEFAULT_MEASURES else ",".join(names))
    return kept if kept.asked(*exploration.OWN) else here.put(measures=",".join(names))


def grouped(here: Address, names: list[str]) -> Address:
    if not names:
        return exploration.ungrouped(here)
    order = here.get("order").removeprefix("-")
    kept = here.get("order") if order in MEASURES or order in names else None
    return here.put(group_by=",".join(names), order=kept)


def with_tag_key(here: Address, key: str | None) -> Address:
    """In place of another key, or of the last dimension where there is room for no more."""
    if not key:
        return here
    others = [name for name in here.names("group_by") if not is_tag_key(name)]
    return grouped(here, [*others[: MAX_GROUPS - 1], TAG_KEY + key])


def grained(here: Address, name: str) -> Address:
    return here.put(granularity=name)


def limited(here: Address, limit: str) -> Address:
    return here.put(limit=limit or None, other="true" if limit else None)


def showing(here: Address, show: str) -> Address:
    return here.put(show=show if show != AMOUNT else None)


def charted(here: Address, chart: str) -> Address:
    return here.put(chart=chart)
