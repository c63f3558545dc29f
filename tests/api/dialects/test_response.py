"""The door for what providers sent: of the answer the use is read and nothing else, the rest is an event like any."""

import gzip
import json
import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects import BadEvent, Outcome, dialects
from api.dialects.answers import unescaped
from models.errors import BadRequest, TooLarge
from models.pricing.cost import Cost, price
from models.pricing.prices import published
from models.usage.event import Event, Tokens
from tests.servers import Farthing

from .samples import RESPONSE, arrived, bad, decode, event, replayed, response

FOLDER = Path(__file__).parents[2] / "fixtures" / "streams"
STREAMS = [
    stream for name in ("expected.json", "own.json") for stream in json.loads((FOLDER / name).read_text())["streams"]
]
NAMES = [stream["file"] for stream in STREAMS]
SAID = "ZQ9 a sentence that nobody may keep"
CHUNK = {"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": SAID}}]}
LAST = CHUNK | {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


def streamed(*frames: Any, done: bool = True, **fields: Any) -> dict[str, Any]:
    """A good event with a stream instead of a response."""
    text = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames) + ("data: [DONE]\n\n" if done else "")
    sent = response(stream=text, **fields)
    del sent["response"]
    return sent


def body(*, usage: Any = None, **members: Any) -> dict[str, Any]:
    """An answer of OpenAI's with texts wherever it has some."""
    message = {"role": "assistant", "content": SAID}
    counts = {"prompt_tokens": 100, "completion_tokens": 10} if usage is None else usage
    return {"object": "chat.completion", "choices": [{"message": message}], "usage": counts} | members


def without(name: str, sent: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in sent.items() if field != name}


def cost(sent: dict[str, Any]) -> Cost:
    return price(event(RESPONSE, sent), published())


# -- streams ------------------------------------------------------------------------------------------------------


def of_transcript(stream: dict[str, Any]) -> dict[str, Any]:
    named = {"provider": stream["provider"], "api": stream["api"], "model": stream["model"]}
    text = (FOLDER / stream["file"]).read_bytes().decode()
    return named | {"startTime": stream["timestamp"], "stream": text}


def is_as_expected(tokens: dict[str, Any], money: dict[str, Any], expected: dict[str, Any]) -> None:
    assert tokens == expected["tokens"] or tokens in expected.get("tokens_also_ok", [])
    assert money["status"] == ("failure" if expected.get("failed") else "success")
    if expected["status"]:
        source = {"priced": "computed", "failed": "reported"}.get(expected["status"], expected["status"])
        assert (money["cost"], money["source"]) == (expected["cost_nano_usd"], source)
        assert money["reason"] == expected.get("reason")


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_a_transcript(stream: dict[str, Any]) -> None:
    found = event(RESPONSE, of_transcript(stream))
    paid = price(found, published())
    counts = {name: getattr(found.tokens, name) for name in stream["expected"]["tokens"]}
    money = {"status": found.status, "cost": paid.cost, "source": paid.source, "reason": paid.unpriced_reason}
    is_as_expected(counts, money, stream["expected"])
    assert found.model == stream["model"], "a dated name in the stream does not replace the one that was sent"
    assert ("stream_cut" in found.flags) == (not stream["expected"]["complete"])


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_a_transcript_through_a_real_door(stream: dict[str, Any], shared: Farthing) -> None:
    answer = shared.post(RESPONSE, of_transcript(stream))
    assert answer.status_code == 202, answer.text
    row = shared.get(f"/api/v1/events/{answer.json()['id']}")
    counts = {name: row[f"{name}_tokens"] for name in stream["expected"]["tokens"] if f"{name}_tokens" in row}
    expected = {name: count for name, count in stream["expected"]["tokens"].items() if f"{name}_tokens" in row}
    money = {
        "status": row["status"],
        "cost": row["cost_nano_usd"],
        "source": row["cost_source"],
        "reason": row["unpriced_reason"],
    }
    is_as_expected(counts, money, stream["expected"] | {"tokens": expected})
    assert len(counts) >= 6


def test_a_cut_stream_keeps_its_tokens_and_has_no_price() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 25, "output_tokens": 1}}}
    found = event(RESPONSE, streamed(start, done=False, provider="anthropic", model="claude-sonnet-4-5"))
    assert (found.tokens.input, found.tokens.output, found.flags) == (25, 1, ["stream_cut"])
    paid = price(found, published())
    assert (paid.cost, paid.source, paid.unpriced_reason) == (None, "unpriced", "stream_cut")


def test_a_failure_half_way_is_not_free() -> None:
    paid = cost(streamed(CHUNK, done=False, status="failure"))
    assert (paid.cost, paid.unpriced_reason) == (None, "stream_cut")


def test_what_the_client_reports_is_taken_for_a_cut_stream_too() -> None:
    paid = cost(streamed(CHUNK, done=False, response_cost=0.25))
    assert (paid.cost, paid.source) == (250_000_000, "reported")


def test_chunks_that_came_as_a_list() -> None:
    end = {
        "candidates": [{"finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2},
    }
    found = event(RESPONSE, response(response=[{"candidates": [{}]}, end], provider="google", model="gemini-2.5-flash"))
    assert (found.tokens.input, found.tokens.output, found.flags) == (5, 2, [])
    cut = event(RESPONSE, response(response=[end | {"candidates": [{}]}], provider="google", model="gemini-2.5-flash"))
    assert (cut.tokens.input, cut.flags) == (5, ["stream_cut"])


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=30), many=st.integers(1, 20_000))
def test_a_stream_s_text_is_the_same_piece_by_piece(text: str, many: int) -> None:
    """Quotes, backslashes, characters of four bytes and their escaped halves, at every boundary."""
    for ascii_only in (True, False):
        literal = json.dumps(text * many, ensure_ascii=ascii_only).encode()
        assert b"".join(unescaped(literal)).decode() == text * many


@pytest.mark.parametrize("odd", [b"\xff", b"\xc3", b"\\ud83d", b"\\udc00 \\ud83d", b"\\u0000"])
def test_a_stream_that_was_cut_within_a_character_is_read_all_the_same(odd: bytes) -> None:
    sent = json.dumps(streamed(CHUNK, LAST)).encode()
    assert event(RESPONSE, sent.replace(b"nobody", b"nobody" + odd)).tokens.total == 110


# -- bodies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "model", "answer", "tokens"),
    [
        ("openai", "gpt-4o", body(), (100, 10)),
        ("anthropic", "claude-sonnet-4-5", {"type": "message", "content": [{"text": SAID}], "usage": {"input_tokens": 50, "cache_read_input_tokens": 50, "output_tokens": 10}}, (100, 10)),
        ("google", "gemini-2.5-flash", {"candidates": [{"content": {"parts": [{"text": SAID}]}}], "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}}, (100, 10)),
        ("cohere", "command-r7b-12-2024", {"text": SAID, "meta": {"billed_units": {"input_tokens": 100.0, "output_tokens": 10.0}}}, (100, 10)),
        ("cohere", "command-r7b-12-2024", {"message": {"content": [{"text": SAID}]}, "usage": {"billed_units": {"input_tokens": 100, "output_tokens": 10}}}, (100, 10)),
        ("bedrock", "amazon.nova-pro-v1:0", {"output": {"message": {"content": [{"text": SAID}]}}, "stopReason": "end_turn", "usage": {"inputTokens": 100, "outputTokens": 10, "totalTokens": 110}, "metrics": {"latencyMs": 5}}, (100, 10)),
        ("groq", "llama-3.3-70b-versatile", body(usage={}, x_groq={"usage": {"prompt_tokens": 100, "completion_tokens": 10}}), (100, 10)),
        ("openai", "gpt-5-mini", {"object": "response", "output_text": SAID, "usage": {"input_tokens": 100, "output_tokens": 10}}, (100, 10)),
        ("openai", "text-embedding-3-small", {"object": "list", "data": [{"embedding": [0.5]}], "usage": {"prompt_tokens": 100, "total_tokens": 100}}, (100, 0)),
    ],
)  # fmt: skip
def test_a_provider_s_body(provider: str, model: str, answer: dict[str, Any], tokens: tuple[int, int]) -> None:
    found = event(RESPONSE, response(provider=provider, model=model, response=answer))
    assert (found.tokens.input, found.tokens.output, found.flags) == (*tokens, [])
    assert price(found, published()).source == "computed"


@pytest.mark.parametrize("answer", [{}, body(usage={}), {"error": None, "usage": None}, {"usage": 5}])
def test_a_body_without_usage_is_unpriced_and_says_so(answer: dict[str, Any]) -> None:
    paid = cost(response(response=answer))
    assert (paid.cost, paid.unpriced_reason) == (None, "no_usage")


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": SAID, "type": "invalid_request_error", "code": "context_length_exceeded"}},
        {"type": "error", "error": {"type": "invalid_request_error", "message": SAID}},
        {"error": {"code": 400, "message": SAID, "status": "INVALID_ARGUMENT"}},
    ],
)
def test_a_provider_s_error_is_a_failed_call_that_costs_nothing(answer: dict[str, Any]) -> None:
    found = event(RESPONSE, response(response=answer))
    paid = price(found, published())
    assert (found.status, paid.cost, paid.source) == ("failure", 0, "reported")
    assert found.error_type in ("invalid_request_error", "INVALID_ARGUMENT")
    assert found.error_str is None
    assert SAID not in repr(found)


def test_the_sender_s_own_words_about_a_failure_go_first() -> None:
    answer = {"error": {"type": "server_error", "code": 500}}
    found = event(RESPONSE, response(response=answer, status="success", error_type="Timeout", error_code="408"))
    assert (found.status, found.error_type, found.error_code) == ("success", "Timeout", "408")


def test_an_error_does_not_quote_the_answer_in_quarantine_either() -> None:
    said = {"status": "failure", "error_str": f"filtered: {SAID}"}
    for sent in (response(response=SAID), response(response=body(), **FAULT)):
        assert bad(RESPONSE, sent | said).kept["error_str"] == "filtered: [removed]"
    assert "error_str" not in bad(RESPONSE, response(response=body(), stream=SAID) | said).kept


def test_an_error_does_not_quote_the_answer() -> None:
    failed = {"status": "failure", "error_str": f"filtered: {SAID}", "error_type": "ContentFilter"}
    assert event(RESPONSE, response(response=body()) | failed).error_str == "filtered: [removed]"
    for sent in (streamed(CHUNK, LAST), response(response=[body()])):
        found = event(RESPONSE, sent | failed)
        assert (found.error_str, found.error_type) == (None, "ContentFilter"), "its words may stand in many frames"


# -- what is the sender's, and what the answer's ------------------------------------------------------------------


def test_the_model_is_the_sender_s_else_the_answer_s() -> None:
    answer = body(model="gpt-4o-2024-08-06")
    assert event(RESPONSE, response(response=answer)).model == "gpt-4o"
    for missing in (None, ""):
        assert event(RESPONSE, response(response=answer, model=missing)).model == "gpt-4o-2024-08-06"
    assert (
        event(RESPONSE, response(response={"modelVersion": "gemini-2.5-flash"}, model=None)).model == "gemini-2.5-flash"
    )


def test_an_event_whose_model_nobody_names_is_stored_unpriced() -> None:
    stream = next(stream for stream in STREAMS if stream["file"] == "cohere-v2.sse")
    found = event(RESPONSE, without("model", of_transcript(stream)))
    assert (found.model, found.provider, found.tokens.total) == (None, "cohere", 18)
    paid = price(found, published())
    assert (paid.cost, paid.unpriced_reason) == (None, "unknown_model")


@pytest.mark.parametrize(
    ("sent", "answered", "tier"),
    [
        *((None, "flex", "flex"), ("", "flex", "flex"), ("priority", "flex", "priority")),
        *((None, None, None), (None, SAID, None)),
    ],
)
def test_the_service_tier_is_the_sender_s_else_the_answer_s(
    sent: str | None, answered: str | None, tier: str | None
) -> None:
    for answer in (response(response=body(service_tier=answered)), streamed(LAST | {"service_tier": answered})):
        assert event(RESPONSE, answer | {"service_tier": sent}).service_tier == tier


def test_counts_beside_the_answer_are_nobody_s() -> None:
    counts = {"prompt_tokens": 7, "total_tokens": -1, "usage": {"prompt_tokens": 7, "completion_tokens": 7}}
    assert event(RESPONSE, response(response=body(usage={}), **counts)).tokens == Tokens()
    assert event(RESPONSE, response(**counts)).tokens.total == 110


def test_the_provider_s_id_is_not_the_event_s() -> None:
    assert event(RESPONSE, response()).id is None
    assert event(RESPONSE, response(id="mine")).id == "mine"
    assert event(RESPONSE, response(), arrived(idempotency_key="k-1")).id == "k-1"


def test_all_else_is_read_as_on_every_door() -> None:
    metadata = {"team": "search", "tags": ["a"], "feature": "triage"}
    more = {
        "end_user": "c-42",
        "endpoint": "/ask",
        "batch": True,
        "cache_hit": True,
        "request_id": "r-1",
        "latency_ms": 5,
    }
    found = event(RESPONSE, response(metadata=metadata, request_tags=["b"], **more), arrived(x_agent="bot"))
    assert (found.team, found.feature, found.agent, found.tags) == ("search", "triage", "bot", ["b", "a"])
    assert (found.end_user, found.endpoint, found.batch, found.cache_hit) == ("c-42", "/ask", True, True)
    assert (found.request_id, found.latency_us, found.source) == ("r-1", 5_000, "rest")


def test_an_api_that_does_not_fit_gives_way_to_the_frames() -> None:
    usage = {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 60}, "output_tokens": 10}
    answer = {"object": "response", "usage": usage}
    for api in ("openai.responses", "openai.chat", "unheard.of", 5, {}, None):
        tokens = event(RESPONSE, response(response=answer, api=api)).tokens
        assert (tokens.input, tokens.cache_read, tokens.output) == (100, 60, 10)


def test_a_provider_s_cost_is_reported() -> None:
    paid = cost(
        response(
            provider="openrouter", response=body(usage={"prompt_tokens": 5, "completion_tokens": 1, "cost": 0.00015})
        )
    )
    assert (paid.cost, paid.source) == (150_000, "reported")


# -- bad events ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field", "shown"),
    [
        ({"response": None}, "response", None),
        ({"stream": "data: {}"}, "response", "response and stream"),
        *(({"response": value}, "response", kind) for value, kind in ((SAID, "a string"), (5, "a number"), (True, "a boolean"))),
        *(({"response": None, "stream": value}, "stream", kind) for value, kind in (({}, "an object"), ([SAID], "an array"), (5, "a number"), (False, "a boolean"))),
        *(({"provider": value}, "provider", value) for value in (None, "")),
        *(({"startTime": value}, "startTime", value) for value in (None, "soon", 5)),
        *(({"model": value}, "model", kind) for value, kind in ((5, 5), ({"m": SAID}, "an object"), ("  ", "  "))),
        ({"status": "ok"}, "status", "ok"),
        ({"batch": "perhaps"}, "batch", "perhaps"),
        ({"metadata": SAID}, "metadata", "a string"),
        ({"response_cost": -1}, "response_cost", -1),
        ({"response": body(usage={"prompt_tokens": -3})}, "usage.prompt_tokens", -3),
        ({"response": body(usage={"prompt_tokens": 1.5})}, "usage.prompt_tokens", 1.5),
        ({"response": body(usage={"prompt_tokens": SAID})}, "usage.prompt_tokens", "a string"),
        ({"response": body(usage={"prompt_tokens": 5, "prompt_tokens_details": [SAID]})}, "usage.prompt_tokens_details", "an array"),
    ],
)  # fmt: skip
def test_a_bad_event_is_named_by_field_and_value(fields: dict[str, Any], field: str, shown: Any) -> None:
    found = bad(RESPONSE, response(**fields))
    assert (found.details["field"], found.details["value"]) == (field, shown)
    assert SAID not in repr(found) + json.dumps(found.kept)


@pytest.mark.parametrize("sent", [b"", b"nonsense", b"[]", b"null", b'"x"', b'{"a": }', b"\xff", b"{" * 100_000])
def test_what_is_no_event_is_refused(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        decode(RESPONSE, sent)


def test_beside_the_answer_an_event_has_the_size_of_an_event() -> None:
    long = {"metadata": {"note": "x" * 1024 * 1024}}
    with pytest.raises(TooLarge):
        decode(RESPONSE, response(**long))
    assert event(RESPONSE, response(response=body(**long))).tokens.total == 110


# -- quarantine ---------------------------------------------------------------------------------------------------

FAULT = {"startTime": "soon"}
MENDED = {"startTime": "2026-11-20T12:00:00Z"}


@pytest.mark.parametrize(
    "sent",
    [
        response(response=body(model="gpt-4o-2024-08-06", service_tier="flex")),
        response(response=body(), model=None),
        response(response={"error": {"type": "server_error", "code": 500, "message": SAID}}),
        response(response={}),
        streamed(CHUNK, LAST, metadata={"team": "a"}, request_tags=["t"], id="mine", batch=True),
        streamed(CHUNK, LAST, done=False),
        streamed(CHUNK, done=False),
        streamed(CHUNK, LAST | {"service_tier": "flex", "model": "gpt-4o-mini"}, model=None),
    ],
    ids=range(8),
)
def test_a_replay_is_the_event_that_the_answer_made(sent: dict[str, Any]) -> None:
    """And of the answer only its counts wait."""
    held = bad(RESPONSE, sent | FAULT).kept
    assert not {"response", "stream"} & held.keys()
    assert SAID not in json.dumps(held)
    again, first = replayed(RESPONSE, held, **MENDED), event(RESPONSE, sent)
    assert isinstance(again, Event)
    assert (again, price(again, published())) == (first, price(first, published()))


def test_an_event_without_an_answer_stays_bad_until_one_is_given() -> None:
    held = bad(RESPONSE, response(response=None)).kept
    assert isinstance(replayed(RESPONSE, held), BadEvent)
    mended = replayed(RESPONSE, held, response=body())
    assert isinstance(mended, Event)
    assert mended.tokens.total == 110


def test_a_bad_count_can_be_mended() -> None:
    held = bad(RESPONSE, response(response=body(usage={"prompt_tokens": -3, "completion_tokens": 1}))).kept
    assert held["usage"] == {"prompt_tokens": -3, "completion_tokens": 1}
    mended = replayed(RESPONSE, held, usage={"prompt_tokens": 3, "completion_tokens": 1})
    assert isinstance(mended, Event)
    assert mended.tokens.total == 4


def test_the_marks_of_a_replay_are_not_the_sender_s_to_make() -> None:
    assert event(RESPONSE, response(stream_cut=True, unanswered=True)).flags == []


# -- the door -----------------------------------------------------------------------------------------------------


def test_the_answer_is_that_of_one_event() -> None:
    dialect = dialects()[RESPONSE]
    assert dialect.answer(Outcome(["e-1"], [])) == (202, {"status": "accepted", "id": "e-1"})
    assert (dialect.single, dialect.large, dialect.batching_client, dialect.event_keys) == (True, True, False, False)


def today(**fields: Any) -> dict[str, Any]:
    return {"id": f"r-{uuid4()}", "startTime": datetime.now().astimezone().isoformat()} | fields


def test_a_real_door(shared: Farthing) -> None:
    sent = streamed(CHUNK, LAST, **today(metadata={"team": "search"}))
    for _ in range(2):
        answer = shared.post(RESPONSE, sent)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted", "id": sent["id"]})
    found = shared.get(f"/api/v1/events/{sent['id']}")
    assert (found["team"], found["input_tokens"], found["cost_nano_usd"]) == ("search", 100, 350_000)
    assert shared.post(RESPONSE, sent, key=shared.read_key).status_code == 403


def test_an_idempotency_key_names_the_event(shared: Farthing) -> None:
    sent, key = without("id", streamed(LAST, **today())), f"k-{uuid4()}"
    ids = {shared.post(RESPONSE + "/", sent, **{"Idempotency-Key": key}).json()["id"] for _ in range(2)}
    assert ids == {key}


def test_a_bad_event_is_400_and_waits_until_it_is_replayed(shared: Farthing) -> None:
    sent = streamed(CHUNK, LAST, **today(startTime="soon"))
    refused = shared.post(RESPONSE, sent)
    assert refused.status_code == 400
    assert refused.json()["details"]["field"] == "startTime"
    held = shared.get("/api/v1/quarantine", key=shared.master_key)["events"]
    (mine,) = (each for each in held if each["event"].get("id") == sent["id"])
    assert (mine["dialect"], mine["event"]["usage"]) == ("ingest-response", LAST["usage"])
    assert SAID not in json.dumps(held)
    again = shared.post(
        f"/api/v1/quarantine/{mine['id']}/replay", {"event": today(id=sent["id"])}, key=shared.master_key
    )
    assert again.json() == {"status": "accepted", "id": sent["id"]}
    assert shared.get(f"/api/v1/events/{sent['id']}")["cost_nano_usd"] == 350_000


def test_unpriced_streams_are_counted_beside_the_total(shared: Farthing) -> None:
    where = f"team:cut-{uuid4()}"
    for frames, done in (((CHUNK, LAST), True), ((CHUNK,), True), ((CHUNK, LAST), False)):
        shared.post(RESPONSE, streamed(*frames, done=done, **today(metadata={"team": where[5:]})))
    totals = shared.get("/api/v1/spend", last="24h", where=where)["totals"]
    assert (totals["requests"], totals["unpriced_requests"], totals["cost_nano_usd"]) == (3, 2, 350_000)


def test_answers_of_megabytes_are_taken_up_to_the_limit_of_bodies(tmp_path: Path) -> None:
    long = CHUNK | {"choices": [{"index": 0, "delta": {"content": "word " * 600_000}}]}
    with Farthing.start(tmp_path, FARTHING_MAX_BODY_BYTES=str(4 * 1024 * 1024)) as server:
        for sent in (streamed(long, LAST, **today()), response(response=body(long=long), **today())):
            assert server.post(RESPONSE, sent).status_code == 202
            squeezed = gzip.compress(json.dumps(sent | today()).encode())
            assert server.post(RESPONSE, squeezed, **{"Content-Encoding": "gzip"}).status_code == 202
            assert server.post("/api/v1/ingest", sent).status_code == 413
        assert server.post(RESPONSE, streamed(long, long, LAST, **today())).status_code == 413
        assert [row["total_tokens"] for row in server.events()] == [110] * 4


def test_nothing_that_was_said_reaches_disk_logs_or_answers(server: Farthing) -> None:
    odd = {"content": SAID, "usage": {"prompt_tokens": SAID, "note": SAID}, "model": {"x": SAID}}
    error = {"error": {"type": SAID, "code": SAID, "message": SAID}}
    answers = [
        response(response=each)
        for each in (body(), odd, error, [CHUNK, LAST], [SAID], SAID, body(usage=SAID), body(id=SAID))
    ]
    streams = [
        streamed(CHUNK, LAST),
        streamed(CHUNK),
        streamed(error),
        streamed(CHUNK, error),
        streamed(odd),
        streamed(SAID),
    ]
    streams += [
        response(response=None, stream=text)
        for text in (SAID, f"event: {SAID}\ndata: {SAID}\n\n{SAID}: {SAID}", [SAID])
    ]
    said = []
    for sent in (*answers, *streams):
        for fault in (
            {},
            FAULT,
            {"error_str": f"it said: {SAID}", "status": "failure"},
            {"messages": [{"content": SAID}]},
        ):
            said.append(server.post(RESPONSE, sent | fault).text)
    said += [server.post(RESPONSE, f'{{"stream": "{SAID}').text, server.post(RESPONSE, f'["{SAID}"]').text]
    server.run("rollup")
    assert len(server.events()) > 30, "there is something to be searched"
    assert len(server.get("/api/v1/quarantine", key=server.master_key)["events"]) > 15
    assert SAID not in "".join(said)
    for path in server.data_dir.parent.rglob("*"):
        assert not path.is_file() or SAID.encode() not in path.read_bytes(), path.name


# -- memory -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["some words ", "Wörter 🙂 ", '"\\"\n'], ids=["plain", "wide", "escaped"])
def test_a_large_answer_takes_few_times_its_size_of_memory(words: str) -> None:
    chunk = CHUNK | {"choices": [{"index": 0, "delta": {"content": words * 20}}]}
    sent = json.dumps(streamed(*[chunk] * 15_000, LAST), ensure_ascii=False).encode()
    tracemalloc.start()
    found = event(RESPONSE, sent)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.tokens.total == 110
    assert peak < 3 * len(sent), "bytes; one copy, and pieces"
