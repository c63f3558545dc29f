"""Every body that real LiteLLM sent decodes to what was written down for it."""

import json
from typing import Any

import pytest

from api.dialects import BadEvent
from models.periods import SECOND
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Event

from .samples import CALLBACK, FIXTURES, LITELLM, decode

FILES = json.loads((FIXTURES / "expected.json").read_text())["files"]
SAME = ("id", "source", "model", "provider", "status", "cache_hit", "error_str")
ATTRIBUTES = ("team", "feature", "env", "department", "agent", "end_user", "token", "tags")
MAY_BE_UNKNOWN = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")  # where 0 is expected


def body_of(file: dict[str, Any]) -> bytes:
    return (FIXTURES / file["file"]).read_bytes()


@pytest.fixture(params=FILES, ids=lambda file: file["file"])
def file(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture(params=[LITELLM, CALLBACK])
def events(file: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Event]:
    decoded = decode(request.param, body_of(file))
    assert not [bad for bad in decoded if isinstance(bad, BadEvent)]
    return {event.id: event for event in decoded}


def test_all_events_are_there(file: dict[str, Any], events: dict[str, Event]) -> None:
    assert set(events) == {expected["id"] for expected in file["events"]}


def test_fields(file: dict[str, Any], events: dict[str, Event]) -> None:
    for expected in file["events"]:
        event = events[expected["id"]]
        assert {name: getattr(event, name) for name in SAME} == {name: expected[name] for name in SAME}
        assert event.error_code == expected.get("error_code")
        assert event.credential == expected["tracking_token"]


def test_times(file: dict[str, Any], events: dict[str, Event]) -> None:
    for expected in file["events"]:
        event = events[expected["id"]]
        assert event.started_us == pytest.approx(expected["started_at"] * SECOND, abs=1, rel=0)
        assert event.latency_us == pytest.approx(expected["latency_ms"] * 1000, abs=1)


def test_attributes(file: dict[str, Any], events: dict[str, Event]) -> None:
    for expected in file["events"]:
        event = events[expected["id"]]
        for name in ATTRIBUTES:
            allowed = [expected[name], *expected.get("also_ok", {}).get(name, [])]
            found = getattr(event, name)
            assert (found or "unknown" if name == "feature" else found) in allowed, (expected["id"], name)


def test_tokens(file: dict[str, Any], events: dict[str, Event]) -> None:
    for expected in file["events"]:
        event = events[expected["id"]]
        for name in ("input_tokens", "output_tokens", "total_tokens", *MAY_BE_UNKNOWN):
            found = getattr(event.tokens, name.removesuffix("_tokens"))
            assert (found or 0 if name in MAY_BE_UNKNOWN else found) == expected[name], (expected["id"], name)
        assert event.flags == []


def test_costs(file: dict[str, Any], events: dict[str, Event]) -> None:
    for expected in file["events"]:
        cost = price(events[expected["id"]], published())
        assert cost.cost == expected["cost_nano_usd"]
        assert cost.saved == expected["saved_nano_usd"]
        assert cost.source == expected["cost_source"]
        if not expected["cache_hit"] and "input_cost_nano_usd" not in expected.get("also_ok", {}):
            assert cost.input_cost == expected["input_cost_nano_usd"]
            assert cost.output_cost == expected["output_cost_nano_usd"]
        if expected["cache_hit"]:
            assert not cost.input_cost
            assert not cost.output_cost


def test_nothing_of_prompts_answers_and_paths_is_left(file: dict[str, Any], events: dict[str, Event]) -> None:
    for event in events.values():
        event.credential = None
        assert not any(word in repr(event) for word in ("Hello from the fake", "trk_live", "site-packages", "[["))


def test_an_event_whose_id_is_445_characters_long_keeps_all_of_them() -> None:
    decoded = decode(LITELLM, (FIXTURES / "proxy_ndjson_mixed.ndjson").read_bytes())
    assert 445 in {len(event.id) for event in decoded}
