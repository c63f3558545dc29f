"""Passwords: which ones may be chosen, and how they are kept. Hashing takes 64 MB and most of a core for a moment: it
belongs before a transaction, never within one that others wait for."""

import secrets
import unicodedata
from functools import cache

from pwdlib import PasswordHash

from models.errors import BadRequest

SHORTEST, LONGEST = 10, 256  # characters

HASHER = PasswordHash.recommended()


def read(value: str) -> str:
    """A password that may be chosen; what is wrong is told without it."""
    if not SHORTEST <= len(value) <= LONGEST or not value.isprintable():
        raise BadRequest(f"Choose a password of {SHORTEST} to {LONGEST} printable characters")
    return value


def hashed(password: str) -> str:
    return HASHER.hash(composed(password))


def match(password: str, stored: str | None) -> bool:
    """Whether it is the one that was hashed; without a hash it is not, and takes as long."""
    return HASHER.verify(composed(password), stored or of_nobody()) and stored is not None


@cache
def of_nobody() -> str:
    """What is checked for unknown e-mails. Made before the first of them: made with it, that one would take longer."""
    return HASHER.hash(secrets.token_urlsafe(16))


def composed(password: str) -> str:
    """One keyboard sends `é` as one character, another as two."""
    return unicodedata.normalize("NFC", password)
