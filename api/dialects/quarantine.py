"""What of a bad event may rest in quarantine: fields that are known by name, small, in a shape that decodes again.

Never a message, a response, a header that is no attribution, or a credential. What is whole or nothing (ids, models)
is left out where it is too long, so that a replay can't store it under another name.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from models.usage.event import MAX_MODEL
from models.usage.text import clean, without_keys

MAX_BYTES = 7_000  # of one kept event as JSON; what comes first in its list goes first
MAX_SCALAR = 64  # characters of a time, an amount or a flag as text
MAX_DEPTH = 4  # of a usage object
MAX_LIST = 16  # entries of a list inside it, such as Gemini's counts by modality
MAX_INTEGER = 2**63 - 1
USAGE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
USAGE_WORDS = frozenset({"service_tier", "serviceTier", "modality"})  # the only texts of a usage object that are kept

Reader = Callable[[Any], Any]
Field = tuple[tuple[str, ...], Reader]  # a path into the event, and how what stands there is kept


def fields(reader: Reader, *names: str, inside: tuple[str, ...] = ()) -> tuple[Field, ...]:
    return tuple(((*inside, name), reader) for name in names)


def kept(event: Mapping[str, Any], listed: Iterable[Field]) -> dict[str, Any]:
    """The listed fields of the event, until they are MAX_BYTES together."""
    result: dict[str, Any] = {}
    left = MAX_BYTES
    for path, reader in listed:
        value = reader(at(event, path))
        size = len(json.dumps(value)) + sum(map(len, path)) + 8 * len(path)
        if value not in (None, [], {}) and size <= left:
            left -= size
            put(result, path, value)
    return result


def at(event: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        event = event.get(key) if isinstance(event, Mapping) else None
    return event


def put(result: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        result = result.setdefault(key, {})
    result[path[-1]] = value


# -- how values are kept ----------------------------------------------------------------------------------------


def scalar(value: Any) -> Any:
    """A number, flag, time or amount; good or bad, as it was sent. A longer text here is something else."""
    if isinstance(value, str):
        return without_keys(clean(value)) if len(value) <= MAX_SCALAR else None
    return number(value)


def number(value: Any) -> Any:
    """As JSON has it, as text where a reader of JSON would lose something of it."""
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) <= MAX_INTEGER):
        return value
    if isinstance(value, (float, Decimal)) and is_a_float(value):
        return float(value)
    return str(value)[:MAX_SCALAR] if isinstance(value, (int, float, Decimal)) else None


def is_a_float(value: float | Decimal) -> bool:
    return math.isfinite(value) and (isinstance(value, float) or Decimal(repr(float(value))) == value)


def name(value: Any) -> str | None:
    """A model: a cut one would be another."""
    return without_keys(clean(value)) if isinstance(value, str) and len(value) <= MAX_MODEL else None


def truth(value: Any) -> bool | None:
    """Only that something stood there."""
    return bool(value) or None


def usage_counts(usage: Any) -> dict[str, Any] | None:
    """A provider's usage object with its numbers only: its shape is the provider's, its texts could be anybody's."""
    return counts_in(usage, MAX_DEPTH) if isinstance(usage, dict) else None


def counts_in(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return told((key, usage_value(key, inner, depth)) for key, inner in value.items()) if depth else None
    if isinstance(value, list):
        return [counts_in(each, depth - 1) for each in value[:MAX_LIST] if isinstance(each, dict)] if depth else None
    return None if isinstance(value, str) else number(value)


def told(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in members if value is not None and USAGE_KEY.fullmatch(key)}


def usage_value(key: str, value: Any, depth: int) -> Any:
    return scalar(value) if key in USAGE_WORDS else counts_in(value, depth - 1)
