"""A Plotly chart with its heading: what its marks and colours mean, and where the clocks are that part its time."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from app import timeline
from app.colours import Colour
from app.components import markup
from app.timeline import HEIGHT, Kind, Timeline

Entry = tuple[str, str, Colour]  # of a legend: what a colour is, where that leads (nowhere: empty), the colour

CONFIG = {"displayModeBar": False, "responsive": True}
CURRENT = {"minute": "this minute", "hour": "this hour", "day": "today", "week": "this week", "month": "this month"}


def along(
    title: str, shown: Timeline, key: str, kind: Kind = "bars", legend: Sequence[Entry] = (), height: int = HEIGHT
) -> None:
    """Something over time. `key` is the chart's own on its page."""
    pale = shown.unfinished is not None and kind == "bars"
    markup.draw(
        "chart_head", title=title, legend=legend, before=shown.before.name if shown.before and shown.compares else "",
        forecast=bool(shown.ahead), pale=CURRENT[shown.granularity] if pale else "",
        parts=f"{shown.granularity}s in {shown.timezone}",
    )  # fmt: skip
    picture(title, timeline.draw(shown, kind, height), key)


def whole(title: str, figure: go.Figure, key: str) -> None:
    """Something as a whole."""
    markup.draw("chart_head", title=title, legend=(), before="", forecast=False, pale="", parts="")
    picture(title, figure, key)


def picture(title: str, figure: go.Figure, key: str) -> None:
    st.plotly_chart(figure, width="stretch", key=key, config=CONFIG, alt=title)


def theme() -> str:
    """The browser's, light or dark."""
    return st.context.theme.type or "light"
