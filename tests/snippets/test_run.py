"""Every snippet is run as it says, against a real Farthing, and its event arrives as it promises. What cannot be run
stands in `not_run.toml`, with the reason; a new file in `app/snippets` is run from its first day.

The address that they are filled in with holds a quote and a dollar sign, so a value that is not written down rightly in
its language reaches no server.
"""

import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.snippets import Snippet, Values, snippets
from models.periods import now_us
from tests.clients.farthing_client import FarthingClient
from tests.servers import Farthing
from tests.snippets.front import Front
from tests.snippets.runner import Run, run_of

pytestmark = pytest.mark.xdist_group("snippets")

NOT_RUN: dict[str, str] = tomllib.loads((Path(__file__).parent / "not_run.toml").read_text(encoding="utf-8"))
RUN = [snippet for snippet in snippets() if snippet.name not in NOT_RUN]
SERVING = [snippet for snippet in RUN if any(block.serves for block in snippet.blocks)]
THROUGH_A_PROXY = [snippet for snippet in RUN if snippet.group == "Calls through a proxy"]
ALONE = [snippet for snippet in RUN if snippet not in SERVING and snippet not in THROUGH_A_PROXY]
PROXY = "proxy-yaml"  # the one that callers go through
ARRIVAL_SECONDS = 60


def by_name(snippet: Snippet) -> str:
    return snippet.name


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    with Farthing.start(tmp_path_factory.mktemp("farthing")) as server:
        yield server


@pytest.fixture(scope="module")
def runs(farthing: Farthing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """All of them, each with a key of its own. Callers call the proxy of one of them."""
    folder, client = tmp_path_factory.mktemp("snippets"), FarthingClient(farthing)
    with Front(farthing.url) as front:
        made: dict[str, Run] = {}
        for snippet in sorted(RUN, key=lambda each: each.name != PROXY):
            values = Values(front.address, client.new_key(snippet.name), now_us())
            port = made[PROXY].proxy_port if snippet in THROUGH_A_PROXY else None
            made[snippet.name] = run_of(snippet, values, folder, port)
            made[snippet.name].prepare()
        yield made


@pytest.fixture(scope="module", autouse=True)
def proxies(runs: dict[str, Run]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """They take long to start, so they do it while the others run."""
    with ExitStack() as stack:
        ready = [runs[snippet.name] for snippet in SERVING if not runs[snippet.name].missing]
        yield {run.snippet.name: stack.enter_context(run.serving()) for run in ready}


def arrived(farthing: Farthing, snippet: Snippet) -> dict[str, Any]:
    """The one event that was sent with that snippet's key. LiteLLM's proxy sends it later."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not (rows := farthing.events(where=f"key:{snippet.name}")) and time.monotonic() < deadline:
        time.sleep(0.2)
    (row,) = rows
    return row


def check(farthing: Farthing, snippet: Snippet) -> None:
    row = arrived(farthing, snippet)
    assert {name: row[name] for name in snippet.arrives} == snippet.arrives
    assert row["status"] == "success"
    age = datetime.now(UTC) - datetime.fromisoformat(row["started_at"])
    assert timedelta(0) <= age < timedelta(minutes=15), "it is dated now"


@pytest.mark.parametrize("snippet", ALONE, ids=by_name)
def test_a_program_sends_what_it_promises(farthing: Farthing, runs: dict[str, Run], snippet: Snippet) -> None:
    runs[snippet.name].require()
    runs[snippet.name].finish()
    check(farthing, snippet)


@pytest.mark.parametrize("snippet", SERVING, ids=by_name)
def test_a_proxy_reports_the_call(
    farthing: Farthing, runs: dict[str, Run], proxies: dict[str, subprocess.Popen[bytes]], snippet: Snippet
) -> None:
    runs[snippet.name].require()
    runs[snippet.name].wait_for(proxies[snippet.name])
    runs[snippet.name].finish()
    check(farthing, snippet)


@pytest.mark.parametrize("snippet", THROUGH_A_PROXY, ids=by_name)
def test_a_caller_of_a_proxy_says_whose_call_it_is(
    farthing: Farthing, runs: dict[str, Run], proxies: dict[str, subprocess.Popen[bytes]], snippet: Snippet
) -> None:
    runs[snippet.name].require()
    runs[PROXY].require()
    runs[PROXY].wait_for(proxies[PROXY])
    runs[snippet.name].finish()
    check(farthing, snippet)


def test_what_is_not_run_has_a_reason() -> None:
    assert set(NOT_RUN) <= {snippet.name for snippet in snippets()}
    assert all(len(reason) > 20 for reason in NOT_RUN.values())
