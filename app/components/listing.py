"""A list of things that can be acted on, one below the other: searched when there are many, and drawn page by page."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PAGE = 25  # items drawn at once
MANY = 8  # from here on there is a field to search in

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
BACKSLASHED = r"\\\g<0>"

Item = TypeVar("Item")


def shown(name: str, items: Sequence[Item], text: Callable[[Item], str], key: str = "") -> Sequence[Item]:
    """Those of the items that are to be drawn now. `text` is what is searched of each; `name` is what they are called
    (`keys`), and tells one list from another, unless `key` does."""
    found = searched(name, items, text, key or name) if len(items) >= MANY else items
    pages = max(1, -(-len(found) // PAGE))
    if pages == 1:
        return found
    number = st.pagination(pages, key=f"{key or name}-page-{pages}")  # another number of pages begins at the first
    return found[(number - 1) * PAGE : number * PAGE]


def row(key: str) -> DeltaGenerator:
    """One item: what is told of it, and beside it, on a narrow window below, what may be done."""
    return st.container(border=True, horizontal=True, vertical_alignment="center", key=f"row-{key}")


def told(key: str) -> DeltaGenerator:
    return st.container(key=f"told-{key}", gap="small")


def verbs(key: str) -> DeltaGenerator:
    return st.container(horizontal=True, width="content", gap="small", key=f"acts-{key}")


def verb(does: str, subject: str) -> str:
    """The label of a row's button: the verb is seen, and it is read out with what it is done to. `subject` is what
    strangers may have named: none of its signs is markup."""
    return f"{does} :gray[{plain(subject)}]"


def plain(text: str) -> str:
    """For labels, which Streamlit reads as markup: none of these signs is any."""
    return PUNCTUATION.sub(BACKSLASHED, " ".join(text.split()))


def searched(name: str, items: Sequence[Item], text: Callable[[Item], str], key: str) -> Sequence[Item]:
    words = (
        st.text_input(
            f"Search {name}",
            key=f"{key}-search",
            placeholder=f"Search {len(items):,} {name}",
            label_visibility="collapsed",
        )
        .lower()
        .split()
    )
    return [item for item in items if all(word in text(item).lower() for word in words)]
