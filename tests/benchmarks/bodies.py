"""The request bodies of the ingest benchmarks: a plain event, a hundred of them, and LiteLLM's own at real size."""

import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec

from models.periods import iso, now_us

FIXTURES = Path(__file__).parents[1] / "fixtures" / "litellm"
MARK = b"fresh-id-of-this-very-request-00"  # where each request puts an id of its own, of the same length
BATCH = 100
LITELLM_BATCH = 512  # what LiteLLM sends at most by default


def event() -> dict[str, Any]:
    """What an application says of a call: without its cost, so that it has to be priced, and without an id of its own."""
    return {
        "model": "gpt-4o",
        "provider": "openai",
        "startTime": iso(now_us()),
        "endTime": iso(now_us() + 1_250_000),
        "prompt_tokens": 1200,
        "completion_tokens": 300,
        "total_tokens": 1500,
        "status": "success",
        "endpoint": "/v1/chat/completions",
        "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy",
        "end_user": "customer-42",
        "cache_hit": False,
        "request_tags": ["nightly", "release:2026-11"],
        "metadata": {
            "team": "search",
            "project": "assistant",
            "feature": "summariser",
            "env": "prod",
            "agent": "researcher",
            "user_id": "u-1729",
        },
    }


def single() -> bytes:
    return msgspec.json.encode(event())


def batch() -> bytes:
    return msgspec.json.encode({"events": [event()] * BATCH})


def batch_with_ids() -> bytes:
    return msgspec.json.encode({"events": [event() | {"id": MARK.decode()}] * BATCH})


def litellm() -> bytes:
    """An array of what real LiteLLM sent, over and over, each with a fresh id."""
    return msgspec.json.encode([marked(each) for each in islice(cycle(recorded()), LITELLM_BATCH)])


def recorded() -> list[dict[str, Any]]:
    files = sorted(path for path in FIXTURES.glob("*json") if path.name != "expected.json")
    return [each for path in files for each in payloads(path.read_bytes())]


def payloads(body: bytes) -> list[dict[str, Any]]:
    found = [msgspec.json.decode(line) for line in body.splitlines() if line.strip()]
    return found[0] if isinstance(found[0], list) else found


def marked(sent: dict[str, Any]) -> dict[str, Any]:
    """As if it had happened just now."""
    now = time.time()
    times = {"startTime": now + sent["startTime"] - sent["endTime"], "endTime": now}
    return sent | times | {"id": f"chatcmpl-{MARK.decode()}"}
