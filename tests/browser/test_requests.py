"""The Requests page in a real browser: it lives, it leads on, and it stays where somebody reads."""

from playwright.sync_api import expect

from tests.browser.conftest import Opening, Visitor, call


def test_a_new_request_shows_by_itself_and_opens_without_loading_the_page_anew(visitor: Visitor) -> None:
    visitor.send(call(endpoint="/first-request"))
    visitor.enter("/requests")
    page = visitor.page
    expect(page.locator(".f-log")).to_contain_text("/first-request")
    visitor.send(call(ago_s=1, id="just-now", endpoint="/just-now", error_str="odd", status="failure"))
    row = page.locator(".f-log tr", has_text="/just-now")
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    expect(page.locator(".f-request")).to_contain_text("odd")
    assert page.url.endswith("/requests?id=just-now")
    assert [url for url in visitor.asked if url.endswith("/requests?id=just-now")] == []
    page.get_by_role("link", name="/just-now", exact=True).click()
    expect(page.locator(".f-log tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator(".f-request")).to_be_visible()
    assert visitor.foreign == []


def test_nobody_is_moved_away_from_an_older_page(visitor: Visitor) -> None:
    visitor.send(*(call(ago_s=60 + number, endpoint=f"/older-{number}-") for number in range(60)))
    visitor.enter("/requests?where=endpoint:/nothing")
    page = visitor.page
    expect(page.locator(".f-turning")).to_contain_text("No requests in this period that fit.")
    page.get_by_role("button", name="Endpoint is").click()
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".f-log")).to_contain_text("/older-59-")
    before = page.locator(".f-log").inner_text()
    visitor.send(call(ago_s=1, endpoint="/newer"))
    page.wait_for_timeout(2_500)
    assert page.locator(".f-log").inner_text() == before
    page.get_by_role("link", name="Newest").click()
    expect(page.locator(".f-log")).to_contain_text("/newer")


def test_on_a_narrow_window_nothing_scrolls_sideways(window: Opening) -> None:
    visitor = window(390)
    visitor.send(call(id="narrow", endpoint=f"/{'long-' * 40}", model="m" * 200, team="t" * 200, tags=["x" * 200]))
    visitor.enter("/requests")
    for path in ("/requests", "/requests?id=narrow"):
        visitor.go(path)
        expect(visitor.page.locator(".f-log, .f-request").first).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390
        assert visitor.page.evaluate("document.querySelector('.f-log')?.scrollWidth ?? 0") <= 390
