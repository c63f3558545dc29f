"""Request bodies, read with bounds: of size before decompression and after it, and of time."""

import asyncio
import zlib

from starlette.types import Receive

from models.errors import BadRequest, TooLarge, TooSlow

WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
RAW_DEFLATE = -15  # what some clients send as "deflate"
IDENTITY = (b"", b"identity")
PATIENCE = 120  # seconds for a whole body: the largest at 2 Mbit/s, and no byte a minute for ever
PIECE = 16 * 1024  # bytes: what follows a gzip member in its piece is copied, so a whole body would be again and again
MAX_MEMBERS = 10_000  # of a gzip body; block compression makes one per 64 KB


class Disconnected(Exception):
    """The sender hung up before the body was whole: there is nobody to answer."""


async def read(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """The body, decompressed. TooLarge beyond the limit, TooSlow if it lasts, BadRequest for a wrong encoding."""
    if int_or_zero(headers.get(b"content-length")) > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE):
            raw = await gather(receive, limit)
    except TimeoutError:
        raise TooSlow(f"The body took longer than {PATIENCE} seconds") from None
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    return raw if encoding in IDENTITY else decompress(raw, encoding, limit)


def int_or_zero(text: bytes | None) -> int:
    return int(text) if text and text.isdigit() else 0


async def gather(receive: Receive, limit: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def decompress(raw: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding not in WINDOW_BITS:
        raise BadRequest(
            "Invalid payload",
            {"field": "Content-Encoding", "value": encoding.decode("latin-1")[:64], "expected": "gzip or deflate"},
        )
    raw_deflate = encoding == b"deflate" and not looks_like_zlib(raw)
    window_bits = RAW_DEFLATE if raw_deflate else WINDOW_BITS[encoding]
    try:
        return inflate(raw, window_bits, limit, 1 if encoding == b"deflate" else MAX_MEMBERS)
    except zlib.error:
        raise unreadable(encoding) from None


def inflate(raw: bytes, window_bits: int, limit: int, members: int) -> bytes:
    """All members, one after the other, piece by piece; never more than the limit is made of them."""
    inflater, left, at = zlib.decompressobj(window_bits), members, 0
    parts, size = [], 0
    while at < len(raw):
        if inflater.eof:
            inflater, left = zlib.decompressobj(window_bits), left - 1
        if not left:
            raise zlib.error("too many members")
        piece = raw[at : at + PIECE]
        parts.append(inflater.decompress(piece, limit + 1 - size))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
        at += len(piece) - len(inflater.unused_data)
    if not inflater.eof:
        raise zlib.error("cut short")
    return b"".join(parts)


def looks_like_zlib(raw: bytes) -> bool:
    return len(raw) >= 2 and raw[0] & 0x0F == 8 and int.from_bytes(raw[:2]) % 31 == 0


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes")


def unreadable(encoding: bytes) -> BadRequest:
    return BadRequest(
        "Invalid payload", {"field": "body", "value": "not readable", "expected": f"a whole {encoding.decode()} stream"}
    )
