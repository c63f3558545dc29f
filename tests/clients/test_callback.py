"""The callback file, as a server serves it, beside the real LiteLLM: each call is stored exactly once, whatever dies."""

import json
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.dialects.attribution import PLACES
from api.dialects.litellm_payload import Payload
from tests.clients import expected, programs
from tests.clients.expected import UNATTRIBUTED, assert_stored
from tests.clients.farthing_client import ARRIVAL_SECONDS, FarthingClient, places_of
from tests.clients.programs import LiteLLMProxy, free_port
from tests.clients.provider import Provider
from tests.clients.reporter import Reporter
from tests.clients.witness import Answer, Arrived, Witness, accepted, refusing
from tests.docs.pages import DOCS, blocks
from tests.servers import Farthing

pytestmark = [pytest.mark.client, pytest.mark.xdist_group("litellm-callback")]

MARKER = "hush-callback-90be"
KEY_IN_ERROR = "sk-a-key-that-nobody-should-see"
CHAT = expected.success("gpt-4o", input=1000, output=500)
EMBEDDING = expected.success("text-embedding-3-small", input=10, output=0) | {"total_tokens": expected.OneOf(0, 10)}
THREADS = [f"thread {number}" for number in range(4)]
REPORTED = {
    "sync": CHAT,
    "sync stream": CHAT,
    "sync embedding": EMBEDDING,
    "sync failure": expected.failure("gpt-4o", "openai", "RateLimitError", "429"),
    "sync quote": expected.failure("gpt-4o", "openai", "InternalServerError", "500"),
    "sync miss": CHAT,
    "sync hit": expected.cache_hit("gpt-4o", input=1000, output=500),
    "async": CHAT,
    "async stream": CHAT,
    "async embedding": EMBEDDING,
    "async failure": expected.failure("gpt-4o", "openai", "RateLimitError", "429"),
    **dict.fromkeys(THREADS, CHAT),
}

Start = Callable[..., Reporter]


@pytest.fixture(scope="module")
def callback_file(farthing: Farthing) -> bytes:
    answer = httpx2.get(f"{farthing.url}/integrations/farthing_callback.py")
    assert answer.status_code == 200
    return answer.content


@pytest.fixture
def start(tmp_path: Path, callback_file: bytes, litellm_python: Path) -> Start:
    """Starts a program beside which the callback file lies."""
    (tmp_path / "farthing_callback.py").write_bytes(callback_file)
    return partial(Reporter, litellm_python, tmp_path, marker=MARKER)


@pytest.fixture
def buffer(tmp_path: Path) -> Path:
    return tmp_path / "buffer"


def files(buffer: Path) -> list[Path]:
    return sorted(buffer.glob("*.jsonl"))


def wait_until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def features(server: Farthing) -> list[str]:
    return sorted(row["feature"] for row in server.events())


def wait_for_features(server: Farthing, wanted: list[str]) -> None:
    """All of them, and each once."""
    wait_until(lambda: len(features(server)) >= len(wanted))
    assert features(server) == sorted(wanted)


# -- what is reported -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    ids: dict[str, str]
    rows: dict[str, dict[str, Any]]
    warnings: list[str]


@pytest.fixture(scope="module")
def reported(
    litellm_python: Path,
    client: FarthingClient,
    callback_file: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Reported:
    folder = tmp_path_factory.mktemp("reporter")
    (folder / "farthing_callback.py").write_bytes(callback_file)
    with Reporter(litellm_python, folder, client.url, client.new_key("kinds"), MARKER) as reporter:
        ids = reporter("every_kind")
    rows = client.events("key:kinds")
    assert sorted(row["feature"] for row in rows) == sorted(REPORTED)
    return Reported(ids, {row["feature"]: row for row in rows}, reporter.warnings)


@pytest.mark.parametrize("feature", REPORTED)
def test_every_kind_of_call_is_one_event(reported: Reported, feature: str) -> None:
    said = {"feature": feature, "team": "search", "tags": ["nightly"], "key": "kinds"}
    assert_stored(reported.rows[feature], UNATTRIBUTED | REPORTED[feature] | said)


def test_an_event_keeps_the_id_that_its_caller_saw(reported: Reported) -> None:
    assert {feature: reported.rows[feature]["id"] for feature in reported.ids} == reported.ids


def test_a_failure_says_why_up_to_where_it_quotes(reported: Reported) -> None:
    assert reported.rows["sync failure"]["error_str"].endswith("this is a mock rate limit error")
    assert reported.rows["sync quote"]["error_str"].endswith("the prompt '[removed]")


def test_nothing_is_said_where_all_goes_well(reported: Reported) -> None:
    assert reported.warnings == []


@pytest.mark.parametrize("secret", [MARKER, KEY_IN_ERROR, "site-packages"])
def test_no_prompt_answer_key_or_traceback_reaches_the_server(
    reported: Reported, farthing: Farthing, secret: str
) -> None:
    assert list(places_of(secret, farthing.data_dir)) == []


def test_no_prompt_answer_key_or_traceback_is_sent(start: Start) -> None:
    with Witness() as witness, start(witness.url, "a-key") as reporter:
        reporter("every_kind")
    sent = b"".join(arrived.body for arrived in witness.arrived).decode()
    assert len(witness.accepted) == len(set(witness.accepted)) == len(REPORTED)
    assert not [secret for secret in (MARKER, KEY_IN_ERROR, "site-packages", "a-key") if secret in sent]
    assert {arrived.headers["Authorization"] for arrived in witness.arrived} == {"Bearer a-key"}
    assert {arrived.path for arrived in witness.arrived} == {"/api/v1/ingest/litellm"}


def test_it_sends_what_the_door_reads_and_nothing_else(litellm_python: Path, callback_file: bytes) -> None:
    """The file knows the door's fields by heart: a new one must be added to both."""
    program = callback_file.decode() + "\nprint(json.dumps(SENT))"
    done = programs.done(litellm_python, program)
    assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout.splitlines()[-1])
    made = {"id", "error_str", "response_cost_failure_debug_info"}
    kept_back = {"messages", "response", "provider", "user"}  # the last two are no words of LiteLLM's
    assert sent.keys() | made == Payload.__annotations__.keys() - kept_back
    metadata = sent["metadata"]
    members = {
        "metadata": metadata,
        "requester": metadata["requester_metadata"],
        "spend_logs": metadata["spend_logs_metadata"],
        "headers": metadata["requester_custom_headers"],
        "parameters": sent["model_parameters"],
        "event": sent
        | dict.fromkeys(["team", "project", "feature", "env", "department", "agent", "endpoint", "prompt_id", "user"]),
    }
    assert [each for places in PLACES.values() for each in places if each[1] not in members[each[0]]] == []


def test_an_event_without_an_id_is_given_one_that_stays_the_same(litellm_python: Path, callback_file: bytes) -> None:
    """LiteLLM makes the text "None" of an id that a provider left out: all such events would be one."""
    call = {"litellm_call_id": "call-1", "status": "success", "startTime": 1.5}
    payloads = [
        *({**call, **given} for given in ({}, {"id": None}, {"id": "None"}, {"id": ""})),
        {**call, "status": "failure"},  # of the same call, before its fallback
        {**call, "litellm_call_id": "call-2"},
        {**call, "id": "chatcmpl-1"},
    ]
    program = f"{callback_file.decode()}\nprint(json.dumps([id_of(each) for each in {payloads!r}]))"
    done = programs.done(litellm_python, program)
    assert done.returncode == 0, done.stderr
    *missing, failed, other, own = json.loads(done.stdout.splitlines()[-1])
    assert len(set(missing)) == 1
    assert len({*missing, failed, other, own}) == 4
    assert own == "chatcmpl-1"


# -- filter and enrich ------------------------------------------------------------------------------------------


def test_filter_says_which_calls_are_reported(start: Start) -> None:
    with Witness() as witness, start(witness.url, "a-key", filter="no embeddings") as reporter:
        reporter("every_kind")
    models = {event["model"] for arrived in witness.arrived for event in arrived.events}
    assert models == {"gpt-4o", "openai/gpt-4o"}


def test_enrich_adds_labels_and_tags(start: Start, server: Farthing) -> None:
    with start(server.url, server.ingest_key, enrich="label") as reporter:
        reporter("call", "enriched")
    (row,) = server.events()
    said = {"feature": "enriched", "team": "team of gpt-4o", "user": "ana", "tags": ["added", "nightly"]}
    assert_stored(row, UNATTRIBUTED | CHAT | said)
    assert len(reporter.warnings) == 1
    assert "['tem']" in reporter.warnings[0]


def test_a_callable_that_raises_costs_neither_call_nor_event(start: Start) -> None:
    with Witness() as witness, start(witness.url, "a-key", filter="broken", enrich="broken") as reporter:
        ids = {reporter("call", "one"), reporter("call", "two")}
        wait_until(lambda: set(witness.accepted) == ids)
    assert [warning.split(" failed with ")[0] for warning in reporter.warnings] == [
        "Farthing: filter",
        "Farthing: enrich",
    ]
    assert MARKER not in "".join(reporter.warnings)


# -- at the end of a program ------------------------------------------------------------------------------------


def test_what_a_program_did_last_is_sent_before_it_ends(start: Start, server: Farthing) -> None:
    with start(server.url, server.ingest_key) as reporter:
        reporter("call", "last")
    assert features(server) == ["last"]


@pytest.mark.parametrize("buffered", [False, True])
def test_a_fork_sends_its_own_and_leaves_to_its_parent_what_waited(start: Start, buffer: Path, buffered: bool) -> None:
    options = {"buffer_dir": str(buffer)} if buffered else {}
    with Witness(refusing(503)) as witness, start(witness.url, "a-key", **options) as reporter:
        ours = reporter("call", "parent")
        witness.wait_for(1)
        reporter.ask("call_in_a_fork", "child")
        wait_until(lambda: len(ids_of(witness.arrived)) == 2)
        witness.answer = accepted
        assert reporter.answer() == 0
        assert reporter("flush", 60)
    assert sorted(witness.accepted) == sorted(ids_of(witness.arrived))
    assert ours in witness.accepted
    assert files(buffer) == []


def ids_of(arrived: list[Arrived]) -> set[str]:
    return {event["id"] for each in arrived for event in each.events}


def test_a_process_of_multiprocessing_sends_before_it_ends(start: Start, server: Farthing) -> None:
    with start(server.url, server.ingest_key) as reporter:
        reporter("call", "parent")
        wait_for_features(server, ["parent"])  # while LiteLLM's own threads are at work, its forks may hang
        assert reporter("call_in_a_process", "child") == 0
        assert "child" in features(server)
    assert features(server) == ["child", "parent"]


# -- while the server is away -----------------------------------------------------------------------------------


@pytest.mark.parametrize("buffered", [False, True])
def test_a_server_that_is_killed_and_comes_back_has_each_call_once(
    start: Start, server: Farthing, buffer: Path, buffered: bool
) -> None:
    options = {"buffer_dir": str(buffer)} if buffered else {}
    calls = [f"call {number}" for number in range(45)]
    with start(server.url, server.ingest_key, **options) as reporter:
        for name in calls[:15]:
            reporter("call", name)
        server.kill(server.processes.pop())
        for name in calls[15:30]:
            reporter("call", name)
        wait_until(lambda: reporter.warnings)
        server.start_api()
        for name in calls[30:]:
            reporter("call", name)
        wait_for_features(server, calls)
    assert features(server) == sorted(calls)
    assert len(reporter.warnings) == 1
    assert "can't be reached" in reporter.warnings[0]
    assert files(buffer) == []


def test_an_answer_that_is_lost_counts_nothing_twice(start: Start, server: Farthing) -> None:
    """The server has stored the batch; the program can't know, and sends it again."""

    def passed_on_without_an_answer(arrived: Arrived) -> Answer | None:
        answer = server.post(arrived.path, arrived.body)
        assert answer.status_code == 202
        return None if len(witness.arrived) < 2 else accepted(arrived)

    with Witness(passed_on_without_an_answer) as witness, start(witness.url, server.ingest_key) as reporter:
        reporter("call", "one")
        witness.wait_for(3)
    assert len(ids_of(witness.arrived)) == 1
    assert features(server) == ["one"]


def test_what_a_killed_program_left_in_its_buffer_is_sent_by_the_next(
    start: Start, server: Farthing, buffer: Path
) -> None:
    server.kill(server.processes.pop())
    calls = [f"call {number}" for number in range(120)]
    with start(server.url, server.ingest_key, buffer_dir=str(buffer)) as killed:
        for name in calls:
            killed("call", name)
        wait_until(lambda: written(buffer) == len(calls))
        killed.kill()
    assert stat.S_IMODE(buffer.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in buffer.iterdir()} == {0o600}
    assert not [secret for secret in (MARKER, server.ingest_key) if list(places_of(secret, buffer))]
    with files(buffer)[-1].open("ab") as torn:
        torn.write(b'{"id": "half a li')
    server.start_api()
    with start(server.url, server.ingest_key, buffer_dir=str(buffer)) as following:
        following("flush", 60)
    assert features(server) == sorted(calls)
    assert files(buffer) == []


def written(buffer: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in files(buffer))


def test_programs_that_share_a_buffer_send_each_event_once(start: Start, buffer: Path) -> None:
    with Witness(refusing(503)) as witness:
        first = start(witness.url, "a-key", buffer_dir=str(buffer))
        second = start(witness.url, "a-key", buffer_dir=str(buffer))
        with first, second:
            ids = [reporter("call", str(number)) for number in range(10) for reporter in (first, second)]
            wait_until(lambda: written(buffer) == len(ids))
            with start(witness.url, "a-key", buffer_dir=str(buffer)) as third:
                third("flush", 0)
                witness.answer = accepted
                assert third("flush", 60)
            assert first("flush", 60)
            assert second("flush", 60)
    assert sorted(witness.accepted) == sorted(ids)
    assert files(buffer) == []


def test_a_buffer_that_cannot_be_written_costs_no_event(start: Start, server: Farthing, buffer: Path) -> None:
    with start(server.url, server.ingest_key, buffer_dir=str(buffer)) as reporter:
        reporter("call", "one")
        wait_for_features(server, ["one"])
        shutil.rmtree(buffer)
        reporter("call", "two")
        wait_for_features(server, ["one", "two"])
    (warning,) = reporter.warnings
    assert "can't be written" in warning


def test_memory_is_bounded_and_the_lost_are_counted(start: Start) -> None:
    with Witness(refusing(503)) as witness, start(witness.url, "a-key") as reporter:
        reporter("bound", 3)
        ids = [reporter("call", str(number)) for number in range(10)]
        witness.wait_for(2)  # and so all calls were logged long before
        witness.answer = accepted
        assert reporter("flush", 60)
    lost = len(ids) - len(witness.accepted)
    assert lost >= 6  # one may have been on its way
    assert set(witness.accepted) < set(ids)
    assert f"Farthing: {lost} events were not delivered, and are lost" in reporter.warnings


# -- what a server may answer -----------------------------------------------------------------------------------


def test_a_wrong_key_is_named_once_and_breaks_no_call(start: Start, server: Farthing) -> None:
    wrong = "fth_live_" + "0" * 38
    with start(server.url, wrong) as reporter:
        assert reporter("call", "one")
        assert reporter("flush", 60)
        assert reporter("call", "two")
    refused, lost = reporter.warnings
    assert "401" in refused
    assert "FARTHING_API_KEY" in refused
    assert "2 events" in lost
    assert wrong not in refused


def test_a_buffer_outlives_a_wrong_key(start: Start, server: Farthing, buffer: Path) -> None:
    with start(server.url, "fth_live_" + "0" * 38, buffer_dir=str(buffer)) as wrong:
        wrong("call", "kept")
    with start(server.url, server.ingest_key, buffer_dir=str(buffer)) as right:
        assert right("flush", 60)
    assert features(server) == ["kept"]


def test_an_address_where_nobody_is_is_named_once_and_breaks_no_call(start: Start) -> None:
    with start(f"http://127.0.0.1:{free_port()}", "a-key") as reporter:
        assert reporter("call", "one")
        wait_until(lambda: reporter.warnings)
        assert not reporter("flush", 2)
        assert reporter("call", "two")
    away, lost = reporter.warnings
    assert "can't be reached" in away
    assert "2 events" in lost


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: (200, {}, b"<html>Sign in</html>"), "FARTHING_API_URL"),
        (refusing(404, "Not found"), "FARTHING_API_URL"),
        (refusing(307, "Elsewhere", Location="/elsewhere"), "FARTHING_API_URL"),
        (refusing(403, "Forbidden"), "scope ingest"),
        (refusing(402, "Free plan quota exceeded"), "Free plan quota exceeded"),
        (refusing(400, "Invalid payload"), "Invalid payload"),
    ],
)
def test_a_refusal_is_told_and_not_sent_again(start: Start, answer: Callable[[Arrived], Answer], said: str) -> None:
    with Witness(answer) as witness, start(witness.url, "a-key") as reporter:
        reporter("call", "one")
        witness.wait_for(1)
        assert reporter("flush", 60)
    assert [arrived.path for arrived in witness.arrived] == ["/api/v1/ingest/litellm"]
    refused, lost = reporter.warnings
    assert said in refused
    assert "1 events" in lost


def test_events_that_are_rejected_are_told_with_the_reason(start: Start) -> None:
    told = {"status": "accepted", "count": 0, "ids": [], "rejected": [{"index": 0, "error": "Usage limit reached"}]}
    with Witness(lambda _: (202, {}, json.dumps(told).encode())) as witness, start(witness.url, "a-key") as reporter:
        reporter("call", "one")
        witness.wait_for(1)
    assert "Usage limit reached" in reporter.warnings[0]


def test_retry_after_is_honoured(start: Start) -> None:
    with Witness(refusing(429, Retry_After="3")) as witness, start(witness.url, "a-key") as reporter:
        reporter("call", "one")
        witness.wait_for(1)
        witness.answer = accepted
        witness.wait_for(2)
    first, second = witness.arrived
    assert second.at - first.at >= 3
    assert first.body == second.body


# -- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("api_url='http://127.0.0.1:1'", "FARTHING_API_KEY"),
        ("api_key='fth_live_secret'", "FARTHING_API_URL"),
        ("api_key='fth_live_secret', api_url='ftp://127.0.0.1'", "FARTHING_API_URL"),
        ("api_key='fth_live_secret\\nX: y', api_url='http://127.0.0.1'", "FARTHING_API_KEY"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    litellm_python: Path, callback_file: bytes, arguments: str, said: str
) -> None:
    program = callback_file.decode() + f"\nFarthingLogger({arguments})"
    done = programs.done(litellm_python, program)
    assert done.returncode == 1
    complaint = done.stderr.splitlines()[-1]
    assert complaint.startswith("ValueError: ")
    assert said in complaint
    assert "secret" not in complaint


# -- the page ---------------------------------------------------------------------------------------------------

PAGE = DOCS / "litellm-callback.md"


@pytest.mark.parametrize("language", ["python", "py"])
def test_the_snippets_of_the_page_run(
    server: Farthing, litellm_python: Path, callback_file: bytes, tmp_path: Path, language: str
) -> None:
    (tmp_path / "farthing_callback.py").write_bytes(callback_file)
    (snippet,) = (block.text for block in blocks(PAGE) if block.language == language)
    settings = {"FARTHING_API_KEY": server.ingest_key, "FARTHING_API_URL": server.url, "PYTHONPATH": str(tmp_path)}
    done = programs.done(litellm_python, snippet, **settings)
    assert done.returncode == 0, done.stderr
    called = "litellm.completion(" in snippet
    assert features(server) == (["callback"] if called else [])


# -- the proxy --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxied(
    litellm_python: Path,
    client: FarthingClient,
    callback_file: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    """What callers of a proxy saw, and what was stored, by id. Its configuration is that of the page."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "farthing_callback.py").write_bytes(callback_file)
    models, _, _ = (programs.HERE / "proxy.yaml").read_text().partition("litellm_settings:")
    (snippet,) = (block.text for block in blocks(PAGE) if block.language == "yaml")
    (folder / "config.yaml").write_text(
        models + snippet + "\ngeneral_settings:\n  master_key: os.environ/LITELLM_MASTER_KEY\n"
    )
    with Provider(says=f"{MARKER}: nothing.") as provider:
        settings = {
            "FARTHING_API_URL": client.url,
            "FARTHING_API_KEY": client.new_key("proxy"),
            "FARTHING_BUFFER_DIR": str(folder / "buffer"),
            "LITELLM_MASTER_KEY": "sk-the-proxys-master-key",
            "PROVIDER_KEY": "sk-the-providers-key",
            "PROVIDER_URL": provider.url("up"),
            "FAILING_PROVIDER_URL": provider.url("down"),
            "BUSY_PROVIDER_URL": provider.url("busy"),
        }
        with LiteLLMProxy(litellm_python, folder / "proxy.log", folder / "config.yaml", **settings) as proxy:
            environment = {"PROXY_URL": proxy.url, "PROXY_KEY": "sk-the-proxys-master-key", "MARKER": MARKER}
            seen = programs.run(litellm_python, "call_proxy.py", stdin=json.dumps(PROXY_CALLS), **environment)
            client.wait_for_events(PROXY_EVENTS)  # a proxy that is told to end does not send what waits
        yield seen, {row["id"]: row for row in client.events("key:proxy")}


HEADERS = {"X-Department": "Engineering", "X-Team": "platform", "X-Agent": "code-reviewer"}
BY_PROXY = UNATTRIBUTED | {"key": "proxy", "token": "proxy", "user": "default_user_id"}
MINI = expected.success("gpt-4o-mini", input=1200, output=300, cache_read=1024, reasoning=64)
PROXY_CALLS = {
    "plain": {"model": "gpt-4o-mini"},
    "stream": {"model": "gpt-4o-mini", "stream": True},
    "headers": {"model": "gpt-4o-mini", "extra_headers": HEADERS},
    "metadata": {"model": "gpt-4o-mini", "user": "customer-42", "extra_body": {"metadata": {"feature": "triage"}}},
    "embedding": {"model": "embedding"},
    "fallback": {"model": "fragile"},
    "failure": {"model": "busy"},
}
PROXY_EVENTS = len(PROXY_CALLS) + 1  # the fallback's call is two
BY_HEADERS = {"team": "platform", "department": "Engineering", "agent": "code-reviewer"}
PROXY_STORED = {
    "plain": BY_PROXY | MINI,
    "stream": BY_PROXY | MINI,
    "headers": BY_PROXY | MINI | BY_HEADERS,
    "metadata": BY_PROXY | MINI | {"feature": "triage", "end_user": "customer-42"},
    "embedding": BY_PROXY | expected.success("text-embedding-3-small", input=512, output=0),
    "fallback": BY_PROXY | MINI,
    "failure": BY_PROXY | expected.failure("gpt-4o", "openai", "RateLimitError", "429"),
}


@pytest.mark.parametrize("name", PROXY_STORED)
def test_the_proxy_reports_each_call(proxied: tuple[dict[str, Any], dict[str, dict[str, Any]]], name: str) -> None:
    seen, rows = proxied
    assert_stored(rows[seen[name].get("id", seen[name]["call_id"])], PROXY_STORED[name])


def test_the_proxy_reports_nothing_twice(proxied: tuple[dict[str, Any], dict[str, dict[str, Any]]]) -> None:
    assert len(proxied[1]) == PROXY_EVENTS
