"""A key's secret: how it is made, told from a mistyped one without a database, and never kept.

`fth_live_` + 32 characters base62 + a 6-character checksum. Only its SHA-256 and its first 13 characters are stored.
"""

import secrets
import string
import zlib
from functools import lru_cache
from hashlib import sha256

PREFIX = "fth_live_"
BODY = 32
CHECKSUM = 6
LENGTH = len(PREFIX) + BODY + CHECKSUM
SHOWN = 13
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase

PROVIDER_KEYS = {  # how they begin, the longer one first where one begins like another
    "sk-ant-": "Anthropic",
    "sk-or-": "OpenRouter",
    "sk-proj-": "OpenAI",
    "sk-svcacct-": "OpenAI",
    "sk-admin-": "OpenAI",
    "sk-": "OpenAI, LiteLLM or DeepSeek",
    "AIza": "Google",
    "ya29.": "Google Cloud",
    "gsk_": "Groq",
    "xai-": "xAI",
    "AKIA": "AWS",
    "ASIA": "AWS",
    "ABSK": "Amazon Bedrock",
    "hf_": "Hugging Face",
    "r8_": "Replicate",
    "pplx-": "Perplexity",
    "nvapi-": "NVIDIA",
    "fw_": "Fireworks",
    "tgp_v1_": "Together",
    "csk-": "Cerebras",
}
MISTYPED = (
    "This looks like a key of Farthing's with a character mistyped or cut off: its checksum does not fit. "
    "Copy the whole key again"
)


def new_secret() -> str:
    body = "".join(secrets.choice(BASE62) for _ in range(BODY))
    return f"{PREFIX}{body}{checksum(body)}"


def checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(CHECKSUM):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def digest_of_key(secret: str) -> str | None:
    """The digest of what can be a key of ours, None for anything else."""
    return remembered_digest(secret) if len(secret) == LENGTH else None


@lru_cache(maxsize=1_000)
def remembered_digest(secret: str) -> str | None:
    """Remembered, for senders ask all the time; of that length only, for a thousand longer ones could be gigabytes."""
    return digest(secret) if well_formed(secret) else None


def well_formed(secret: str) -> bool:
    """Whether this can be a key of ours at all; a mistyped one is told here."""
    body = secret[len(PREFIX) : -CHECKSUM]
    return (
        len(secret) == LENGTH
        and secret.startswith(PREFIX)
        and secret.isascii()
        and secret[-CHECKSUM:] == checksum(body)
    )


def digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hint(secret: str) -> str | None:
    """What a secret that opens nothing looks like, in words; the secret itself is never repeated."""
    if secret.startswith(PREFIX):
        return None if well_formed(secret) else MISTYPED
    for prefix, whose in PROVIDER_KEYS.items():
        if secret.startswith(prefix):
            return f"This looks like a provider's key ({whose}). Farthing's keys begin with {PREFIX}"
    return None
