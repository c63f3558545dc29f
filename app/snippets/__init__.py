"""Snippets: the ways to send events, ready to paste. Each is one file of this folder.

A file is Markdown. TOML at its head says what the snippet is called, where it stands, and what arrives when it is run;
then come, in order, what there is to say and the blocks to paste. A fence names its block's language and, where the
block is a file, that file: to run a snippet is to write its files and run its shell blocks, one after the other. The
tests do just that. A shell block that says `serves` runs until it is stopped.

What stands in `{{ … }}` becomes a whole literal of the block's language, whatever is in it: see
`app/snippets/literals.py`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from app.snippets.literals import LITERALS, Plain
from models import periods

HERE = Path(__file__).parent
PLACEHOLDER = "YOUR_INGEST_KEY"
FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<words>[^\n]+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SERVES = "serves"


@dataclass(frozen=True)
class Values:
    """What snippets are filled in with."""

    api_address: str
    key: str | None
    now_us: int

    def names(self) -> dict[str, Any]:
        return {
            "api": lambda path="": f"{self.api_address}{path}",
            "key": self.key or PLACEHOLDER,
            "now": Plain(periods.iso(self.now_us // periods.SECOND * periods.SECOND)),
        }


@dataclass(frozen=True)
class Block:
    """Something to paste: a file where it has a name, else a few commands."""

    language: str
    file: str | None
    serves: bool
    source: str

    def filled(self, values: Values) -> str:
        return environment(self.language).from_string(self.source).render(values.names()).rstrip("\n")


@dataclass(frozen=True)
class Snippet:
    """One way to send events: texts and blocks in the order in which they are read."""

    name: str
    group: str
    title: str
    order: int
    arrives: Mapping[str, Any]
    pieces: tuple[str | Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Block))


@cache
def snippets() -> tuple[Snippet, ...]:
    """Every snippet, in order."""
    return tuple(sorted((read(path) for path in HERE.glob("*.md")), key=lambda snippet: snippet.order))


def named(name: str) -> Snippet:
    return next(snippet for snippet in snippets() if snippet.name == name)


def read(path: Path) -> Snippet:
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return Snippet(path.stem, **tomllib.loads(head), pieces=tuple(pieces(body)))


def pieces(body: str) -> Iterator[str | Block]:
    told = 0
    for found in FENCE.finditer(body):
        if text := body[told : found.start()].strip():
            yield text
        yield block(found["language"], found["words"], found["text"])
        told = found.end()
    if text := body[told:].strip():
        yield text


def block(language: str, words: str | None, source: str) -> Block:
    serves = words == SERVES
    return Block(language, None if serves else words, serves, source)


@cache
def environment(language: str) -> Environment:
    return Environment(  # noqa: S701 - no HTML: every value becomes a literal of its language
        finalize=LITERALS[language], undefined=StrictUndefined, keep_trailing_newline=True
    )
