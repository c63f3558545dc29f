"""Hostile bodies at the doors of a real server, in every encoding: never a 5xx, never silence, nothing stored that
was not accepted, and nothing of a prompt or a key in an answer."""

import gzip
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.dialects.samples import BATCH, CALLBACK, DOORS, INGEST, LITELLM, LLMTRACK
from tests.api.test_doors import NOW, event
from tests.hostile import encodings
from tests.hostile.bodies import FIELDS, NAMES, RAW, SENDERS, around, body_of, hidden, members_of, object_of, values
from tests.hostile.watch import Watch

FEW = settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=150)
doors = st.sampled_from(DOORS)


def sent_to(door: str, **fields: Any) -> dict[str, Any]:
    """A good event for that door, with an id of its own."""
    return SENDERS[door](id=f"h-{uuid4()}", startTime=NOW.timestamp(), **fields)


# -- what is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_any_bytes(door: str, watch: Watch) -> None:
    @FEW
    @given(body=st.binary(max_size=200))
    def sent(body: bytes) -> None:
        watch.post(door, body)

    sent()


@pytest.mark.parametrize("door", DOORS)
def test_any_json(door: str, watch: Watch) -> None:
    @FEW
    @given(body=values)
    def sent(body: Any) -> None:
        watch.post(door, body_of(door, body))

    sent()


@pytest.mark.parametrize("door", DOORS)
def test_a_good_event_with_hostile_members(door: str, watch: Watch) -> None:
    @MANY
    @given(odd=st.lists(st.tuples(NAMES, st.sampled_from(RAW)), min_size=1, max_size=3), at=st.integers(0, 3))
    def sent(odd: list[tuple[str, str]], at: int) -> None:
        members = members_of(hidden("please ZQ7 now") | sent_to(door))
        event = object_of(members[:at] + odd + members[at:])
        watch.post(door, around(door, event).encode("utf-8", "surrogatepass"))

    sent()


@pytest.mark.parametrize("door", DOORS)
def test_a_good_event_with_any_value_in_any_field(door: str, watch: Watch) -> None:
    @MANY
    @given(odd=st.dictionaries(st.sampled_from(FIELDS), values, min_size=1, max_size=3))
    def sent(odd: dict[str, Any]) -> None:
        watch.post(door, body_of(door, hidden("a prompt") | sent_to(door) | odd))

    sent()


@pytest.mark.parametrize("door", DOORS)
def test_any_header_that_speaks_of_an_event(door: str, watch: Watch) -> None:
    text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=400)
    names = st.sampled_from(("x-team", "x-agent", "idempotency-key", "content-type", "content-encoding", "x-prompt-id"))

    @FEW
    @given(headers=st.dictionaries(names, text.map(str.strip), max_size=4), named=st.booleans())
    def sent(headers: dict[str, str], named: bool) -> None:
        event = sent_to(door) if named else {name: value for name, value in sent_to(door).items() if name != "id"}
        watch.post(door, body_of(door, event), headers)

    sent()


# -- how it is encoded --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("way", encodings.READABLE)
def test_a_readable_encoding_loses_nothing(door: str, way: str, watch: Watch) -> None:
    named, encode = encodings.READABLE[way]
    good = sent_to(door)
    answer = watch.post(door, encode(body_of(door, good)), {"content-encoding": named})
    assert answer.status_code < 300, answer.text
    assert good["id"] in watch.stored


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("way", encodings.BROKEN)
def test_a_broken_encoding_is_refused_whole(door: str, way: str, watch: Watch) -> None:
    named, encode = encodings.BROKEN[way]
    before = watch.count()
    answer = watch.post(door, encode(body_of(door, sent_to(door))), {"content-encoding": named})
    assert (answer.status_code, watch.count()) == (400, before)


@pytest.mark.parametrize("door", DOORS)
def test_any_bytes_under_any_encoding(door: str, watch: Watch) -> None:
    @FEW
    @given(body=st.binary(max_size=100), way=st.sampled_from(list(encodings.READABLE)), cut=st.integers(0, 40))
    def sent(body: bytes, way: str, cut: int) -> None:
        named, encode = encodings.READABLE[way]
        watch.post(door, encode(body)[: -cut or None], {"content-encoding": named})

    sent()


BOMB = gzip.compress(b"[" + b" " * 40_000_000 + b"]", 1)
BOMBS = {"one": BOMB, "in members": gzip.compress(b" " * 30_000, 1) * 1_500, "in a bomb": gzip.compress(BOMB, 1)}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_bombs_stop_at_the_limit(door: str, content: bytes, watch: Watch) -> None:
    nested = content is BOMBS["in a bomb"]  # unpacked once only: then it is no JSON
    refused = 400 if nested or door in (LITELLM, CALLBACK) else 413
    assert watch.post(door, content, {"content-encoding": "gzip"}).status_code == refused


def test_members_without_end_are_refused(watch: Watch) -> None:
    content = gzip.compress(b"", mtime=0) * 500_000
    assert watch.post(LITELLM, content, {"content-encoding": "gzip"}).status_code == 400


# -- how large it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["id", "model", "end_user", "error_str", "messages", "status", "unheard_of"])
def test_ten_megabytes_in_one_field_cost_that_event_at_most(field: str, watch: Watch) -> None:
    good, large = sent_to(LITELLM), sent_to(LITELLM) | {field: '\\u202e"x' * 1_000_000 + "y" * 6_000_000}
    answer = watch.post(LITELLM, json.dumps([large, good]).encode())
    assert answer.status_code == 202
    assert good["id"] in watch.stored
    assert len(answer.text) < 3_000


@pytest.mark.parametrize("unit", ["[", '{"a":', "[{},", '"\\"', "{}\n", "9", " ", "\\", "\n"])
@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_megabytes_of_one_thing(door: str, unit: str, watch: Watch) -> None:
    for start in ("", "[", '[{"model": "gpt-4o", "messages": '):
        watch.post(door, (start + unit * (1_000_000 // len(unit))).encode())


@pytest.mark.parametrize("door", [INGEST, BATCH, LLMTRACK])
def test_more_than_a_megabyte_is_too_large_elsewhere(door: str, watch: Watch) -> None:
    for content in (b" " * 1_048_577, body_of(door, sent_to(door, messages="x" * 1_048_576))):
        assert watch.post(door, content).status_code == 413


def test_the_management_routes_read_no_more_than_they_need(watch: Watch) -> None:
    server = watch.server
    for path in ("/api/v1/keys", "/api/v1/quarantine/q_1/replay"):
        assert server.post(path, b" " * 1_048_577, key=server.master_key).status_code == 413
        endless = httpx2.post(
            server.url + path, content=(b" " * 65_536 for _ in range(100)), headers={"x-api-key": server.master_key}
        )
        assert endless.status_code == 413


# -- what is stored -----------------------------------------------------------------------------------------------


def test_what_came_through_all_this_reads_back(watch: Watch) -> None:
    """The request log shows every event in the ledger, whatever its labels hold."""
    good = event()
    watch.post(INGEST, json.dumps(good).encode())
    shown = {row["id"] for row in watch.server.events(last="3660d")}
    assert good["id"] in shown
    assert watch.server.get("/api/v1/spend", last="3660d", group_by="model")["totals"]["requests"] >= len(shown)
