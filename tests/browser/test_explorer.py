"""The Cost Explorer in a real browser: filter, drill down by clicking, share the address, take the figures along."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import PATIENCE, Opening, Visitor, call

HIGHEST_BAR = """(trace) => {
  const bars = document.querySelectorAll('.js-plotly-plot .trace.bars')[trace].querySelectorAll('.point path');
  const boxes = [...bars].map((bar) => bar.getBoundingClientRect());
  const box = boxes.reduce((most, each) => each.height > most.height ? each : most);
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
RANGE = "() => document.querySelector('.js-plotly-plot')._fullLayout.yaxis.range"
TILE = """(name) => {
  const tile = [...document.querySelectorAll('.slice')].find((each) => each.textContent.startsWith(name));
  if (!tile) return null;
  const box = tile.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
EVENTS = (
    call(provider="openai", model="gpt-4o", endpoint="/chat", response_cost=4.5, metadata={"team": "explorers"}),
    call(provider="openai", model="gpt-4o-mini", endpoint="/chat", response_cost=2.25, metadata={"team": "explorers"}),
    call(provider="anthropic", model="claude-sonnet-4-5", response_cost=3.125, metadata={"team": "explorers"}),
    call(provider="anthropic", model="claude-sonnet-4-5", response_cost=1, metadata={"team": "others"}),
)
PAGE = "/explorer?last=7d&where=team%3Aexplorers&group_by=provider"


@pytest.fixture(scope="module", autouse=True)
def sent(farthing: object) -> None:
    answer = farthing.post("/api/v1/ingest/batch", {"events": list(EVENTS)}, farthing.ingest_key)  # type: ignore[attr-defined]
    assert answer.status_code == 202


def number(visitor: Visitor) -> Locator:
    return visitor.page.locator(".f-number")


def click(visitor: Visitor, script: str, argument: object) -> None:
    visitor.page.wait_for_function(
        f"(argument) => {{ try {{ return ({script})(argument); }} catch {{ return null; }} }}", arg=argument
    )
    visitor.page.wait_for_timeout(600)  # what is drawn comes to rest
    x, y = visitor.page.evaluate(script, argument)
    visitor.page.mouse.move(x - 2, y)
    visitor.page.mouse.move(x, y, steps=3)
    visitor.page.locator(".hoverlayer .hovertext, .hoverlayer .legend").first.wait_for()
    visitor.page.mouse.click(x, y)


def asked(visitor: Visitor) -> dict[str, list[str]]:
    return parse_qs(urlsplit(visitor.page.url).query)


def test_filter_drill_down_share_and_download(visitor: Visitor, window: Opening) -> None:
    visitor.enter(PAGE)
    expect(number(visitor)).to_have_text("$9.88")
    expect(number(visitor)).to_have_attribute("title", "$9.875")
    visitor.page.locator(".js-plotly-plot .trace.bars").first.wait_for()
    assert visitor.page.evaluate(RANGE)[0] == 0

    with visitor.page.expect_download() as taken:
        visitor.page.get_by_role("button", name="CSV", exact=True).click()
    wanted = urlencode([("last", "7d"), ("where", "team:explorers"), ("group_by", "provider"), ("format", "csv")])
    answer = httpx2.get(
        f"{visitor.farthing.url}/api/v1/spend?{wanted}",
        headers={"Authorization": f"Bearer {visitor.farthing.read_key}"},
    )
    assert taken.value.path().read_bytes() == answer.content
    assert answer.content.startswith(b"provider,cost_nano_usd,requests,unpriced_requests\nopenai,6750000000,2,0\n")

    click(visitor, HIGHEST_BAR, 0)
    expect(number(visitor)).to_have_text("$6.75")
    assert asked(visitor)["where"] == ["team:explorers", "provider:openai"]
    assert asked(visitor)["group_by"] == ["model"]
    assert "from" in asked(visitor)
    shared = visitor.page.url

    other = window(390, "dark")
    other.enter(urlsplit(shared)._replace(scheme="", netloc="").geturl())
    expect(number(other)).to_have_text("$6.75")
    expect(other.page.locator(".f-legend a")).to_have_text(["gpt-4o", "gpt-4o-mini"])
    assert other.page.url == shared
    assert other.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    visitor.page.go_back()
    expect(number(visitor)).to_have_text("$9.88")
    visitor.page.get_by_role("row", name="anthropic").get_by_role("link").click()
    expect(number(visitor)).to_have_text("$3.13")
    visitor.page.get_by_role("button", name="Provider is anthropic").click()
    expect(number(visitor)).to_have_text("$9.88")
    for each in (visitor, other):
        assert [said for said in each.complaints if "404" not in said] == []
        assert each.foreign == []


def test_a_tile_leads_to_what_is_behind_it(visitor: Visitor) -> None:
    visitor.enter(f"{PAGE},model&chart=treemap")
    click(visitor, TILE, "gpt-4o-mini")
    expect(number(visitor)).to_have_text("$2.25", timeout=PATIENCE)
    assert asked(visitor)["where"] == ["team:explorers", "provider:openai", "model:gpt-4o-mini"]
    assert asked(visitor)["group_by"] == ["endpoint"]
    assert asked(visitor)["chart"] == ["treemap"]
