"""The seal on prompts and responses: AES-256-GCM, with a key made from `FARTHING_CONTENT_KEY`.

The key stands in the environment and nowhere else. A sealed content is bound to its workspace and its event: put
beside another, it does not open. What can't be opened is said in a sentence, never shown as garbage.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import Conflict
from models.settings import Settings
from models.usage.content import Content, pack, unpack

PURPOSE = b"farthing content 1"  # another purpose or format would have another key
KEY_BYTES, MARK_BYTES, NONCE_BYTES = 32, 4, 12

NO_KEY = (
    "Prompts and responses are kept encrypted, and there is no key for that: set FARTHING_CONTENT_KEY for API and "
    "dashboard, and start them again"
)
ANOTHER_KEY = (
    "It was encrypted with another FARTHING_CONTENT_KEY than the one that is set now: it can be read with that one only"
)
DAMAGED = "What is kept of it is damaged, or belongs to another event: it can't be read"


@dataclass(frozen=True, repr=False)
class Seal:
    """One key. `mark` tells what was sealed with it from what was sealed with another."""

    cipher: AESGCM
    mark: bytes

    @classmethod
    def of(cls, settings: Settings) -> "Seal | None":
        """None where this process has no key."""
        return cls.made_from(settings.content_key) if settings.content_key else None

    @classmethod
    def made_from(cls, secret: str) -> "Seal":
        made = HKDF(SHA256(), KEY_BYTES + MARK_BYTES, salt=None, info=PURPOSE).derive(secret.encode())
        return cls(AESGCM(made[:KEY_BYTES]), made[KEY_BYTES:])

    def close(self, workspace_id: str, event_id: str, content: Content) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.mark + nonce + self.cipher.encrypt(nonce, pack(content), bound_to(workspace_id, event_id))

    def open(self, workspace_id: str, event_id: str, sealed: bytes) -> Content:
        """Conflict where this key does not open it."""
        mark, nonce = sealed[:MARK_BYTES], sealed[MARK_BYTES : MARK_BYTES + NONCE_BYTES]
        if mark != self.mark:
            raise Conflict(ANOTHER_KEY)
        try:
            packed = self.cipher.decrypt(nonce, sealed[MARK_BYTES + NONCE_BYTES :], bound_to(workspace_id, event_id))
        except (InvalidTag, ValueError):
            raise Conflict(DAMAGED) from None
        return unpack(packed)


def bound_to(workspace_id: str, event_id: str) -> bytes:
    return f"{workspace_id}\n{event_id}".encode()


def require(seal: Seal | None) -> Seal:
    if seal is None:
        raise Conflict(NO_KEY)
    return seal
