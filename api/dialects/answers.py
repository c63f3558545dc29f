"""The provider's answer as it stands in an event: a body, a list of chunks, or a stream's text; raw where it can be.

A large one is read without building it: a frame at a time, a piece of text at a time. What is no answer is named by its
kind alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from api.dialects.json_body import UNREADABLE
from models.errors import BadField
from models.usage.streams.answer import Answer
from models.usage.streams.frames import frame, objects
from models.usage.streams.reading import of_body, of_frames, of_stream

ANSWERS = ("response", "stream")
ONE_OF_THEM = "either response or stream"
PIECE = 64 * 1024  # bytes of a stream that are unescaped at a time
BETWEEN = re.compile(rb"[^\\]{6}(?![\x80-\xbf])")  # behind it no escape goes on, no pair of them, and no character
SAMPLES: Mapping[bytes, Any] = {b"{": {}, b"[": [], b'"': "", b"t": True, b"f": False}  # of each kind of JSON
TEXT = msgspec.json.Decoder(str)


def answer_in(sent: Mapping[str, Any]) -> Answer:
    given = [name for name in ANSWERS if sent.get(name) is not None]
    if len(given) != 1:
        raise BadField("response", " and ".join(given) or None, ONE_OF_THEM)
    return READERS[given[0]](sent[given[0]])


def of_response(given: Any) -> Answer:
    """A body; or the chunks of a stream, of which somebody has made a list."""
    body = values(bytes(given)) if isinstance(given, msgspec.Raw) else given
    if isinstance(body, dict):
        return of_body(body)
    if isinstance(body, (list, Iterator)):
        return of_frames((each for each in body if isinstance(each, dict)), are_events=False)
    raise BadField("response", body, "the provider's JSON body, an object", show=False)


def values(raw: bytes) -> Any:
    """The body, or its chunks one by one; of anything else only the kind."""
    if raw.startswith(b"["):
        return objects(raw)
    return (frame(raw) or {}) if raw.startswith(b"{") else SAMPLES.get(raw[:1], 0)


def of_text(given: Any) -> Answer:
    if isinstance(given, str):
        return of_stream([given.encode("utf-8", "replace")])
    literal = bytes(given) if isinstance(given, msgspec.Raw) else b""
    if literal.startswith(b'"'):
        return of_stream(unescaped(literal))
    raise BadField("stream", SAMPLES.get(literal[:1], 0) if literal else given, "the stream as text", show=False)


def unescaped(literal: bytes) -> Iterator[bytes]:
    """The text of a JSON string, piece by piece: as a whole it would take up to five times its size."""
    at, end = 1, len(literal) - 1
    while at < end:
        found = BETWEEN.search(literal, at + PIECE, end)
        stop = found.end() if found else end
        yield text_of(b'"%b"' % literal[at:stop]).encode()
        at = stop


def text_of(literal: bytes) -> str:
    """Also of a text that was cut within a character."""
    try:
        return TEXT.decode(literal)
    except UNREADABLE:
        return TEXT.decode(literal.decode("utf-8", "replace"))


READERS: Mapping[str, Callable[[Any], Answer]] = {"response": of_response, "stream": of_text}
