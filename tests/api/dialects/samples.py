"""Bodies as senders write them, small ones, and what they decode to."""

import json
from pathlib import Path
from typing import Any

from api.dialects import Arrival, BadEvent, dialects
from models.periods import SECOND
from models.usage.event import Event

NOW = 1_795_206_000 * SECOND  # 2026-11-20, just after the recorded LiteLLM bodies
ARRIVAL = Arrival(received_us=NOW)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "litellm"

INGEST = "/api/v1/ingest"
BATCH = "/api/v1/ingest/batch"
LITELLM = "/api/v1/ingest/litellm"
CALLBACK = "/api/litellm/callback"
LLMTRACK = "/api/ingest"
RESPONSE = "/api/v1/ingest/response"
DOORS = (INGEST, BATCH, LITELLM, CALLBACK, LLMTRACK, RESPONSE)


def rest(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "startTime": "2026-11-20T12:00:00Z"} | fields


def llmtrack(**fields: Any) -> dict[str, Any]:
    return {"provider": "openai", "model": "gpt-4o"} | fields


def response(**fields: Any) -> dict[str, Any]:
    answer = {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }
    return {"provider": "openai", "model": "gpt-4o", "startTime": "2026-11-20T12:00:00Z", "response": answer} | fields


def litellm(**fields: Any) -> dict[str, Any]:
    return {"id": "call-1", "model": "gpt-4o", "custom_llm_provider": "openai", "startTime": 1_795_205_000.25} | fields


def arrived(**headers: str) -> Arrival:
    return Arrival(received_us=NOW, headers={name.replace("_", "-"): value for name, value in headers.items()})


def decode(path: str, body: Any, arrival: Arrival = ARRIVAL) -> list[Event | BadEvent]:
    return list(dialects()[path].decode(body if isinstance(body, bytes) else json.dumps(body).encode(), arrival))


def one(path: str, sent: Any, arrival: Arrival = ARRIVAL) -> Event | BadEvent:
    found = decode(path, {"events": [sent]} if path == BATCH else sent, arrival)
    assert len(found) == 1
    return found[0]


def event(path: str, sent: Any, arrival: Arrival = ARRIVAL) -> Event:
    found = one(path, sent, arrival)
    assert isinstance(found, Event), found
    return found


def bad(path: str, sent: Any, arrival: Arrival = ARRIVAL) -> BadEvent:
    found = one(path, sent, arrival)
    assert isinstance(found, BadEvent), found
    return found


def replayed(path: str, kept: dict[str, Any], **fixes: Any) -> Event | BadEvent:
    """As the quarantine does it: from its JSON, without the headers of the first request."""
    return dialects()[path].decode_one(json.loads(json.dumps(kept)) | fixes, ARRIVAL)
