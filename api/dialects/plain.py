"""The plain event of our own format, which nearly all are: decoded straight into types, in half the time.

A fast way to the same result, never another one: whatever is not plain (odd types, a provider's usage, labels in
unusual places, anything to refuse) is left to the general way in `rest.py`. A property test holds the two together.
"""

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import msgspec

from api.dialects import Arrival
from api.dialects.attribution import plain_tags
from api.dialects.fields import amount, end, latency, served_by, start
from api.dialects.tokens import added_up, contradictions
from models.errors import BadField
from models.usage.event import MAX_MODEL, MAX_TOKENS, Claim, Event, Tokens
from models.usage.text import identifier, label

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_TOKENS)] | None
Text: TypeAlias = str | None
Absent: TypeAlias = None  # a field that makes an event one for the general way


class Metadata(msgspec.Struct, gc=False):
    """The labels that stand in `metadata` itself."""

    team: Text = None
    team_id: Text = None
    project: Text = None
    feature: Text = None
    env: Text = None
    department: Text = None
    agent: Text = None
    endpoint: Text = None
    prompt_id: Text = None
    user: Text = None
    user_id: Text = None
    tags: Absent = None
    request_id: Absent = None
    requester_metadata: Absent = None
    spend_logs_metadata: Absent = None
    metadata: Absent = None
    user_api_key_alias: Absent = None
    user_api_key_team_alias: Absent = None
    user_api_key_team_id: Absent = None
    user_api_key_project_alias: Absent = None
    user_api_key_project_id: Absent = None
    user_api_key_user_id: Absent = None
    user_api_key_end_user_id: Absent = None


class Plain(msgspec.Struct, gc=False):
    model: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_MODEL)]
    startTime: str
    endTime: Text = None
    id: Text = None
    request_id: Text = None
    provider: Text = None
    endpoint: Text = None
    end_user: Text = None
    status: Literal["success", "failure"] = "success"
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    response_cost: Decimal | None = None
    cache_hit: bool | None = None
    request_tags: list[str] = []
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    event_id: Absent = None
    custom_llm_provider: Absent = None
    model_group: Absent = None
    model_parameters: Absent = None
    usage: Absent = None
    api: Absent = None
    service_tier: Absent = None
    batch: Absent = None
    latency_ms: Absent = None
    input_cost: Absent = None
    output_cost: Absent = None
    cache_read_tokens: Absent = None
    cache_write_tokens: Absent = None
    reasoning_tokens: Absent = None
    prompt_tokens_avoided: Absent = None
    completion_tokens_avoided: Absent = None
    error_type: Absent = None
    error_code: Absent = None
    error_str: Absent = None
    error_information: Absent = None
    team: Absent = None
    project: Absent = None
    feature: Absent = None
    env: Absent = None
    department: Absent = None
    agent: Absent = None
    prompt_id: Absent = None
    user: Absent = None


class Batch(msgspec.Struct):
    events: list[Plain]


ONE = msgspec.json.Decoder(Plain)
MANY = msgspec.json.Decoder(Batch)


def one(body: bytes, arrival: Arrival) -> Event | None:
    """The event, None where it is not plain."""
    if arrival.headers:
        return None
    try:
        return event_of(ONE.decode(body), arrival)
    except NOT_PLAIN:
        return None


def many(body: bytes, arrival: Arrival, at_most: int) -> list[Event] | None:
    """The events, None where one of them is not plain, or they are none or too many."""
    if arrival.headers:
        return None
    try:
        sent = MANY.decode(body).events
        return [event_of(each, arrival) for each in sent] if 0 < len(sent) <= at_most else None
    except NOT_PLAIN:
        return None


NOT_PLAIN = (msgspec.MsgspecError, BadField, UnicodeDecodeError, RecursionError, ArithmeticError)


def event_of(sent: Plain, arrival: Arrival) -> Event:
    started = start(sent.startTime, "startTime", arrival.received_us)
    ended = end(sent.endTime, "endTime", arrival.received_us)
    provider, model = served_by(label(sent.provider), sent.model)
    tokens = added_up(Tokens(input=sent.prompt_tokens, output=sent.completion_tokens, total=sent.total_tokens))
    said = sent.metadata
    return Event(
        source="rest",
        started_us=started,
        model=model,
        id=identifier(sent.id),
        ended_us=ended,
        latency_us=latency(None, started, ended),
        status=sent.status,
        request_id=identifier(sent.request_id, "request_id"),
        provider=provider,
        endpoint=label(sent.endpoint) or label(said.endpoint),
        feature=label(said.feature),
        project=label(said.project),
        prompt=label(said.prompt_id),
        team=label(said.team_id) or label(said.team),
        department=label(said.department),
        agent=label(said.agent),
        env=label(said.env),
        user=label(said.user) or label(said.user_id),
        end_user=label(sent.end_user),
        tags=plain_tags(sent.request_tags),
        cache_hit=bool(sent.cache_hit),
        tokens=tokens,
        claim=Claim(cost=amount(sent.response_cost, "response_cost")),
        flags=list(contradictions(tokens)),
    )
