"""The examples of the pages work as they are shown, against a real server.

All curl commands are run once, page after page; each test then looks at one of the answers.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.clients import programs
from tests.clients.conftest import litellm_python  # noqa: F401 - a fixture
from tests.docs.pages import API, DOCS, README, ROOT, Block, Curl, blocks, blocks_of, curls, named, read
from tests.servers import Farthing

pytestmark = pytest.mark.xdist_group("docs")

# A time zone is set before there are events, and events are sent before they are asked for.
FIRST, LAST = (DOCS / "routes.md", DOCS / "operations.md"), (DOCS / "query.md", DOCS / "prices.md", DOCS / "demo.md")
IN_ORDER = [
    *FIRST,
    README,
    DOCS / "events.md",
    *LAST,
    DOCS / "gateway.md",
    DOCS / "plans.md",
    DOCS / "litellm-callback.md",
    DOCS / "names.md",
]
OF_THE_MOMENT = {"from", "to", "as_of", "timezone", "received_at", "created_at"}
MADE_UP = re.compile(r"(?:evt|q|price)_\w+")


@dataclass(frozen=True)
class Example:
    """One curl command, and the answer that the page shows after it, if any."""

    page: Path
    command: str
    shown: Any = None

    def __str__(self) -> str:
        return f"{named(self.page)}: {' '.join(self.command.split())[:60]}"


def examples() -> Iterator[Example]:
    for page in IN_ORDER:
        found = blocks(page)
        for block, after in zip(found, [*found[1:], Block("", "")], strict=True):
            for command in curls(block):
                yield Example(page, command, json.loads(after.text) if after.language == "json" else None)


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    with Farthing.start(tmp_path_factory.mktemp("docs")) as started:
        yield started


@pytest.fixture(scope="module")
def answers(server: Farthing) -> list[httpx2.Response]:
    admin_key = server.run("keys", "create", "docs", "--scope", "admin").stdout.strip()
    return [send(server, example.command, admin_key) for example in EXAMPLES]


def send(server: Farthing, command: str, admin_key: str) -> httpx2.Response:
    variables = {
        "FARTHING_KEY": server.ingest_key,
        "READ_KEY": server.read_key,
        "ADMIN_KEY": admin_key,
        "FARTHING_MASTER_KEY": server.master_key,
        "ID": held(server) if "$ID" in command else "",
        "TOKEN": token(server) if "$TOKEN" in command else "",
    }
    curl: Curl = read(command, variables, datetime.now(UTC).isoformat())
    return httpx2.request(
        curl.method, curl.url.replace(API, server.url), content=curl.body, headers=curl.headers, timeout=60
    )


def held(server: Farthing) -> str:
    return str(server.get("/api/v1/quarantine", server.master_key)["events"][0]["id"])


def token(server: Farthing) -> str:
    """Of the first key of the team that the page has made."""
    return str(server.get("/team/info", server.master_key, team_id="frontend-team")["keys"][0]["token"])


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[str(example) for example in EXAMPLES])
def test_a_command_is_answered_as_shown(answers: list[httpx2.Response], number: int) -> None:
    answer, shown = answers[number], EXAMPLES[number].shown
    assert answer.is_success, answer.text
    if shown is not None:
        assert steady(answer.json()) == steady(shown)


def steady(value: Any) -> Any:
    """Without what is another one each time."""
    if isinstance(value, dict):
        return {name: steady(each) for name, each in value.items() if name not in OF_THE_MOMENT}
    if isinstance(value, list):
        return [steady(each) for each in value]
    return "made up" if isinstance(value, str) and MADE_UP.fullmatch(value) else value


def test_the_explanation_that_is_shown_is_that_of_the_call(server: Farthing, answers: list[httpx2.Response]) -> None:
    (shown,) = (
        block.text for page, block in blocks_of("jsonc") if page == DOCS / "query.md" and '"lines"' in block.text
    )
    told = json.loads(re.sub(r"  //.*", "", shown))
    explanation = server.get("/api/v1/events/call-0001")["explanation"]
    assert explanation.pop("card") | {"prices": {}} == told.pop("card")
    assert explanation == told


def test_every_page_with_a_command_is_run() -> None:
    assert {page for page, block in blocks_of("sh") if list(curls(block))} <= set(IN_ORDER)


def test_the_startup_s_words_are_the_command_line_s(server: Farthing) -> None:
    """What README shows of the first start, where it does not depend on the day."""
    said = server.run("init", "--workspace", "shown").stdout
    (shown,) = (block.text for block in blocks(README) if block.text.startswith("Farthing is ready"))
    for line in shown.splitlines():
        assert line.partition("  ")[0].strip() in said
        assert not line.startswith("  ") or line.split()[0] in said


# -- Python -----------------------------------------------------------------------------------------------------

SCRIPTS = [(page, block) for page, block in blocks_of("python") if "litellm" not in block.text]


@pytest.mark.parametrize(("document", "block"), SCRIPTS, ids=[named(page) for page, _ in SCRIPTS])
def test_a_script_runs_beside_the_data_folder(
    server: Farthing,
    answers: list[httpx2.Response],
    document: Path,
    block: Block,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.run("rollup")
    monkeypatch.chdir(server.data_dir.parent)
    found: dict[str, Any] = {}
    exec(compile(block.text, named(document), "exec"), found)
    if "print" in block.text:
        assert "2026-06-01" in capsys.readouterr().out
    if document == README:
        totals = server.get("/api/v1/spend", **{"from": "2026-01-01"})["totals"]
        assert {name: int(found["spend"][name].sum()) for name in totals if name in found["spend"].columns} == {
            name: value for name, value in totals.items() if name in found["spend"].columns
        }


# -- LiteLLM ----------------------------------------------------------------------------------------------------


@pytest.mark.client
def test_the_litellm_sdk_snippet_counts_its_call(server: Farthing, litellm_python: Path) -> None:  # noqa: F811
    (snippet,) = (block.text for page, block in blocks_of("python") if page == README and "litellm" in block.text)
    environment = programs.isolated({"FARTHING_API_KEY": server.ingest_key})
    program = [litellm_python, "-c", snippet.replace(API, server.url)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = server.events(where=["feature:greeting", "source:litellm"])
    assert (row["team"], row["tags"], row["input_tokens"], row["output_tokens"]) == ("search", ["demo"], 10, 20)
    assert f"{row['cost_nano_usd']:,} nano-dollars" in README.read_text(encoding="utf-8")


def test_the_proxy_snippet_is_what_the_tests_of_the_proxy_use() -> None:
    (snippet,) = (block.text for page, block in blocks_of("yaml") if page == README)
    used = (ROOT / "tests" / "clients" / "proxy.yaml").read_text(encoding="utf-8")
    told = re.sub(r"endpoint: \S+", "endpoint: os.environ/FARTHING_ENDPOINT", snippet)
    _, _, settings = told.partition("litellm_settings:")
    assert settings.strip() in used
