"""`make screenshots`: the pictures in docs/screenshots, of every page as it shows the demo's company today."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import track

from app.views import View, views
from jobs.demo import folder
from models.periods import now_us
from tests import demo
from tests.browser.conftest import CHROMIUM, EMAIL, PASSWORD, PATIENCE, QUIET
from tests.servers import Farthing

OUT = Path(__file__).parents[2] / "docs" / "screenshots"
HEIGHT, TALLEST = 900, 2_400  # pixels
DARK = ("", "explorer", "models")  # pages that are shown in the dark, too
NARROW = ("", "explorer")  # and on a phone
ASKED = {"explorer": "?group_by=model&granularity=day&compare=previous"}

Theme = Literal["light", "dark"]


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        server = shown(Path(temporary) / "data")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            for view, theme, width in track(list(wanted()), "Taking screenshots"):
                take(browser, server, view, theme, width)
        finally:
            browser.close()
            server.stop()


def shown(data_dir: Path) -> Farthing:
    """The demo, with a password that is known here."""
    print("Making the demo's ninety days …", flush=True)
    folder.prepare(demo.settings(data_dir, admin_email=EMAIL, admin_password=PASSWORD), now_us())
    server = Farthing.on(data_dir)
    server.start_api()
    server.start_app()
    return server


def wanted() -> Iterator[tuple[View, Theme, int]]:
    for view in views():
        yield view, "light", 1440
        if view.path in DARK:
            yield view, "dark", 1440
        if view.path in NARROW:
            yield view, "light", 390


def take(browser: Browser, server: Farthing, view: View, theme: Theme, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=theme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, server.app_url)
    page.goto(f"{server.app_url}/{view.path}{ASKED.get(view.path, '')}")
    page.locator("[data-testid=stMain] h1").first.wait_for()
    settle(page)
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(HEIGHT, min(int(tall), TALLEST))})
    settle(page)
    keep(page.screenshot(), OUT / f"{name(view, theme, width)}.png")
    context.close()


def keep(picture: bytes, path: Path) -> None:
    """In 256 colours, which takes a third of the room and looks the same."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail", exact=True).fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("[data-testid=stMain] h1").first.wait_for()


def settle(page: Page) -> None:
    """Nothing is being drawn any more."""
    page.wait_for_function("() => !document.querySelector('[data-test-script-state=running]')")
    page.wait_for_timeout(1_500)


def name(view: View, theme: Theme, width: int) -> str:
    more = [*(["dark"] if theme == "dark" else []), *(["narrow"] if width < 640 else [])]
    return "-".join([view.path or "overview", *more])


if __name__ == "__main__":
    main()
