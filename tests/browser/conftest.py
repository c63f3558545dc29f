"""A real Chromium before a real dashboard. Without Chromium these tests are skipped, except in CI, where they fail."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.sessions import COOKIE
from tests.servers import Farthing

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
PATIENCE = 30_000  # milliseconds; what is measured by hand is far below
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run", "--disable-domain-reliability",
]  # fmt: skip
ALONE = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"  # Chromium's own pages beside each window


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason="no Chromium: install it, or set CHROMIUM to its path"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not pytest-playwright's own, whose event loop runs to the end of the session, in the way of other tests' loops."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, ALONE])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """API and dashboard of one installation; each test brings a workspace of its own."""
    folder = tmp_path_factory.mktemp("farthing")
    started = Farthing.prepare(folder, FARTHING_ADMIN_EMAIL=EMAIL, FARTHING_ADMIN_PASSWORD=PASSWORD)
    try:
        started.start_api()
        started.start_app()
        yield started
    finally:
        started.stop()


@dataclass
class Visitor:
    """Somebody at a browser window, and all that the window asked for and complained about."""

    farthing: Farthing
    page: Page
    ingest_key: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str = "/") -> None:
        self.page.goto(self.farthing.app_url + path)

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.get_by_label("E-mail", exact=True).fill(EMAIL)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def enter(self, path: str = "/") -> None:
        """Signed in already: how the door opens, tests of its own say."""
        known = {"email": EMAIL, "password": PASSWORD}
        answer = httpx2.post(f"{self.farthing.app_url}/login", data=known)
        cookie = {"name": COOKIE, "value": answer.cookies[COOKIE], "url": self.farthing.app_url}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]
        self.go(path)
        expect(self.page.locator(".f-freshness")).to_be_visible(timeout=PATIENCE)

    def send(self, *events: dict[str, Any]) -> None:
        answer = self.farthing.post("/api/v1/ingest/batch", {"events": list(events)}, self.ingest_key)
        assert answer.status_code == 202, answer.text
        assert "rejected" not in answer.json()

    @property
    def foreign(self) -> list[str]:
        own = ("data:", "blob:", self.farthing.app_url, self.farthing.app_url.replace("http", "ws"))
        return [url for url in self.asked if not url.startswith(own)]

    @property
    def cookie(self) -> str:
        return next(each["value"] for each in self.page.context.cookies() if each["name"] == "farthing_session")


Opening = Callable[..., Visitor]


@pytest.fixture
def window(farthing: Farthing, browser: Browser) -> Iterator[Opening]:
    """A window of any width and theme, with nobody signed in, and the first workspace's key at hand."""
    contexts: list[BrowserContext] = []

    def open_one(width: int = 1440, theme: Literal["light", "dark"] = "light") -> Visitor:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme))
        return Visitor(farthing, contexts[-1].new_page(), farthing.ingest_key)

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(window: Opening) -> Visitor:
    return window()


def call(ago_s: float = 5, **values: Any) -> dict[str, Any]:
    """An event as a client sends it."""
    started = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {"model": "gpt-4o", "provider": "openai", "startTime": started.isoformat(), "response_cost": 1.5} | values


def sign_out_elsewhere(visitor: Visitor) -> None:
    """The same session, ended by another client."""
    answer = httpx2.post(f"{visitor.farthing.app_url}/logout", cookies={"farthing_session": visitor.cookie})
    assert answer.status_code == 303
