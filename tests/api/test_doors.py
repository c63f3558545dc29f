"""The ingest doors, through a real server: what is answered, what is stored, what is refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.servers import Farthing

NOW = datetime.now(UTC).replace(microsecond=0)


def event(**values: Any) -> dict[str, Any]:
    """The smallest good event, with an id of its own."""
    return {"id": f"e-{uuid4()}", "model": "gpt-4o", "startTime": NOW.isoformat()} | values


def stored(server: Farthing, event_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/v1/events/{event_id}")
    return found


# -- answers ------------------------------------------------------------------------------------------------------


def test_one_event(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest", {"model": "gpt-4o", "startTime": NOW.isoformat()})
    assert answer.status_code == 202
    body = answer.json()
    assert body["status"] == "accepted"
    assert body["id"].startswith("evt_")
    assert stored(shared, body["id"])["started_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_a_batch(shared: Farthing) -> None:
    good, other = event(), event()
    answer = shared.post("/api/v1/ingest/batch", {"events": [good, event(model=None), other]})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["status"], body["count"], body["ids"]) == ("accepted", 2, [good["id"], other["id"]])
    assert [each["index"] for each in body["rejected"]] == [1]


def test_a_batch_in_which_all_are_bad(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest/batch", {"events": [event(model=None), event(startTime=None)]})
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid payload"
    assert len(answer.json()["rejected"]) == 2


def test_a_batch_of_too_many(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest/batch", {"events": [event() for _ in range(101)]})
    assert answer.status_code == 413


def test_llmtrack(shared: Farthing) -> None:
    sent = event(provider="OpenAI", prompt_tokens=1000, completion_tokens=200, total_tokens=None, cost=0.5)
    answer = shared.post("/api/ingest", sent)
    assert (answer.status_code, answer.json()) == (201, {"ok": True, "consumption_source": "included"})
    row = stored(shared, sent["id"])
    assert row["cost_nano_usd"] == row["computed_cost_nano_usd"] == 4_500_000
    assert (row["reported_cost_nano_usd"], row["cost_source"]) == (500_000_000, "computed")


@pytest.mark.parametrize("path", ["/api/v1/ingest/litellm", "/api/v1/ingest/litellm/"])
def test_litellm(shared: Farthing, path: str) -> None:
    sent = [event(custom_llm_provider="openai", response_cost=0.00015) for _ in range(3)]
    answer = shared.post(path, sent)
    assert (answer.status_code, answer.json()["count"]) == (202, 3)
    assert stored(shared, sent[0]["id"])["cost_nano_usd"] == 150_000


@pytest.mark.parametrize("path", ["/api/litellm/callback", "/api/litellm/callback/"])
def test_litellm_callback(shared: Farthing, path: str) -> None:
    answer = shared.post(path, "\n".join(json.dumps(event()) for _ in range(2)))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "accepted": 2, "rejected": []})


def test_the_callback_answers_its_probe_without_a_key(shared: Farthing) -> None:
    answer = httpx2.post(f"{shared.url}/api/litellm/callback", json={"test": True})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "test": True})


def test_a_readable_litellm_body_is_always_accepted(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest/litellm", [None, 5, event(model=None)])
    assert answer.status_code == 202
    assert [each["index"] for each in answer.json()["rejected"]] == [0, 1, 2]
    assert shared.post("/api/v1/ingest/litellm", b"nonsense").status_code == 400


# -- exactly once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "wrap"),
    [
        ("/api/v1/ingest", lambda e: e),
        ("/api/v1/ingest/batch", lambda e: {"events": [e, e]}),
        ("/api/v1/ingest/litellm", lambda e: [e]),
        ("/api/litellm/callback", lambda e: e),
        ("/api/ingest", lambda e: e | {"provider": "openai"}),
    ],
)
def test_a_repeat_is_answered_like_the_first_and_changes_nothing(shared: Farthing, path: str, wrap: Any) -> None:
    sent = event(response_cost=1, cost=1)
    first = shared.post(path, wrap(sent))
    later = sent | {"startTime": (NOW - timedelta(days=2)).isoformat(), "response_cost": 2, "cost": 2}
    second = shared.post(path, wrap(later))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert [row["id"] for row in shared.events()].count(sent["id"]) == 1
    assert stored(shared, sent["id"])["started_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_the_idempotency_key_is_the_id(shared: Farthing) -> None:
    sent = {"model": "gpt-4o", "startTime": NOW.isoformat()}
    answers = [shared.post("/api/v1/ingest", sent, **{"Idempotency-Key": "mine-1"}).json() for _ in range(2)]
    assert [answer["id"] for answer in answers] == ["mine-1", "mine-1"]


def test_ids_are_taken_whole(shared: Farthing) -> None:
    long = "chatcmpl-" + "x" * 436 + "/ü?#%"
    assert shared.post("/api/v1/ingest", event(id=long)).json()["id"] == long
    assert long in [row["id"] for row in shared.events()]
    assert shared.post("/api/v1/ingest", event(id="x" * 1025)).status_code == 400


# -- money --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "nano", "source"),
    [
        ({"response_cost": 0.00015}, 150_000, "reported"),
        ({"response_cost": 0}, 0, "reported"),
        ({"response_cost": "0.0000000005"}, 1, "reported"),
        ({"input_cost": 0.1, "output_cost": 0.2}, 300_000_000, "reported"),
        ({"prompt_tokens": 1000, "completion_tokens": 200}, 4_500_000, "computed"),
        ({"model": "nobody-knows", "prompt_tokens": 1}, None, "unpriced"),
        ({"model": "claude-sonnet-4-5-foo", "prompt_tokens": 9, "completion_tokens": 9}, None, "unpriced"),
        ({"status": "failure"}, 0, "reported"),
        ({"cache_hit": True, "prompt_tokens": 1000, "completion_tokens": 200}, 0, "cached"),
        ({"cache_hit": True, "response_cost": 0.01}, 10_000_000, "reported"),
    ],
)
def test_costs(shared: Farthing, sent: dict[str, Any], nano: int | None, source: str) -> None:
    sent = event(**sent)
    assert shared.post("/api/v1/ingest", sent).status_code == 202
    row = stored(shared, sent["id"])
    assert (row["cost_nano_usd"], row["cost_source"]) == (nano, source)


def test_a_cache_hit_says_what_it_saved(shared: Farthing) -> None:
    told = event(cache_hit=True, prompt_tokens_avoided=1000, completion_tokens_avoided=200)
    shared.post("/api/v1/ingest", told)
    row = stored(shared, told["id"])
    assert (row["saved_nano_usd"], row["tokens_avoided"], row["cost_nano_usd"]) == (4_500_000, 1200, 0)


# -- who may ------------------------------------------------------------------------------------------------------

DOORS = ["/api/v1/ingest", "/api/v1/ingest/batch", "/api/v1/ingest/litellm", "/api/ingest"]


@pytest.mark.parametrize("path", DOORS)
def test_the_401_texts(shared: Farthing, path: str) -> None:
    def refused(headers: dict[str, str]) -> tuple[int, str]:
        answer = httpx2.post(shared.url + path, content=b"{}", headers=headers)
        return answer.status_code, answer.json()["error"]

    assert refused({}) == (401, "Missing API key")
    assert refused({"Authorization": "Bearer nonsense"}) == (401, "Invalid API key")
    assert refused({"x-api-key": shared.ingest_key[:-1] + "~"}) == (401, "Invalid API key")
    assert refused({"Authorization": f"Bearer {shared.master_key}"}) == (401, "Invalid API key")
    assert refused({"x-api-key": shared.read_key})[0] == 403


def test_a_providers_key_is_named_as_what_it_is_and_never_logged(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest", event(), key="sk-ant-abcdefghijklmnop")
    assert answer.status_code == 401
    assert "Anthropic" in answer.json()["details"]["hint"]
    assert "sk-ant-abcdefghijklmnop" not in shared.log_path.read_text()


def test_either_header_carries_the_key(shared: Farthing) -> None:
    sent = json.dumps(event())
    assert (
        httpx2.post(f"{shared.url}/api/v1/ingest", content=sent, headers={"x-api-key": shared.ingest_key}).status_code
        == 202
    )


def test_on_the_callback_an_events_own_token_decides(shared: Farthing) -> None:
    def carrying(token: str | None) -> dict[str, Any]:
        headers = {"x-cloudidr-token": token} if token else {}
        return event(metadata={"requester_custom_headers": headers})

    sent = [carrying(shared.ingest_key), carrying("trk_unknown"), carrying(None), carrying(shared.read_key)]
    answer = httpx2.post(f"{shared.url}/api/litellm/callback", json=sent, headers={"x-api-key": "sk-wrong"}).json()
    assert answer["accepted"] == 1
    assert [(each["index"], each["error"]) for each in answer["rejected"][:2]] == [
        (1, "Invalid API key"),
        (2, "Invalid API key"),
    ]
    without = httpx2.post(f"{shared.url}/api/litellm/callback", json=[carrying(None)]).json()
    assert without == {"status": "ok", "accepted": 0, "rejected": [{"index": 0, "error": "Missing API key"}]}
    ids = {row["id"] for row in shared.events()}
    assert ids & {each["id"] for each in sent} == {sent[0]["id"]}, "the others are stored nowhere"


# -- attribution --------------------------------------------------------------------------------------------------


def test_what_an_event_lacks_its_key_fills_in(shared: Farthing) -> None:
    wanted = {"name": "filling", "scope": "ingest", "attributes": {"team": "of-key", "env": "prod"}, "tags": ["k"]}
    key = shared.post("/api/v1/keys", wanted, key=shared.master_key).json()["key"]
    bare, full = event(), event(metadata={"team": "own"}, request_tags=["own"])
    for each in (bare, full):
        assert shared.post("/api/v1/ingest", each, key=key).status_code == 202
    found, own = stored(shared, bare["id"]), stored(shared, full["id"])
    assert (found["team"], found["env"], found["tags"]) == ("of-key", "prod", ["k"])
    assert (found["feature"], found["token"], found["key"]) == ("unknown", "filling", "filling")
    assert (own["team"], own["env"], own["tags"]) == ("own", "prod", ["own"])


def test_request_headers_attribute_on_rest_doors(shared: Farthing) -> None:
    sent = event()
    shared.post("/api/v1/ingest", sent, **{"X-Team": "of-header", "X-Department": "R&D", "X-Agent": "bot"})
    row = stored(shared, sent["id"])
    assert (row["team"], row["department"], row["agent"]) == ("of-header", "R&D", "bot")


# -- quarantine ---------------------------------------------------------------------------------------------------


def test_a_bad_event_waits_in_quarantine_until_it_is_replayed(shared: Farthing) -> None:
    bad = event(startTime="soon", metadata={"team": "held"}, response_cost=0.25)
    assert shared.post("/api/v1/ingest", bad).status_code == 400
    listed = shared.get("/api/v1/quarantine", key=shared.master_key)["events"]
    held = next(each for each in listed if each["event"].get("id") == bad["id"])
    assert held["details"]["field"] == "startTime"
    path = f"/api/v1/quarantine/{held['id']}/replay"
    assert shared.post(path, b"", key=shared.master_key).status_code == 400, "it is still bad"
    fixed = shared.post(path, {"event": {"startTime": NOW.isoformat()}}, key=shared.master_key)
    assert (fixed.status_code, fixed.json()) == (200, {"status": "accepted", "id": bad["id"]})
    row = stored(shared, bad["id"])
    assert (row["team"], row["cost_nano_usd"], row["key"]) == ("held", 250_000_000, "default")
    assert shared.post(path, b"", key=shared.master_key).status_code == 404


def test_the_litellm_doors_log_one_line_a_post(shared: Farthing) -> None:
    before = shared.log_path.read_text().count("[LITELLM]")
    shared.post("/api/v1/ingest/litellm", [event(), None])
    shared.post("/api/litellm/callback", b"unreadable")
    lines = [line for line in shared.log_path.read_text().splitlines() if "[LITELLM]" in line][before:]
    assert len(lines) == 2
    assert "[LITELLM] accepted=1 rejected=1 reason=" in lines[0]
    assert "[LITELLM] accepted=0 rejected=0 reason=" in lines[1]
    assert shared.ingest_key not in shared.log_path.read_text()


def test_a_body_of_nothing_but_commas_is_bounded(shared: Farthing) -> None:
    answer = shared.post("/api/v1/ingest/litellm", b"[" + b"0," * 500_000 + b"0]")
    assert answer.status_code == 202
    assert len(answer.json()["rejected"]) == 10_000


def test_what_nobody_may_send_costs_little_and_is_named_within_bounds(shared: Farthing) -> None:
    content = b"[" + b"{}," * 100_000 + b"0]"
    answer = httpx2.post(f"{shared.url}/api/litellm/callback", content=content, timeout=60)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 0)
    assert len(answer.json()["rejected"]) == 10_000


def test_neither_values_nor_keys_reach_the_log(shared: Farthing) -> None:
    bad = [event(startTime="text-of-a-prompt"), event(prompt_tokens="sk-abcdef1234567890")]
    shared.post("/api/v1/ingest/litellm", bad)
    log = shared.log_path.read_text()
    assert "startTime: expected" in log
    assert "text-of-a-prompt" not in log
    listed = shared.get("/api/v1/quarantine", key=shared.master_key)["events"]
    assert "sk-abcdef1234567890" not in json.dumps(listed)
    assert any(each["details"]["value"] == "[key removed]" for each in listed)


def test_the_two_sides_of_a_cost_are_added_before_they_are_rounded(shared: Farthing) -> None:
    sent = event(input_cost="0.0000000004", output_cost="0.0000000004")
    assert shared.post("/api/v1/ingest", sent).status_code == 202
    assert stored(shared, sent["id"])["cost_nano_usd"] == 1
    assert shared.post("/api/v1/ingest", event(input_cost=1_000_000, output_cost=1_000_000)).status_code == 400


def test_an_idempotency_key_is_never_altered(shared: Farthing) -> None:
    ids = set()
    for key in (b"caf\xe9", b"caf\xe8"):
        headers = [(b"x-api-key", shared.ingest_key.encode()), (b"idempotency-key", key)]
        sent = json.dumps({"model": "gpt-4o", "startTime": NOW.isoformat()})
        ids.add(httpx2.post(f"{shared.url}/api/v1/ingest", content=sent, headers=headers).json()["id"])
    assert ids == {"café", "cafè"}
