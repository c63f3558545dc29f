"""Keys that open nothing: named for what they are at every door, and left nowhere: not on disk, not in a log, not in an
answer, not in quarantine."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from models.accounts import secrets
from tests.api.dialects.samples import BATCH, CALLBACK, DOORS
from tests.api.test_secrecy import assert_clean
from tests.servers import Farthing

PLANTED = [f"{beginning}planted0451planted0451planted" for beginning in secrets.PROVIDER_KEYS]
READING = ("/api/v1/spend", "/api/v1/events", "/api/v1/events/x", "/api/v1/keys", "/api/v1/workspace", "/api/v1/audit")


def mistyped(server: Farthing) -> list[str]:
    """Our own keys as people mistype them."""
    key = server.ingest_key
    return [key[:-1] + ("0" if key[-1] != "0" else "1"), key[:-3], key + "x", key[:20] + "_" + key[21:]]


def event(**values: Any) -> dict[str, Any]:
    started = datetime.now(UTC).isoformat()
    return {"id": "e", "model": "gpt-4o", "provider": "openai", "startTime": started, "response_cost": 1} | values


def sent(server: Farthing, path: str, secret: str) -> str:
    body = {"events": [event()]} if path == BATCH else event()
    answers = [
        httpx2.post(server.url + path, json=body, headers=headers)
        for headers in ({"Authorization": f"Bearer {secret}"}, {"x-api-key": secret})
    ]
    assert path == CALLBACK or {answer.status_code for answer in answers} == {401}
    return " ".join(answer.text for answer in answers)


def with_own_key(server: Farthing, secret: str) -> str:
    """An event of the callback that carries a key of its own: in each place, beside good ones."""
    carriers = [{"requester_custom_headers": {name: secret}} for name in ("X-Cloudidr-Token", "x-farthing-key")]
    events = [event(id=f"own-{number}", metadata=metadata) for number, metadata in enumerate(carriers)]
    answer = server.post(CALLBACK, [*events, event(id="good")])
    assert answer.json()["accepted"] == 1
    assert {each["error"] for each in answer.json()["rejected"]} == {"Invalid API key"}
    return answer.text


def test_at_every_door_it_is_named_and_left_nowhere(server: Farthing) -> None:
    wrong = [*PLANTED, *mistyped(server)]
    for secret in wrong:
        said = [with_own_key(server, secret), *(sent(server, path, secret) for path in DOORS)]
        said += [httpx2.get(server.url + path, headers={"x-api-key": secret}).text for path in READING]
        assert [text for text in said if secret in text] == []
        hint = json.dumps(secrets.hint(secret))[1:-1]
        assert all(
            hint in text for path, text in zip((CALLBACK, *DOORS, *READING), said, strict=True) if path != CALLBACK
        )
    server.run("rollup")
    assert_clean(server, [*wrong, server.ingest_key])


@pytest.mark.parametrize("secret", ["sk-ant-planted0451planted", "fth_live_planted0451"])
def test_one_that_is_sent_where_a_value_belongs_is_left_nowhere_either(server: Farthing, secret: str) -> None:
    for values in (
        {"startTime": secret},
        {"prompt_tokens": secret},
        {"error_str": f"key {secret} is bad"},
    ):
        for path in DOORS:
            body = {"events": [event(**values)]} if path == BATCH else event(**values)
            assert secret not in server.post(path, body).text
    server.post("/api/v1/keys", {"name": "x", "scope": secret}, key=server.master_key)
    server.run("rollup")
    assert_clean(server, [secret])
