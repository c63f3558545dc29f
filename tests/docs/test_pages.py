"""The pages say what the code says: tables are fresh, and whatever a page names is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from farthing import cli
from models.settings import Settings
from tests.docs.generate import MARKED, ROOT, TABLES, filled, variable
from tests.docs.pages import FENCED, PAGES, README, blocks, named, prose

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
SHELL_LINE = re.compile(r"^[ \t]*([^#\n]+)", re.MULTILINE)
OURS = re.compile(
    r"(?:api|app|docs|jobs|models|tests)/\S*|\w+\.(?:py|toml)|requirements\S*\.lock|\.ci/run|Makefile|Procfile"
)
OF_READERS = {
    "FARTHING_KEY",
    "FARTHING_API_KEY",
    "FARTHING_API_URL",
    "FARTHING_BUFFER_DIR",
}  # what examples and snippets call the reader's own

each_page = pytest.mark.parametrize("document", PAGES, ids=named)


# -- tables -----------------------------------------------------------------------------------------------------


@each_page
def test_tables_are_what_the_code_says(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert filled(text) == text, "run `make docs`"


def test_every_table_stands_somewhere() -> None:
    assert {found["name"] for page in PAGES for found in MARKED.finditer(page.read_text(encoding="utf-8"))} == set(
        TABLES
    )


# -- links ------------------------------------------------------------------------------------------------------


@each_page
def test_links_lead_somewhere(document: Path) -> None:
    lost = [target for target in links(document) if not leads(document, target)]
    assert lost == []


def links(page: Path) -> Iterator[str]:
    return (found["target"] for found in LINK.finditer(prose(page)) if "://" not in found["target"])


def leads(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = page.parent / path if path else page
    return there.exists() and (not anchor or anchor in anchors(there))


def anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {each.strip().replace(" ", "-") for each in words}


# -- commands ---------------------------------------------------------------------------------------------------


@each_page
def test_targets_of_make_exist(document: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {target for command in commands(document) for target in re.findall(r"^make ([a-z-]+)", command)} <= there


@each_page
def test_commands_of_farthing_exist_with_their_options(document: Path) -> None:
    for command in commands(document):
        if found := re.match(r"(?:\.venv/bin/)?farthing ([a-z].*)", command):
            check(typer.main.get_command(cli), found[1].split())


def commands(page: Path) -> Iterator[str]:
    """What a reader may type: code in the text, and lines of shell."""
    yield from CODE.findall(prose(page))
    for block in blocks(page):
        if block.language == "sh":
            yield from SHELL_LINE.findall(block.text)


def check(command: object, words: list[str]) -> None:
    """Follow the words down to a command; its options must be among its own."""
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    assert not hasattr(command, "commands") or not words or words[0] == "--help", f"no such command: {words}"
    parameters = command.params  # type: ignore[attr-defined]
    there = {option for each in parameters for option in (*each.opts, *each.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= there | {"--help"}


# -- names ------------------------------------------------------------------------------------------------------


@each_page
def test_variables_are_settings(document: Path) -> None:
    said = set(re.findall(r"\bFARTHING_[A-Z_]*[A-Z]\b", document.read_text(encoding="utf-8")))
    assert said <= {variable(name) for name in Settings.model_fields} | OF_READERS


@each_page
def test_files_and_tests_exist(document: Path) -> None:
    missing = [name for name in CODE.findall(prose(document)) if OURS.fullmatch(name) and not exists(name)]
    assert missing == []


def exists(name: str) -> bool:
    path, _, test = name.partition("::")
    file = ROOT / path
    return file.exists() and (not test or f"def {test}(" in file.read_text(encoding="utf-8"))


def test_the_map_shows_rooms_that_are_there() -> None:
    _, _, section = README.read_text(encoding="utf-8").partition("## The rooms\n")
    drawn = FENCED.search(section)
    assert drawn is not None
    assert [path for path in paths(drawn["text"]) if not (ROOT / path).exists()] == []


def paths(drawn: str) -> Iterator[str]:
    """Indented names lie in the folder above them."""
    folder = ""
    for line in drawn.splitlines():
        name = line.split()[0]
        inside = line.startswith(" ")
        folder = folder if inside else name
        yield folder + name if inside else name


@each_page
def test_nothing_is_left_to_be_written(document: Path) -> None:
    assert not re.search(r"\bTODO\b|\bTBD\b|\bFIXME\b|lorem ipsum", document.read_text(encoding="utf-8"), re.IGNORECASE)
