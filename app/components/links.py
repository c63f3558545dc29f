"""Links that we draw ourselves lead to another page, or to the same with another address, without loading all of it."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js")


def draw() -> None:
    """Nothing to be seen. To be drawn once in each run of the app."""
    component()(key="links")


@cache
def component() -> Any:
    """Registered once: the name is one for the whole process."""
    return st.components.v2.component("farthing_links", js=SCRIPT.read_text())
