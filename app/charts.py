"""What charts have in common: quiet colours, round scales, and strangers' names as text."""

from collections.abc import Sequence
from html import escape
from math import ceil, log10

from app.formats import compact_money
from models.money import NANO

QUIET = "rgba(128, 136, 150, 0.85)"  # readable on either theme
GRID = "rgba(128, 136, 150, 0.18)"
UNSEEN = "rgba(0, 0, 0, 0)"
BLACK, WHITE = "#000000", "#ffffff"
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


def labels(ticks: Sequence[int]) -> list[str]:
    """Cents only where a step has some."""
    whole = all(tick % NANO == 0 for tick in ticks)
    return [compact_money(tick).removesuffix(".00") if whole or not tick else compact_money(tick) for tick in ticks]


def readable(colour: str | None) -> str:
    """Of a text on that colour: the one of black and white that stands out more, which is 4.5:1 at least."""
    light = luminance(colour or WHITE) + 0.05
    return WHITE if 1.05 / light > light / 0.05 else BLACK


def luminance(colour: str) -> float:
    """Of `#rrggbb`, as WCAG 2 has it: 0 is black, 1 is white."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
