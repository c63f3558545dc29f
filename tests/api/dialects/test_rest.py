"""`/api/v1/ingest` and `/api/v1/ingest/batch`."""

import json
from typing import Any

import pytest

from api.dialects import Outcome, dialects
from models.errors import BadRequest, TooLarge
from models.periods import SECOND
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Claim, Event

from .samples import ARRIVAL, BATCH, INGEST, arrived, bad, decode, event, replayed, rest

FULL = {
    "id": "my-1",
    "model": "openai/gpt-4o",
    "provider": "openai",
    "startTime": "2026-11-20T12:00:00Z",
    "endTime": "2026-11-20T12:00:01.250Z",
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "total_tokens": 1500,
    "response_cost": "0.00015",
    "input_cost": 0.0001,
    "output_cost": 0.00005,
    "status": "failure",
    "error_str": "boom",
    "error_type": "Timeout",
    "error_code": 504,
    "metadata": {"team": "search", "feature": "summariser", "request_id": "ignored"},
    "request_tags": ["nightly"],
    "end_user": "customer-42",
    "cache_hit": False,
    "endpoint": "/chat",
    "latency_ms": 1000,
    "request_id": "req-1",
    "service_tier": "flex",
    "batch": True,
    "unheard_of": {"field": 1},
}


def test_every_field() -> None:
    decoded = event(INGEST, FULL)
    assert decoded == Event(
        source="rest",
        started_us=1_795_176_000 * SECOND,
        ended_us=1_795_176_001 * SECOND + 250_000,
        latency_us=SECOND,
        model="gpt-4o",
        provider="openai",
        id="my-1",
        status="failure",
        error_type="Timeout",
        error_code="504",
        error_str="boom",
        request_id="req-1",
        endpoint="/chat",
        feature="summariser",
        team="search",
        end_user="customer-42",
        tags=["nightly"],
        tokens=decoded.tokens,
        service_tier="flex",
        batch=True,
        claim=Claim(cost=150_000, input_cost=100_000, output_cost=50_000),
    )


def test_the_least_that_is_an_event() -> None:
    decoded = event(INGEST, rest())
    assert decoded == Event(source="rest", started_us=1_795_176_000 * SECOND, model="gpt-4o", provider="openai")
    assert price(decoded, published()).source == "unpriced"


def test_null_is_absent() -> None:
    assert event(INGEST, dict.fromkeys(FULL) | rest()) == event(INGEST, rest())


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"id": "a", "event_id": "b"}, "a"),
        ({"event_id": "b"}, "b"),
        ({"id": "", "event_id": "b"}, "b"),
        ({"id": 17}, "17"),
        ({"id": "x" * 1024}, "x" * 1024),
        ({}, "from-header"),
        ({"id": None}, "from-header"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_ids(sent: dict[str, Any], named: str) -> None:
    assert event(INGEST, rest(**sent), arrived(idempotency_key="from-header")).id == named


def test_an_idempotency_key_names_no_event_of_a_batch() -> None:
    assert event(BATCH, rest(), arrived(idempotency_key="from-header")).id is None


@pytest.mark.parametrize(
    ("sent", "guarded"),
    [({"request_id": "a", "metadata": {"request_id": "b"}}, "a"), ({"metadata": {"request_id": "b"}}, "b"), ({}, None)],
)
def test_the_request_that_a_guard_was_asked_about(sent: dict[str, Any], guarded: str | None) -> None:
    assert event(INGEST, rest(**sent)).request_id == guarded


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("model", value) for value in (None, "", " ", 5, "m" * 257)),
        *(("startTime", value) for value in (None, "", "soon", "1999-12-31T23:59:59Z", "2026-11-22T12:00:00Z", True)),
        *(("endTime", value) for value in ("soon", True, {})),
        *(("response_cost", value) for value in (-0.01, 1_000_001, "free", True, [])),
        *(("input_cost", value) for value in (-1, "x")),
        *(("output_cost", value) for value in (-1, "x")),
        *(("metadata", value) for value in (5, "text", [1])),
        *(("usage", value) for value in (5, "text", [1])),
        *(("status", value) for value in ("ok", "FAILURE", 200, True, {})),
        *(("cache_hit", value) for value in (1, "yes", [])),
        *(("batch", value) for value in (1, "yes", [])),
        *(("latency_ms", value) for value in (-1, "fast", True)),
        *(("id", value) for value in ("x" * 1025, "a\x00b", 1.5, True, {})),
        *(("event_id", value) for value in ("x" * 1025, [])),
        *(("request_id", value) for value in ("x" * 1025, [])),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_fields_are_named(field: str, value: object) -> None:
    for door in (INGEST, BATCH):
        found = bad(door, rest(**{field: value}))
        assert found.details.keys() == {"field", "value", "expected"}
        assert found.details["field"] == field
        assert field in found.error
        assert found.credential is None


def test_a_bad_event_can_be_mended() -> None:
    arrival = arrived(x_team="platform", x_prompt_id="p-7", idempotency_key="named")
    sent = FULL | {"id": None, "prompt_tokens": -1, "metadata": {"feature": "f", "tags": ["t"], "secret": "s"}}
    found = bad(INGEST, sent, arrival)
    assert replayed(INGEST, found.kept) == found
    mended = replayed(INGEST, found.kept, prompt_tokens=1200)
    assert mended == event(INGEST, sent | {"prompt_tokens": 1200}, arrival)
    assert isinstance(mended, Event)
    assert (mended.id, mended.team, mended.prompt, mended.tags) == ("named", "platform", "p-7", ["nightly", "t"])


@pytest.mark.parametrize("body", [[], [rest()], None, 5, "text", True])
def test_one_event_is_one_object(body: object) -> None:
    with pytest.raises(BadRequest) as refused:
        decode(INGEST, body)
    assert refused.value.details["field"] == "body"


@pytest.mark.parametrize("door", [INGEST, BATCH])
@pytest.mark.parametrize("body", [b"", b"hello", b"{", b'{"model": NaN}', b'{"a": "\xff"}', b"1e99999999999999999999"])
def test_what_is_not_json_is_refused(door: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode(door, body)


# -- batches ----------------------------------------------------------------------------------------------------


def test_good_and_bad_events_keep_their_order() -> None:
    good, worse, null, better = decode(BATCH, {"events": [rest(id="1"), rest(model=None), None, rest(id="2")]})
    assert (good.id, better.id) == ("1", "2")
    assert worse.details["field"] == "model"
    assert null.details == {"field": "event", "value": "null", "expected": "an object"}
    assert null.kept == {}


@pytest.mark.parametrize(
    "body", [{}, {"events": None}, {"events": []}, {"events": {}}, {"events": "x"}, [rest()], None, rest()]
)
def test_a_batch_without_events_is_refused(body: object) -> None:
    with pytest.raises(BadRequest) as refused:
        decode(BATCH, body)
    assert refused.value.status == 400
    assert refused.value.details["field"] == "events"


def test_a_hundred_events_are_a_batch_and_one_more_is_not() -> None:
    assert len(decode(BATCH, {"events": [rest()] * 100})) == 100
    with pytest.raises(TooLarge):
        decode(BATCH, {"events": [rest()] * 101})


# -- answers ----------------------------------------------------------------------------------------------------

REFUSED = {"index": 1, "error": "Invalid payload"}


def test_answers() -> None:
    single, batch = dialects()[INGEST], dialects()[BATCH]
    assert single.answer(Outcome(["evt_1"], [])) == (202, {"status": "accepted", "id": "evt_1"})
    assert batch.answer(Outcome(["a", "b"], [])) == (202, {"status": "accepted", "count": 2, "ids": ["a", "b"]})
    assert batch.answer(Outcome(["a"], [REFUSED]))[1] == {
        "status": "accepted",
        "count": 1,
        "ids": ["a"],
        "rejected": [REFUSED],
    }


def test_only_the_first_door_is_single() -> None:
    assert (dialects()[INGEST].single, dialects()[BATCH].single) == (True, False)


@pytest.mark.parametrize("door", [INGEST, BATCH])
def test_examples_are_events(door: str) -> None:
    dialect = dialects()[door]
    assert all(isinstance(found, Event) for found in dialect.decode(json.dumps(dialect.example).encode(), ARRIVAL))
