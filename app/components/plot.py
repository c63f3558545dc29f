"""The place of a Plotly figure. Streamlit's own would do, but for its script: `app.lasting` has a quarter of it."""

from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app import lasting

NAME = "farthing_plot"
PLACE = '<div class="f-plot"></div>'
SCRIPT = Path(__file__).with_suffix(".js")


def draw(title: str, figure: go.Figure, key: str) -> None:
    """`title` is what it is called for those who don't see it; its room is kept free until it is drawn."""
    height = figure.layout.height
    library = lasting.address(lasting.PLOTLY)
    component()(
        key=key, data={"title": title, "figure": figure.to_json(), "height": height, "library": library}, height=height
    )


@cache
def component() -> Any:
    """Registered once: the name is one for the whole process."""
    return st.components.v2.component(NAME, html=PLACE, js=SCRIPT.read_text(), isolate_styles=False)
