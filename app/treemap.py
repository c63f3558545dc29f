"""Shares of a whole as areas, one level within another: figures in, Plotly out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from app import figures
from app.charts import UNSEEN, chart_text, readable
from models.money import NANO
from models.spend.measures import Unit

HEIGHT = 420  # pixels
SMALLEST = 10  # pixels of a label's letters: where they don't fit, the hover text says it


@dataclass(frozen=True)
class Leaf:
    """`path` are the names from the whole down to it; `href` is where a click on it leads."""

    path: tuple[str, ...]
    value: int
    href: str = ""


@dataclass(frozen=True)
class Node:
    id: str
    parent: str
    name: str
    value: int
    path: tuple[str, ...]
    href: str = ""


def nodes(leaves: Sequence[Leaf]) -> list[Node]:
    """Every level that the leaves stand in, each as large as what is in it. Nothing smaller than one is drawn."""
    sums: dict[tuple[str, ...], int] = {}
    for leaf in leaves:
        for depth in range(1, len(leaf.path) + 1) if leaf.value > 0 else ():
            sums[leaf.path[:depth]] = sums.get(leaf.path[:depth], 0) + leaf.value
    ids = {path: str(number) for number, path in enumerate(sums)}  # names may be alike on two levels
    leads = {leaf.path: leaf.href for leaf in leaves}
    return [
        Node(ids[path], ids.get(path[:-1], ""), path[-1], value, path, leads.get(path, ""))
        for path, value in sums.items()
    ]


def draw(leaves: Sequence[Leaf], colours: dict[str, str], unit: Unit, height: int = HEIGHT) -> go.Figure:
    """`colours` are of the first level; what lies within has its own paler."""
    found = nodes(leaves)
    whole = sum(node.value for node in found if not node.parent)
    scale = NANO if unit == "nano_usd" else 1
    trace = go.Treemap(
        ids=[node.id for node in found], parents=[node.parent for node in found],
        labels=[chart_text(node.name) for node in found], values=[node.value / scale for node in found],
        branchvalues="total", customdata=[said(node, whole, unit) for node in found],
        texttemplate="%{label}<br>%{customdata[0]}",
        hovertemplate="%{label}<br>%{customdata[1]}, %{customdata[2]}<extra></extra>",
        marker={"colors": [colours.get(node.path[0]) for node in found], "cornerradius": 3,
                "line": {"width": 1, "color": "rgba(255,255,255,0.35)"}, "pad": {"t": 22, "l": 3, "r": 3, "b": 3},
                "depthfade": False},
        textfont={"color": [readable(colours.get(node.path[0])) for node in found]},
        tiling={"pad": 2}, pathbar={"visible": False}, sort=True,
    )  # fmt: skip
    return go.Figure(trace, layout_template=go.layout.Template()).update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor=UNSEEN,
        uniformtext={"minsize": SMALLEST, "mode": "hide"},
    )


def said(node: Node, whole: int, unit: Unit) -> list[Any]:
    """Its value in few letters and in full, its share, and where a click on it leads."""
    share = figures.written("ratio", node.value / whole)
    return [figures.short(unit, node.value), figures.full(unit, node.value), share, node.href]
