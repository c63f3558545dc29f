"""The callback file is served to anybody, as it lies in the package, and holds no secret. What it does is tested in
`tests/clients/test_callback.py`."""

import ast
import sys
import zipfile
from pathlib import Path

import httpx2
import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.servers import Farthing

ROOT = Path(__file__).parents[2]
FILE = "api/integrations/farthing_callback.py"
PATH = "/integrations/farthing_callback.py"
NEEDED = {"litellm"}  # besides the standard library


def get(server: Farthing, **headers: str) -> httpx2.Response:
    return httpx2.get(server.url + PATH, headers=headers)


def test_it_is_served_without_a_key_as_python(shared: Farthing) -> None:
    answer = get(shared)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    assert answer.content == (ROOT / FILE).read_bytes()


def test_who_has_it_is_told_so(shared: Farthing) -> None:
    first = get(shared)
    assert "no-cache" in first.headers["cache-control"]  # it may have changed with the server
    again = get(shared, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert get(shared, **{"If-None-Match": '"another"'}).status_code == 200


def test_it_holds_no_key(shared: Farthing) -> None:
    served = get(shared).text
    assert not [key for key in (shared.ingest_key, shared.read_key, shared.master_key) if key in served]


@pytest.mark.parametrize("name", ["", "other.py", "..%2froutes%2fintegrations.py", "__init__.py"])
def test_nothing_else_is_served_there(shared: Farthing, name: str) -> None:
    assert httpx2.get(f"{shared.url}/integrations/{name}").status_code == 404


def test_it_is_read_by_python_39_and_imports_nothing_of_ours() -> None:
    tree = ast.parse((ROOT / FILE).read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {name for node in ast.walk(tree) for name in modules(node)}
    ours = {"api", "app", "jobs", "models", "farthing"}
    assert imported & ours == set()
    assert imported <= NEEDED | set(sys.stdlib_module_names)


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [str(node.module).partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


def test_it_is_in_the_package(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    assert FILE in zipfile.ZipFile(wheel).namelist()
