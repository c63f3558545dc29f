"""Members beside each other: the longest first, from zero, and each says all of its amount."""

from app import ranking
from app.ranking import Bar
from models.money import NANO

BARS = [
    Bar("gpt-4o", 3 * NANO + 1, "#08625a", "/explorer?where=model%3Agpt-4o"),
    Bar("in-house", None, "#878e99", text="unpriced"),
]


def test_a_bar_says_its_amount_in_full_where_it_is_pointed_at() -> None:
    bars = ranking.draw(BARS, "nano_usd").to_dict()["data"][0]
    assert [list(each) for each in bars["customdata"]] == [
        ["gpt-4o", "$3.000000001", "/explorer?where=model%3Agpt-4o"], ["in-house", "unpriced", ""],
    ]  # fmt: skip
    assert list(bars["text"]) == ["$3.00", "unpriced"]


def test_bars_start_at_zero() -> None:
    assert ranking.draw(BARS, "nano_usd").to_dict()["layout"]["xaxis"]["range"][0] == 0


def test_its_axis_is_labelled_like_that_of_time() -> None:
    axis = ranking.draw([Bar("a", 9 * NANO, "#08625a")], "nano_usd").to_dict()["layout"]["xaxis"]
    assert list(axis["ticktext"]) == ["$0", "$2.50", "$5.00", "$7.50", "$10.00"]
