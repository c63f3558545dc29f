"""The pages as tests read them: their fenced blocks, and the curl commands in those."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.docs.generate import DOCS, ROOT

README = ROOT / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\$(\w+)")
NOW = "$(date -u +%FT%TZ)"
API = "http://127.0.0.1:8000"  # where the pages have it


@dataclass(frozen=True)
class Block:
    language: str
    text: str


@dataclass(frozen=True)
class Curl:
    method: str
    url: str
    headers: Mapping[str, str]
    body: str | None


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    return [Block(found["language"], found["text"]) for found in FENCED.finditer(page.read_text(encoding="utf-8"))]


def blocks_of(language: str) -> list[tuple[Path, Block]]:
    return [(page, block) for page in PAGES for block in blocks(page) if block.language == language]


def prose(page: Path) -> str:
    """Without fenced blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def curls(block: Block) -> Iterator[str]:
    """The commands that ask Farthing, as they stand there."""
    for piece in re.split(r"^(?=curl )", block.text, flags=re.MULTILINE):
        if block.language == "sh" and piece.startswith("curl ") and API in piece:
            yield piece


def read(command: str, variables: Mapping[str, str], now: str) -> Curl:
    """What the shell and curl would make of it."""
    plain = VARIABLE.sub(lambda found: variables[found[1]], command.replace(NOW, now).replace("\\\n", " "))
    words = iter(shlex.split(plain, comments=True)[1:])
    method, url, headers, body = "", "", {}, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        elif word == "-X":
            method = next(words)
        elif not word.startswith("-"):
            url = word
    return Curl(method or ("GET" if body is None else "POST"), url, headers, body)
