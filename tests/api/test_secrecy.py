"""Prompts, responses and keys never reach disk: the whole data folder, and the logs, are searched for markers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers import Farthing

MARKER = "marker-of-a-secret-prompt"
TOKEN = "trk_live_marker0123456789"
PROVIDER_KEY = "sk-proj-marker0123456789abcdef"
FIXTURES = Path(__file__).parent.parent / "fixtures" / "litellm"


def secretive(**values: Any) -> dict[str, Any]:
    """A LiteLLM event with secrets wherever callers put them."""
    return {
        "id": "secretive", "model": "gpt-4o", "startTime": datetime.now(UTC).timestamp(), "response_cost": 0.1,
        "messages": [{"role": "user", "content": MARKER}], "response": {"choices": [{"message": {"content": MARKER}}]},
        "prompt": MARKER, "input": MARKER, "api_key": PROVIDER_KEY,
        "model_parameters": {"api_key": PROVIDER_KEY, "tools": [MARKER]},
        "error_str": f"litellm.BadRequestError: {MARKER} with {PROVIDER_KEY}\nTraceback (most recent call last):\n {MARKER}",
        "error_information": {"error_class": "BadRequestError", "error_message": MARKER, "traceback": MARKER},
        "metadata": {
            "requester_custom_headers": {"x-cloudidr-token": TOKEN, "authorization": f"Bearer {PROVIDER_KEY}"},
            "requester_metadata": {"prompt": MARKER, "team": "search"}, "user_api_key_hash": PROVIDER_KEY,
        },
    } | values  # fmt: skip


def test_nothing_secret_reaches_disk_or_logs(server: Farthing) -> None:
    bad = {"id": "bad", "model": None}
    for path in ("/api/v1/ingest/litellm", "/api/litellm/callback", "/api/v1/ingest", "/api/ingest"):
        for values in (
            {},
            bad,
            {"id": "b2", "startTime": "soon"},
            {"id": "b3", "metadata": MARKER},
            {"id": "b4", "model": {"m": MARKER}},
        ):
            server.post(path, secretive(**values))
    server.post("/api/v1/ingest/batch", {"events": [secretive(), secretive(**bad)]})
    server.post("/api/v1/ingest", f'{{"broken": "{MARKER}')
    server.post("/api/v1/ingest", secretive(), key=PROVIDER_KEY)
    server.post("/api/v1/ingest", secretive(), key=server.ingest_key[:-2] + "xx")
    for body in FIXTURES.iterdir():
        server.post("/api/v1/ingest/litellm", body.read_bytes())
    server.run("rollup")
    assert len(server.events()) > 40, "there is something to be searched"
    assert_clean(server, [MARKER, TOKEN, PROVIDER_KEY, server.ingest_key, server.read_key, *texts_of_fixtures()])


def texts_of_fixtures() -> list[str]:
    """Every prompt of the real payloads that is long enough to be told from a word."""
    found = []
    for path in FIXTURES.glob("*.json"):
        events = json.loads(path.read_bytes())
        if path.name == "expected.json":
            continue
        for event in events if isinstance(events, list) else [events]:
            found += [message["content"] for message in event["messages"] or [] if len(str(message["content"])) > 12]
    return [text for text in found if isinstance(text, str)]


def assert_clean(server: Farthing, secrets: list[str]) -> None:
    files = [path for path in server.data_dir.parent.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        content = path.read_bytes()
        leaked = [secret for secret in secrets if secret.encode() in content]
        assert leaked == [], path.name
