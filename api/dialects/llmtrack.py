"""LLMtrack's format at `/api/ingest`, so that its clients need a new address only.

It differs from our own in three things: the cost is a claim that is kept but never used, the time may be missing, and
the status has more names. All else is read as `rest` reads it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from api.dialects import Arrival, BadEvent, Dialect, Outcome
from api.dialects.fields import amount, sent_latency, start
from api.dialects.rest import call, kept, members_of_event, named, one_event
from models.errors import BadField
from models.periods import iso
from models.usage.event import Claim, Event
from models.usage.text import label

TIMES = ("timestamp", "startTime")
STATUSES = {
    **dict.fromkeys(("", "success", "succeeded", "successful", "ok", "completed"), "success"),
    **dict.fromkeys(("failure", "failed", "error", "timeout"), "failure"),
}


def judged(sent: Any, arrival: Arrival) -> Event | BadEvent:
    try:
        return event(members_of_event(sent), arrival)
    except BadField as bad:
        return BadEvent.of(bad, partial(kept_with_time, sent, arrival))


def event(sent: Mapping[str, Any], arrival: Arrival) -> Event:
    if label(sent.get("provider")) is None:
        raise BadField("provider", sent.get("provider"), "the provider's name")
    claim = Claim(cost=amount(sent.get("cost"), "cost"), binding=False)
    return call(sent, arrival, started(sent, arrival), claim, status_of(sent.get("status")))


def started(sent: Mapping[str, Any], arrival: Arrival) -> int:
    """As sent, else the arrival less the latency: clients report a call when it has ended."""
    if field := time_field(sent):
        return start(sent[field], field, arrival.received_us)
    lasted = sent.get("latency_ms")
    return arrival.received_us - ((sent_latency(lasted) or 0) if lasted is not None else 0)


def time_field(sent: Mapping[str, Any]) -> str | None:
    return next((field for field in TIMES if sent.get(field) not in (None, "")), None)


def status_of(said: Any) -> str:
    if said is None:
        return "success"
    if not isinstance(said, str) or said.lower() not in STATUSES:
        raise BadField("status", said, "success, failure, ok or error")
    return STATUSES[said.lower()]


def kept_with_time(sent: Any, arrival: Arrival) -> dict[str, Any]:
    """Without a time of its own the event happened when it arrived, whenever it is replayed."""
    rest = kept(sent, arrival)
    if not rest or time_field(sent):
        return rest
    return rest | {"timestamp": iso(started_or_arrived(sent, arrival))}


def started_or_arrived(sent: Mapping[str, Any], arrival: Arrival) -> int:
    try:
        return started(sent, arrival)
    except BadField:
        return arrival.received_us


def decode(body: bytes, arrival: Arrival) -> list[Event | BadEvent]:
    return [judged(named(one_event(body), arrival), arrival)]


def consumed(outcome: Outcome) -> tuple[int, dict[str, Any]]:
    return 201, {"ok": True, "consumption_source": "overage" if outcome.overage else "included"}


DIALECTS = (
    Dialect(
        name="llmtrack",
        path="/api/ingest",
        summary="One event in LLMtrack's format",
        decode=decode,
        decode_one=judged,
        answer=consumed,
        example={
            "provider": "openai",
            "model": "gpt-4o",
            "prompt_tokens": 1200,
            "completion_tokens": 300,
            "total_tokens": 1500,
            "cost": 0.006,
            "latency_ms": 1250,
            "status": "success",
            "metadata": {"feature": "summariser"},
        },
        schema={"type": "object", "required": ["provider", "model"]},
        single=True,
    ),
)
