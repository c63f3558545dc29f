"""Parts of lenses: what only some of them have. A part is drawn below what all lenses share, where it has something to
say; app/lenses.py says which lens has which."""

from dataclasses import replace

import streamlit as st

from app.address import Address
from app.components import download, markup, table
from app.components.table import ORDER, Table
from app.questions import Asked
from app.sessions import Visit
from models.spend.measures import MEASURES


def head(visit: Visit, title: str, says: str, question: Asked, name: str) -> None:
    """A part's title, and its figures as a file of that name."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"members-head-{name}"):
        markup.draw("part", title=title, says=says)
        download.draw(visit, question, name)


def files(visit: Visit, question: Asked, name: str) -> None:
    """Below a table whose title is another's, too."""
    with st.container(horizontal=True, key=f"{name}-files"):
        download.draw(visit, question, name)


def draw_table(drawn: Table, here: Address) -> None:
    """Sorted as the address says, where it names a measure: the other columns of the page's tables are not its own."""
    there = here if here.get(ORDER).removeprefix("-") in MEASURES else here.put(order=None)
    drawn = replace(drawn, key=drawn.key or drawn.name)
    table.draw(table.ordered(drawn, there) if there.get(ORDER) else drawn, there)
