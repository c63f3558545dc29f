"""Farthing's own format: one event to `/api/v1/ingest`, up to a hundred to `/api/v1/ingest/batch`.

It reads fields and judges them; it neither prices nor attributes to keys. What it refuses is named field by field.
"""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import partial
from typing import Any

import msgspec

from api.dialects import Arrival, BadEvent, Dialect, Outcome, plain, quarantine
from api.dialects.attribution import METADATA_KEYS, attribute, scopes_of, tags, written_back
from api.dialects.error_text import Failure, error_text
from api.dialects.fields import (
    A_START,
    A_TIME,
    amount,
    end,
    flag,
    id_if_any,
    latency,
    members,
    members_if_any,
    served,
    start,
)
from api.dialects.json_body import read
from api.dialects.tokens import COUNTED, usage_or_counts
from models.errors import BadField, BadRequest, TooLarge, kind_of
from models.money import MAX_EVENT_NANO, NANO
from models.periods import SECOND, YEAR_2000
from models.usage.counts import count
from models.usage.event import MAX_MODEL, MAX_TOKENS, Claim, Event
from models.usage.normalise import normalise
from models.usage.text import ID_CHARACTERS, identifier, label

Serving = Callable[[Mapping[str, Any]], tuple[str | None, str | None]]  # who served the call, with which model

MAX_EVENTS = 100
EXACTLY = Context(prec=100)  # digits; what two amounts in bounds can need
STATUSES = ("success", "failure")
SPOKEN = ("messages", "prompt", "input", "instructions", "response", "output", "completion")  # looked for in errors

ERRORS = frozenset(("error_information", "error_type", "error_code", "error_str"))
NO_FAILURE = Failure(error_type=None, error_code=None, error_str=None)
AVOIDED = ("prompt_tokens_avoided", "completion_tokens_avoided")
KEPT = (
    *quarantine.fields(quarantine.name, "model"),
    *quarantine.fields(
        quarantine.scalar, "startTime", "timestamp", "endTime", "latency_ms", "status", "cache_hit", "batch"
    ),
    *quarantine.fields(id_if_any, "id", "event_id", "request_id"),
    *quarantine.fields(
        quarantine.scalar, *COUNTED.values(), *AVOIDED, "response_cost", "input_cost", "output_cost", "cost"
    ),
    *quarantine.fields(label, "provider", "custom_llm_provider", "model_group", "api", "service_tier"),
    *quarantine.fields(quarantine.usage_counts, "usage"),
    *quarantine.fields(label, "error_type", "error_code", "error_str", "end_user"),
    *quarantine.fields(label, *METADATA_KEYS, inside=("metadata",)),
    *quarantine.fields(tags, "request_tags"),
)


# -- one event --------------------------------------------------------------------------------------------------


def judged(sent: Any, arrival: Arrival) -> Event | BadEvent:
    """The event, or why it can't be stored."""
    try:
        return event(members_of_event(sent), arrival)
    except BadField as bad:
        return BadEvent.of(bad, partial(kept, sent, arrival))


def members_of_event(sent: Any) -> Mapping[str, Any]:
    if not isinstance(sent, dict):
        raise BadField("event", sent, "an object", show=False)
    return sent


def event(sent: Mapping[str, Any], arrival: Arrival) -> Event:
    started = start(sent.get("startTime"), "startTime", arrival.received_us)
    return call(sent, arrival, started, claim_of(sent), status_of(sent.get("status")))


def call(
    sent: Mapping[str, Any], arrival: Arrival, started: int, claim: Claim, status: str, serving: Serving = served
) -> Event:
    """The parts that do not depend on who sends: LLMtrack's clients write times, costs and status otherwise."""
    provider, model = serving(sent)
    metadata = members(sent.get("metadata"), "metadata")
    ended = end(sent.get("endTime"), "endTime", arrival.received_us)
    provider_usage = normalise(members(sent.get("usage"), "usage"), label(sent.get("api")), provider)
    usage = usage_or_counts(provider_usage, sent)
    event = Event(
        source="rest",
        started_us=started,
        model=model,
        id=identifier(sent.get("id")) or identifier(sent.get("event_id"), "event_id"),
        ended_us=ended,
        latency_us=latency(sent.get("latency_ms"), started, ended),
        status=status,
        **failure_of(sent),
        request_id=request_id(sent, metadata),
        provider=provider,
        model_group=label(sent.get("model_group")),
        tags=tags(sent.get("request_tags"), metadata.get("tags")),
        cache_hit=flag(sent.get("cache_hit"), "cache_hit"),
        tokens=usage.tokens,
        units=usage.units,
        avoided_input=count(sent.get("prompt_tokens_avoided"), "prompt_tokens_avoided"),
        avoided_output=count(sent.get("completion_tokens_avoided"), "completion_tokens_avoided"),
        service_tier=label(sent.get("service_tier")) or usage.service_tier,
        batch=flag(sent.get("batch"), "batch") or usage.batch,
        claim=msgspec.structs.replace(claim, provider_cost=usage.provider_cost),
        flags=list(usage.flags),
    )
    return attribute(event, scopes_of(sent, metadata, arrival.headers))


def claim_of(sent: Mapping[str, Any]) -> Claim:
    cost, input_cost, output_cost = (
        amount(sent.get(field), field) for field in ("response_cost", "input_cost", "output_cost")
    )
    if cost is None and input_cost is not None and output_cost is not None:
        cost = amount(exact_sum(sent["input_cost"], sent["output_cost"]), "input_cost + output_cost")
    return Claim(cost=cost, input_cost=input_cost, output_cost=output_cost)


def exact_sum(one: Any, other: Any) -> Decimal:
    """Both sides of a cost, added before they are rounded."""
    return EXACTLY.add(Decimal(str(one)), Decimal(str(other)))


def status_of(said: Any) -> str:
    if said is None or said == "":
        return "success"
    if said not in STATUSES:
        raise BadField("status", said, "success or failure")
    return str(said)


def failure_of(sent: Mapping[str, Any]) -> Failure:
    if not ERRORS & sent.keys():
        return NO_FAILURE
    information = members_if_any(sent.get("error_information"))
    return Failure(
        error_type=label(sent.get("error_type")) or label(information.get("error_class")),
        error_code=label(sent.get("error_code")) or label(information.get("error_code")),
        error_str=error_text(sent.get("error_str"), [sent.get(spoken) for spoken in SPOKEN]),
    )


def request_id(sent: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """What a guard's reservation was made under."""
    return identifier(sent.get("request_id"), "request_id") or id_if_any(metadata.get("request_id"))


def kept(sent: Any, arrival: Arrival) -> dict[str, Any]:
    if not isinstance(sent, dict):
        return {}
    metadata = members_if_any(sent.get("metadata"))
    said = written_back(sent, scopes_of(sent, metadata, arrival.headers))
    guarded = id_if_any(sent.get("request_id")) or id_if_any(metadata.get("request_id"))
    return quarantine.kept({**sent, **said, **failure_of(sent), "request_id": guarded}, KEPT)


# -- bodies -----------------------------------------------------------------------------------------------------


def decode(body: bytes, arrival: Arrival) -> list[Event | BadEvent]:
    event = plain.one(body, arrival)
    return [event if event else judged(named(one_event(body), arrival), arrival)]


def one_event(body: bytes) -> dict[str, Any]:
    sent = read(body)
    if not isinstance(sent, dict):
        raise BadRequest("Invalid payload", {"field": "body", "value": kind_of(sent), "expected": "one event"})
    return sent


def named(sent: dict[str, Any], arrival: Arrival) -> dict[str, Any]:
    """A single event without an id of its own is named by the request's Idempotency-Key."""
    key = arrival.headers.get("idempotency-key")
    has_id = any(sent.get(field) not in (None, "") for field in ("id", "event_id"))
    return sent if has_id or not key else sent | {"id": key}


def decode_batch(body: bytes, arrival: Arrival) -> list[Event | BadEvent]:
    events = plain.many(body, arrival, MAX_EVENTS)
    return [*events] if events else [judged(sent, arrival) for sent in events_of(read(body))]


def events_of(sent: Any) -> list[Any]:
    events = sent.get("events") if isinstance(sent, dict) else None
    if not isinstance(events, list) or not events:
        shown = kind_of(events) if isinstance(sent, dict) else "missing"
        raise BadRequest(
            "Invalid payload", {"field": "events", "value": shown, "expected": f"an array of 1 to {MAX_EVENTS} events"}
        )
    if len(events) > MAX_EVENTS:
        raise TooLarge(
            "Too many events", {"field": "events", "value": len(events), "expected": f"at most {MAX_EVENTS}"}
        )
    return events


# -- answers ----------------------------------------------------------------------------------------------------


def accepted(outcome: Outcome) -> tuple[int, dict[str, Any]]:
    return 202, {"status": "accepted", "id": outcome.ids[0]}


def accepted_batch(outcome: Outcome) -> tuple[int, dict[str, Any]]:
    rejected = {"rejected": outcome.rejected} if outcome.rejected else {}
    return 202, {"status": "accepted", "count": len(outcome.ids), "ids": outcome.ids, **rejected}


EXAMPLE: dict[str, Any] = {
    "model": "gpt-4o",
    "provider": "openai",
    "startTime": "2026-06-01T12:00:00Z",
    "endTime": "2026-06-01T12:00:01.250Z",
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "response_cost": 0.006,
    "end_user": "customer-42",
    "request_tags": ["nightly"],
    "metadata": {"team": "search", "feature": "summariser", "env": "prod"},
}

MOMENTS = [{"type": "string", "format": "date-time"}, {"type": "number", "minimum": YEAR_2000 // SECOND}]
A_COUNT = {"type": ["integer", "null"], "minimum": 0, "maximum": MAX_TOKENS}
A_COST = {"type": ["number", "null"], "minimum": 0, "maximum": MAX_EVENT_NANO // NANO}
A_TEXT = {"type": ["string", "null"]}
A_FLAG = {"type": ["boolean", "null"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["model", "startTime"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "maxLength": MAX_MODEL},
        "startTime": {"anyOf": MOMENTS, "description": A_START},
        "endTime": {"anyOf": [*MOMENTS, {"type": "null"}], "description": A_TIME},
        "id": {"type": ["string", "null"], "maxLength": ID_CHARACTERS},
        "status": {"enum": [*STATUSES, "", None]},
        "metadata": {"type": ["object", "null"]},
        "usage": {"type": ["object", "null"]},
        "latency_ms": {"type": ["number", "null"], "minimum": 0},
        **dict.fromkeys((*COUNTED.values(), *AVOIDED), A_COUNT),
        **dict.fromkeys(("response_cost", "input_cost", "output_cost"), A_COST),
        **dict.fromkeys(("provider", "endpoint", "end_user", "error_str", "api", "service_tier"), A_TEXT),
        **dict.fromkeys(("cache_hit", "batch"), A_FLAG),
    },
}
BATCH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["events"],
    "properties": {"events": {"type": "array", "items": SCHEMA, "minItems": 1, "maxItems": MAX_EVENTS}},
}

DIALECTS = (
    Dialect(
        name="ingest",
        path="/api/v1/ingest",
        summary="One event",
        decode=decode,
        decode_one=judged,
        answer=accepted,
        example=EXAMPLE,
        schema=SCHEMA,
        single=True,
    ),
    Dialect(
        name="ingest-batch",
        path="/api/v1/ingest/batch",
        summary="Up to 100 events",
        decode=decode_batch,
        decode_one=judged,
        answer=accepted_batch,
        example={"events": [EXAMPLE]},
        schema=BATCH_SCHEMA,
    ),
)
