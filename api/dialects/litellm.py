"""LiteLLM's two doors: what a StandardLoggingPayload means as an event.

An odd event is one bad event beside its neighbours, never a refused body. Prompts and responses are looked at only
where an error's text may quote them, and end here, as the tokens of callers do that came with the events; they go
along with a good event where a workspace keeps them, and never with a bad one.
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from api.dialects import Arrival, BadEvent, Dialect, Outcome, quarantine
from api.dialects.attribution import METADATA_KEYS, Scopes, attribute, scopes_of, tags, written_back
from api.dialects.error_text import Failure, error_text
from api.dialects.fields import A_NAME, amount, end, flag, id_if_any, members, members_if_any, served, start
from api.dialects.json_body import read_leniently
from api.dialects.litellm_payload import Broken, payloads
from api.dialects.rest import accepted_batch
from api.dialects.tokens import refined
from models.errors import BadField, BadRequest, kind_of
from models.periods import latency_between
from models.usage.content import content_of
from models.usage.event import Claim, Event
from models.usage.text import identifier, label

CREDENTIALS = ("x-farthing-key", "x-cloudidr-token")  # headers of a caller; the first that is there counts
RESPONSES_NAMES = {
    "input_tokens_details": "prompt_tokens_details",
    "output_tokens_details": "completion_tokens_details",
}
NO_ID = "None"  # what LiteLLM writes where a provider gave none: many calls have it, and each counts
MAX_PROBE = 1_024  # bytes: a longer body holds events

KEPT = (
    *quarantine.fields(quarantine.name, "model"),
    *quarantine.fields(quarantine.scalar, "startTime", "endTime", "status", "cache_hit"),
    *quarantine.fields(id_if_any, "id", "request_id"),
    *quarantine.fields(quarantine.scalar, "prompt_tokens", "completion_tokens", "total_tokens"),
    *quarantine.fields(quarantine.scalar, "response_cost", "saved_cache_cost"),
    *quarantine.fields(quarantine.scalar, "input_cost", "output_cost", inside=("cost_breakdown",)),
    *quarantine.fields(quarantine.truth, "response_cost_failure_debug_info"),
    *quarantine.fields(quarantine.usage_counts, "usage_object", inside=("metadata",)),
    *quarantine.fields(label, "provider", "custom_llm_provider", "model_group", "error_str", "end_user"),
    *quarantine.fields(label, "error_class", "error_code", inside=("error_information",)),
    *quarantine.fields(label, *METADATA_KEYS, inside=("metadata",)),
    *quarantine.fields(tags, "request_tags"),
)


def decode(body: bytes, arrival: Arrival) -> Iterator[Event | BadEvent]:
    found = payloads(body)
    return (judged(sent, arrival) for sent in found)


def judged(sent: Any, arrival: Arrival) -> Event | BadEvent:
    if not isinstance(sent, dict):
        return no_event(sent.why if isinstance(sent, Broken) else kind_of(sent))
    if not sent:
        return empty_event()
    try:
        return event(sent, arrival)
    except BadField as bad:
        return BadEvent.of(bad, partial(kept, sent), credential(headers_of(sent)))


@cache
def no_event(kind: str) -> BadEvent:
    """Null, a number, a broken line: one object for all of a kind, for a body may hold millions of them."""
    details = {"field": "event", "value": kind, "expected": "an object"}
    return BadEvent(f"Invalid payload: event is {kind}, expected an object", details, dict)


@cache
def empty_event() -> BadEvent:
    """The same for an object that holds nothing we know."""
    return BadEvent.of(BadField("model", None, A_NAME), dict)


def event(sent: Mapping[str, Any], arrival: Arrival) -> Event:
    provider, model = served(sent)
    metadata = members(sent.get("metadata"), "metadata")
    started = start(sent.get("startTime"), "startTime", arrival.received_us)
    ended = end(sent.get("endTime"), "endTime", arrival.received_us)
    usage = refined(sent, usage_object(metadata), provider)
    cache_hit = flag(sent.get("cache_hit"), "cache_hit")
    scopes = scopes_in(sent, metadata)
    event = Event(
        source="litellm",
        started_us=started,
        model=model,
        id=identifier(None if sent.get("id") == NO_ID else sent.get("id")),
        ended_us=ended,
        latency_us=latency_between(started, ended),
        status="failure" if failed(sent) else "success",
        **failure_of(sent),
        request_id=request_id(sent, metadata),
        provider=provider,
        model_group=label(sent.get("model_group")),
        tags=tags(sent.get("request_tags"), metadata.get("tags")),
        cache_hit=cache_hit,
        tokens=usage.tokens,
        units=usage.units,
        service_tier=usage.service_tier,
        batch=usage.batch,
        claim=claim_of(sent, usage.provider_cost, cache_hit),
        flags=list(usage.flags),
        credential=credential(scopes["headers"]),
        content=content_of(sent.get("messages"), sent.get("response")) if arrival.keeps_content else None,
    )
    return attribute(event, scopes)


def usage_object(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Details of the counts, under OpenAI's names also where a version of LiteLLM left those of the Responses API."""
    usage = members_if_any(metadata.get("usage_object"))
    renamed = {new: usage[old] for old, new in RESPONSES_NAMES.items() if old in usage and usage.get(new) is None}
    return {**usage, **renamed} if renamed else usage


def failed(sent: Mapping[str, Any]) -> bool:
    """`success` may have an error too: that of a client which hung up while it was answered."""
    status = sent.get("status")
    if status in (None, "", "success", "failure"):
        return status == "failure"
    return bool(label(sent.get("error_str")))


def claim_of(sent: Mapping[str, Any], provider_cost: int | None, cache_hit: bool) -> Claim:
    breakdown = members(sent.get("cost_breakdown"), "cost_breakdown")
    cost = amount(sent.get("response_cost"), "response_cost")
    if cache_hit and not cost:  # 1.82 still has the full price in the breakdown
        return Claim(cost=0, saved=amount(sent.get("saved_cache_cost"), "saved_cache_cost") or None)
    return Claim(
        cost=cost,
        input_cost=amount(breakdown.get("input_cost"), "cost_breakdown.input_cost"),
        output_cost=amount(breakdown.get("output_cost"), "cost_breakdown.output_cost"),
        provider_cost=provider_cost or None,
        price_unknown=not cost and not breakdown and bool(sent.get("response_cost_failure_debug_info")),
    )


def failure_of(sent: Mapping[str, Any]) -> Failure:
    """Of a success too, where LiteLLM sends empty strings."""
    information = members_if_any(sent.get("error_information"))
    said = sent.get("error_str") or (information.get("error_message") if failed(sent) else None)
    return Failure(
        error_type=label(information.get("error_class")),
        error_code=label(information.get("error_code")),
        error_str=error_text(said, sent.get("messages"), sent.get("response")) if said else None,
    )


def request_id(sent: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """What a guard's reservation was made under: the caller's own word goes before LiteLLM's."""
    told = (sent.get("request_id"), metadata.get("request_id"), requester(metadata).get("request_id"))
    own = next(filter(None, map(id_if_any, told)), None)
    return own or id_if_any(sent.get("litellm_call_id"))


def scopes_in(sent: Mapping[str, Any], metadata: Mapping[str, Any]) -> Scopes:
    who = {"end_user": sent.get("end_user"), "user": sent.get("user")}
    parameters = {"model_parameters": sent.get("model_parameters")}
    return scopes_of(who | parameters, metadata, headers(metadata))


def requester(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    return members_if_any(metadata.get("requester_metadata"))


def headers(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the call itself: the custom ones are missing without LiteLLM's enterprise package."""
    found = metadata.get("requester_custom_headers")
    if not isinstance(found, dict):
        found = members_if_any(requester(metadata).get("headers"))
    return {name.lower(): value for name, value in found.items()} if found else found


def headers_of(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    return headers(members_if_any(sent.get("metadata")))


def credential(call_headers: Mapping[str, Any]) -> str | None:
    told = (call_headers.get(name) for name in CREDENTIALS)
    return next((token.strip() for token in told if isinstance(token, str) and token.strip()), None)


def kept(sent: Mapping[str, Any]) -> dict[str, Any]:
    metadata = members_if_any(sent.get("metadata"))
    said = written_back(sent, scopes_in(sent, metadata))
    said["metadata"]["usage_object"] = metadata.get("usage_object")
    said |= {"request_id": request_id(sent, metadata), "error_str": failure_of(sent)["error_str"]}
    return quarantine.kept({**sent, **said}, KEPT)


# -- answers ----------------------------------------------------------------------------------------------------


def ok(outcome: Outcome) -> tuple[int, dict[str, Any]]:
    return 200, {"status": "ok", "accepted": len(outcome.ids), "rejected": outcome.rejected}


def probe(body: bytes) -> dict[str, Any] | None:
    """The answer to `{"test": true}`, which asks whether somebody listens."""
    if len(body) > MAX_PROBE:
        return None
    try:
        asked = read_leniently(body.decode("utf-8-sig", "replace"))
    except BadRequest:
        return None
    return {"status": "ok", "test": True} if isinstance(asked, dict) and asked.get("test") is True else None


EXAMPLE: list[Any] = [
    {
        "id": "chatcmpl-2816be827f594a6f833165dff9a0",
        "litellm_call_id": "708b592f-3ccc-4f55-bd2e-521fd69a8df2",
        "call_type": "acompletion",
        "status": "success",
        "custom_llm_provider": "openai",
        "model": "openai/gpt-4o-mini",
        "startTime": 1780315200.24198,
        "endTime": 1780315200.387027,
        "prompt_tokens": 800,
        "completion_tokens": 120,
        "total_tokens": 920,
        "response_cost": 0.000192,
        "cost_breakdown": {"input_cost": 0.00012, "output_cost": 0.000072},
        "request_tags": ["p1"],
        "end_user": "customer-77",
        "metadata": {"requester_metadata": {"team": "helpdesk", "feature": "triage", "env": "prod"}},
    }
]

SCHEMA: dict[str, Any] = {"type": ["array", "object"], "description": "or NDJSON: objects, one a line"}

DIALECTS = (
    Dialect(
        name="ingest-litellm",
        path="/api/v1/ingest/litellm",
        summary="LiteLLM's StandardLoggingPayload: an array, one object or NDJSON",
        decode=decode,
        decode_one=judged,
        answer=accepted_batch,
        example=EXAMPLE,
        schema=SCHEMA,
        batching_client=True,
    ),
    Dialect(
        name="litellm-callback",
        path="/api/litellm/callback",
        summary="The same payloads, each with a tracking token of its own",
        decode=decode,
        decode_one=judged,
        answer=ok,
        example=EXAMPLE,
        schema=SCHEMA,
        batching_client=True,
        event_keys=True,
        probe=probe,
    ),
)
