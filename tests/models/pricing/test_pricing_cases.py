"""The public pricing fixtures, end to end: raw usage in, tokens, nano-dollars and reasons out."""

import json
from pathlib import Path

import pytest

from models.pricing.cost import price
from models.pricing.prices import published
from tests.models.pricing.cases import event

CASES = json.loads((Path(__file__).parents[2] / "fixtures/pricing/cases.json").read_text())["cases"]


@pytest.mark.parametrize("api", ["named", "told from the shape"])
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case, api):
    found = event(case, case["input"]["api"] if api == "named" else None)
    cost = price(found, published())
    expected = case["expected"]
    assert {name: getattr(found.tokens, name) for name in expected["tokens"] or ()} == (expected["tokens"] or {})
    assert cost.cost == expected["cost_nano_usd"]
    assert cost.source == {"priced": "computed", "unpriced": "unpriced"}[expected["status"]]
    assert cost.unpriced_reason == expected.get("reason")


def test_there_are_twenty_one():
    assert len(CASES) == 21
