"""A chart in its place: as wide as there is room, in the page's own letters, and drawn anew only when something changed."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import PATIENCE, Visitor, call

FITS = "() => { const plot = document.querySelector('.f-plot'); return plot._fullLayout?.width === plot.clientWidth; }"
WIDTH = "document.querySelector('.f-plot').clientWidth"
LETTERS = "() => getComputedStyle(document.querySelector('.f-plot .ytick text')).fill"
PAGE = "/explorer?group_by=model&granularity=day"


def opened(visitor: Visitor) -> Locator:
    visitor.send(call())
    visitor.enter(PAGE)
    chart = visitor.page.locator(".f-plot.js-plotly-plot")
    expect(chart.locator(".bars path").first).to_be_attached(timeout=PATIENCE)
    return chart


def test_it_is_as_wide_as_there_is_room(visitor: Visitor) -> None:
    opened(visitor)
    visitor.page.wait_for_function(FITS)
    visitor.page.set_viewport_size({"width": 800, "height": 900})
    visitor.page.wait_for_function(f"() => ({FITS})() && {WIDTH} < 800")
    assert visitor.page.evaluate(WIDTH) > 400


def test_its_letters_follow_the_theme(visitor: Visitor) -> None:
    opened(visitor)
    light = visitor.page.evaluate(LETTERS)
    visitor.page.emulate_media(color_scheme="dark")
    visitor.page.wait_for_function(f"light => ({LETTERS})() !== light", arg=light)
    assert [light, visitor.page.evaluate(LETTERS)] == ["rgb(77, 83, 92)", "rgb(179, 185, 196)"]


def test_it_goes_and_comes_back_without_a_complaint(visitor: Visitor) -> None:
    chart = opened(visitor)
    expect(chart).to_have_attribute("aria-label", "Cost by day and model")
    visitor.page.get_by_role("radio", name="Table").click()
    expect(chart).to_have_count(0, timeout=PATIENCE)
    visitor.page.get_by_role("radio", name="Treemap").click()
    expect(visitor.page.locator(".f-plot .treemaplayer path").first).to_be_attached(timeout=PATIENCE)
    assert visitor.complaints == []


def test_without_its_script_it_says_what_to_do(visitor: Visitor) -> None:
    visitor.send(call())
    visitor.page.route("**/assets/plotly*", lambda route: route.abort())
    visitor.enter(PAGE)
    expect(visitor.page.locator(".f-plot")).to_contain_text("Load the page again", timeout=PATIENCE)
