"""Sound, pictures and film told apart from text, where a provider tells them apart.

A count by kind is a part of its token class. Where a provider tells no kinds, nobody knows that all of it was text.
"""

from collections.abc import Mapping
from typing import TypeAlias

from models.usage.event import Tokens
from models.usage.raw import Raw, entries, told

KINDS = {"audio": "audio_tokens", "image": "image_tokens", "video": "video_tokens"}
# Pages of a document are read as pictures; whatever else there is costs what text does.
MODALITIES = {"AUDIO": "audio", "IMAGE": "image", "DOCUMENT": "image", "VIDEO": "video"}
TOLD_APART = frozenset({"text_tokens", *KINDS.values()})

NO_UNITS: Mapping[str, int] = {}

Kinds: TypeAlias = dict[str, int] | None  # {} where all is text, None where the kinds are not told


def in_details(details: Raw, within: str) -> Kinds:
    """As OpenAI's details of a count tell them."""
    if TOLD_APART.isdisjoint(details):
        return None
    found: Kinds = None if told(details, "text_tokens", within) is None else {}
    for kind, word in KINDS.items():
        count = told(details, word, within)
        if count is not None:
            found = {} if found is None else found
            if count:
                found[kind] = count
    return found


def in_list(usage: Raw, *names: str) -> Kinds:
    """As Gemini's lists of counts by modality tell them."""
    listed = [(name, each) for name in names for each in entries(usage, name)]
    if not listed:
        return None
    found: dict[str, int] = {}
    for name, each in listed:
        word = "token_count" if "token_count" in each else "tokenCount"
        modality, tokens = each.get("modality"), told(each, word, name)
        kind = MODALITIES.get(modality.upper()) if isinstance(modality, str) else None
        if kind and tokens:
            found[kind] = found.get(kind, 0) + tokens
    return found


def units_of(
    tokens: Tokens, sent: Kinds, made: Kinds, cached: Kinds = None, beside: Mapping[str, int] = NO_UNITS
) -> dict[str, int] | None:
    """All units of a call; {} where each count was told to be text, and None where nobody told."""
    if sent or made or cached or beside:
        return {**named("input", sent), **named("output", made), **read_from_cache(sent, cached), **beside}
    unclear = (tokens.input and sent is None) or (tokens.output and made is None)
    return None if unclear or (sent is None and made is None) else {}


def named(side: str, kinds: Kinds) -> dict[str, int]:
    return {f"{side}_{kind}": count for kind, count in (kinds or {}).items()}


def read_from_cache(sent: Kinds, cached: Kinds) -> dict[str, int]:
    """A 0 is kept for what was sent: that none of it was cached is known only where it was told."""
    if cached is None:
        return {}
    return named("cache_read", dict.fromkeys(sent or {}, 0) | cached)
