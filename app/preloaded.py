"""The scripts behind a page, named in its head: a browser fetches and compiles them while Streamlit starts, and not one
after the other once the first words of a page have come."""

import re
from functools import cache
from pathlib import Path

from streamlit import file_util

from app import lasting
from app.views import views

ELEMENTS = ("Html", "PageLink", "Selectbox", "ButtonGroup", "BidiComponent")  # of every page, as Streamlit calls them
START = "index."  # the page names it itself
IMPORTED = re.compile(r'from"\./([\w.-]+\.js)"')


def links(path: str) -> bytes:
    """For the page at that path."""
    return (link(lasting.address(lasting.PLOTLY)) if path.strip("/") in of_figures() else b"") + of_elements()


@cache
def of_figures() -> frozenset[str]:
    return frozenset(view.path for view in views() if view.filtered)


@cache
def of_elements() -> bytes:
    return b"".join(link(f"./static/js/{name}") for name in scripts(folder(), ELEMENTS))


@cache
def run() -> bytes:
    """At once, and not when the first of each is drawn: until it has run, another shape stands in its place."""
    imports = "".join(f'import "./static/js/{name}";' for name in own(folder(), ELEMENTS))
    return f'<script type="module">{imports}</script>'.encode()


def link(address: str) -> bytes:
    return f'<link rel="modulepreload" href="{address}">'.encode()


def folder() -> Path:
    return Path(file_util.get_static_dir()) / "static" / "js"


def scripts(folder: Path, elements: tuple[str, ...]) -> list[str]:
    """Those of these elements and what they import, the elements' own first. A file's name ends in a digest."""
    found = own(folder, elements)
    for name in found:  # which grows meanwhile
        imported = IMPORTED.findall((folder / name).read_text())
        found += [each for each in dict.fromkeys(imported) if each not in found and not each.startswith(START)]
    return found


def own(folder: Path, elements: tuple[str, ...]) -> list[str]:
    """Without what they import."""
    return [path.name for element in elements for path in sorted(folder.glob(f"{element}.*.js"))]
