"""Capturing prompts and responses: of LiteLLM's events, where it is switched on, encrypted, and read through no route."""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.seal import Seal
from models.usage.content import Content
from tests.api.test_secrecy import FIXTURES, texts_of_fixtures
from tests.servers import MASTER_KEY, Farthing

KEY = "a key of thirty-two characters or more"
SEAL = Seal.made_from(KEY)
LITELLM, CALLBACK = "/api/v1/ingest/litellm", "/api/litellm/callback"
SAID = "what does a farthing buy today?"


@pytest.fixture(scope="module")
def capturing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """Its workspace `default` keeps prompts and responses, `silent` does not."""
    with Farthing.start(tmp_path_factory.mktemp("farthing"), FARTHING_CONTENT_KEY=KEY) as server:
        server.made["silent"] = json.loads(server.run("init", "--workspace", "silent", "--json").stdout)
        assert switch(server, capture_content=True).json()["capture_content"] is True
        yield server


def switch(server: Farthing, key: str = MASTER_KEY, **wanted: Any) -> Any:
    with server.client(key) as client:
        return client.patch("/api/v1/workspace", json=wanted)


def sent(id: str, text: str = SAID, **values: Any) -> dict[str, Any]:
    return {
        "id": id, "model": "gpt-4o", "startTime": datetime.now(UTC).timestamp(), "response_cost": 0.1,
        "messages": [{"role": "user", "content": text}], "response": {"choices": [{"message": {"content": text}}]},
    } | values  # fmt: skip


def sealed(server: Farthing) -> dict[str, tuple[str, bytes]]:
    connection = sqlite3.connect(server.data_dir / "farthing.db", timeout=30)
    try:
        rows = connection.execute("SELECT event_id, workspace_id, sealed FROM contents").fetchall()
    finally:
        connection.close()
    return {event_id: (workspace_id, content) for event_id, workspace_id, content in rows}


def opened(server: Farthing, event_id: str) -> Content:
    workspace_id, content = sealed(server)[event_id]
    return SEAL.open(workspace_id, event_id, content)


def said(content: Content) -> tuple[Any, Any]:
    return tuple(text and json.loads(text.text) for text in (content.messages, content.response))


# -- what is kept -------------------------------------------------------------------------------------------------


def test_real_payloads_are_kept_as_they_came(capturing: Farthing) -> None:
    for body in FIXTURES.iterdir():
        capturing.post(LITELLM, body.read_bytes())
    for event in json.loads((FIXTURES / "sdk_json_array_success.json").read_text()):
        assert said(opened(capturing, event["id"])) == (event["messages"], event["response"])


def test_on_both_doors_also_where_the_event_brings_its_key(capturing: Farthing) -> None:
    own = {"metadata": {"requester_custom_headers": {"x-farthing-key": capturing.ingest_key}}}
    capturing.post(CALLBACK, sent("own key", **own), key=capturing.made["silent"]["ingest_key"])
    capturing.post(CALLBACK, sent("request key"))
    assert {"own key", "request key"} <= sealed(capturing).keys()


def test_a_large_body_too(capturing: Farthing) -> None:
    body = gzip.compress(json.dumps([sent(f"large {number}", SAID * 40) for number in range(300)]).encode())
    assert capturing.post(LITELLM, body, **{"Content-Encoding": "gzip"}).status_code == 202
    assert said(opened(capturing, "large 299"))[0] == [{"role": "user", "content": SAID * 40}]


def test_a_body_that_is_read_the_slow_way(capturing: Farthing) -> None:
    body = json.dumps(sent("slow", response_cost=float("nan")) | {"extra": float("nan")})
    capturing.post(LITELLM, body.replace('"response_cost": NaN', '"response_cost": 0.1'))
    assert said(opened(capturing, "slow"))[0] == [{"role": "user", "content": SAID}]


def test_a_repeat_changes_nothing(capturing: Farthing) -> None:
    capturing.post(LITELLM, sent("again"))
    capturing.post(LITELLM, sent("again", "something else"))
    assert said(opened(capturing, "again"))[0] == [{"role": "user", "content": SAID}]


# -- what is not --------------------------------------------------------------------------------------------------


def test_nothing_of_other_doors_bad_events_and_workspaces_that_did_not_ask(capturing: Farthing) -> None:
    before = sealed(capturing).keys()
    for path in ("/api/v1/ingest", "/api/ingest", "/api/v1/ingest/response"):
        capturing.post(path, sent(f"by {path}") | {"provider": "openai", "usage": {"prompt_tokens": 1}})
    capturing.post(LITELLM, sent("of silent"), key=capturing.made["silent"]["ingest_key"])
    assert capturing.post(LITELLM, sent("bad", model=None)).json()["rejected"]
    assert sealed(capturing).keys() == before
    assert SAID not in json.dumps(capturing.get("/api/v1/quarantine", key=MASTER_KEY))


def test_it_is_in_no_file_in_clear_in_no_log_and_no_answer(capturing: Farthing) -> None:
    capturing.post(LITELLM, sent("searched for"))
    capturing.run("rollup")
    for asked in ("/api/v1/events/searched%20for", "/api/v1/events"):
        assert SAID not in json.dumps(capturing.get(asked))
    secrets = [SAID, KEY, *texts_of_fixtures()]
    for path in (each for each in capturing.data_dir.parent.rglob("*") if each.is_file()):
        content = path.read_bytes()
        assert [secret for secret in secrets if secret.encode() in content] == [], path.name


def test_it_never_comes_with_the_event(capturing: Farthing) -> None:
    capturing.post(LITELLM, sent("one"))
    event = capturing.get("/api/v1/events/one")
    assert {"content", "messages", "response", "sealed"}.isdisjoint(event)


# -- the switch ---------------------------------------------------------------------------------------------------


def test_off_means_off_at_once(tmp_path: Path) -> None:
    with Farthing.start(tmp_path, FARTHING_CONTENT_KEY=KEY) as server:
        server.post(LITELLM, sent("before"))
        switch(server, capture_content=True, content_days=3)
        server.post(LITELLM, sent("on"))
        answer = switch(server, capture_content=False)
        server.post(LITELLM, sent("off"))
        assert (answer.json()["capture_content"], answer.json()["content_days"]) == (False, 3)
        assert sealed(server).keys() == {"on"}, "and what was kept stays until its days are over"
        records = server.get("/api/v1/audit", key=MASTER_KEY, action="content")["records"]
        assert [record["action"] for record in records] == ["content.off", "content.on"]


def test_without_a_key_it_can_not_be_switched_on_and_nothing_is_kept(server: Farthing) -> None:
    refused = switch(server, capture_content=True)
    assert refused.status_code == 409
    assert "FARTHING_CONTENT_KEY" in refused.json()["error"]
    with sqlite3.connect(server.data_dir / "farthing.db", timeout=30) as connection:
        connection.execute("UPDATE workspaces SET capture_content = 1")
        connection.execute("UPDATE control SET version = version + 1")
    connection.close()
    server.get("/api/v1/workspace", key=MASTER_KEY)
    assert server.post(LITELLM, sent("a")).status_code == 202
    assert sealed(server) == {}


def test_only_who_manages_the_workspace_may(capturing: Farthing) -> None:
    for key in (capturing.read_key, capturing.ingest_key):
        assert switch(capturing, key, capture_content=False).status_code == 403
    assert capturing.get("/api/v1/workspace", key=MASTER_KEY)["capture_content"] is True
    wrong = switch(capturing, content_days=0)
    assert (wrong.status_code, wrong.json()["details"]["field"]) == (400, "content_days")


def test_an_admin_key_may_have_less_kept_and_not_more(tmp_path: Path) -> None:
    with Farthing.start(tmp_path, FARTHING_CONTENT_KEY=KEY) as server:
        admin = server.post("/api/v1/keys", {"name": "boss", "scope": "admin"}, key=MASTER_KEY).json()["key"]
        for more in ({"capture_content": True}, {"content_days": 8}, {"capture_content": True, "content_days": 1}):
            refused = switch(server, admin, **more)
            assert refused.status_code == 403
            assert "An owner of the workspace does it on /settings" in refused.json()["error"]
        assert server.get("/api/v1/workspace", key=MASTER_KEY)["capture_content"] is False
        switch(server, capture_content=True, content_days=30)
        kept = {"capture_content": True, "content_days": 30}
        assert switch(server, admin, **kept).status_code == 200, "nothing is changed by it"
        assert switch(server, admin, content_days=3).json()["content_days"] == 3
        assert switch(server, admin, capture_content=False).json()["capture_content"] is False
        assert switch(server, admin, capture_content=True).status_code == 403
