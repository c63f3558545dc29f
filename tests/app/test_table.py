"""Tables of figures: in the order that the address says, every head leads to another one."""

from typing import Any

import pytest

from app.address import Address
from app.components import table
from app.components.table import GONE, Table, changed, head, of_dimension, of_measure, ordered, outline
from models.errors import BadRequest

ROWS: list[dict[str, Any]] = [
    {"team": "b", "cost_nano_usd": 3, "error_rate": None},
    {"team": None, "cost_nano_usd": 1, "error_rate": 0.5},
    {"team": "A", "cost_nano_usd": 2, "error_rate": 0.1},
]
BEFORE = {"cost_nano_usd": 2_000_000_000}
TABLE = Table("teams", [of_dimension("team", lambda _: ""), *table.measures(["error_rate"]), of_measure("cost")], ROWS)


def names(order: str) -> list[Any]:
    return [row["team"] for row in ordered(TABLE, Address("teams", (("order", order),) if order else ())).rows]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["b", "A", None]),
        ("cost", [None, "A", "b"]),
        ("-error_rate", [None, "A", "b"]),
        ("error_rate", ["A", None, "b"]),
        ("team", ["A", "b", None]),
        ("-team", ["b", "A", None]),
    ],
)
def test_it_stands_in_the_order_of_the_address_with_what_is_unknown_last(order: str, expected: list[Any]) -> None:
    assert names(order) == expected


def test_an_order_of_another_table_leaves_this_one_as_it_is() -> None:
    assert names("-latency_p95") == names("")


def test_an_order_by_nothing_that_there_is_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="order=-nonsense"):
        names("-nonsense")


def test_a_head_sorts_figures_from_the_largest_and_names_from_the_first_and_turns_round() -> None:
    here = Address("teams")
    cost, team = of_measure("cost"), of_dimension("team", lambda _: "")
    assert head(cost, here).sorted == "descending"
    assert Address.read(head(cost, here).href).get("order") == "cost"
    assert Address.read(head(team, here).href).get("order") == "team"
    assert Address.read(head(team, here.put(order="team")).href).get("order") == "-team"


def test_a_change_is_new_gone_or_says_what_was_before() -> None:
    assert changed("cost", {"cost_nano_usd": 5}, None).text == "new"
    gone = changed("cost", {"cost_nano_usd": 0, GONE: True}, BEFORE)
    assert (gone.text, gone.exact) == ("gone", "before: $2.00")
    more = changed("cost", {"cost_nano_usd": 3_000_000_000}, BEFORE)
    assert (more.text, more.meaning) == ("+50.0\u202f%", "bad")


def test_of_what_has_no_price_there_is_no_change() -> None:
    unpriced = {"cost_nano_usd": 0, "unpriced_requests": 3}
    assert changed("cost", unpriced, BEFORE).text == "–"
    assert changed("cost", {"cost_nano_usd": 5}, unpriced) == table.Cell("–", "before: unknown")
    assert of_measure("cost").cell(unpriced) == table.Cell("–", "unknown")


def test_a_trend_goes_from_nothing_to_its_own_highest() -> None:
    assert outline([0, 4, 2]) == "0% 100%, 0.0% 95.0%, 50.0% 0.0%, 100.0% 47.5%, 100% 100%"
    assert "95%" in outline([0, 0])
    assert outline([]).endswith("0% 100%")
