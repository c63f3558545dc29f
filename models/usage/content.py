"""What was said in one call: its prompt and its response, as the JSON text that came.

It goes along with an event only where the event's workspace keeps it (`models/contents.py`), and is sealed before it
waits for anything (`models/seal.py`). Of a long one the beginning is kept, and it says how much there was.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

MAX_TEXT = 1024 * 1024  # bytes of one text: what people can read, and browsers can draw
MAX_PACKED = 256 * 1024  # bytes of both texts, compressed
FAST = 1  # zlib's level: it is done while a sender waits


class Text(msgspec.Struct, gc=False):
    """JSON, or the beginning of it."""

    text: str
    length: int  # bytes of all of it

    @property
    def cut(self) -> bool:
        return len(self.text.encode()) < self.length


class Content(msgspec.Struct, gc=False):
    """None is what did not come."""

    messages: Text | None = None
    response: Text | None = None


CONTENT = msgspec.json.Decoder(Content)


def content_of(messages: Any, response: Any) -> Content | None:
    """From the values of a payload, raw or decoded; None where there is neither."""
    found = [None if text is None else beginning(text, MAX_TEXT) for text in map(as_json, (messages, response))]
    return Content(*found) if any(found) else None


def as_json(value: Any) -> bytes | None:
    """None for what is not there, and for what can't be written again: no event is refused for it."""
    if not isinstance(value, msgspec.Raw):
        try:
            value = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")
        except (ValueError, RecursionError):
            return None
    text = bytes(value)
    return None if text == b"null" else text


def beginning(text: bytes, most: int) -> Text:
    """At most so many bytes of it; no character is cut in two."""
    return Text(text[:most].decode("utf-8", "ignore"), len(text))


def pack(content: Content) -> bytes:
    """Compressed, and small enough: of both texts as much as fits."""
    return next(packed for packed in attempts(content) if len(packed) <= MAX_PACKED)


def attempts(content: Content) -> Iterator[bytes]:
    """With shorter and shorter texts. The last is small whatever stands in them."""
    most = MAX_TEXT
    while True:
        yield zlib.compress(msgspec.json.encode(shortened(content, most)), FAST)
        most //= 2


def shortened(content: Content, most: int) -> Content:
    return Content(*(text and shorter(text, most) for text in (content.messages, content.response)))


def shorter(text: Text, most: int) -> Text:
    return Text(text.text.encode()[:most].decode("utf-8", "ignore"), text.length)


def unpack(packed: bytes) -> Content:
    return CONTENT.decode(zlib.decompress(packed))
