"""The scripts behind most pages, named in the page's head: a browser fetches and compiles them while Streamlit starts,
and not one after the other once the first words of a page have come. Plotly's alone has five megabytes."""

import re
from functools import cache
from pathlib import Path

from streamlit import file_util

ELEMENTS = ("PlotlyChart", "Html", "PageLink", "Selectbox", "ButtonGroup", "BidiComponent")  # as Streamlit calls them
START = "index."  # the page names it itself
IMPORTED = re.compile(r'from"\./([\w.-]+\.js)"')


@cache
def links() -> bytes:
    found = (f'<link rel="modulepreload" href="./static/js/{name}">' for name in scripts(folder(), ELEMENTS))
    return "".join(found).encode()


def folder() -> Path:
    return Path(file_util.get_static_dir()) / "static" / "js"


def scripts(folder: Path, elements: tuple[str, ...]) -> list[str]:
    """Those of these elements and what they import, the elements' own first. A file's name ends in a digest."""
    found = [path.name for element in elements for path in sorted(folder.glob(f"{element}.*.js"))]
    for name in found:  # which grows meanwhile
        imported = IMPORTED.findall((folder / name).read_text())
        found += [each for each in dict.fromkeys(imported) if each not in found and not each.startswith(START)]
    return found
