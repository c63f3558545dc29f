"""Quarantine, audit log and settings in a real browser: what is bad is mended and counts, and the log says who did it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from models.accounts import members, users
from models.installation import open_installation
from models.periods import now_us
from models.settings import Settings
from tests.browser.conftest import EMAIL, PASSWORD, PATIENCE, Opening, Visitor, call
from tests.servers import Farthing

VIEWER = "eve@example.com"
ANY = re.compile(r"^(Replay|Delete|Save|Yes)")


@pytest.fixture
def desk(visitor: Visitor) -> Iterator[Visitor]:
    """An empty quarantine before, and after."""
    yield visitor
    with visitor.farthing.client(visitor.farthing.master_key) as client:
        for event in client.get("/api/v1/quarantine").json()["events"]:
            client.delete(f"/api/v1/quarantine/{event['id']}")


def send_bad(visitor: Visitor, *events: dict[str, Any]) -> None:
    answer = visitor.farthing.post("/api/v1/ingest/batch", {"events": [*events]}, visitor.ingest_key)
    assert answer.status_code in (202, 400), answer.text


def enter(visitor: Visitor, path: str, title: str, email: str = EMAIL) -> None:
    visitor.go(path)
    visitor.page.get_by_label("E-mail", exact=True).fill(email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(heading(visitor.page, title)).to_be_visible(timeout=PATIENCE)


def heading(page: Page, title: str) -> Locator:
    return page.get_by_role("heading", name=title, exact=True)


def rows(visitor: Visitor) -> Locator:
    return visitor.page.locator(".f-held")


def button(visitor: Visitor, name: str | re.Pattern[str]) -> Locator:
    return visitor.page.get_by_role("button", name=name)


def mend(visitor: Visitor, value: str) -> None:
    """Replay the only event that waits, with that value in the field that was wrong."""
    button(visitor, re.compile("^Replay (?!all)")).click()
    field = visitor.page.get_by_role("dialog").get_by_label("New value")
    field.fill(value)
    field.press("Enter")
    visitor.page.get_by_role("dialog").get_by_role("button", name="Replay", exact=True).click()
    expect(visitor.page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)


def requests(visitor: Visitor) -> int:
    found = visitor.farthing.get("/api/v1/spend", last="1h", measures="requests")["totals"]["requests"]
    return int(found or 0)


def test_a_field_is_mended_the_event_leaves_counts_and_the_log_says_who_did_it(desk: Visitor) -> None:
    before = requests(desk)
    send_bad(desk, call(prompt_tokens=-3, id="mended-in-the-browser", response_cost=4.25))
    enter(desk, "/quarantine", "Quarantine")
    expect(rows(desk)).to_contain_text("prompt_tokens is -3, expected a whole number")
    desk.page.evaluate("window.sameDocument = true")
    mend(desk, "12")
    expect(desk.page.get_by_text("No bad events")).to_be_visible(timeout=PATIENCE)
    assert desk.page.evaluate("window.sameDocument")
    event = desk.farthing.get("/api/v1/events/mended-in-the-browser")
    assert (event["input_tokens"], event["cost_usd"], requests(desk)) == (12, 4.25, before + 1)
    desk.page.get_by_role("link", name="Audit").click()
    newest = desk.page.locator(".f-deed").first
    expect(newest).to_contain_text(re.compile(f"{EMAIL} had the bad event q_[a-z0-9]+ replayed"), timeout=PATIENCE)
    newest.locator("summary").click()
    expect(newest.locator("tr").filter(has_text="changes.prompt_tokens")).to_contain_text("12")


def test_what_is_refused_again_says_its_new_reason_without_a_reload(desk: Visitor) -> None:
    send_bad(desk, call(prompt_tokens=-3, completion_tokens="many"))
    enter(desk, "/quarantine", "Quarantine")
    mend(desk, "12")
    expect(rows(desk)).to_contain_text("completion_tokens is many, expected a whole number", timeout=PATIENCE)
    expect(rows(desk)).to_contain_text("Refused again")
    rows(desk).locator("summary").click()
    expect(rows(desk).locator("tr").filter(has_text="prompt_tokens")).to_contain_text("12")


def test_all_are_replayed_after_a_question(desk: Visitor) -> None:
    before = requests(desk)
    send_bad(desk, *(call(prompt_tokens=-3) for _ in range(30)))
    with desk.farthing.client(desk.farthing.master_key) as client:
        for event in client.get("/api/v1/quarantine").json()["events"][:2]:
            client.post(f"/api/v1/quarantine/{event['id']}/replay", json={"event": {"prompt_tokens": 1}})
    enter(desk, "/quarantine", "Quarantine")
    expect(rows(desk)).to_have_count(25)
    desk.page.get_by_test_id("stPagination").get_by_text("2", exact=True).click()
    expect(rows(desk)).to_have_count(3, timeout=PATIENCE)
    button(desk, "Replay all 28").click()
    button(desk, "Cancel").click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    button(desk, "Replay all 28").click()
    button(desk, "Yes, replay 28").click()
    expect(rows(desk).first).to_contain_text("Refused again", timeout=PATIENCE)
    assert requests(desk) == before + 2


def test_their_number_beside_freshness_leads_to_them(desk: Visitor) -> None:
    desk.send(call())
    desk.enter()
    expect(desk.page.locator(".f-freshness")).not_to_contain_text("quarantine")
    send_bad(desk, call(prompt_tokens=-3), call(model=None))
    expect(desk.page.locator(".f-freshness")).to_contain_text("2 in quarantine", timeout=PATIENCE)
    desk.page.get_by_role("link", name="2 in quarantine").click()
    expect(heading(desk.page, "Quarantine")).to_be_visible(timeout=PATIENCE)
    expect(rows(desk)).to_have_count(2, timeout=PATIENCE)


def test_new_bad_events_appear_by_themselves_and_one_is_deleted_after_a_question(desk: Visitor) -> None:
    enter(desk, "/quarantine", "Quarantine")
    expect(desk.page.get_by_text("No bad events")).to_be_visible()
    send_bad(desk, call(prompt_tokens=-3))
    expect(rows(desk)).to_have_count(1, timeout=PATIENCE)
    button(desk, re.compile("^Delete ")).click()
    button(desk, "Yes, delete it").click()
    expect(rows(desk)).to_have_count(0, timeout=PATIENCE)


@pytest.fixture
def eve(farthing: Farthing) -> str:
    """Somebody who may look, and no more."""
    opened = open_installation(Settings(data_dir=farthing.data_dir, _env_file=None))
    with opened.database.write() as connection:
        if not users.exists(connection, VIEWER):
            user_id = users.ensure(connection, VIEWER, PASSWORD, now_us())
            members.add(connection, user_id, farthing.made["workspace_id"], "viewer")
    opened.database.close()
    return VIEWER


def test_a_viewer_looks_and_has_nothing_to_press(desk: Visitor, eve: str) -> None:
    send_bad(desk, call(prompt_tokens=-3))
    enter(desk, "/quarantine", "Quarantine", eve)
    expect(rows(desk)).to_have_count(1)
    expect(button(desk, ANY)).to_have_count(0)
    expect(desk.page.get_by_role("link", name="Audit")).to_have_count(0)
    desk.page.get_by_role("link", name="Settings").click()
    expect(desk.page.get_by_text("Admins and owners of the workspace change these.")).to_be_visible(timeout=PATIENCE)
    expect(button(desk, ANY)).to_have_count(0)


def test_a_setting_is_changed_with_the_keyboard_and_is_on_the_log(desk: Visitor) -> None:
    enter(desk, "/settings", "Settings")
    days = desk.page.get_by_label("Keep events for so many days")
    days.fill("123")
    days.press("Enter")
    expect(desk.page.get_by_text("Saved", exact=True)).to_be_visible(timeout=PATIENCE)
    assert desk.farthing.get("/api/v1/workspace", desk.farthing.master_key)["retention_days"] == 123
    desk.page.get_by_role("link", name="Audit").click()
    expect(desk.page.locator(".f-deed").first).to_contain_text(f"{EMAIL} changed the settings of", timeout=PATIENCE)


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_pages_fit_wide_and_narrow(window: Opening, desk: Visitor, tmp_path: Path, width: int, theme: Any) -> None:
    send_bad(desk, call(prompt_tokens=-3, model="a-model-with-a-long-name-" + "x" * 200))
    visitor = window(width, theme)
    enter(visitor, "/quarantine", "Quarantine")
    rows(visitor).locator("summary").first.click()
    for path, title in (("/quarantine", "Quarantine"), ("/audit", "Audit log"), ("/settings", "Settings")):
        visitor.go(path)
        expect(heading(visitor.page, title)).to_be_visible(timeout=PATIENCE)
        visitor.page.wait_for_timeout(1_000)
        for scrolls in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
            assert visitor.page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
        visitor.page.screenshot(path=tmp_path / f"{title}-{width}-{theme}.png")
    assert visitor.foreign == []
