"""Whatever is sent as a key: one of the four sentences comes back, never the key, and only the whole key opens a door."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.headers import credential
from models.accounts import keys, secrets
from models.accounts.directory import Directory
from models.accounts.keys import NewKey
from models.errors import Unauthorized
from models.installation import Installation
from models.periods import now_us
from tests.api.dialects.samples import DOORS, INGEST
from tests.api.test_doors import event
from tests.factories import AUTHOR, make_workspace
from tests.servers import Farthing

SENTENCES = ("Missing API key", "Invalid API key", "Revoked API key", "Inactive API key")
SOMETIMES = settings(max_examples=200, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
FEW = settings(SOMETIMES, max_examples=60)

provider_keys = st.builds("".join, st.tuples(st.sampled_from(list(secrets.PROVIDER_KEYS)), st.text(min_size=8)))
well_formed = st.text(secrets.BASE62, min_size=secrets.BODY, max_size=secrets.BODY).map(
    lambda body: f"{secrets.PREFIX}{body}{secrets.checksum(body)}"
)
characters = st.characters(codec="latin-1")


@dataclass
class Lock:
    """A directory with one good key in it."""

    directory: Directory
    key: str


@pytest.fixture
def lock(installation: Installation) -> Lock:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        _, secret = keys.create(connection, workspace.id, NewKey("default", "ingest"), AUTHOR)
    return Lock(Directory(installation.database), secret)


def refused(lock: Lock, secret: str) -> None:
    with pytest.raises(Unauthorized) as problem:
        lock.directory.authenticate(secret, now_us())
    assert problem.value.message in SENTENCES
    assert len(secret) < 8 or secret not in json.dumps(problem.value.body(), ensure_ascii=False)


def test_any_text_is_no_key(lock: Lock) -> None:
    @SOMETIMES
    @given(secret=st.text() | st.text(characters, max_size=60) | provider_keys | well_formed)
    def tried(secret: str) -> None:
        refused(lock, secret)

    tried()


def test_whatever_is_nearly_the_key_is_no_key(lock: Lock) -> None:
    @SOMETIMES
    @given(at=st.integers(0, 46), taken=st.integers(0, 3), put=st.text(max_size=3))
    def tried(at: int, taken: int, put: str) -> None:
        near = lock.key[:at] + put + lock.key[at + taken :]
        assume(near != lock.key)
        refused(lock, near)

    tried()
    assert lock.directory.authenticate(lock.key, now_us()).name == "default"


@SOMETIMES
@given(st.dictionaries(st.sampled_from((b"authorization", b"x-api-key")), st.binary(max_size=80)))
def test_any_bytes_of_a_header_are_a_secret_or_none(headers: dict[bytes, bytes]) -> None:
    found = credential(headers)
    assert found is None or found.encode("latin-1").strip() in b" ".join(headers.values())


@SOMETIMES
@given(space=st.text(" \t", max_size=3), kind=st.sampled_from(("Bearer", "bearer", "BEARER")))
def test_the_bearers_secret_is_found_whatever_surrounds_it(space: str, kind: str) -> None:
    assert credential({b"authorization": f"{kind} {space}the-key{space}".encode()}) == "the-key"


# -- over the wire ------------------------------------------------------------------------------------------------


@pytest.fixture
def connection(shared: Farthing) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=shared.url, timeout=30) as client:
        yield client


@pytest.mark.parametrize("header", [b"authorization", b"x-api-key"])
def test_no_door_opens_to_any_header(header: bytes, connection: httpx2.Client) -> None:
    printable = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=80)

    @FEW
    @given(secret=printable | well_formed | provider_keys.filter(lambda key: key.isascii() and key.isprintable()))
    def tried(secret: str) -> None:
        for sent in (secret, f"Bearer {secret}"):
            for path in (*DOORS[:3], "/api/v1/spend", "/api/v1/keys"):
                method = "GET" if path in ("/api/v1/spend", "/api/v1/keys") else "POST"
                answer = connection.request(method, path, headers=[(header, sent.strip().encode("latin-1"))])
                assert answer.status_code == 401
                assert answer.json()["error"] in SENTENCES
                assert len(secret) < 8 or secret not in answer.text

    tried()


@pytest.mark.parametrize("size", [1_000, 30_000, 60_000, 200_000, 2_000_000])
def test_a_very_long_key_is_refused(size: int, shared: Farthing) -> None:
    head = f"POST {INGEST} HTTP/1.1\r\nHost: x\r\nx-api-key: {'k' * size}\r\nContent-Length: 2\r\n\r\n{{}}"
    assert status_of(spoken(shared, head.encode())) in (400, 401, 431, None)
    assert shared.post(INGEST, event()).status_code == 202


def test_any_bytes_for_a_head_end_in_a_refusal(shared: Farthing) -> None:
    name = st.sampled_from((b"authorization", b"x-api-key", b"content-length", b"transfer-encoding", b"\xff", b""))

    @FEW
    @given(name=name, value=st.binary(max_size=60))
    def tried(name: bytes, value: bytes) -> None:
        head = b"POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + name + b": " + value
        assert status_of(spoken(shared, head + b"\r\n\r\n")) in (400, 401, 405, 413, 431, 501, None)

    tried()
    assert shared.post(INGEST, event()).status_code == 202


def spoken(server: Farthing, content: bytes) -> bytes:
    """What comes back, up to the end of the first answer; nothing where the connection is dropped."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65_536)
        except (ConnectionResetError, BrokenPipeError):
            return b""


def status_of(answer: bytes) -> int | None:
    return int(answer.split(b" ", 2)[1]) if answer else None


def test_no_key_that_was_tried_is_in_the_log(shared: Farthing) -> None:
    tried = ["sk-ant-planted-0451-abcdef", "AKIAPLANTED0451", shared.ingest_key[:-1] + "~", "fth_live_planted0451"]
    for secret in tried:
        assert shared.post(INGEST, event(), key=secret).status_code == 401
        assert shared.post("/api/litellm/callback", event(), key=secret).json()["accepted"] == 0
    log = shared.log_path.read_text()
    assert [secret for secret in [*tried, shared.ingest_key] if secret in log] == []
