"""Words that open something: a session, an invitation, a new password. Each is 32 random bytes, told once, stored as
its digest, and found by looking that up."""

import secrets
from hashlib import sha256

BYTES = 32


def new() -> str:
    return secrets.token_urlsafe(BYTES)


def digest(word: str) -> str:
    return sha256(word.encode("utf-8", "surrogatepass")).hexdigest()
