"""What LiteLLM's webhook posts, as values: a JSON array, one object or NDJSON, told apart from the body.

Of an event's 6 to 15 KB only the fields below are built; the rest is passed over unread, prompts and responses stay
raw. LiteLLM never sends again what is refused, so whatever can be read is read. Nothing is judged here.
"""

from typing import Any, Final, TypedDict

import msgspec

from api.dialects.json_body import BYTE_ORDER_MARK, UNREADABLE, exact, read_leniently, unreadable
from models.errors import BadRequest

# Anything where an object belongs, so that one odd event can't make the decoder refuse its neighbours.
Odd = None | bool | int | float | str | list[msgspec.Raw]


class Requester(TypedDict, total=False):
    """What the caller said in its own metadata."""

    team: Any
    team_id: Any
    project: Any
    feature: Any
    env: Any
    department: Any
    agent: Any
    endpoint: Any
    prompt_id: Any
    user: Any
    request_id: Any
    headers: Any


class Metadata(TypedDict, total=False):
    team: Any
    team_id: Any
    project: Any
    feature: Any
    env: Any
    department: Any
    agent: Any
    endpoint: Any
    prompt_id: Any
    user: Any
    user_id: Any
    request_id: Any
    tags: Any
    user_api_key_alias: Any
    user_api_key_team_alias: Any
    user_api_key_team_id: Any
    user_api_key_project_alias: Any
    user_api_key_project_id: Any
    user_api_key_user_id: Any
    user_api_key_end_user_id: Any
    usage_object: Any
    spend_logs_metadata: Requester | Odd
    metadata: Requester | Odd
    requester_metadata: Requester | Odd
    requester_custom_headers: Any


class Breakdown(TypedDict, total=False):
    input_cost: Any
    output_cost: Any
    service_tier: Any


class ErrorInformation(TypedDict, total=False):
    error_class: Any
    error_code: Any
    error_message: Any


class Parameters(TypedDict, total=False):
    user: Any


class Payload(TypedDict, total=False):
    id: Any
    litellm_call_id: Any
    request_id: Any
    model: Any
    provider: Any
    custom_llm_provider: Any
    model_group: Any
    status: Any
    cache_hit: Any
    startTime: Any
    endTime: Any
    prompt_tokens: Any
    completion_tokens: Any
    total_tokens: Any
    response_cost: Any
    saved_cache_cost: Any
    cost_breakdown: Breakdown | Odd
    response_cost_failure_debug_info: Any
    request_tags: Any
    end_user: Any
    user: Any
    model_parameters: Parameters | Odd
    metadata: Metadata | Odd
    error_str: Any
    error_information: ErrorInformation | Odd
    messages: msgspec.Raw
    response: msgspec.Raw


class Broken:
    """A line that is not JSON."""


BROKEN: Final = Broken()
ARRAY = msgspec.json.Decoder(list[Payload | Odd], float_hook=exact)
VALUES = msgspec.json.Decoder(Payload | Odd, float_hook=exact)


def payloads(body: bytes) -> list[Any]:
    """The values in the body, whether or not they are events."""
    body = body.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not body:
        raise unreadable()
    try:
        return ARRAY.decode(body) if body.startswith(b"[") else VALUES.decode_lines(body)
    except UNREADABLE:
        return payloads_in(body.decode("utf-8", "replace"))


def payloads_in(text: str) -> list[Any]:
    """The slow way, for bodies with something in them that msgspec refuses, such as NaN or half an emoji."""
    try:
        found = read_leniently(text)
    except BadRequest:
        return payloads_by_line(text)
    return found if isinstance(found, list) else [found]


def payloads_by_line(text: str) -> list[Any]:
    lines = [line_or_broken(line) for line in text.split("\n") if line.strip()]
    if not any(isinstance(line, dict) for line in lines):
        raise unreadable()
    return lines


def line_or_broken(line: str) -> Any:
    try:
        return read_leniently(line)
    except BadRequest:
        return BROKEN
