"""Prices and re-pricing in a real browser, with a real jobs process: from an unpriced model to its cost, and back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL, PASSWORD, PATIENCE, Visitor, call

MODEL = "house-7b"
CALLS = 12  # a million tokens each
NANO = 1_000_000_000


def enter(visitor: Visitor, path: str) -> Page:
    visitor.go(path)
    visitor.page.get_by_label("E-mail", exact=True).fill(EMAIL)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Prices", exact=True)).to_be_visible(timeout=PATIENCE)
    return visitor.page


def spent(visitor: Visitor) -> tuple[int, int]:
    asked = {"last": "30d", "where": f"model:{MODEL}", "measures": "cost,unpriced_requests"}
    found = visitor.farthing.get("/api/v1/spend", **asked)["totals"]
    return found["cost_nano_usd"], found["unpriced_requests"]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_an_unpriced_model_is_priced_its_past_calls_too_and_all_of_it_is_taken_back(
    visitor: Visitor, tmp_path: Path
) -> None:
    calls = [
        {name: value for name, value in call(each, model=MODEL, provider="local", prompt_tokens=1_000_000).items()
         if name != "response_cost"}
        for each in range(CALLS)
    ]  # fmt: skip
    visitor.send(*calls)
    page = enter(visitor, f"/prices?provider=local&model={MODEL}")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Model", exact=True)).to_have_value(MODEL, timeout=PATIENCE)
    dialog.get_by_label("Input", exact=True).fill("0.25")
    dialog.get_by_role("button", name="Set the price").click()
    press(page, "Preview re-pricing them")
    expect(page.locator(".f-order")).to_contain_text("Waiting for", timeout=PATIENCE)
    page.reload()
    expect(page.locator(".f-order")).to_contain_text(f"asked by {EMAIL}", timeout=PATIENCE)

    visitor.farthing.start_jobs()
    expect(page.locator(".f-repriced")).to_contain_text("nothing is changed yet", timeout=PATIENCE)
    expect(page.locator(".f-repriced")).to_contain_text("+$3.00")
    assert spent(visitor) == (0, CALLS)
    press(page, f"Re-price {CALLS} calls")
    page.get_by_role("dialog").get_by_label("Name").fill("house model")
    page.get_by_role("dialog").get_by_role("button", name="Re-price", exact=True).click()
    expect(page.locator(".f-repriced")).to_contain_text("Re-priced: “house model”", timeout=PATIENCE)
    assert spent(visitor) == (3 * NANO, 0)
    expect(page.get_by_role("heading", name="Unpriced models")).to_have_count(0, timeout=PATIENCE)
    fits(page, tmp_path)

    press(page, "Undo house model")
    press(page, f"Take back {CALLS} calls")
    press(page, "Take it back")
    expect(page.locator(".f-repriced")).to_contain_text("Taken back: “house model”", timeout=PATIENCE)
    assert spent(visitor) == (0, CALLS)
    assert visitor.foreign == []


def fits(page: Page, folder: Path) -> None:
    """Wide and narrow, in both themes, with figures of a re-pricing, a model looked up and an act in the list."""
    page.get_by_placeholder("told from the model's name").fill("local")
    page.get_by_placeholder("gpt-4o").fill(MODEL)
    page.keyboard.press("Enter")
    expect(page.locator(".f-price")).to_contain_text("your price", timeout=PATIENCE)
    for width, theme in ((390, "dark"), (390, "light"), (1440, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for scrolls in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
            assert page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
        page.screenshot(path=folder / f"prices-{width}-{theme}.png")
