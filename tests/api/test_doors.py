"""The ingest doors, through a real server: what is answered, what is stored, what is refused."""

import gzip
import json
import socket
import zlib
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


# -- bodies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
def test_compressed_bodies(shared: Farthing, encoding: str) -> None:
    content = json.dumps(event()).encode()
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(content),
        "deflate": zlib.compress(content),
        "raw deflate": raw.compress(content) + raw.flush(),
    }[encoding]
    answer = shared.post("/api/v1/ingest", packed, **{"Content-Encoding": encoding.removeprefix("raw ")})
    assert answer.status_code == 202


def test_a_gzip_bomb_is_refused_at_its_bound(shared: Farthing) -> None:
    bomb = gzip.compress(b" " * 200_000_000)
    assert shared.post("/api/v1/ingest", bomb, **{"Content-Encoding": "gzip"}).status_code == 413
    litellm = shared.post("/api/v1/ingest/litellm", bomb, **{"Content-Encoding": "gzip"})
    assert litellm.status_code == 400, "LiteLLM drops a batch on 413"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"not gzip", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip"),
        (b"{}", "br"),
        (gzip.compress(b"{}", mtime=0) + b"x", "gzip"),
    ],
)
def test_unreadable_encodings(shared: Farthing, content: bytes, encoding: str) -> None:
    assert shared.post("/api/v1/ingest", content, **{"Content-Encoding": encoding}).status_code == 400


def test_bodies_above_the_limit(shared: Farthing) -> None:
    large = event(metadata={"noise": "x" * 1_100_000})
    assert shared.post("/api/v1/ingest", large).status_code == 413
    assert shared.post("/api/v1/ingest/litellm", [large]).status_code == 202
    assert shared.post("/api/v1/ingest/litellm", b"[" + b" " * 33_600_000 + b"]").status_code == 400


HOSTILE = [
    b"", b" ", b"nonsense", b"[1, 2", b'"text"', b"5", b"null", b"\xff\xfe", b"[" * 10_000 + b"]" * 10_000,
    b'{"model": "gpt-4o", "startTime": NaN}', b'{"a": ' * 10_000 + b"1" + b"}" * 10_000, b"\x00",
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=[repr(each[:12]) for each in HOSTILE])
@pytest.mark.parametrize("path", ["/api/v1/ingest", "/api/v1/ingest/batch", "/api/ingest"])
def test_what_is_no_event_is_named(shared: Farthing, path: str, content: bytes) -> None:
    answer = shared.post(path, content)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", None), ("model", 5), ("model", "x" * 1_000_000), ("model", {}), ("startTime", None),
        ("startTime", "soon"), ("startTime", "9999-01-01T00:00:00Z"), ("startTime", "1999-12-31T23:59:59Z"),
        ("startTime", [1]), ("prompt_tokens", -1), ("prompt_tokens", 1.5), ("prompt_tokens", True),
        ("completion_tokens", 10**20), ("total_tokens", "many"), ("response_cost", -0.1), ("response_cost", 1e300),
        ("response_cost", 1_000_001), ("response_cost", "NaN"), ("response_cost", "Infinity"), ("metadata", 5),
        ("usage", "much"), ("status", "meh"), ("id", "x" * 2_000), ("id", "a\x00b"), ("cache_hit", "perhaps"),
    ],
)  # fmt: skip
def test_bad_fields_are_named_with_their_value(shared: Farthing, field: str, value: Any) -> None:
    answer = shared.post("/api/v1/ingest", event(**{field: value}))
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"]["field"].startswith(field)
    assert {"value", "expected"} <= set(answer.json()["details"])
    assert len(answer.text) < 500


@pytest.mark.parametrize(
    "value", ["{}", "[1]", "1e400", "123456789012345678901234", '"\\ud800"', '"\\u0000"', '"' + "x" * 5000 + '"']
)
def test_odd_values_lose_no_money(shared: Farthing, value: str) -> None:
    sent = event(response_cost=1)
    text = json.dumps(sent)[:-1] + f', "metadata": {{"team": {value}, "unknown": {value}}}, "what": {value}}}'
    assert shared.post("/api/v1/ingest", text).status_code == 202
    assert stored(shared, sent["id"])["cost_nano_usd"] == 10**9


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("2026-06-01T12:00:00", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00+05:30", "2026-06-01T06:30:00Z"),
        (1780315200, "2026-06-01T12:00:00Z"),
        (1780315200.5, "2026-06-01T12:00:00.500000Z"),
        (1780315200123, "2026-06-01T12:00:00.123000Z"),
        ("1780315200123", "2026-06-01T12:00:00.123000Z"),
    ],
)
def test_times(shared: Farthing, sent: Any, seen: str) -> None:
    each = event(startTime=sent)
    shared.post("/api/v1/ingest", each)
    assert stored(shared, each["id"])["started_at"] == seen


def test_a_body_that_stops_half_way_leaves_nothing_behind(shared: Farthing) -> None:
    half = event()
    content = json.dumps(half).encode()
    with socket.create_connection(("127.0.0.1", shared.port)) as connection:
        head = f"POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nx-api-key: {shared.ingest_key}\r\n"
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content[:30])
    assert shared.post("/api/v1/ingest", event()).status_code == 202
    assert half["id"] not in {row["id"] for row in shared.events()}


def test_other_methods_and_paths(shared: Farthing) -> None:
    assert httpx2.get(f"{shared.url}/api/v1/ingest").status_code == 405
    assert httpx2.get(f"{shared.url}/nowhere").json() == {"error": "Not found"}


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
    assert any(each["details"]["value"] == "'[key removed]'" for each in listed)


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
