"""The lenses and their filter bar in a real browser: what is chosen stands in the address, and the address is the view."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Opening, Visitor, call
from tests.servers import Farthing

LEVEL = """() => ![document.documentElement, document.querySelector('[data-testid=stMain]')]
  .some((element) => element.scrollWidth > element.clientWidth + 1)"""


@pytest.fixture(scope="module", autouse=True)
def calls(farthing: Farthing) -> None:
    """The same for all of these tests."""
    events = [
        call(team="search:eu", token="web", endpoint="/chat", response_cost=0.123456789),
        call(team="post", token="ci", endpoint="/mail", provider="anthropic", model="claude-sonnet-4-5"),
        call(team="post", token="ci", endpoint="/mail", status="failure", error_str="timed out"),
    ]
    events = [each | {"metadata": {"team": each.pop("team")}} for each in events]
    assert farthing.post("/api/v1/ingest/batch", {"events": events}, farthing.ingest_key).status_code == 202


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def rows(page: Page) -> list[str]:
    """Of the members."""
    return page.locator(".f-table").first.locator("tbody th").all_inner_texts()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_timeout(300)  # until the page is drawn anew, and nothing is pulled away under the next click
    expect(page.locator("[data-test-script-state=running]")).to_have_count(0, timeout=PATIENCE)


def test_what_is_chosen_stands_in_the_address_and_another_browser_sees_the_same(window: Opening) -> None:
    visitor = window()
    page = visitor.page
    visitor.enter("/teams")
    choose(page, "Period", "Last 7 days")
    expect(page).to_have_url(re.compile("last=7d"), timeout=PATIENCE)
    page.get_by_test_id("stPopover").get_by_role("button", name="Filter").click()
    choose(page, "Filter by", "Team")
    page.get_by_role("combobox", name="Values").click()
    page.get_by_role("option", name="search:eu", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("button", name="Team is search:eu")).to_be_visible()
    assert query(page) == {"last": ["7d"], "where": ["team:search:eu"]}
    expect(page.locator(".f-number")).to_have_text("$0.12")

    other = window()
    other.enter(page.url.removeprefix(visitor.farthing.app_url))
    expect(other.page.get_by_role("button", name="Team is search:eu")).to_be_visible()
    expect(other.page.locator(".f-number")).to_have_text("$0.12")
    assert rows(other.page) == rows(page) == ["search:eu"]


def test_filters_go_along_through_menu_and_links_and_a_row_opens_the_explorer(visitor: Visitor) -> None:
    page = visitor.page
    visitor.enter("/teams?where=team:post")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Providers").click()
    expect(page).to_have_url(f"{visitor.farthing.app_url}/providers?where=team%3Apost", timeout=PATIENCE)
    expect(page.locator(".f-table").first.locator("tbody th")).to_have_count(2)
    page.locator(".f-table").first.get_by_role("link", name="anthropic").click()
    expect(page).to_have_url(re.compile(r"/explorer\?"), timeout=PATIENCE)
    assert query(page)["where"] == ["team:post", "provider:anthropic"]
    page.go_back()
    expect(page).to_have_url(f"{visitor.farthing.app_url}/providers?where=team%3Apost", timeout=PATIENCE)
    expect(page.locator(".f-table").first.locator("tbody th")).to_have_count(2)


def test_the_exact_value_behind_each_amount_is_that_of_the_api(visitor: Visitor) -> None:
    visitor.enter("/teams")
    answer = visitor.farthing.get("/api/v1/spend", group_by="team")
    cells = visitor.page.locator(".f-table").first.locator("tbody tr")
    expect(cells).to_have_count(len(answer["rows"]))
    for row in answer["rows"]:
        cell = cells.filter(has_text=row["team"]).locator("td").first
        nano = int(str(cell.get_attribute("title")).lstrip("$").replace(",", "").replace(".", "").ljust(10, "0"))
        assert nano == row["cost_nano_usd"]


def test_nonsense_in_the_address_leads_back_to_the_page(visitor: Visitor) -> None:
    page = visitor.page
    visitor.enter("/tokens?last=abc")
    page.get_by_role("link", name="Start again without filters").click()
    expect(page.locator(".f-table").first).to_be_visible()
    assert query(page) == {}


def test_a_narrow_window_never_scrolls_sideways(window: Opening) -> None:
    visitor = window(390, "dark")
    visitor.enter("/teams?compare=previous&where=env!:qa")
    for path in ("/teams", "/tokens"):
        visitor.go(path)
        expect(visitor.page.locator(".f-table").first).to_be_visible()
        visitor.page.wait_for_function(LEVEL)  # charts are as wide as their place a moment after they are drawn
    assert visitor.foreign == []
