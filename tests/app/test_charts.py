"""What charts have in common: round scales, and strangers' names as text."""

import pytest

from app import charts, colours
from models.money import NANO


@pytest.mark.parametrize(
    ("highest", "dollars"),
    [
        (0, [0, 1]),
        (37 * NANO, [0, 10, 20, 30, 40]),
        (9 * NANO, [0, 2.5, 5, 7.5, 10]),
        (2_000_000, [0, 0.0005, 0.001, 0.0015, 0.002]),
        (90_000 * NANO, [0, 25_000, 50_000, 75_000, 100_000]),
    ],
)
def test_gridlines_are_round(highest: int, dollars: list[float]) -> None:
    assert [tick / NANO for tick in charts.steps(highest)] == dollars


def test_a_nano_dollar_has_a_scale_too() -> None:
    assert charts.steps(1) == [0, 1]


@pytest.mark.parametrize("colour", [*colours.PALETTE, colours.GREY])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_text_on_a_colour_stands_out(colour: colours.Colour, theme: str) -> None:
    behind = charts.luminance(colour.on(theme)) + 0.05
    text = charts.luminance(charts.readable(colour.on(theme))) + 0.05
    assert max(behind, text) / min(behind, text) >= 4.5


def test_names_of_strangers_are_neither_markup_nor_templates() -> None:
    assert charts.chart_text('<b>"x"</b>') == '&lt;b&gt;"x"&lt;/b&gt;'
    assert "%{" not in charts.chart_text("%{meta} of %{x}")
