"""The Overview in a real browser: nobody gets in without a password, events appear, what has not changed stays."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import EMAIL, PASSWORD, PATIENCE, Opening, Visitor, call, sign_out_elsewhere

WATCH = """() => {
  const chart = document.querySelector('.js-plotly-plot');
  chart.dataset.mark = 'first';
  window.redrawn = 0;
  chart.on('plotly_afterplot', () => { window.redrawn += 1; });
}"""


def chart(visitor: Visitor) -> Locator:
    return visitor.page.locator(".js-plotly-plot")


def spend(visitor: Visitor) -> Locator:
    return visitor.page.locator(".f-number")


def fact(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".f-facts div").filter(has_text=name).locator("dd").first


def dollars(locator: Locator) -> float:
    return float(locator.inner_text().lstrip("$").replace(",", ""))


def number(locator: Locator) -> int:
    return int(locator.inner_text().replace(",", ""))


# -- the door -----------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_and_the_right_one_opens(visitor: Visitor) -> None:
    visitor.go()
    expect(visitor.page).to_have_url(f"{visitor.farthing.app_url}/login")
    visitor.sign_in("not that one")
    expect(visitor.page.get_by_role("alert")).to_have_text("E-mail and password do not match")
    expect(visitor.page.get_by_label("E-mail", exact=True)).to_have_value(EMAIL)
    visitor.sign_in()
    expect(visitor.page.locator(".f-freshness")).to_be_visible(timeout=PATIENCE)
    expect(visitor.page).to_have_url(f"{visitor.farthing.app_url}/")


def test_the_door_opens_with_the_keyboard_alone(visitor: Visitor) -> None:
    visitor.go()
    expect(visitor.page.get_by_label("E-mail", exact=True)).to_be_focused()
    visitor.page.keyboard.type(EMAIL)
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.type(PASSWORD)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".f-freshness")).to_be_visible(timeout=PATIENCE)


def test_a_reload_asks_for_no_password_again(visitor: Visitor) -> None:
    visitor.enter()
    visitor.page.reload()
    expect(visitor.page.locator(".f-freshness")).to_be_visible(timeout=PATIENCE)


def test_signing_out_leads_to_the_door_and_the_way_back_is_shut(visitor: Visitor) -> None:
    visitor.enter()
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=PATIENCE)
    expect(visitor.page.locator(".f-freshness")).to_have_count(0)


def test_signing_out_elsewhere_closes_the_open_page(visitor: Visitor) -> None:
    visitor.enter()
    sign_out_elsewhere(visitor)
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=PATIENCE)
    expect(visitor.page.locator(".f-freshness")).to_have_count(0)


# -- live ---------------------------------------------------------------------------------------------------------


def test_the_first_event_turns_the_empty_page_into_figures(visitor: Visitor) -> None:
    visitor.enter()
    expect(visitor.page.get_by_role("heading", name="Send the first event")).to_be_visible()
    expect(visitor.page.get_by_test_id("stCode")).to_contain_text("/api/v1/ingest")
    visitor.page.evaluate("window.sameDocument = true")
    visitor.send(call(response_cost=0.0024), call(0, model="in-house", provider="acme", response_cost=None))
    expect(spend(visitor)).to_have_text("$0.0024", timeout=PATIENCE)
    expect(chart(visitor)).to_be_visible(timeout=PATIENCE)
    expect(visitor.page.get_by_text("1 request has no known price")).to_be_visible()
    assert visitor.page.evaluate("window.sameDocument")


def test_a_new_event_shows_without_a_reload_and_an_unchanged_chart_stays_as_it_is(visitor: Visitor) -> None:
    visitor.send(call())
    visitor.enter()
    expect(chart(visitor)).to_be_visible(timeout=PATIENCE)
    visitor.page.wait_for_timeout(1_500)  # the chart settles in its width
    visitor.page.evaluate(WATCH)
    requests, spent = number(fact(visitor, "Requests")), dollars(spend(visitor))
    visitor.send(call(response_cost=0), call(response_cost=0, endpoint="/brand-new"))
    expect(fact(visitor, "Requests")).to_have_text(str(requests + 2), timeout=PATIENCE)
    visitor.page.wait_for_timeout(3_000)  # several looks later
    assert dollars(spend(visitor)) == spent
    assert chart(visitor).get_attribute("data-mark") == "first"
    assert visitor.page.evaluate("window.redrawn") == 0


def test_a_chart_whose_figures_changed_is_drawn_again(visitor: Visitor) -> None:
    visitor.send(call())
    visitor.enter()
    expect(chart(visitor)).to_be_visible(timeout=PATIENCE)
    spent = dollars(spend(visitor))
    shapes = [bar.get_attribute("d") for bar in chart(visitor).locator(".bars path").all()]
    visitor.send(call(response_cost=250))
    expect(spend(visitor)).to_have_text(f"${spent + 250:,.2f}", timeout=PATIENCE)
    visitor.page.wait_for_function(
        "before => [...document.querySelectorAll('.bars path')].map(bar => bar.getAttribute('d')).join() != before.join()",
        arg=shapes,
    )


# -- the window ---------------------------------------------------------------------------------------------------


def test_no_other_host_is_asked_and_nothing_is_complained_about(visitor: Visitor) -> None:
    visitor.send(call())
    visitor.enter()
    expect(chart(visitor)).to_be_visible(timeout=PATIENCE)
    visitor.page.wait_for_timeout(3_000)
    assert visitor.foreign == []
    assert visitor.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_it_fits_wide_and_narrow_light_and_dark(window: Opening, tmp_path: Path, width: int, theme: str) -> None:
    visitor = window(width, theme)
    visitor.send(call(endpoint="/an/endpoint/with/a/name/that/is/longer/than/any/window/is/wide/" + "x" * 120))
    visitor.enter()
    expect(chart(visitor)).to_be_visible(timeout=PATIENCE)
    visitor.page.wait_for_timeout(1_000)
    for scrolls in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert visitor.page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
    background = visitor.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 17, 22)"}[theme]
    visitor.page.screenshot(path=tmp_path / f"overview-{theme}-{width}.png")


def test_the_workspace_stands_in_the_address(visitor: Visitor) -> None:
    visitor.farthing.run("init", "--workspace", "second")
    visitor.send(call())
    visitor.enter("/?workspace=second")
    expect(visitor.page.get_by_role("heading", name="Send the first event")).to_be_visible(timeout=PATIENCE)
    visitor.page.get_by_role("combobox", name="Workspace").click()
    visitor.page.get_by_role("option", name="default", exact=True).click()
    expect(spend(visitor)).to_be_visible(timeout=PATIENCE)
    visitor.page.wait_for_url(lambda url: "workspace=second" not in url)
