"""What a browser gets for a page's address: Streamlit's own page, told where its server is."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import file_util

from app import preloaded
from app.shell import BODY, HEAD, HERE, NAME, OURS, Shell, style

PAGE = Path(file_util.get_static_dir()) / "index.html"
READS = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip"}


async def page(_: Request) -> Response:
    return FileResponse(PAGE)


async def login(_: Request) -> Response:
    return HTMLResponse(HEAD + b"<title>Sign in</title>")


async def text(_: Request) -> Response:
    return PlainTextResponse(HEAD)


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/login", login), Route("/text", text), Route("/{path:path}", page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Shell), Middleware(GZipMiddleware)]))


def test_the_page_that_streamlit_serves_has_what_is_looked_for() -> None:
    """Another version may have another page."""
    assert [PAGE.read_bytes().count(each) for each in (HEAD, BODY, NAME)] == [1, 1, 1]


def test_it_is_told_where_its_server_is_what_it_looks_like_and_what_it_is_called(client: TestClient) -> None:
    answer = client.get("/models", headers=READS)
    assert HEAD + HERE + preloaded.links("/models") in answer.content
    assert BODY + style() + preloaded.run() in answer.content
    assert OURS in answer.content
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers


def test_a_page_of_our_own_stays_as_it_is(client: TestClient) -> None:
    """Whoever has not signed in yet is refused the scripts."""
    assert client.get("/login", headers=READS).content == HEAD + b"<title>Sign in</title>"


def test_all_else_passes_through(client: TestClient) -> None:
    assert client.get("/text", headers=READS).content == HEAD
    assert client.get("/models", headers={"Accept": "application/json"}).content == PAGE.read_bytes()
