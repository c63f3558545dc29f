"""Ways to encode a body: good ones, and what hostile or broken senders make of them."""

import gzip
import zlib
from collections.abc import Callable

Encode = Callable[[bytes], bytes]


def in_members(content: bytes) -> bytes:
    """As `cat one.gz two.gz` and block compressors write it; empty members count too."""
    middle = len(content) // 2
    return b"".join(gzip.compress(part, mtime=0) for part in (content[:middle], b"", content[middle:]))


def raw_deflate(content: bytes) -> bytes:
    raw = zlib.compressobj(wbits=-15)
    return raw.compress(content) + raw.flush()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def flipped(content: bytes) -> bytes:
    """One bit of the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :] if content else content


def as_sent(content: bytes) -> bytes:
    return content


READABLE: dict[str, tuple[str, Encode]] = {
    "plain": ("identity", as_sent),
    "gzip": ("gzip", packed),
    "GZip": ("GZip", packed),
    "x-gzip": ("x-gzip", packed),
    "gzip in members": ("gzip", in_members),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
}
BROKEN: dict[str, tuple[str, Encode]] = {
    "not gzip": ("gzip", as_sent),
    "cut gzip": ("gzip", lambda content: packed(content)[:-5]),
    "a cut second member": ("gzip", lambda content: in_members(content)[:-5]),
    "gzip and rubbish": ("gzip", lambda content: packed(content) + b"rubbish"),
    "a flipped bit": ("gzip", lambda content: flipped(packed(content))),
    "a wrong checksum": ("gzip", lambda content: packed(content)[:-8] + bytes(8)),
    "two deflate streams": ("deflate", lambda content: zlib.compress(content) * 2),
    "an empty gzip body": ("gzip", lambda _: b""),
    "an unknown encoding": ("br", as_sent),
    "two encodings": ("gzip, gzip", lambda content: packed(packed(content))),
    "bytes that are no text": ("\xff\xfe", as_sent),
}
