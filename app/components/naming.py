"""The form that renames or merges values, and the way back for each that was."""

from datetime import date
from typing import Any

import streamlit as st

from app import formats, naming
from app.changes import changing
from app.components import asking, listing, markup
from app.data import Seen
from app.naming import Merge
from app.sessions import Visit
from models import names
from models.names import Kept
from models.spend.renames import RENAMABLE, Rename
from models.usage.text import LABEL_CHARACTERS

QUESTION = "new-name"
ABOUT = "new_name_about"  # the dimension and the two values that it begins with
SAYS = (
    "On every page and in every answer the first is told as the second, in all that is stored and all that comes. "
    "Two with the same name are one. Events keep what they came with, so it can be taken back."
)
EVER = "Ever since, where it is left empty."
FOR_GOOD = "For good, where it is empty."


def begin(dimension: str = "team", name: str = "", becomes: str = "") -> None:
    st.session_state[ABOUT] = (dimension if dimension in RENAMABLE else "team", name, becomes)
    asking.ask(QUESTION)


def draw(visit: Visit, seen: Seen) -> None:
    """The open form, if it is."""
    if not asking.is_asked(QUESTION):
        return

    @st.dialog("Rename or merge", width="medium", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=SAYS)
        body = fields(visit, seen, *st.session_state.get(ABOUT, ("team", "", "")))
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key="new-name-cancel")
            done = st.button("Save", key="new-name-save", type="primary")
        if back or (done and asking.attempt(lambda: create(visit, [names.of_body(body)]))):
            asking.forget()
            st.rerun()

    shown()


def fields(visit: Visit, seen: Seen, dimension: str, name: str, becomes: str) -> dict[str, Any]:
    chosen = str(st.selectbox("Dimension", RENAMABLE, RENAMABLE.index(dimension), key="new-name-dimension"))
    spend = naming.spend_by_value(visit.workspace, seen, chosen)
    begun = (name, becomes) if chosen == dimension else ("", "")
    left, right = st.columns(2)
    with left:
        first = value("Value", f"new-name-of-{chosen}", spend, begun[0])
    with right:
        second = value("Is told as", f"new-name-as-{chosen}", spend, begun[1])
    left, right = st.columns(2)
    since = left.date_input("From", None, key="new-name-from", help=EVER)
    until = right.date_input("Until, without that day", None, key="new-name-to", help=FOR_GOOD)
    markup.draw("note", text=f"Days are those of {visit.workspace.timezone}.")
    return {"dimension": chosen, "name": first, "becomes": second, "from": day(since), "to": day(until)}


def value(label: str, key: str, spend: dict[str, int], begun: str) -> str | None:
    """One of the values that there are, the dearest first, or another that is typed."""
    offered = list(dict.fromkeys([*([begun] if begun else []), *spend]))
    found: str | None = st.selectbox(
        label, offered, 0 if begun else None, key=key, accept_new_options=True, placeholder="Choose or type",
        format_func=lambda each: f"{each} · {formats.money(spend[each])}" if each in spend else each,
    )  # fmt: skip
    return found[:LABEL_CHARACTERS] if found else None


def day(chosen: date | None) -> str | None:
    return chosen.isoformat() if chosen else None


def merge(visit: Visit, wanted: Merge) -> None:
    create(visit, [Rename(wanted.dimension, name, wanted.becomes) for name in wanted.names])


def create(visit: Visit, renames: list[Rename]) -> None:
    with changing(visit, "admin") as (connection, author):
        for each in renames:
            names.create(connection, visit.workspace.id, each, author)


# -- the way back -------------------------------------------------------------------------------------------------


def take_back(visit: Visit, seen: Seen, kept: Kept) -> None:
    question, rename = f"unmap-{kept.id}", kept.rename
    with listing.verbs(kept.id):
        st.button(listing.verb("Take back", f"{rename.name} as {rename.becomes}"), key=f"ask-{question}",
                  type="tertiary", on_click=asking.ask, args=[question])  # fmt: skip
    if asking.is_asked(question):
        spend = naming.spend_by_value(visit.workspace, seen, rename.dimension).get(rename.becomes, 0)
        says = (
            f"What came in as “{rename.name}” is told so again, on every page and in every answer. “{rename.becomes}” "
            f"now has {formats.money(spend)} of the last 90 days, and keeps what came in under it. No total changes."
        )
        asking.confirm(question, "Take this name back?", says, "Take back", lambda: remove(visit, kept))


def remove(visit: Visit, kept: Kept) -> None:
    with changing(visit, "admin") as (connection, author):
        names.remove(connection, visit.workspace.id, kept.id, author)
