"""Strings that people send, made safe to store: labels are cut and cleaned, ids are taken whole or not at all."""

import re
from typing import Any

from models.errors import KEY_LIKE, BadField

LABEL_CHARACTERS = 256
ID_CHARACTERS = 1024
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def label(value: Any) -> str | None:
    """An attribute as stored: at most 256 characters, NUL and lone surrogates replaced; None where nothing was said.

    Numbers and booleans become their text; objects and arrays are no label and count as nothing said.
    """
    if value is None:
        return None
    if isinstance(value, str):
        plain = len(value) <= LABEL_CHARACTERS and value.isascii() and "\x00" not in value
        return (value if plain else clean(value)[:LABEL_CHARACTERS]) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return None
    return str(value)[:LABEL_CHARACTERS]


def clean(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else UNSTORABLE.sub("�", text)


def identifier(value: Any, field: str = "id") -> str | None:
    """An id as sent, never cut or altered: 1 to 1,024 characters without NUL or lone surrogates."""
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > ID_CHARACTERS or UNSTORABLE.search(value):
        raise BadField(field, value, "1 to 1024 characters without NUL or lone surrogates")
    return value


def without_keys(text: str) -> str:
    """The text with anything that looks like somebody's key taken out."""
    return KEY_LIKE.sub("[key removed]", text)
