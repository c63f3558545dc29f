"""What was said in a call, as turns: whatever shape LiteLLM handed it on in."""

import json
from typing import Any

import pytest

from app.components.conversation import Turn, turns
from models.usage.content import Content, Text, content_of
from tests.api.test_content import FIXTURES

NO_RESPONSE = Turn("response", "", "No response came with this request.")


def told(messages: Any, response: Any = None) -> list[tuple[str, str]]:
    content = content_of(messages, response) or Content()
    return [(turn.who, turn.text) for turn in turns(content) if turn.text]


def test_messages_and_answer_by_who_said_them() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    response = {"choices": [{"message": {"role": "assistant", "content": "Hi."}}]}
    assert told(messages, response) == [("system", "Be brief."), ("user", "Hello"), ("assistant", "Hi.")]


def test_parts_that_are_text_are_read_and_others_shown_as_they_are() -> None:
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "data:x"}}]
    ((_, text),) = told([{"role": "user", "content": parts}])
    assert text.startswith("What is this?\n\n{")
    assert '"url": "data:x"' in text


def test_calls_of_tools_are_shown() -> None:
    call = {"id": "1", "function": {"name": "look_up", "arguments": "{}"}}
    ((who, text),) = told(
        None, {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]}
    )
    assert who == "assistant"
    assert '"look_up"' in text


@pytest.mark.parametrize(
    ("messages", "response", "found"),
    [
        ("a prompt", "an answer", [("prompt", "a prompt"), ("response", "an answer")]),
        ({"content": "one", "role": "user"}, [], [("user", "one"), ("response", "")]),
        ([1, None], {"choices": []}, [("prompt", "1"), ("prompt", "null"), ("response", '{\n  "choices": []\n}')]),
        ([{"content": 5}], {"choices": [7]}, [("prompt", "5"), ("response", "7")]),
        ([{"text": "odd"}], {"data": [1]}, [("prompt", '{\n  "text": "odd"\n}'), ("response", '{\n  "data": [\n    1\n  ]\n}')]),
    ],
)  # fmt: skip
def test_odd_shapes_show_as_what_they_are(messages: Any, response: Any, found: list[tuple[str, str]]) -> None:
    assert told(messages, response) == [each for each in found if each[1]]


def test_what_was_cut_says_so_and_shows_its_beginning() -> None:
    turn, _ = turns(Content(messages=Text('[{"role": "user", "content": "very lo', 5_000_000)))
    assert turn.text.endswith("very lo")
    assert "the beginning of 5,000,000 bytes" in turn.note


def test_what_did_not_come_is_said() -> None:
    assert turns(Content(messages=Text('"x"', 3)))[1] == NO_RESPONSE


def test_every_real_payload_reads_as_turns() -> None:
    for path in FIXTURES.glob("sdk_*.json"):
        events = json.loads(path.read_text())
        for event in events if isinstance(events, list) else [events]:
            found = told(event["messages"], event["response"])
            assert all(text for _, text in found)
            assert found or not event["messages"]
