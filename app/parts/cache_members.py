"""Who saves by caches and who does not: by model, endpoint, prompt or token."""

from functools import partial

import streamlit as st

from app import drilldown, figures, formats, questions
from app.address import Address
from app.components import table
from app.components.filters import change, shown
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table, head
from app.parts.cache_savings import used, without_caches
from app.questions import Asked, asked
from app.sessions import Visit

BY = "by"  # of the address
DIMENSIONS = ("model", "endpoint", "prompt", "token")
ASKED = (
    "cache_saved,cost,saved,prompt_cache_saved,requests,cache_hits,cache_hit_rate,cache_read_tokens,cache_write_tokens,"
    "unpriced_requests"
)


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    by = chosen(here)
    whole = questions.spend(visit.workspace, seen, members_asked(here, by))
    if not used(whole.totals):
        return
    head(visit, "Who saves by them", "", members_asked(here, by), f"caches-by-{by}")
    st.segmented_control(
        "By", DIMENSIONS, format_func=figures.label, key=shown("cache-by", by), required=True,
        label_visibility="collapsed", on_change=lambda: change(here, with_by, st.session_state["cache-by"]),
    )  # fmt: skip
    rows = table.rows_of(whole)
    most = max(row["cache_saved_nano_usd"] for row in rows)
    draw_table(
        Table(
            f"{by}s and caches", columns(here, by), rows, lambda row: table.share(row["cache_saved_nano_usd"], most),
            "-cache_saved",
        ), here,
    )  # fmt: skip


def chosen(here: Address) -> str:
    return here.get(BY) if here.get(BY) in DIMENSIONS else DIMENSIONS[0]


def with_by(here: Address, by: str) -> Address:
    return here.put(by=None if by == DIMENSIONS[0] else by)


def members_asked(here: Address, by: str) -> Asked:
    return asked(here, group_by=by, measures=ASKED, order="-cache_saved")


def columns(here: Address, by: str) -> list[Column]:
    return [
        Column(figures.label(by), partial(name, here, by), name=True),
        *table.measures(["cache_saved", "saved", "prompt_cache_saved", "cache_hit_rate"]),
        table.of_cost(),
        Column("Without caches", without),
        table.of_measure("requests"),
    ]


def name(here: Address, by: str, row: Row) -> Cell:
    text = figures.member(row[by])
    return Cell(text, text, href=drilldown.about(here, by, row[by], "cache_saved").href)


def without(row: Row) -> Cell:
    """Calls without a known price would not have cost nothing either."""
    known = Cell(formats.money(without_caches(row)), formats.exact(without_caches(row)))
    return Cell("unpriced") if not without_caches(row) and row["unpriced_requests"] else known
