"""A Plotly chart with its heading: what its marks and colours mean, and where the clocks are that part its time."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from app import timeline
from app.colours import Colour
from app.components import markup, plot
from app.timeline import HEIGHT, Kind, Timeline

Entry = tuple[str, str, Colour]  # of a legend: what a colour is, where that leads (nowhere: empty), the colour

CURRENT = {"minute": "this minute", "hour": "this hour", "day": "today", "week": "this week", "month": "this month"}


def along(
    title: str, shown: Timeline, key: str, kind: Kind = "bars", legend: Sequence[Entry] = (), height: int = HEIGHT
) -> None:
    """Something over time. `key` is the chart's own on its page."""
    pale = shown.unfinished is not None and (kind == "bars" or shown.unfinished > 0)
    markup.draw(
        "chart_head", title=title, legend=legend, before=shown.before.name if shown.before and shown.compares else "",
        forecast=bool(shown.ahead), pale=CURRENT[shown.granularity] if pale else "",
        parts=f"{shown.granularity}s in {shown.timezone}",
    )  # fmt: skip
    plot.draw(title, timeline.draw(shown, kind, height), key)


def whole(title: str, figure: go.Figure, key: str) -> None:
    """Something as a whole."""
    markup.draw("chart_head", title=title, legend=(), before="", forecast=False, pale="", parts="")
    plot.draw(title, figure, key)


def theme() -> str:
    """The browser's, light or dark."""
    return st.context.theme.type or "light"
