"""The part of Plotly.js that draws our charts: the same version as its Python side, kept by browsers for good."""

import json
import re

from plotly.offline import get_plotlyjs, get_plotlyjs_version
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import plotly_js

RECIPE = plotly_js.FILE.parent / "plotly"


def test_it_is_kept_until_there_is_another() -> None:
    answer = TestClient(Starlette(routes=[plotly_js.route()])).get(plotly_js.address())
    assert answer.content == plotly_js.FILE.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


def test_it_draws_what_its_python_side_describes() -> None:
    """Where Plotly has gone on: `make plotly` with that version."""
    built = re.findall(r'"(\d+\.\d+\.\d+)"', plotly_js.FILE.read_text())
    locked = json.loads((RECIPE / "package-lock.json").read_text())["packages"]["node_modules/plotly.js"]["version"]
    assert get_plotlyjs_version() == locked
    assert locked in built


def test_it_is_a_part_of_the_whole() -> None:
    assert len(plotly_js.FILE.read_bytes()) < len(get_plotlyjs()) / 3
