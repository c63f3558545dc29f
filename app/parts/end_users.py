"""The customers who were served: who spends most, and whose spend grew most."""

from typing import Any

import streamlit as st

from app import figures, formats, questions, spans
from app.address import Address
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.questions import asked
from app.sessions import Visit

BY = "end_user"
SHOWN = 8
BEFORE = "before"  # of a row: nano-dollars of the period before, None where there was nothing


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    """Nothing where nobody says whom a call serves."""
    found = questions.spend(
        visit.workspace, seen, asked(here, group_by=BY, measures="cost,requests,unpriced_requests", compare="previous")
    )
    before = costs(table.rows_of(found.previous)) if found.previous else {}
    rows = [row | {BEFORE: before.get(row[BY])} for row in table.rows_of(found) if row[BY] is not None]
    if not rows:
        return
    total, span = int(found.totals["cost_nano_usd"]), spans.before(found.period)
    left, right = st.columns(2, gap="large")
    with left:
        markup.draw("part", title="End users with the highest spend", says=f"{len(rows):,} of them")
        short("dear end users", rows[:SHOWN], [*leading(here), table.of_share("cost_nano_usd", total)], total)
    with right:
        markup.draw("part", title="End users with the fastest growth", says=f"against the {span}")
        growing(here, rows)


def costs(rows: list[Row]) -> dict[Any, int]:
    return {row[BY]: int(row["cost_nano_usd"]) for row in rows}


def short(name: str, rows: list[Row], columns: list[Column], whole: int, of: str = "cost_nano_usd") -> None:
    table.draw(Table(name, columns, rows, lambda row: table.share(row[of], whole), short=True), Address())


def leading(here: Address) -> list[Column]:
    name = table.of_dimension(BY, lambda row: here.to("explorer").only(BY, row[BY]).href)
    return [name, table.of_cost()]


# -- growth -------------------------------------------------------------------------------------------------------


def growing(here: Address, rows: list[Row]) -> None:
    """By the amount that it grew by: of next to nothing anything is many times more."""
    grown = [row | {"grown": growth(row)} for row in rows if growth(row) > 0]
    if not grown:
        markup.draw("nothing", text="Nobody's spend grew.")
        return
    most = sorted(grown, key=lambda row: -row["grown"])[:SHOWN]
    columns = [*leading(here), Column("More", more), Column("Change", changed)]
    short("growing end users", most, columns, sum(row["grown"] for row in grown), "grown")


def growth(row: Row) -> int:
    return int(row["cost_nano_usd"]) - (row[BEFORE] or 0)


def more(row: Row) -> Cell:
    return Cell(formats.signed_money(row["grown"]), formats.exact(row["grown"]), "bad")


def changed(row: Row) -> Cell:
    if row[BEFORE] is None:
        return Cell("new")
    change = figures.change("cost", row["cost_nano_usd"], row[BEFORE])
    return Cell(change.text, f"before: {formats.exact(row[BEFORE])}", change.meaning) if change else Cell("–")
