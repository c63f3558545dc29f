"""An error keeps a short message: no prompt, no answer, no key, no path."""

import json

import msgspec
import pytest

from api.dialects.error_text import error_text

PROMPT = "Summarise the merger of Alpha and Beta before Friday's announcement."
MESSAGES = [{"role": "user", "content": PROMPT}]


@pytest.mark.parametrize(
    "said",
    [
        "litellm.RateLimitError: this is a mock rate limit error",
        "litellm.InternalServerError: InternalServerError: OpenAIException - fake provider says 500",
        'litellm.InternalServerError: AnthropicError - {"type": "error", "error": {"message": "provider says 529"}}',
        "400: {'error': '/chat/completions: Invalid model name passed in model=no-such-model. Call `/v1/models`'}",
        "two\nlines",
    ],
)
def test_a_plain_message_stays_as_it_is(said: str) -> None:
    assert error_text(said, MESSAGES, {"model": "no-such-model", "id": "litellm.RateLimitError"}) == said


@pytest.mark.parametrize(("said", "kept"), [(None, None), ("", None), ("  ", None), ({}, None), (429, "429")])
def test_no_message(said: object, kept: str | None) -> None:
    assert error_text(said) == kept


def test_a_message_is_short() -> None:
    assert error_text("x" * 10_000) == "x" * 256


@pytest.mark.parametrize(
    "echo",
    [
        f"Invalid prompt: {PROMPT}",
        f"Invalid prompt: {PROMPT!r}",
        f"Invalid prompt: {json.dumps(PROMPT)}",
        f"Invalid prompt: {PROMPT[:40]}… (cut)",
        f"Invalid prompt: …{PROMPT[-30:]}",
        f"Received Messages={MESSAGES}",
        f"Received Messages={json.dumps(MESSAGES)}",
        f"{'x' * 230} {PROMPT}",
        f"{'x' * 1_000} {PROMPT}",
    ],
)
@pytest.mark.parametrize("held", [MESSAGES, msgspec.Raw(json.dumps(MESSAGES).encode()), PROMPT, {"input": [PROMPT]}])
def test_an_echoed_prompt_is_removed(echo: str, held: object) -> None:
    message = error_text(echo, held) or ""
    assert not any(word in message for word in ("merger", "Alpha", "announcement"))


def test_what_is_removed_leaves_the_rest_readable() -> None:
    assert error_text(f"Policy violation in {PROMPT!r}, code 7", MESSAGES) == 'Policy violation in "[removed]", code 7'


@pytest.mark.parametrize(
    "text", ['line one\nline two is "here"', "naïve café prompts and 'quotes'", "tab\tand \\slash"]
)
def test_echoes_may_be_escaped(text: str) -> None:
    for echo in (json.dumps({"bad": text}), json.dumps({"bad": text}, ensure_ascii=False), str({"bad": text})):
        message = error_text(f"refused: {echo}", [{"content": text}]) or ""
        assert "[removed]" in message
        assert not any(word in message for word in ("two is", "prompts and", "slash"))


def test_short_texts_are_not_looked_for() -> None:
    assert error_text("hi there, this is an error", [{"content": "hi"}]) == "hi there, this is an error"


def test_the_answer_is_removed_too() -> None:
    response = {"choices": [{"message": {"role": "assistant", "content": "The secret answer is 42."}}]}
    assert "42" not in (error_text("Stream broke after 'The secret answer is 42.'", None, response) or "")


@pytest.mark.parametrize(
    "said",
    [
        """bad: [{'role': 'user', 'content': 'unheld "secret" text'}]""",
        """bad: {"content": "unheld \\"secret\\" text", "role": "user"}""",
        """bad: "{\\"content\\": \\"unheld secret\\"}" """,
        """bad: {"input": ["unheld secret", "more"]}""",
        """bad: {'text': 'unheld secret""",
    ],
)
def test_quoted_messages_are_removed_where_we_do_not_hold_them(said: str) -> None:
    message = error_text(said) or ""
    assert message.startswith("bad: ")
    assert "secret" not in message


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('boom\nTraceback (most recent call last):\n  File "/app/x.py", line 3, in f\nValueError: secret', "boom"),
        ('boom\n  File "/app/x.py", line 3, in f\n    call(secret)', "boom"),
        (
            'Traceback (most recent call last):\n  File "/app/x.py", line 3, in f\n    go()\nValueError: no',
            "ValueError: no",
        ),
        ("Error: boom\n    at handler (/srv/app/index.js:10:5)", "Error: boom"),
        ("could not open /home/ann/keys/file", "could not open [path]"),
        ("raised in /usr/lib/python3.11/site-packages/litellm/main.py:12", "raised in [path]:12"),
        (r"raised in C:\app\main.py", "raised in [path]"),
    ],
)
def test_tracebacks_and_paths_are_left_out(said: str, kept: str) -> None:
    assert error_text(said) == kept


def test_keys_are_left_out() -> None:
    message = error_text("Incorrect API key provided: sk-proj-abcdef1234567890abcdef")
    assert message == "Incorrect API key provided: [key removed]"


def test_a_text_that_nests_too_deeply_counts_as_one_text() -> None:
    raw = msgspec.Raw(b"[" * 5_000 + b'"the secret prompt of somebody"' + b"]" * 5_000)
    assert "secret" not in (error_text("refused: the secret prompt of somebody", raw) or "")


def test_unstorable_characters_are_replaced() -> None:
    assert error_text("a\x00b\ud800c") == "a�b�c"
