"""What charts have in common: round scales, and strangers' names as text."""

import pytest

from app import charts, colours
from models.money import NANO
from tests.app.test_colours import contrast


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0, ["$0", "$1"]),
        (37 * NANO, ["$0", "$10", "$20", "$30", "$40"]),
        (9 * NANO, ["$0", "$2.50", "$5.00", "$7.50", "$10.00"]),
        (2_000_000, ["$0", "$0.00050", "$0.0010", "$0.0015", "$0.0020"]),
        (90_000 * NANO, ["$0", "$25.0k", "$50.0k", "$75.0k", "$100k"]),
    ],
)
def test_gridlines_are_round(highest: int, labels: list[str]) -> None:
    assert charts.labels(charts.steps(highest)) == labels


def test_a_nano_dollar_has_a_scale_too() -> None:
    assert charts.steps(1) == [0, 1]


@pytest.mark.parametrize("colour", [*colours.PALETTE, colours.GREY])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_text_on_a_colour_stands_out(colour: colours.Colour, theme: str) -> None:
    assert contrast(charts.readable(colour.on(theme)), colour.on(theme)) >= 4.5


def test_names_of_strangers_are_neither_markup_nor_templates() -> None:
    assert charts.chart_text('<b>"x"</b>') == '&lt;b&gt;"x"&lt;/b&gt;'
    assert "%{" not in charts.chart_text("%{meta} of %{x}")
