"""Nothing moves without need: what comes a moment later finds its room kept free."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, Visitor, call

WATCH = """window.moved = 0; new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.moved += shift.value;
}).observe({ type: "layout-shift", buffered: true });"""
GOOD = 0.1  # https://web.dev/articles/cls


@pytest.mark.parametrize("path", ["/", "/explorer?group_by=model&granularity=day", "/models"])
def test_a_page_takes_its_shape_at_once(visitor: Visitor, path: str) -> None:
    visitor.send(call())
    visitor.page.add_init_script(WATCH)
    visitor.enter(path)
    for _ in range(2):
        visitor.page.goto(f"{visitor.farthing.app_url}{path}")
        expect(visitor.page.locator(".f-plot .trace").first).to_be_attached(timeout=PATIENCE)
        visitor.page.wait_for_timeout(1_000)
        assert visitor.page.evaluate("window.moved") < GOOD
