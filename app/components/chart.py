"""A Plotly chart with its heading and what its marks mean. Its place is as high as the chart before it is there."""

import plotly.graph_objects as go
import streamlit as st

from app.components import markup

CONFIG = {"displayModeBar": False, "responsive": True}


def draw(
    title: str, figure: go.Figure, timezone: str, compared: bool, before: str = "30 days before", forecast: bool = False
) -> None:
    """`compared` says that the period before is drawn, too, and `before` what it is; `forecast`, that what is expected
    is."""
    markup.draw("chart_head", title=title, timezone=timezone, compared=compared, before=before, forecast=forecast)
    st.plotly_chart(figure, width="stretch", key=title, config=CONFIG, alt=title)


def theme() -> str:
    """The browser's, light or dark."""
    return st.context.theme.type or "light"
