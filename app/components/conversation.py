"""What was said in a call, turn by turn: prompts as LiteLLM hands them on, and the answer to them. What is not like
that shows as the JSON that it is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.components import markup
from models.usage.content import Content, Text


@dataclass(frozen=True)
class Turn:
    """`text` is strangers' text, and drawn as nothing else."""

    who: str
    text: str
    note: str = ""


def draw(content: Content) -> None:
    markup.draw("conversation", turns=turns(content))


def turns(content: Content) -> list[Turn]:
    return [*side(content.messages, "prompt", asked), *side(content.response, "response", answered)]


def side(text: Text | None, name: str, read: Any) -> Iterator[Turn]:
    if text is None:
        yield Turn(name, "", f"No {name} came with this request.")
        return
    if text.cut:
        kept = f"It was too long to be kept whole: this is the beginning of {text.length:,} bytes of JSON."
        yield Turn(name, text.text, kept)
        return
    try:
        yield from read(json.loads(text.text))
    except (ValueError, RecursionError):
        yield Turn(name, text.text)


def asked(value: Any) -> Iterator[Turn]:
    messages = value if isinstance(value, list) else [value]
    for message in messages:
        yield turn(message, "prompt")


def answered(value: Any) -> Iterator[Turn]:
    """One turn for each choice; other shapes as they are."""
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        yield turn(value, "response")
        return
    for choice in choices:
        yield turn(choice.get("message", choice) if isinstance(choice, dict) else choice, "response")


def turn(message: Any, name: str) -> Turn:
    if not isinstance(message, dict) or "content" not in message:
        return Turn(name, in_words(message))
    said = [in_words(message["content"])] if message["content"] is not None else []
    said += [in_words(message[call]) for call in ("tool_calls", "function_call") if message.get(call)]
    return Turn(str(message.get("role") or name), "\n\n".join(said))


def in_words(value: Any) -> str:
    """Text as it is; of a list of parts those that are text, and the others as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        return "\n\n".join(part["text"] if isinstance(part.get("text"), str) else as_json(part) for part in value)
    return as_json(value)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
