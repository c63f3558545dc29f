"""What was done, in words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import deeds

ROOT = Path(__file__).parents[2]
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def record(action: str, subject: str = "key_1", **details: Any) -> dict[str, Any]:
    return {"action": action, "subject": subject, "details": details}


def recorded() -> Iterator[str]:
    """Every action that the code records, by the calls that do it."""
    for room in ("models", "jobs"):
        for file in (ROOT / room).rglob("*.py"):
            for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name in ("record", "tell", "told"):
                    words = (
                        node.value for each in call.args for node in ast.walk(each) if isinstance(node, ast.Constant)
                    )
                    yield from (word for word in words if isinstance(word, str) and ACTION.fullmatch(word))


def test_every_action_that_is_recorded_has_its_sentence_and_its_group() -> None:
    found = set(recorded())
    assert {"key.rotate", "workspace.create", "quarantine.delete", "price.import"} <= found
    assert found - deeds.SENTENCES.keys() == set()
    nouns = {noun for group in deeds.GROUPS.values() for noun in group}
    assert {action.split(".")[0] for action in deeds.SENTENCES} == nouns


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (record("key.rotate", name="production", prefix="fth_live_abcd"), "rotated the key production"),
        (record("user.role", "bob@example.com", before="viewer", after="admin"),
         "changed the role of bob@example.com from viewer to admin"),
        (record("price.import", "prices.json", taken=3), "imported prices from prices.json"),
        (record("quarantine.replay_all", "quarantine", events=12), "had 12 bad events replayed"),
        (record("key.rotate"), "rotated the key key_1"),
        (record("moon.land", "eagle", name="x"), "moon.land eagle"),
        (record("key.create", name="{subject} {0} {action!r}"), "made the key {subject} {0} {action!r}"),
        (record("moon.land", "eagle") | {"details": {"action": "key.create", "subject": "forged"}}, "moon.land eagle"),
    ],
)  # fmt: skip
def test_sentences(done: dict[str, Any], said: str) -> None:
    assert deeds.did(done) == said


@pytest.mark.parametrize(
    ("actor", "said"),
    [("user ada@example.com", "ada@example.com"), ("key ci", "Key ci"), ("master key", "Master key"),
     ("command line", "Command line"), ("", "")],
)  # fmt: skip
def test_who_did_it(actor: str, said: str) -> None:
    assert deeds.who(actor) == said
