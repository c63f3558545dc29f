"""Hostile bodies: any value in any field, members that no library would write, secrets wherever they may stand."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.api.dialects.samples import (
    BATCH,
    CALLBACK,
    INGEST,
    LITELLM,
    LLMTRACK,
    RESPONSE,
    litellm,
    llmtrack,
    response,
    rest,
)

MARKER = "ZQ7-planted-secret-0451"
SENDERS = {INGEST: rest, BATCH: rest, LLMTRACK: llmtrack, LITELLM: litellm, CALLBACK: litellm, RESPONSE: response}
FIELDS = (
    "id", "event_id", "litellm_call_id", "request_id", "model", "provider", "custom_llm_provider", "model_group",
    "startTime", "endTime", "timestamp", "latency_ms", "prompt_tokens", "completion_tokens", "total_tokens",
    "cache_read_tokens", "prompt_tokens_avoided", "response_cost", "input_cost", "output_cost", "cost",
    "saved_cache_cost", "cost_breakdown", "response_cost_failure_debug_info", "status", "error_str",
    "error_information", "metadata", "request_tags", "end_user", "user", "model_parameters", "cache_hit", "usage",
    "api", "service_tier", "batch", "messages", "response", "stream", "endpoint",
)  # fmt: skip
INNER = (
    "team", "team_id", "tags", "request_id", "metadata", "requester_metadata", "spend_logs_metadata", "usage_object",
    "requester_custom_headers", "headers", "user", "input_cost", "error_class", "error_code", "prompt_tokens",
    "prompt_tokens_details", "cached_tokens", "input_tokens", "output_tokens", "cost", "x-team", "x-cloudidr-token",
    "key", "value", "promptTokenCount", "cache_creation", "service_tier", "speed",
)  # fmt: skip

numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from([-1, 0, 1, 10**12, 10**12 + 1, 1e300, -0.0, 2**63, 2**64]),
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", " ", "true", "-1", "NaN", "sNaN", "Infinity", "1e999999999", "x" * 300, "a\x00b", "\ud800"]),
    st.sampled_from(["2026-11-20", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "20261120", "1795205000"]),
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER) | texts, inner, max_size=5),
    max_leaves=12,
)


def body_of(door: str, sent: Any) -> bytes:
    return json.dumps({"events": [sent, sent]} if door == BATCH else sent).encode()


# -- secrets ----------------------------------------------------------------------------------------------------

CONTENT = ("messages", "prompt", "input", "response", "output", "completion", "instructions", "tools", "choices")


def hidden(value: Any) -> dict[str, Any]:
    """An event that carries the secret wherever prompts, answers and keys may stand."""
    nested = {"prompt": value, "note": value, "headers": {"authorization": MARKER, "x-api-key": MARKER}}
    return dict.fromkeys(CONTENT, value) | {
        "error_str": f"refused: {MARKER} {json.dumps(value)} {value!r}",
        "status": "failure",
        "error_information": {"traceback": MARKER, "error_message": MARKER, "error_class": "X"},
        "model_parameters": {"tools": value, "api_key": MARKER},
        "hidden_params": {"api_key": MARKER},
        "metadata": nested | {"requester_metadata": nested, "metadata": nested, "spend_logs_metadata": nested},
    }


# -- what no library would write --------------------------------------------------------------------------------

DEEP = 100_000  # levels; readers give up at some 1,000
RAW = (
    *("NaN", "-Infinity", "1e400", "-1e400", "1e-400", "1e99999999999", "-0", "-0.0", "9" * 5_000, "0." + "9" * 5_000),
    *("18446744073709551616", "-9223372036854775809", "1.0", "-1", "true", "null", '""', "{}", "[]", "[[[]]]"),
    *(
        '"\\ud800"',
        '"\\udfff\\ud800"',
        '"\\u0000"',
        '"\\u202egnp.exe"',
        '"\\ufeff"',
        '"\u2028"',
        '"' + "x" * 70_000 + '"',
    ),
    *("[" * 500 + "]" * 500, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "[" * DEEP),
    *("nonsense", "'single'", "01", "+1", ".5", "0x10", "\x00", '"\x01"', '"\\x41"', '"open', "}", "]", ",", ""),
)
NAMES = st.sampled_from(FIELDS)

Member = tuple[str, str]


def object_of(members: list[Member]) -> str:
    """As it is written, twice the same name too."""
    return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in members) + "}"


def members_of(event: dict[str, Any]) -> list[Member]:
    return [(name, json.dumps(value)) for name, value in event.items()]


def around(door: str, event: str) -> str:
    return f'{{"events": [{event}, {event}]}}' if door == BATCH else event
