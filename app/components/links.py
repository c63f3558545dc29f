"""Links that we draw ourselves lead to another page, or to the same with another address, without loading all of it."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.address import Address

SCRIPT = Path(__file__).with_suffix(".js")


def followed() -> Address | None:
    """Where somebody wants to go, if they do. To be called once in each run of the app."""
    href = component()(key="links", on_followed_change=lambda: None).followed
    return Address.read(href) if href else None


@cache
def component() -> Any:
    """Registered once: the name is one for the whole process."""
    return st.components.v2.component("farthing_links", js=SCRIPT.read_text())
