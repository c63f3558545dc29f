"""Calls whose cost two price lists agree on, from the raw usage to the bill: what is told apart by us, and at which
prices, is what they sum. And calls that neither can tell the cost of, each with its reason."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from models.pricing.cost import price
from models.pricing.lines import lines
from models.pricing.prices import published
from models.pricing.rates import NANO, QUOTED, quoted
from tests.models.pricing.cases import event

CASES = json.loads((Path(__file__).parents[2] / "fixtures/pricing/agreed.json").read_text())["cases"]
PRICED = [case for case in CASES if case["expected"]["status"] == "priced"]
UNPRICED = [case for case in CASES if case["expected"]["status"] == "unpriced"]


def cases(chosen):
    return pytest.mark.parametrize("case", chosen, ids=[f"{case['id']} {case['title']}" for case in chosen])


def read(case):
    """With its flavour named, and told from its shape."""
    return [event(case, api) for api in (case["input"]["api"], None)]


def told(tokens, expected):
    return {name: getattr(tokens, name) for name in expected or ()}


def bill(event, card):
    found = lines(event.tokens, event.units, card)
    return {unit: (quantity, quoted(unit, Fraction(rate, card.scale))) for unit, quantity, rate in found}


def components(case):
    listed = [tuple(each.values()) for each in case["components"]]
    return {unit: (quantity, Decimal(dollars)) for unit, quantity, dollars in listed}


@cases(PRICED)
def test_tokens_bill_and_cost(case):
    for call in read(case):
        cost = price(call, published())
        assert (cost.source, cost.cost) == ("computed", case["expected"]["cost_nano_usd"])
        assert told(call.tokens, case["expected"]["tokens"]) == case["expected"]["tokens"]
        assert bill(call, cost.card) == components(case)


@cases(UNPRICED)
def test_what_has_no_price_keeps_its_tokens_and_says_why(case):
    for call in read(case):
        cost = price(call, published())
        assert (cost.source, cost.cost) == ("unpriced", None)
        assert cost.unpriced_reason == case["expected"]["reason"]
        assert told(call.tokens, case["expected"]["tokens"]) == (case["expected"]["tokens"] or {})


@cases(PRICED)
def test_the_fixture_adds_up_by_itself(case):
    amounts = [
        quantity * Fraction(dollars) / QUOTED[unit].per for unit, (quantity, dollars) in components(case).items()
    ]
    assert (2 * NANO * sum(amounts) + 1) // 2 == case["expected"]["cost_nano_usd"]


def test_there_are_enough():
    assert len(PRICED) >= 200
    assert len(UNPRICED) >= 60
