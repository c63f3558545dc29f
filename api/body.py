"""Request bodies, read with a bound: before decompression and after it."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from models.errors import BadRequest, TooLarge

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
RAW_DEFLATE = -15  # what some clients send as "deflate"
IDENTITY = (b"", b"identity")


class Disconnected(Exception):
    """The sender hung up before the body was whole: there is nobody to answer."""


async def read(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """The body, decompressed. TooLarge beyond the limit, BadRequest where the encoding is wrong."""
    if int_or_zero(headers.get(b"content-length")) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes")
    raw = await gather(receive, limit)
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    return raw if encoding in IDENTITY else decompress(raw, encoding, limit)


def int_or_zero(text: bytes | None) -> int:
    return int(text) if text and text.isdigit() else 0


async def gather(receive: Receive, limit: int) -> bytes:
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return within(message.get("body", b""), limit)
    parts, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes")
    return body


def decompress(raw: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding not in WINDOW_BITS:
        raise BadRequest(
            "Invalid payload",
            {"field": "Content-Encoding", "value": encoding.decode("latin-1")[:64], "expected": "gzip or deflate"},
        )
    raw_deflate = encoding == b"deflate" and not looks_like_zlib(raw)
    inflater = zlib.decompressobj(RAW_DEFLATE if raw_deflate else WINDOW_BITS[encoding])
    try:
        body = inflater.decompress(raw, limit + 1)
    except zlib.error:
        raise unreadable(encoding) from None
    within(body, limit)
    if not inflater.eof or inflater.unused_data:
        raise unreadable(encoding)
    return body


def looks_like_zlib(raw: bytes) -> bool:
    return len(raw) >= 2 and raw[0] & 0x0F == 8 and int.from_bytes(raw[:2]) % 31 == 0


def unreadable(encoding: bytes) -> BadRequest:
    return BadRequest(
        "Invalid payload", {"field": "body", "value": "not readable", "expected": f"one {encoding.decode()} stream"}
    )
