"""From nothing to the first event in a real browser: make a key, paste the snippet, see the light turn green."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import EMAIL, PASSWORD, PATIENCE, Opening, Visitor, call
from tests.servers import Farthing, free_port

KEY = re.compile(r"fth_live_\w{38}")


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """One whose dashboard knows where its API is. Each test brings a workspace of its own."""
    port = free_port()
    settings = {"FARTHING_ADMIN_EMAIL": EMAIL, "FARTHING_ADMIN_PASSWORD": PASSWORD}
    address = f"http://127.0.0.1:{port}"
    started = Farthing.prepare(tmp_path_factory.mktemp("farthing"), FARTHING_PUBLIC_API_URL=address, **settings)
    started.port = port
    try:
        started.start_api()
        started.start_app()
        yield started
    finally:
        started.stop()


def arrive(visitor: Visitor, workspace: str, path: str = "/connect", **query: str) -> None:
    """Sign in to an empty workspace of that name."""
    visitor.farthing.run("init", "--workspace", workspace)
    words = "&".join(f"{name}={value}" for name, value in {"workspace": workspace, **query}.items())
    visitor.go(f"{path}?{words}")
    visitor.sign_in()
    expect(light(visitor)).to_be_visible(timeout=PATIENCE)


def light(visitor: Visitor) -> Locator:
    return visitor.page.locator(".f-light")


def green(visitor: Visitor) -> Locator:
    return visitor.page.locator(".f-light.f-arrived")


def make_key(visitor: Visitor) -> str:
    visitor.page.get_by_role("button", name="Make a key", exact=True).click()
    shown = visitor.page.locator("[class*='st-key-secret-connect']").get_by_test_id("stCode")
    expect(shown).to_have_text(KEY, timeout=PATIENCE)
    return shown.inner_text().strip()


def snippet(visitor: Visitor, containing: str) -> Locator:
    return visitor.page.get_by_test_id("stCode").filter(has_text=containing).last


def address(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("location.href"))


def test_a_newcomer_makes_a_key_pastes_the_snippet_and_sees_the_light_turn_green(visitor: Visitor) -> None:
    arrive(visitor, "newcomer")
    expect(light(visitor)).to_contain_text("Waiting for the first event", timeout=PATIENCE)
    expect(green(visitor)).to_have_count(0, timeout=PATIENCE)
    key = make_key(visitor)
    pasted = snippet(visitor, "curl")
    expect(pasted).to_contain_text(f"Bearer {key}", timeout=PATIENCE)
    visitor.page.evaluate("window.sameDocument = true")

    said = subprocess.run(["bash", "-c", pasted.inner_text()], capture_output=True, text=True, timeout=60, check=True)
    assert '"status":"accepted"' in said.stdout

    expect(green(visitor)).to_contain_text("gpt-4o, $0.0060", timeout=PATIENCE)
    assert visitor.page.evaluate("window.sameDocument")
    assert key not in address(visitor)
    assert not [url for url in visitor.asked if key in url]
    assert visitor.foreign == []
    assert [said for said in visitor.complaints if "404" not in said] == []  # Streamlit looks for its own root first


def test_the_link_leads_to_the_figures_and_the_key_is_still_there_to_be_kept(visitor: Visitor) -> None:
    arrive(visitor, "link")
    key = make_key(visitor)
    answer = visitor.farthing.post("/api/v1/ingest", call(response_cost=0.25), key)
    assert answer.status_code == 202
    visitor.page.get_by_role("link", name="See it on the Overview").click()
    expect(visitor.page.locator(".f-number")).to_have_text("$0.25", timeout=PATIENCE)
    assert address(visitor).startswith(f"{visitor.farthing.app_url}/?")
    expect(visitor.page.get_by_text(key)).to_be_visible(timeout=PATIENCE)
    visitor.page.get_by_role("button", name="I have kept it").click()
    expect(visitor.page.get_by_text(key)).to_have_count(0, timeout=PATIENCE)


def test_a_pasted_key_is_hidden_filled_in_and_in_no_address(visitor: Visitor) -> None:
    visitor.farthing.run("init", "--workspace", "paste")
    key = visitor.farthing.run("keys", "create", "mine", "--workspace", "paste").stdout.strip()
    arrive_again(visitor, "paste")
    visitor.page.get_by_text("Use a key that you have").click()
    field = visitor.page.get_by_label("Ingest key", exact=True)
    expect(field).to_have_attribute("type", "password", timeout=PATIENCE)
    field.fill(key)
    field.press("Enter")
    expect(snippet(visitor, "curl")).to_contain_text(f"Bearer {key}", timeout=PATIENCE)
    expect(light(visitor)).to_contain_text("Waiting for the first event of the key mine", timeout=PATIENCE)
    assert not [url for url in [address(visitor), *visitor.asked] if key in url]
    visitor.page.reload()
    expect(snippet(visitor, "curl")).to_contain_text("YOUR_INGEST_KEY", timeout=PATIENCE)


def arrive_again(visitor: Visitor, workspace: str) -> None:
    visitor.go(f"/connect?workspace={workspace}")
    visitor.sign_in()
    expect(light(visitor)).to_be_visible(timeout=PATIENCE)


def test_the_choice_of_a_snippet_is_a_link(visitor: Visitor) -> None:
    arrive(visitor, "choice")
    visitor.page.get_by_role("radio", name="LiteLLM proxy").click()
    visitor.page.get_by_role("radio", name="config.json").click()
    expect(snippet(visitor, "callback_settings")).to_be_visible(timeout=PATIENCE)
    visitor.page.wait_for_function(
        "location.search.includes('via=LiteLLM+proxy') && location.search.includes('with=config.json')"
    )
    visitor.page.reload()
    expect(snippet(visitor, "callback_settings")).to_contain_text("log_format", timeout=PATIENCE)


def test_it_works_with_the_keyboard_alone(visitor: Visitor) -> None:
    arrive(visitor, "keyboard")
    visitor.page.get_by_label("Name of the key").focus()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("button", name="Make a key", exact=True)).to_be_focused(timeout=PATIENCE)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("button", name="I have kept it")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_it_fits_wide_and_narrow_light_and_dark(window: Opening, tmp_path: Path, width: int, theme: str) -> None:
    visitor = window(width, theme)
    arrive(visitor, f"look-{theme}-{width}", via="LiteLLM+SDK")
    for state in ("empty", "green"):
        for scrolls in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
            assert visitor.page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
        visitor.page.screenshot(path=tmp_path / f"connect-{state}-{theme}-{width}.png")
        if state == "empty":
            key = make_key(visitor)
            visitor.farthing.post("/api/v1/ingest", call(model="a-model-with-a-name-" + "x" * 200), key)
            expect(green(visitor)).to_be_visible(timeout=PATIENCE)
