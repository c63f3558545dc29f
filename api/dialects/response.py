"""What a provider sent, as it was received: its JSON body or its stream, with the call's own fields beside it.

Of the answer only usage, model, tier and how it ended are read; the rest is never built as values, and ends here. All
else is an event as `rest` reads it. The answer's own id is not the event's: gateways retry under new ones.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from api.dialects import Arrival, BadEvent, Dialect, rest
from api.dialects.answers import ANSWERS, answer_in
from api.dialects.fields import served, start
from api.dialects.json_body import UNREADABLE, read
from api.dialects.rest import accepted, claim_of, members_of_event, named, one_event, status_of
from api.dialects.tokens import COUNTED
from models.errors import BadField, TooLarge
from models.pricing.cost import STREAM_CUT
from models.pricing.names import canonical
from models.usage.event import Event
from models.usage.flavours import FLAVOURS
from models.usage.text import label

OWN_COUNTS = ("usage", *COUNTED.values())  # of the sender: here the provider's count
MAX_BESIDE = 1024 * 1024  # bytes beside the answer: as much as any event may have

# Marks of an event whose answer is gone, for its replay: what was learnt from it, and that there was none.
MARKS = (STREAM_CUT, "unanswered")

BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])


# -- one event --------------------------------------------------------------------------------------------------


def judged(sent: Any, arrival: Arrival) -> Event | BadEvent:
    said: dict[str, Any] = {}
    try:
        said = unanswered(members_of_event(sent))
        said = told(sent)
        return event(said, arrival)
    except BadField as bad:
        return BadEvent.of(discreet(bad), partial(kept, said, arrival))


def replayed(sent: dict[str, Any], arrival: Arrival) -> Event | BadEvent:
    """What was read from the answer stands in the event by now; another answer may come with the replay."""
    if sent.get("unanswered") is True or any(sent.get(name) is not None for name in ANSWERS):
        return judged(sent, arrival)
    try:
        return event(sent, arrival)
    except BadField as bad:
        return BadEvent.of(bad, partial(kept, sent, arrival))


def discreet(bad: BadField) -> BadField:
    """A text where the provider's count belongs could be anybody's: only that it is one is told."""
    details = bad.details or {}
    if not (bad.quoted and bad.field.startswith("usage") and isinstance(details.get("value"), str)):
        return bad
    return BadField(bad.field, details["value"], details["expected"], show=False)


def beside(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The call's own fields. An error of a streamed call may quote an answer whose words stand in many frames, where
    nobody could find the quotation: its type and code say enough."""
    quoting = ("error_str",) if in_frames(sent) else ()
    return {name: value for name, value in sent.items() if name not in (*ANSWERS, *MARKS, *OWN_COUNTS, *quoting)}


def in_frames(sent: Mapping[str, Any]) -> bool:
    response = sent.get("response")
    listed = bytes(response).startswith(b"[") if isinstance(response, msgspec.Raw) else isinstance(response, list)
    return sent.get("stream") is not None or listed


def unanswered(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {**beside(sent), **spoken(sent), "unanswered": True}


def spoken(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for its texts, which an error of the call may quote."""
    return {"response": [sent.get(name) for name in ANSWERS]}


def told(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The event as `rest` would read it, with what the answer says where the sender says nothing."""
    answer = answer_in(sent)
    own = beside(sent)
    api = label(own.get("api"))
    found = {
        "model": answer.model,
        "service_tier": answer.service_tier,
        "status": "failure" if answer.failed else None,
        "error_type": answer.error_type,
        "error_code": answer.error_code,
    }
    missing = {field: value for field, value in found.items() if value is not None and own.get(field) in (None, "")}
    usage = {"usage": answer.usage, "api": api if api in FLAVOURS else answer.api}
    cut = {STREAM_CUT: True} if answer.cut else {}
    return {**own, **missing, **usage, **cut, **spoken(sent)}


def event(said: Mapping[str, Any], arrival: Arrival) -> Event:
    if label(said.get("provider")) is None:
        raise BadField("provider", said.get("provider"), "the provider's name")
    started = start(said.get("startTime"), "startTime", arrival.received_us)
    made = rest.call(said, arrival, started, claim_of(said), status_of(said.get("status")), serving)
    if said.get(STREAM_CUT) is True:
        made.flags.append(STREAM_CUT)
    return made


def serving(said: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Not every provider names its model: without one the event is unpriced, and no bad one."""
    if said.get("model") not in (None, ""):
        return served(said)
    return canonical(label(said.get("provider")), "")[0], None


def kept(said: Mapping[str, Any], arrival: Arrival) -> dict[str, Any]:
    return rest.kept(said, arrival) | {mark: True for mark in MARKS if said.get(mark) is True}


# -- bodies -----------------------------------------------------------------------------------------------------


def decode(body: bytes, arrival: Arrival) -> list[Event | BadEvent]:
    return [judged(named(opened(body), arrival), arrival)]


def opened(body: bytes) -> dict[str, Any]:
    """The event with its answer left raw: that may be large, and little of it is read."""
    try:
        sent = BODY.decode(body)
    except UNREADABLE:
        return one_event(body)
    raw = {name: sent.pop(name) for name in ANSWERS if name in sent}
    if sum(len(bytes(value)) for value in sent.values()) > MAX_BESIDE:
        raise TooLarge(f"The event has more than {MAX_BESIDE} bytes beside its response")
    given = {name: value for name, value in raw.items() if bytes(value) != b"null"}
    return {name: read(bytes(value)) for name, value in sent.items()} | given


EXAMPLE: dict[str, Any] = {
    "provider": "anthropic",
    "startTime": "2026-06-01T12:00:00Z",
    "endTime": "2026-06-01T12:00:01.250Z",
    "response": {
        "type": "message",
        "model": "claude-sonnet-4-5-20250929",
        "content": [],
        "usage": {"input_tokens": 1200, "output_tokens": 300},
    },
    "metadata": {"team": "search", "feature": "summariser"},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["provider", "startTime"],
    "properties": {
        **{name: schema for name, schema in rest.SCHEMA["properties"].items() if name not in OWN_COUNTS},
        "provider": {"type": "string", "minLength": 1},
        "response": {"type": ["object", "array"], "description": "the provider's JSON body, or the chunks of a stream"},
        "stream": {"type": "string", "description": "the stream as it came: server-sent events, or lines of JSON"},
    },
    "oneOf": [{"required": [name]} for name in ANSWERS],
}

DIALECTS = (
    Dialect(
        name="ingest-response",
        path="/api/v1/ingest/response",
        summary="A provider's response as it came: its JSON body, or its stream",
        decode=decode,
        decode_one=replayed,
        answer=accepted,
        example=EXAMPLE,
        schema=SCHEMA,
        single=True,
        large=True,
    ),
)
