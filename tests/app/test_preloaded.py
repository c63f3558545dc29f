"""What a page's head names ahead: files that there are, with all that they import."""

import re
from pathlib import Path

import pytest

from app import lasting, preloaded


@pytest.mark.parametrize("element", preloaded.ELEMENTS)
def test_this_version_of_streamlit_has_a_script_for_each_element(element: str) -> None:
    assert len([*preloaded.folder().glob(f"{element}.*.js")]) == 1


@pytest.mark.parametrize("path", ["/", "/explorer", "/keys"])
def test_each_is_named_once_and_is_there(path: str) -> None:
    named = re.findall(rb'<link rel="modulepreload" href="./static/js/([^"]+)">', preloaded.links(path))
    assert len(named) == len(set(named)) > len(preloaded.ELEMENTS)
    assert all((preloaded.folder() / name.decode()).is_file() for name in named)


@pytest.mark.parametrize(("path", "drawn"), [("/", True), ("/teams", True), ("/keys", False), ("/nowhere", False)])
def test_plotly_is_named_where_there_are_figures(path: str, drawn: bool) -> None:
    assert (lasting.address(lasting.PLOTLY).encode() in preloaded.links(path)) == drawn


def test_what_is_imported_is_named_too_but_not_what_the_page_names_itself(tmp_path: Path) -> None:
    files = {
        "Chart.1.js": 'import{a as b}from"./shared.2.js";import{c}from"./index.3.js";',
        "shared.2.js": 'import{d}from"./deep.4.js";import{b}from"./Chart.1.js";',
        "deep.4.js": "",
        "index.3.js": "",
        "Charts.5.js": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert preloaded.scripts(tmp_path, ("Chart",)) == ["Chart.1.js", "shared.2.js", "deep.4.js"]
