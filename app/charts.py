"""What charts have in common: quiet colours, round scales, and strangers' names as text."""

from html import escape
from math import ceil, log10

from models.money import NANO

QUIET = "rgba(128, 136, 150, 0.85)"  # readable on either theme
GRID = "rgba(128, 136, 150, 0.18)"
UNSEEN = "rgba(0, 0, 0, 0)"
UNFINISHED = 0.45  # opacity of what is not over
GRIDLINES = 4


def chart_text(name: str) -> str:
    """A stranger's name in Plotly's own markup: quotes stand as they are, `%{…}` is no template."""
    return escape(name, quote=False).replace("%{", "%\u200d{")


def steps(highest: int) -> list[int]:
    """Round amounts from zero to just above the highest: 1, 2, 2.5 or 5 times a power of ten apart."""
    if highest <= 0:
        return [0, NANO]
    rough = highest / GRIDLINES
    power = 10 ** max(0, ceil(log10(rough)) - 1)
    step = next(step for step in (power, 2 * power, 5 * power // 2, 5 * power, 10 * power) if step >= rough)
    return list(range(0, highest + step, step))
