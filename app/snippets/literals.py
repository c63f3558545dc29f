"""How a text is written down in each language that snippets are in: a whole literal, from which nothing gets out."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")  # each of them ends a string there


class Plain(str):
    """What the snippet puts between quotes of its own: never what somebody else wrote."""


def unless_plain(literal: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: str(value) if isinstance(value, Plain) else literal(str(value))


def double_quoted(text: str) -> str:
    """As JSON has it; Python, JavaScript, TypeScript, Go and YAML read the same."""
    return json.dumps(text, ensure_ascii=False)


def powershell(text: str) -> str:
    return "'" + POWERSHELL_QUOTES.sub(r"\1\1", text) + "'"


LITERALS: dict[str, Callable[[Any], str]] = {
    language: unless_plain(literal)
    for language, literal in {
        "sh": shlex.quote,
        "powershell": powershell,
        "python": double_quoted,
        "javascript": double_quoted,
        "typescript": double_quoted,
        "go": double_quoted,
        "yaml": double_quoted,
        "json": double_quoted,
    }.items()
}
