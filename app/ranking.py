"""Members of a dimension beside each other, as bars that lie: figures in, Plotly out. Bars start at zero."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app import figures
from app.charts import GRID, UNSEEN, chart_text
from app.timeline import scaled, ticks_to, written
from models.spend.measures import Unit

ROOM = 30  # pixels of a bar and what is around it
LONGEST = 28  # characters of a name


@dataclass(frozen=True)
class Bar:
    name: str
    value: int | float | None
    colour: str
    href: str = ""
    text: str = ""  # where its value is not to be written


def draw(bars: Sequence[Bar], unit: Unit) -> go.Figure:
    """The first on top."""
    trace = go.Bar(
        orientation="h", y=list(range(len(bars))), x=[scaled(bar.value, unit) for bar in bars],
        text=[bar.text or figures.written(unit, bar.value) for bar in bars], textposition="outside", cliponaxis=False,
        marker={"color": [bar.colour for bar in bars]}, customdata=[said(bar, unit) for bar in bars],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )  # fmt: skip
    return go.Figure(trace, layout_template=go.layout.Template()).update_layout(layout(bars, unit))


def layout(bars: Sequence[Bar], unit: Unit) -> dict[str, object]:
    values = [bar.value or 0 for bar in bars]
    ticks = ticks_to(max([0, *values]), unit)
    low, high = (scaled(each, unit) or 0 for each in (min([0, *values]), ticks[-1]))
    return {
        "height": max(120, ROOM * len(bars) + 40), "margin": {"l": 0, "r": 0, "t": 4, "b": 0}, "showlegend": False,
        "bargap": 0.35, "barcornerradius": 2, "dragmode": False, "hovermode": "closest",
        "paper_bgcolor": UNSEEN, "plot_bgcolor": UNSEEN,
        "xaxis": {
            "range": [low * 1.15, high * 1.1], "tickvals": [scaled(tick, unit) for tick in ticks],
            "ticktext": written(ticks, unit), "gridcolor": GRID,
            "fixedrange": True, "zeroline": True, "zerolinecolor": GRID, "ticks": "",
        },
        "yaxis": {
            "tickvals": list(range(len(bars))), "ticktext": [cut(bar.name) for bar in bars], "autorange": "reversed",
            "fixedrange": True, "automargin": True, "ticks": "", "showgrid": False, "zeroline": False,
        },
    }  # fmt: skip


def said(bar: Bar, unit: Unit) -> list[str]:
    """Its name, its value in full, and where a click on it leads."""
    return [chart_text(bar.name), bar.text or figures.full(unit, bar.value), bar.href]


def cut(name: str) -> str:
    return chart_text(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
