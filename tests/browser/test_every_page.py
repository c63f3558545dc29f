"""Every page in a real browser: readable without a mouse and without eyes, in both themes, wide and narrow; quiet on
the console; and never a word to another host."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.views import View, views
from tests.browser.conftest import PATIENCE, Visitor, call
from tests.servers import Farthing

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
LOOK = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(found => ({id: found.id, impact: found.impact, where: found.nodes.slice(0, 5).map(node => node.html.slice(0, 200))}))"""
CLIPPED = """() => [...document.querySelectorAll('[data-testid=stHtml] :is(.f-number, dd, h1, h2), .f-table thead th')]
  .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible')
  .map(each => each.textContent.trim())"""
SIDEWAYS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
  .some(each => each && each.scrollWidth > each.clientWidth + 1)"""


@pytest.fixture(scope="module")
def reader(farthing: Farthing, browser: Browser) -> Iterator[Visitor]:
    """Somebody who looks at figures of every sort, in one window."""
    context = browser.new_context()
    reader = Visitor(farthing, context.new_page(), farthing.ingest_key)
    reader.send(
        *(
            call(number * 90, endpoint=f"/e{number % 4}", metadata={"team": f"team-{number % 3}"}, prompt_tokens=900,
                 completion_tokens=40, cache_hit=number % 5 == 0) for number in range(40)
        ),
        call(30, model="nobody-knows-me", provider="house", response_cost=None, prompt_tokens=10),
        call(20, status="failure", error_str="timeout", response_cost=0),
    )  # fmt: skip
    reader.enter("/")
    yield reader
    context.close()


@pytest.mark.parametrize("view", views(), ids=lambda view: view.path or "overview")
def test_a_page(view: View, reader: Visitor) -> None:
    page = reader.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    reader.go(f"/{view.path}")
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE)
    settle(reader)
    page.evaluate(AXE.read_text())
    for width, theme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(reader)
        assert not page.evaluate(SIDEWAYS), f"{view.path} scrolls sideways at {width}"
        assert page.evaluate(CLIPPED) == [], f"{view.path} at {width}"
        assert [found for found in page.evaluate(LOOK) if found["impact"] in GRAVE] == [], f"{view.path} {theme}"
    assert reader.foreign == []
    assert reader.complaints == []


def settle(reader: Visitor) -> None:
    """Nothing is being drawn any more."""
    reader.page.wait_for_function(
        "() => !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"
    )
    reader.page.wait_for_timeout(300)
