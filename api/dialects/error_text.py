"""What of an error's text may be stored: a short message, without prompts, answers, keys and traceback paths.

Providers echo what they refuse, so an error may hold the prompt. It is found by comparing with the texts of the same
call, whole, in part or escaped, and by the shape of quoted messages. Those texts are read for this and dropped.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, TypedDict

import msgspec

from api.dialects.json_body import read_leniently
from models.errors import BadRequest
from models.usage.text import label, without_keys

READ = 65_536  # characters in which a traceback is looked for
CONSIDERED = 1_024  # characters of a message; of what is left after the removals a label's length is stored
SHORTEST_TEXT = 8  # characters: a shorter text says little, and "hi" stands in every second message
RUN = 16  # characters in common with a text of the call from which on they count as quoted
STRIDE = 4  # every STRIDE-th run is looked up first: whatever is quoted at length shows in one of them
REMOVED = "[removed]"

# Keys whose values name things rather than say them; all other strings of a call count as somebody's text.
NAMING_KEYS = frozenset(
    {"role", "type", "id", "model", "object", "finish_reason", "status", "service_tier", "system_fingerprint"}
)
TRACEBACK = re.compile(r'Traceback \(most recent call last\)|File "[^"\n]*", line \d|\n[ \t]+at \S')
FRAME = re.compile(r'File "[^"\n]*", line \d+')
RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$", re.MULTILINE)
SOURCE_FILE = re.compile(r"(?:\b[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+\.(?:pyc?|so|js|ts)\b")
HOME = re.compile(r"(?:/home|/Users|/root|\b[A-Za-z]:\\Users)(?:[\\/][\w.@+~-]+)+")
QUOTED_TEXT = re.compile(
    r"""(?P<key>(?P<around>\\*["'])(?:content|text|input|prompt|arguments|parts)(?P=around)\s*:\s*)"""
    r"""(?:(?P<quote>\\*["']).*?(?:(?<!\\)(?P=quote)|$)|\[.*$)""",
    re.DOTALL,
)


class Failure(TypedDict):
    """What an event says of its error."""

    error_type: str | None
    error_code: str | None
    error_str: str | None


def error_text(said: Any, *held: Any) -> str | None:
    """The message in `said` as it may be stored; `held` is what the call carried: messages, prompt, response."""
    if not isinstance(said, str) or not said:
        return label(said)
    message = without_held(without_traceback(said[:READ])[:CONSIDERED], list(texts(held)))
    return label(without_keys(without_paths(without_quotes(message))).strip())


def without_traceback(said: str) -> str:
    """What stands before a traceback, or, where nothing does, the line that it ends with."""
    found = TRACEBACK.search(said)
    if found is None:
        return said
    return said[: found.start()].strip() or raised(said)


def raised(said: str) -> str:
    last_frame = max((frame.end() for frame in FRAME.finditer(said)), default=0)
    line = RAISED.search(said, last_frame)
    return line.group() if line else ""


def without_paths(text: str) -> str:
    return HOME.sub("[path]", SOURCE_FILE.sub("[path]", text))


def without_quotes(text: str) -> str:
    """Without what stands in quoted messages, prompts and arguments, whether or not we hold them."""
    return QUOTED_TEXT.sub(lambda found: found.group("key") + REMOVED, text)


# -- the call's own texts ---------------------------------------------------------------------------------------


def texts(held: Any) -> Iterator[str]:
    """Every text of the call that is long enough to matter, also as it looks escaped."""
    waiting = [held]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield from forms(value)
        elif isinstance(value, msgspec.Raw):
            waiting.append(opened(value))
        else:
            waiting.extend(parts(value))


def parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [part for key, part in value.items() if key not in NAMING_KEYS]
    return value if isinstance(value, (list, tuple)) else ()


def opened(raw: msgspec.Raw) -> Any:
    text = bytes(raw).decode("utf-8", "replace")
    try:
        return read_leniently(text)
    except BadRequest:  # too deep to read: then all of it counts as one text
        return text


def forms(text: str) -> Iterable[str]:
    if len(text) < SHORTEST_TEXT:
        return ()
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}


def without_held(message: str, held: list[str]) -> str:
    for text in sorted(held, key=len, reverse=True):
        if text in message:
            message = message.replace(text, REMOVED)
    return without_runs(message, "\n".join(held))


def without_runs(message: str, held: str) -> str:
    """Without whatever stands in `held` too for RUN characters or more."""
    if not any(message[at : at + RUN] in held for at in range(0, len(message) - RUN + 1, STRIDE)):
        return message
    starts = [at for at in range(len(message) - RUN + 1) if message[at : at + RUN] in held]
    quoted = {position for at in starts for position in range(at, at + RUN)}
    stretches = groupby(enumerate(message), key=lambda placed: placed[0] in quoted)
    return "".join(REMOVED if held_too else "".join(sign for _, sign in placed) for held_too, placed in stretches)
