"""Ids: how ours are made, and what an event's identity is.

Ours are ordered by time, so that what is written together lies together. Identity is (workspace, event id) alone,
as 16 bytes: a hash, which begins with the time where the id is one of ours, for the same reason.
"""

import base64
import random
import secrets
from hashlib import blake2b

PREFIX = "evt_"
TIME_BYTES = 6  # milliseconds since the epoch
LENGTH = len(PREFIX) + 2 * 16  # 16 bytes in hex


# An id must be unique, not secret: a generator that the system seeds once is, at a fifth of the cost of asking it.
CHANCE = random.Random(secrets.randbits(256))  # noqa: S311


def new_event_id(now_us: int) -> str:
    """`evt_` and 32 characters that sort by time: 48 bits of milliseconds, 80 of chance."""
    return f"{PREFIX}{now_us // 1_000:012x}{CHANCE.getrandbits(80):020x}"


def new_id(prefix: str) -> str:
    """An id for anything that is made rarely: workspaces, keys, users."""
    return f"{prefix}_{base64.b32hexencode(secrets.token_bytes(10)).decode().lower()}"


def digest(workspace_id: str, event_id: str) -> bytes:
    """The 16 bytes that stand for (workspace, event id)."""
    text = f"{workspace_id}\n{event_id}".encode()
    time = time_of(event_id) if event_id.startswith(PREFIX) else None
    if time is None:
        return blake2b(text, digest_size=16).digest()
    return time + blake2b(text, digest_size=16 - TIME_BYTES).digest()


def time_of(event_id: str) -> bytes | None:
    """The time part of an id of ours, None for any other that begins like one."""
    if len(event_id) != LENGTH:
        return None
    try:
        return bytes.fromhex(event_id[len(PREFIX) :])[:TIME_BYTES]
    except ValueError:
        return None
