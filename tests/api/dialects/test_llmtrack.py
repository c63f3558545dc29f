"""LLMtrack's door: the cost is a claim, the time may be missing, the status has more names."""

import json
from typing import Any

import pytest

from api.dialects import Outcome, dialects
from models.errors import BadRequest
from models.periods import SECOND
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Claim, Event

from .samples import ARRIVAL, LLMTRACK, NOW, arrived, bad, decode, event, llmtrack, replayed


def test_the_cost_is_computed_and_the_claim_stands_beside_it() -> None:
    decoded = event(LLMTRACK, llmtrack(prompt_tokens=1000, completion_tokens=1000, cost=99, response_cost=98))
    assert decoded.claim == Claim(cost=99_000_000_000, binding=False)
    cost = price(decoded, published())
    assert (cost.source, cost.reported, cost.cost) == ("computed", 99_000_000_000, cost.computed)


def test_tokens_may_be_null() -> None:
    tokens = event(LLMTRACK, llmtrack(prompt_tokens=None, completion_tokens=None, total_tokens=None)).tokens
    assert (tokens.input, tokens.output, tokens.total) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "started_us"),
    [
        ({"timestamp": "2026-11-20T12:00:00Z", "startTime": 5}, 1_795_176_000 * SECOND),
        ({"startTime": 1_795_176_000}, 1_795_176_000 * SECOND),
        ({"timestamp": None, "startTime": 1_795_176_000}, 1_795_176_000 * SECOND),
        ({"latency_ms": 1500}, NOW - 1_500_000),
        ({"latency_ms": None}, NOW),
        ({"timestamp": ""}, NOW),
        ({}, NOW),
    ],
    ids=repr,
)
def test_when_it_began(sent: dict[str, Any], started_us: int) -> None:
    assert event(LLMTRACK, llmtrack(**sent)).started_us == started_us


@pytest.mark.parametrize(
    ("said", "status"),
    [(None, "success"), ("", "success"), ("ok", "success"), ("SUCCESS", "success"), ("error", "failure")],
)
def test_status(said: str | None, status: str) -> None:
    assert event(LLMTRACK, llmtrack(status=said)).status == status


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("provider", value) for value in (None, "", {})),
        *(("model", value) for value in (None, "", 5)),
        *(("cost", value) for value in (-1, "free", 1_000_001)),
        *(("timestamp", value) for value in ("soon", 1, True)),
        *(("startTime", value) for value in ("soon", 1)),
        *(("latency_ms", value) for value in (-1, "fast")),
        *(("status", value) for value in ("odd", 200, True, [])),
        ("prompt_tokens", -1),
        ("metadata", 5),
    ],
    ids=repr,
)
def test_bad_fields_are_named(field: str, value: object) -> None:
    assert bad(LLMTRACK, llmtrack(**{field: value})).details["field"] == field


@pytest.mark.parametrize(("latency", "began"), [(1500, NOW - 1_500_000), (-1, NOW)])
def test_a_bad_event_happened_when_it_arrived_whenever_it_is_mended(latency: int, began: int) -> None:
    found = bad(LLMTRACK, llmtrack(latency_ms=latency, prompt_tokens=-1), arrived(idempotency_key="k"))
    mended = dialects()[LLMTRACK].decode_one(
        json.loads(json.dumps(found.kept)) | {"latency_ms": 1500, "prompt_tokens": 1},
        arrived(),
    )
    assert isinstance(mended, Event)
    assert (mended.started_us, mended.id) == (began, "k")


def test_a_bad_time_is_not_replaced_by_another() -> None:
    found = bad(LLMTRACK, llmtrack(timestamp="soon"))
    assert replayed(LLMTRACK, found.kept) == found
    assert "timestamp" not in bad(LLMTRACK, llmtrack(startTime="soon" * 100)).kept


def test_what_is_no_event_is_refused() -> None:
    for body in (b"", b"[]", b"null", b"hello"):
        with pytest.raises(BadRequest):
            decode(LLMTRACK, body)


def test_the_answer_and_the_example() -> None:
    dialect = dialects()[LLMTRACK]
    assert dialect.answer(Outcome(["evt_1"], [])) == (201, {"ok": True, "consumption_source": "included"})
    assert dialect.single
    assert isinstance(dialect.decode(json.dumps(dialect.example).encode(), ARRIVAL)[0], Event)
