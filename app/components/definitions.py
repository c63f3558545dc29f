"""Source definitions as rows that people edit: provider, model and feature, where an empty field is any."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.components import listing, markup
from models.accounts.sources import MAX_SOURCES, PARTS

FREE = (
    "On the free plan a call shows where one of these matches it. A change shows or hides history at once, "
    "on open pages too; nothing is lost."
)
PAID = "On the paid plan everything shows: these decide nothing now. They would on the free plan."
NOTHING = "No definition: on the free plan, nothing that this key sends shows."

Definition = dict[str, str | None]


@dataclass
class Rows:
    """What the rows began with, by number; a number is never given twice, for the fields of a row are known by it."""

    begun: dict[int, Definition]
    following: int


def begin(name: str, definitions: Iterable[Definition]) -> None:
    """Start editing these."""
    begun = dict(enumerate(definitions))
    st.session_state[name] = Rows(begun, len(begun))


def draw(name: str, plan: str) -> list[Definition]:
    """The rows, each with its way out, and the way to another one: the definitions as they stand in the fields."""
    markup.draw("note", text=FREE if plan == "free" else PAID)
    begun = st.session_state[name].begun
    if not begun:
        markup.draw("note", text=NOTHING)
    with st.container(key=f"definitions-{name}", gap="small"):
        stated = [row(name, place, number, before) for place, (number, before) in enumerate(begun.items(), 1)]
    full = len(begun) >= MAX_SOURCES
    st.button("Add a definition", key=f"{name}-add", type="tertiary", on_click=add, args=[name], disabled=full)
    return stated


def row(name: str, place: int, number: int, before: Definition) -> Definition:
    *fields, way_out = st.columns([3, 3, 3, 2], gap="small", vertical_alignment="center")
    label = listing.verb("Remove", f"definition {place}")
    way_out.button(label, key=f"{name}-{number}-remove", type="tertiary", on_click=remove, args=[name, number])
    of_row = f"of definition {place}"
    return {
        part: field(column, part, of_row, f"{name}-{number}", before[part])
        for part, column in zip(PARTS, fields, strict=True)
    }


def field(column: Any, part: str, of_row: str, key: str, before: str | None) -> str | None:
    stated: str = column.text_input(
        f"{part.capitalize()} {of_row}", before or "", key=f"{key}-{part}", placeholder=f"any {part}",
        label_visibility="collapsed",
    )  # fmt: skip
    return stated.strip() or None


def add(name: str) -> None:
    rows = st.session_state[name]
    rows.begun[rows.following] = dict.fromkeys(PARTS)
    rows.following += 1


def remove(name: str, number: int) -> None:
    del st.session_state[name].begun[number]


def in_words(definition: Definition) -> str:
    """`provider openai, feature chat`."""
    return ", ".join(f"{part} {definition[part]}" for part in PARTS if definition[part]) or "everything"
