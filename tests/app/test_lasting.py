"""What browsers keep for good, and the part of Plotly.js among it: of the same version as its Python side."""

import json
import re
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import lasting

RECIPE = lasting.PLOTLY.parent / "plotly"


@pytest.mark.parametrize("file", [lasting.PLOTLY, lasting.STYLE])
def test_it_is_kept_until_there_is_another(file: Path) -> None:
    answer = TestClient(Starlette(routes=lasting.routes())).get(lasting.address(file))
    assert answer.content == file.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith(lasting.KINDS[file.suffix])


def test_another_one_has_another_address(tmp_path: Path) -> None:
    for folder, text in (("one", "a"), ("other", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "style.css").write_text(text)
    one, other = (lasting.address(tmp_path / folder / "style.css") for folder in ("one", "other"))
    assert one != other


def test_plotly_draws_what_its_python_side_describes() -> None:
    """Where Plotly has gone on: `make plotly` with that version."""
    built = re.findall(r'"(\d+\.\d+\.\d+)"', lasting.PLOTLY.read_text())
    locked = json.loads((RECIPE / "package-lock.json").read_text())["packages"]["node_modules/plotly.js"]["version"]
    assert get_plotlyjs_version() == locked
    assert locked in built


def test_it_is_a_part_of_the_whole() -> None:
    assert len(lasting.PLOTLY.read_bytes()) < len(get_plotlyjs()) / 3
