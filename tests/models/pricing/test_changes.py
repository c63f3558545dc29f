"""What a new edition changes, told before anybody pays for it."""

from decimal import Decimal

from models.pricing import changes, editions
from models.pricing.table import Table
from tests.factories import DAY, NOON
from tests.price_data import GPT, NEW, data, provider

DATED = GPT | {
    "prices": [
        {"prices": GPT["prices"]},
        {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 4, "output_mtok": 20}},
    ]
}


def table(*rows):
    return Table("x", editions.read(data(provider(*rows))))


def test_rows_that_came_went_and_cost_otherwise():
    found = changes.changes(table(GPT, NEW), table(NEW | {"prices": {"input_mtok": 3}}, GPT | {"id": "gpt-4o-b"}), NOON)
    assert [(each.row, each.kind) for each in found] == [
        ("openai/gpt-4o", "removed"),
        ("openai/gpt-4o-b", "added"),
        ("openai/gpt-99", "changed"),
    ]
    assert found[2].before == (Decimal(1), Decimal("2.5"))
    assert found[2].after == (Decimal(3), None)
    assert changes.counted(found) == {"added": 1, "removed": 1, "changed": 1}


def test_the_same_rows_say_nothing():
    assert changes.changes(table(GPT, NEW), table(NEW, GPT), NOON) == []


def test_a_price_of_another_time_is_a_change_too():
    (change,) = changes.changes(table(GPT), table(DATED), NOON)
    assert changes.told(change) == "5 / 20, in other prices or at other times"
    (later,) = changes.changes(table(GPT), table(DATED), NOON + 30 * DAY)
    assert changes.told(later) == "5 / 20 -> 4 / 20"


def test_a_long_list_is_cut_and_says_so():
    many = [NEW | {"id": f"gpt-{number}", "match": {"equals": f"gpt-{number}"}} for number in range(50)]
    lines = changes.as_text(changes.changes(table(GPT), table(GPT, *many), NOON))
    assert lines[0] == "added: 50 rows"
    assert lines[21:] == ["  and 30 more", "removed: 0 rows", "changed: 0 rows"]
