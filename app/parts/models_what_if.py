"""What if: the calls of the period at another model's prices."""

import streamlit as st

from app import figures, formats, what_if
from app.address import Address
from app.components import markup, table
from app.components.filters import change, shown
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table
from app.sessions import Visit
from models.spend.what_if import Moved, Traffic, WhatIf

OF, TO = "what_if_of", "what_if"  # of the address
SAYS = "The calls of this period, as they were, at what another model costs today."
OTHERS = "The same calls at each one's list price of today; cached input is taken as other input where it has no price."
NOTHING = "No call of this period has a cost that another could be compared with."


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    every = what_if.traffic(visit.workspace, seen, here)
    markup.draw("note", text=SAYS)
    if not every:
        markup.draw("nothing", text=NOTHING)
        return
    of = chosen(here, every)
    to = choose(visit, here, every, of)
    calls = [every[name] for name in of if name in every]
    if to:
        answer(visit, calls, to)
    others(visit, here, every, calls)


def chosen(here: Address, every: dict[str, Traffic]) -> list[str]:
    """Whose calls are moved; the dearest model's where nobody has said."""
    return list(dict.fromkeys(here.all(OF))) or list(every)[:1]


def choose(visit: Visit, here: Address, every: dict[str, Traffic], of: list[str]) -> str:
    to = here.get(TO)
    offered = what_if.offered(visit.workspace, every)
    with st.container(horizontal=True, vertical_alignment="bottom", key="what-if-choice"):
        st.multiselect(
            "Calls of", list(dict.fromkeys([*every, *of])), key=shown("what-if-of", of),
            on_change=lambda: change(here, with_of, st.session_state["what-if-of"]),
        )  # fmt: skip
        st.selectbox(
            "At the prices of", list(dict.fromkeys([*offered, *here.all(TO)])), key=shown("what-if", to or None),
            placeholder="Search models",
            on_change=lambda: change(here, with_to, st.session_state["what-if"]),
        )  # fmt: skip
    return to


def with_of(here: Address, names: list[str]) -> Address:
    return here.put(**{OF: names})


def with_to(here: Address, name: str | None) -> Address:
    return here.put(**{TO: name})


# -- the answer ---------------------------------------------------------------------------------------------------


def answer(visit: Visit, calls: list[Traffic], to: str) -> None:
    found = what_if.at_prices_of(visit.workspace, calls, to)
    if isinstance(found, str):
        markup.draw("models_no_price", model=to, reason=found)
        return
    left_out = [each for each in found.moved if each.cost is None]
    markup.draw(
        "models_what_if", to=to, found=found, change=figures.change("cost", found.then, found.now),
        meaning="good" if found.difference < 0 else "bad" if found.difference > 0 else "neutral",
        before=a_request(found.now, found.requests), after=a_request(found.then, found.requests),
        left_out=[what_if.name_of(each.traffic) for each in left_out],
    )  # fmt: skip
    if found.movable:
        by_model(visit, found, to)


def a_request(cost: int, requests: int | None) -> int | None:
    """Of those that can be moved, where it is known how many they are."""
    return (2 * cost + requests) // (2 * requests) if requests else None


def by_model(visit: Visit, found: WhatIf, to: str) -> None:
    rows: list[Row] = [{"moved": each, "own": own(visit, each)} for each in found.movable]
    columns = [
        Column("Calls of", lambda row: Cell(what_if.name_of(row["moved"].traffic)), name=True),
        Column("Requests", lambda row: Cell(formats.count(row["moved"].traffic.requests))),
        Column("Cost", lambda row: money(row["moved"].traffic.cost)),
        Column("At its own list price", lambda row: money(row["own"])),
        Column(f"At {to}", lambda row: money(row["moved"].cost)),
        Column("Difference", lambda row: difference(row["moved"].difference)),
    ]
    draw_table(Table("moved models", columns, rows, order=""), Address())


def own(visit: Visit, each: Moved) -> int | None:
    """The same tokens at its own price of today: what prices, tiers and discounts have changed is not the move's."""
    found = what_if.at_prices_of(visit.workspace, [each.traffic], what_if.name_of(each.traffic))
    return None if isinstance(found, str) else found.moved[0].cost


def money(nano: int | None) -> Cell:
    return Cell(formats.money(nano), formats.exact(nano))


def difference(nano: int) -> Cell:
    return Cell(formats.signed_money(nano), formats.exact(nano), "good" if nano < 0 else "bad" if nano > 0 else "")


# -- other models that are called ---------------------------------------------------------------------------------


def others(visit: Visit, here: Address, every: dict[str, Traffic], calls: list[Traffic]) -> None:
    """The same calls at the price of each model that is called anyway, the cheapest first."""
    found = {name: what_if.at_prices_of(visit.workspace, calls, name) for name in every}
    rows: list[Row] = [
        {"name": name, "whole": each}
        for name, each in found.items()
        if isinstance(each, WhatIf) and each.movable and len(each.movable) == len(calls)
    ]
    rows.sort(key=lambda row: row["whole"].then)
    if not rows:
        return
    most = max(row["whole"].then for row in rows)
    columns = [
        Column(
            "At the prices of",
            lambda row: Cell(row["name"], row["name"], href=with_to(here, row["name"]).href),
            name=True,
        ),
        Column("Cost", lambda row: money(row["whole"].then)),
        Column("A request", lambda row: money(a_request(row["whole"].then, row["whole"].requests))),
        Column("Difference", lambda row: difference(row["whole"].difference)),
    ]
    markup.draw("part", title="At the prices of models that you call", says=OTHERS)
    draw_table(Table("models to move to", columns, rows, lambda row: table.share(row["whole"].then, most), ""), here)
