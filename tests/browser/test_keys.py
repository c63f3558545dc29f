"""Keys in a real browser: made, copied, used, rotated while somebody sends, revoked; and what the free plan hides, shown."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import PATIENCE, Opening, Visitor, call


def enter(visitor: Visitor) -> None:
    visitor.go("/keys")
    visitor.sign_in()
    expect(visitor.page.get_by_role("heading", name="Keys & Sources")).to_be_visible(timeout=PATIENCE)


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()


def secret(visitor: Visitor) -> Locator:
    return visitor.page.get_by_test_id("stCode")


def make(visitor: Visitor, name: str) -> str:
    """A key with what is given by default; its secret."""
    press(visitor, "New key")
    visitor.page.get_by_label("Name", exact=True).fill(name)
    press(visitor, "Create key")
    expect(visitor.page.get_by_text(f"The new key {name}", exact=True)).to_be_visible(timeout=PATIENCE)
    return secret(visitor).inner_text().strip()


def answer(visitor: Visitor, key: str, **values: Any) -> str | int:
    said = visitor.farthing.post("/api/v1/ingest", call(**values), key)
    return str(said.json()["error"]) if said.status_code == 401 else said.status_code


def row(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".f-key").filter(has=visitor.page.get_by_text(name, exact=True))


def test_a_key_is_made_copied_and_used_and_its_secret_never_comes_back(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(visitor)
    made = make(visitor, "made-here")
    secret(visitor).hover()
    visitor.page.get_by_role("button", name="Copy to clipboard").click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == made
    assert answer(visitor, made) == 202
    expect(row(visitor, "made-here")).to_contain_text("active")
    press(visitor, "I have kept it")
    expect(secret(visitor)).to_have_count(0)
    visitor.page.reload()
    expect(row(visitor, "made-here")).to_contain_text(made[:13], timeout=PATIENCE)
    assert made not in visitor.page.content()
    assert [url for url in visitor.asked if made in url] == []


def test_it_is_made_with_the_keyboard_alone(visitor: Visitor) -> None:
    enter(visitor)
    visitor.page.get_by_role("button", name="New key", exact=True).focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_label("Name", exact=True).focus()
    visitor.page.keyboard.type("by-keyboard")
    visitor.page.keyboard.press("Tab")
    visitor.page.get_by_role("button", name="Create key", exact=True).focus()
    visitor.page.keyboard.press("Enter")
    expect(row(visitor, "by-keyboard")).to_be_visible(timeout=PATIENCE)


def test_a_rotation_with_grace_lets_both_work_and_one_at_once_ends_the_old(visitor: Visitor) -> None:
    enter(visitor)
    first = make(visitor, "turning")
    press(visitor, "Rotate turning")
    visitor.page.get_by_text("After 1 hour", exact=True).click()
    expect(visitor.page.get_by_text("Both work until then")).to_be_visible(timeout=PATIENCE)
    press(visitor, "Rotate")
    expect(visitor.page.get_by_text("The new secret of turning", exact=True)).to_be_visible(timeout=PATIENCE)
    second = secret(visitor).inner_text().strip()
    assert second != first
    assert answer(visitor, first) == answer(visitor, second) == 202
    expect(row(visitor, "turning").filter(has_text="rotated, still works")).to_have_count(1)


def test_a_key_is_switched_off_and_revoked_and_each_asks_first(visitor: Visitor) -> None:
    enter(visitor)
    made = make(visitor, "ending")
    assert answer(visitor, made) == 202
    press(visitor, "Deactivate ending")
    press(visitor, "Cancel")
    assert answer(visitor, made) == 202
    press(visitor, "Deactivate ending")
    press(visitor, "Deactivate")
    expect(row(visitor, "ending")).to_contain_text("inactive", timeout=PATIENCE)
    visitor.page.wait_for_timeout(2_000)  # after that long it holds everywhere
    assert answer(visitor, made) == "Inactive API key"
    press(visitor, "Revoke ending")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("for good")
    press(visitor, "Revoke for good")
    expect(visitor.page.get_by_role("button", name="Revoke ending")).to_have_count(0, timeout=PATIENCE)
    visitor.page.wait_for_timeout(2_000)
    assert answer(visitor, made) == "Revoked API key"


def test_a_change_by_somebody_else_shows_without_a_reload(visitor: Visitor) -> None:
    enter(visitor)
    visitor.farthing.run("keys", "create", "from-elsewhere")
    expect(row(visitor, "from-elsewhere")).to_be_visible(timeout=PATIENCE)


# -- the free plan ------------------------------------------------------------------------------------------------


def plan(visitor: Visitor, name: str) -> None:
    headers = {"Authorization": f"Bearer {visitor.farthing.master_key}"}
    path = f"{visitor.farthing.url}/api/v1/workspace"
    assert httpx2.patch(path, json={"plan": name}, headers=headers).status_code == 200


def test_what_is_hidden_is_told_and_shown_by_one_button_on_the_open_page(visitor: Visitor) -> None:
    narrow = visitor.farthing.run("keys", "create", "narrow", "--source", "provider=openai").stdout.strip()
    assert answer(visitor, narrow, provider="acme", model="hidden-one", response_cost=41.5) == 202
    visitor.send(call())
    visitor.enter()
    expect(visitor.page.locator(".f-number")).to_be_visible(timeout=PATIENCE)
    expect(visitor.page.locator(".f-hidden")).to_have_count(0)
    try:
        plan(visitor, "free")
        expect(visitor.page.locator(".f-hidden")).to_contain_text(
            "1 call and $41.50 of the last 30 days", timeout=PATIENCE
        )
        press(visitor, "Show what would match")
        press(visitor, "Add this definition provider acme to narrow")
        expect(visitor.page.locator(".f-hidden")).to_have_count(0, timeout=PATIENCE)
        expect(visitor.page.get_by_role("dialog")).to_have_count(0)
        expect(visitor.page.locator(".f-shares").filter(has_text="acme")).to_be_visible()
    finally:
        plan(visitor, "paid")


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_it_fits_wide_and_narrow_light_and_dark(window: Opening, tmp_path: Path, width: int, theme: Any) -> None:
    visitor = window(width, theme)
    name = f"a-name-that-is-longer-than-any-window-is-wide-{width}-{theme}-" + "x" * 120
    visitor.farthing.run("keys", "create", name, "--source", "model=" + "m" * 200, "--attribute", "team=" + "t" * 200)
    enter(visitor)
    expect(row(visitor, name)).to_be_visible(timeout=PATIENCE)
    for scrolls in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert visitor.page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
    press(visitor, "New key")
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    visitor.page.screenshot(path=tmp_path / f"keys-{theme}-{width}.png")
    assert visitor.foreign == []
