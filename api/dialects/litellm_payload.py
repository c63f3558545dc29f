"""What LiteLLM's webhook posts, as values: a JSON array, one object or NDJSON, told apart from the body.

Of an event's 6 to 15 KB only the fields below are built; the rest is passed over unread, prompts and responses stay
raw. LiteLLM never sends again what is refused, so whatever can be read is read. Nothing is judged here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import msgspec

from api.dialects.json_body import BYTE_ORDER_MARK, LENIENT, UNREADABLE, unreadable
from models.usage.decimals import exact

# Anything where an object belongs, so that one odd event can't make the decoder refuse its neighbours.
Odd = None | bool | int | float | str | list[msgspec.Raw]


class Labels(TypedDict, total=False):
    """What a call is charged to, in whichever metadata it stands."""

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


class Requester(Labels, total=False):
    """The caller's own metadata."""

    headers: Any


class Metadata(Labels, total=False):
    user_id: Any
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


@dataclass(frozen=True)
class Broken:
    """A line that is not JSON, or an event that nests deeper than can be read."""

    why: str


NOT_JSON: Final = Broken("not JSON")
TOO_DEEP: Final = Broken("nested too deeply")
SPACE = re.compile(r"[ \t\r\n]*")
STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{]+|[\]}]+', re.DOTALL)  # strings whole: they hold brackets too
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
        found = LENIENT.decode(text)
    except RecursionError:
        return payloads_apart(text)
    except UNREADABLE:
        return payloads_by_line(text)
    return found if isinstance(found, list) else [found]


def payloads_apart(text: str) -> list[Any]:
    """Where something nests too deeply: that event is named, and takes none of its neighbours along."""
    if text.startswith("["):
        return list(elements(text))
    return [TOO_DEEP] if is_one_value(text) else payloads_by_line(text)


def payloads_by_line(text: str) -> list[Any]:
    lines = [value_or_broken(line) for line in text.split("\n") if line.strip()]
    if not any(isinstance(line, dict) or line is TOO_DEEP for line in lines):
        raise unreadable()
    return lines


def value_or_broken(line: str) -> Any:
    try:
        return LENIENT.decode(line)
    except RecursionError:
        return TOO_DEEP if is_one_value(line) else NOT_JSON
    except UNREADABLE:
        return NOT_JSON


# -- an array in which something nests too deeply -----------------------------------------------------------------


def elements(text: str) -> Iterator[Any]:
    at = 0
    while at == 0 or text[at : at + 1] == ",":
        value, at = element(text, after_space(text, at + 1))
        yield value
    if text[at : at + 1] != "]" or after_space(text, at + 1) != len(text):
        raise unreadable()


def element(text: str, at: int) -> tuple[Any, int]:
    """The value there, and where the comma or bracket behind it stands."""
    try:
        value, end = LENIENT.raw_decode(text, at)
    except RecursionError:
        value, end = TOO_DEEP, end_of_value(text, at)
    except UNREADABLE as error:
        raise unreadable(error) from None
    return value, after_space(text, end)


def after_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def is_one_value(text: str) -> bool:
    end = end_of_value(text, after_space(text, 0))
    return end <= len(text) == after_space(text, end)


def end_of_value(text: str, at: int) -> int:
    """Behind the bracket that closes the one there; behind everything where nothing closes it."""
    depth = 0
    for found in STRUCTURE.finditer(text, at):
        run = found.group()
        if run[0] in "[{":
            depth += len(run)
        elif run[0] in "]}":
            if len(run) >= depth:
                return found.start() + depth
            depth -= len(run)
    return len(text) + 1
