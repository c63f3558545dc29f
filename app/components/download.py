"""The figures of a page as a file: the same bytes as the query API hands out for the same question."""

from functools import partial

import streamlit as st

from app import data, questions
from app.questions import Asked
from app.sessions import Visit
from models.spend.export import MEDIA, file_of

KINDS = {"csv": "CSV", "parquet": "Parquet"}


def draw(visit: Visit, asked: Asked, name: str) -> None:
    """A button for each kind of file; `name` is what the file is called, and tells one table of a page from another."""
    for kind, label in KINDS.items():
        make = partial(made, visit, asked, kind, data.cookie())
        st.download_button(
            label, make, f"{name}.{kind}", MEDIA[kind], key=f"{name}-{kind}", on_click="ignore", type="tertiary",
            help=f"Download all rows as {label}",
        )  # fmt: skip


def made(visit: Visit, asked: Asked, kind: str, cookie: str | None) -> bytes:
    """Made apart from the page, perhaps long after it was drawn: it asks anew who wants it, and what the plan shows."""
    workspace = data.require(visit, "viewer", cookie)
    return file_of(questions.spend_now(workspace, asked), kind)
