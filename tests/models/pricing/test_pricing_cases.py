"""The public pricing fixtures, end to end: raw usage in, tokens, nano-dollars and reasons out."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from models.pricing.cost import price
from models.pricing.names import canonical
from models.pricing.prices import published
from models.usage.event import Event, Tokens
from models.usage.normalise import Usage, normalise

CASES = json.loads((Path(__file__).parents[2] / "fixtures/pricing/cases.json").read_text())["cases"]


def read(case, api):
    usage = case["input"]["usage"]
    return Usage(Tokens()) if usage is None else normalise(usage, api, case["input"]["provider"])


def event(case, usage):
    sent = case["input"]
    provider, model = canonical(sent["provider"], sent["model"])
    return Event(
        source="rest",
        started_us=int(datetime.fromisoformat(sent["timestamp"]).timestamp()) * 10**6,
        provider=provider,
        model=model,
        tokens=usage.tokens,
        units=usage.units,
        service_tier=usage.service_tier,
        batch=usage.batch,
        flags=list(usage.flags),
    )


@pytest.mark.parametrize("api", ["named", "told from the shape"])
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case, api):
    usage = read(case, case["input"]["api"] if api == "named" else None)
    cost = price(event(case, usage), published())
    expected = case["expected"]
    assert {name: getattr(usage.tokens, name) for name in expected["tokens"] or ()} == (expected["tokens"] or {})
    assert cost.cost == expected["cost_nano_usd"]
    assert cost.source == {"priced": "computed", "unpriced": "unpriced"}[expected["status"]]
    assert cost.unpriced_reason == expected.get("reason")


def test_there_are_twenty_one():
    assert len(CASES) == 21
