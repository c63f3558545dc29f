"""The members of a JSON object as a readable table: one row for each value, named by its path."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def flat(members: Mapping[str, Any], within: str = "") -> list[tuple[str, str]]:
    return [(path, in_words(value)) for path, value in leaves(members, within)]


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each value that has none inside it, with the names that lead to it: `usage.input_tokens`."""
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for name, inner in value.items():
        yield from leaves(inner, f"{path}.{name}" if path else name)


def in_words(value: Any) -> str:
    match value:
        case None:
            return "none"
        case True | False:
            return "yes" if value else "no"
        case str():
            return value
        case [*items] if all(isinstance(each, str) for each in items):
            return ", ".join(items) or "none"
        case _:
            return json.dumps(value, ensure_ascii=False)
