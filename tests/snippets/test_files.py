"""The files of `app/snippets`: what each says, and what becomes of the values that it is filled in with."""

import ast
import json
import re
import shlex
import subprocess
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from app.snippets import PLACEHOLDER, Block, Snippet, Values, named, snippets
from app.snippets.literals import LITERALS
from tests.clients.conftest import LITELLM_PYTHON

NOON = 1_795_262_400_123_456
PLAIN = Values("http://127.0.0.1:8000", None, NOON)
HOSTILE = Values("https://o'brien\"$(touch x)`y`.example/\\n{{ key }}%s", "fth_live_'\"$HOME", NOON)
NASTY = [
    "it's",
    'a "quoted" one',
    "$HOME `id` $(id) ${x}",
    "back\\slash",
    "{{ key }} {% if %}",
    "#!%&*|<>;",
    "\u2019",
    "é😀",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))

each_snippet = pytest.mark.parametrize("snippet", snippets(), ids=lambda snippet: snippet.name)


def filled(snippet: Snippet, values: Values) -> list[tuple[Block, str]]:
    return [(block, block.filled(values)) for block in snippet.blocks]


# -- what they say ------------------------------------------------------------------------------------------------


@each_snippet
def test_it_says_what_it_does_and_where_its_limits_are(snippet: Snippet) -> None:
    assert isinstance(snippet.pieces[0], str)
    assert isinstance(snippet.pieces[-1], str)
    assert snippet.blocks


@each_snippet
def test_it_shows_where_to_put_what_is_missing(snippet: Snippet) -> None:
    pasted = "\n".join(text for _, text in filled(snippet, PLAIN))
    assert PLACEHOLDER in pasted
    assert "{{" not in pasted


@each_snippet
def test_its_files_are_used_by_its_commands(snippet: Snippet) -> None:
    commands = "\n".join(block.source for block in snippet.blocks if not block.file)
    assert all(block.file.split(".")[0] in commands for block in snippet.blocks if block.file)


def test_titles_tell_the_snippets_of_a_group_apart() -> None:
    assert len({(snippet.group, snippet.title) for snippet in snippets()}) == len(snippets())


def test_everything_that_sends_has_one() -> None:
    groups = {snippet.group: [] for snippet in snippets()}
    for snippet in snippets():
        groups[snippet.group].append(snippet.title)
    assert groups == {
        "REST": ["curl", "PowerShell", "Python", "Node", "TypeScript", "Go"],
        "LiteLLM SDK": ["Callback file", "LiteLLM's own logger", "Environment"],
        "LiteLLM proxy": ["config.yaml", "config.json", "With a database", "Callback file"],
        "Calls through a proxy": ["Python", "JavaScript", "curl"],
    }


def test_a_command_is_dated_now() -> None:
    assert '"startTime": "2026-11-21T12:00:00Z"' in named("rest-curl").blocks[0].filled(PLAIN)


# -- values are literals ------------------------------------------------------------------------------------------


@each_snippet
def test_no_value_breaks_out_of_its_string(snippet: Snippet) -> None:
    """Each stands, as it is, within one string of the block's language, and as often as the file says."""
    for block, text in filled(snippet, HOSTILE):
        held = strings_in(block.language, text)
        for value, written in ((HOSTILE.api_address, "{{ api("), (HOSTILE.key or "", "key }}")):
            assert sum(value in each for each in held) == block.source.count(written), (block, held)


def strings_in(language: str, text: str) -> list[str]:
    """The strings of a program, as its language reads them."""
    if language == "sh":
        return shlex.split(text, comments=True)
    if language == "python":
        return [str(node.value) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    if language in ("json", "yaml"):
        return strings(yaml.safe_load(text))
    if language == "powershell":
        return [
            re.sub("(['\u2018\u2019])\\1", r"\1", found[0])
            for found in re.finditer("'(?:[^'\u2019]|''|\u2019\u2019)*'", text)
        ]
    return [json.loads(found) for found in re.findall(r'"(?:[^"\\]|\\.)*"', text)]


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for each in value.values() for found in strings(each)]
    if isinstance(value, list):
        return [found for each in value for found in strings(each)]
    return [str(value)]


@given(text=TEXTS)
@example(text='it\'s "$HOME" \\ `id`')
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    assert ast.literal_eval(LITERALS["python"](text)) == text
    assert json.loads(LITERALS["json"](text)) == text
    assert shlex.split(LITERALS["sh"](text)) == [text]
    inside = LITERALS["powershell"](text)[1:-1]
    assert re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", inside) == text
    assert not re.search(
        "(?<!['\u2018\u2019\u201a\u201b])['\u2018\u2019\u201a\u201b](?!['\u2018\u2019\u201a\u201b])", inside
    )


@pytest.mark.parametrize("text", NASTY)
def test_a_real_shell_and_a_real_yaml_read_it_back(text: str) -> None:
    said = subprocess.run(
        ["bash", "-c", f"printf %s {LITERALS['sh'](text)}"], capture_output=True, text=True, check=True
    )
    assert said.stdout == text
    assert yaml.safe_load(f"endpoint: {LITERALS['yaml'](text)}") == {"endpoint": text}


# -- what LiteLLM reads -------------------------------------------------------------------------------------------


def test_with_a_database_the_same_is_reported() -> None:
    with_one, without = (
        yaml.safe_load(named(name).blocks[0].filled(PLAIN)) for name in ("proxy-database", "proxy-yaml")
    )
    assert with_one.pop("general_settings") == {
        "master_key": "os.environ/LITELLM_MASTER_KEY",
        "database_url": "os.environ/DATABASE_URL",
    }
    assert with_one == without


def test_json_and_yaml_say_the_same_but_for_what_is_ignored() -> None:
    as_json, as_yaml = (yaml.safe_load(named(name).blocks[0].filled(PLAIN)) for name in ("proxy-json", "proxy-yaml"))
    assert as_json["callback_settings"]["farthing"].pop("api_key") == "os.environ/FARTHING_API_KEY"
    as_json["callback_settings"]["farthing"]["log_format"] = "json_array"
    assert as_json == as_yaml


@pytest.mark.client
def test_the_settings_that_are_said_to_be_read_are_those_that_litellm_reads(litellm_python: Any) -> None:
    """And `api_key` is none of them."""
    manager = LITELLM_PYTHON.parents[1].glob(
        "lib/python*/site-packages/litellm/litellm_core_utils/logging_callback_manager.py"
    )
    read = set(re.findall(r'callback_config\.get\("(\w+)"', next(manager).read_text(encoding="utf-8")))
    told = str(named("proxy-yaml").pieces[-1]).partition("it ignores")[0]
    assert set(re.findall(r"`(\w+)`", told)) == read - {"callback_type"}
