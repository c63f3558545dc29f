"""What people tell a gateway of their teams, users and keys, in LiteLLM's words: names that events may carry, and
details that are kept and told again, and decide nothing here.

Fields that are not listed are ignored. Whatever looks like somebody's key is taken out of what is kept.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from models.errors import MAX_INTEGER, BadField
from models.usage.text import LABEL_CHARACTERS, clean, label, without_keys

Fields = dict[str, str]  # the kind of each

KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, Decimal),
}
NOTHING_SAID: Mapping[str, Any] = {"object": {}, "array": [], "boolean": False}  # null of any other kind
MAX_DEPTH = 20  # of objects and arrays within each other
A_NAME = f"a name of 1 to {LABEL_CHARACTERS} characters"

OF_ALL: Fields = {
    "metadata": "object",
    "models": "array",
    "max_parallel_requests": "number",
    "tpm_limit": "number",
    "rpm_limit": "number",
    "soft_budget": "number",
}


def name(said: Mapping[str, Any], field: str) -> str | None:
    """A name as it may stand in an event; None where nothing was said."""
    value = said.get(field)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str) or label(value) != value:
        raise BadField(field, value, A_NAME)
    return value


def flag(said: Mapping[str, Any], field: str) -> bool:
    value = said.get(field)
    if not isinstance(value, bool | None):
        raise BadField(field, value, "true or false")
    return bool(value)


def refuse(said: Mapping[str, Any], fields: Iterable[str], why: str) -> None:
    """For what would be a secret of somebody's choice: it is not taken, and not repeated."""
    for field in fields:
        if said.get(field) is not None:
            raise BadField(field, said[field], why, show=False)


def read(said: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Those of these fields that something was said of."""
    return {field: kept(said[field], field, kind) for field, kind in fields.items() if said.get(field) is not None}


def kept(value: Any, field: str, kind: str) -> Any:
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind == "number"):
        raise BadField(field, value, f"{'an' if kind[0] in 'ao' else 'a'} {kind}", show=kind not in ("object", "array"))
    return storable(value, field)


def storable(value: Any, field: str, depth: int = 0) -> Any:
    """The value without keys, and without what not every database and reader of JSON would keep."""
    if depth > MAX_DEPTH:
        raise BadField(field, value, f"objects and arrays at most {MAX_DEPTH} deep", show=False)
    if isinstance(value, str):
        return without_keys(clean(value))
    if isinstance(value, dict):
        return {without_keys(clean(key)): storable(each, field, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [storable(each, field, depth + 1) for each in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, int | float) and not abs(value) <= MAX_INTEGER:
        raise BadField(field, value, "numbers of at most 64 bits", show=False)
    return value


def shown(details: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Every field, as LiteLLM has it where nothing was said."""
    return {field: details.get(field, NOTHING_SAID.get(kind)) for field, kind in fields.items()}


def schema(fields: Fields) -> dict[str, Any]:
    """The fields as an OpenAPI document has them."""
    return {field: {"type": [kind, "null"]} for field, kind in fields.items()}
