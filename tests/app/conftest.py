"""The dashboard in this process: pages run by Streamlit's own test runner, routes called through ASGI."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app import entrance
from app.components import plot
from app.guard import Guard
from app.opened import opened
from app.server import MAIN
from app.sessions import COOKIE
from models.accounts import keys, members, passwords, sessions, users, workspaces
from models.accounts.keys import NewKey
from models.accounts.sources import ANYTHING, Source
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.installation import Installation
from models.periods import now_us
from models.usage.event import Event
from tests.factories import AUTHOR, append, make_event
from tests.installations import QUICK

OF_NOBODY = QUICK.hash("of nobody")
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@dataclass
class Dashboard:
    """An installation, somebody who may sign in, and what their browser holds."""

    installation: Installation
    cookies: dict[str, str] = field(default_factory=dict)

    def person(self, email: str = EMAIL) -> None:
        with self.installation.database.write() as connection:
            users.ensure(connection, email, PASSWORD, now_us())

    def workspace(self, name: str = "team", email: str = EMAIL, **values: Any) -> WorkspaceInfo:
        """One that this person owns."""
        with self.installation.database.write() as connection:
            made = workspaces.create(connection, name, values.pop("plan", "paid"), 90, Author("tests", now_us()))
            workspaces.change(connection, made, values, AUTHOR, by_operator=True)
            members.add(connection, users.ensure(connection, email, PASSWORD, now_us()), made.id, "owner")
            return workspaces.by_id(connection, made.id)

    def key(self, workspace: WorkspaceInfo, name: str, *sources: Source) -> None:
        with self.installation.database.write() as connection:
            keys.create(connection, workspace.id, NewKey(name, "ingest", sources or (ANYTHING,)), AUTHOR)

    def change(self, workspace: WorkspaceInfo, **values: Any) -> None:
        with self.installation.database.write() as connection:
            workspaces.change(connection, workspace, values, AUTHOR, by_operator=True)
        a_moment_later()

    def send(self, workspace: WorkspaceInfo, *events: Event) -> None:
        append(self.installation, workspace.id, *events)

    def sign_in(self, email: str = EMAIL) -> None:
        cookie = opened().sessions.begin(email, PASSWORD, now_us())
        assert cookie
        self.cookies[COOKIE] = cookie

    def sign_out_everywhere(self) -> None:
        with self.installation.database.write() as connection:
            sessions.end(connection, self.cookies[COOKIE])
        a_moment_later()

    def open(self, path: str = "", **query: str) -> "Page":
        page = AppTest.from_file(str(MAIN), default_timeout=30)
        if path:  # pages that are functions have no file to switch to
            page._page_hash = calc_hash(path)
        page.query_params.update(query)
        return Page(page.run())


@dataclass
class Page:
    """What a page says, as somebody reads it."""

    app: AppTest

    @property
    def text(self) -> str:
        pieces = [element.proto.body for element in self.app.get("html")]
        plain = html.unescape(re.sub(r"<[^>]+>", " ", " ".join(pieces)))
        return " ".join([*plain.split(), *(block.value for block in self.app.code)])

    @property
    def source(self) -> str:
        return " ".join(each.proto.body for each in self.app.get("html"))

    @property
    def charts(self) -> list[dict[str, Any]]:
        drawn = (each.proto for each in self.app.get("bidi_component") if each.proto.component_name == plot.NAME)
        return [json.loads(json.loads(each.json)["figure"]) for each in drawn]

    def again(self) -> "Page":
        return Page(self.app.run())


@pytest.fixture
def dashboard(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """Nobody is signed in yet; Streamlit's test runner has no browser, so its cookies come from here."""
    made = Dashboard(installation)
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    monkeypatch.setattr(passwords, "of_nobody", lambda: OF_NOBODY)
    monkeypatch.setenv("FARTHING_DATA_DIR", str(installation.settings.data_dir))
    browser = SimpleNamespace(cookies=made.cookies, theme=SimpleNamespace(type="light"), ip_address="192.0.2.7")
    monkeypatch.setattr(st, "context", browser)
    forget()
    yield made
    opened().installation.database.close()
    forget()


def filled(dashboard: Dashboard, *events: Event, **values: Any) -> WorkspaceInfo:
    """A workspace with these events, and its owner signed in."""
    workspace = dashboard.workspace(**values)
    dashboard.send(workspace, *events)
    dashboard.sign_in()
    return workspace


def explore(dashboard: Dashboard, **query: Any) -> Page:
    page = dashboard.open("explorer", **query)
    assert not page.app.exception
    return page


def a_moment_later() -> None:
    """What is remembered for less than a second is forgotten."""
    opened().sessions.answers.clear()


def forget() -> None:
    opened.clear()
    st.cache_data.clear()


def call(ago_s: int = 60, cost: int | None = 1_000_000_000, **values: Any) -> Event:
    """A call that started so many seconds ago; a dollar unless it is said otherwise."""
    return make_event(now_us() - ago_s * 1_000_000, cost, **({"provider": "openai", "key": "default"} | values))


# -- the guard and our own pages ------------------------------------------------------------------------------------


def spend(_: Any) -> HTMLResponse:
    return HTMLResponse("spend: $1,847.20")


async def echo(socket: WebSocket) -> None:
    """Stands where Streamlit's own websocket does."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


@pytest.fixture
def client(dashboard: Dashboard) -> Iterator[TestClient]:
    """The guard and our routes before pages that must not be seen."""
    dashboard.workspace()
    sessions = opened().sessions
    routes = [
        *entrance.routes(opened()),
        Route("/healthz", lambda _: PlainTextResponse("ok")),
        WebSocketRoute("/_stcore/stream", echo),
        Route("/{path:path}", spend, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Guard, sessions=sessions)])
    with TestClient(app, follow_redirects=False) as made:
        yield made
