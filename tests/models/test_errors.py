"""A bad field is named with its value as it was sent, within bounds, and without anybody's secret."""

import json
from decimal import Decimal
from typing import Any

import pytest

from models.errors import BadField


@pytest.mark.parametrize(
    ("sent", "shown", "words"),
    [
        (-3, -3, "-3"),
        (Decimal("-0.1"), -0.1, "-0.1"),
        (Decimal("1.50"), 1.5, "1.5"),
        (True, True, "true"),
        (None, None, "null"),
        ("garbage", "garbage", '"garbage"'),
        ('say "no"\n', 'say "no"\n', r'"say \"no\"\n"'),
        ("x" * 65, "x" * 64 + "…", '"' + "x" * 64 + '…"'),
        ("a\x00b\ud800", "a�b?", '"a�b?"'),
        ("my sk-abcdef123456", "my [key removed]", '"my [key removed]"'),
        (2**63, str(2**63), f'"{2**63}"'),
        (Decimal("1E+400"), "1E+400", '"1E+400"'),
        (Decimal("0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827", None),
        (Decimal("NaN"), "NaN", '"NaN"'),
        ({"a": "prompt"}, "an object", "an object"),
        (["prompt"], "an array", "an array"),
    ],
)
def test_the_value_is_shown_as_it_was_sent(sent: Any, shown: Any, words: str | None) -> None:
    bad = BadField("field", sent, "something else")
    assert bad.body()["details"] == {"field": "field", "value": shown, "expected": "something else"}
    assert json.loads(json.dumps(bad.body(), allow_nan=False)) == bad.body()
    assert words is None or bad.reason == f"Invalid payload: field is {words}, expected something else"


def test_where_an_object_belongs_only_the_kind_is_shown() -> None:
    bad = BadField("metadata", "my prompt", "an object", show=False)
    assert bad.details == {"field": "metadata", "value": "a string", "expected": "an object"}
    assert bad.reason == "Invalid payload: metadata is a string, expected an object"
