"""Bodies that the doors must read, bound or refuse: compressed, large, broken, hostile."""

import gzip
import json
import socket
import zlib
from typing import Any

import httpx2
import pytest

from tests.api.test_doors import event, stored
from tests.servers import Farthing


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
        ("2026-06-01t12:00:00z", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00z", "2026-06-01T12:00:00Z"),
        ("2026-06-01t14:00:00.5+02:00", "2026-06-01T12:00:00.500000Z"),
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
