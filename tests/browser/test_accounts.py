"""People in real browsers: joining by a link, being removed, signing out everywhere, signing up."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from models.periods import now_us
from tests.browser.conftest import EMAIL, PASSWORD, PATIENCE, Opening, Visitor
from tests.servers import Farthing

CHOSEN = "battery staple horse"


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """Where anybody may sign up."""
    started = Farthing.prepare(
        tmp_path_factory.mktemp("farthing"),
        FARTHING_ADMIN_EMAIL=EMAIL, FARTHING_ADMIN_PASSWORD=PASSWORD, FARTHING_OPEN_SIGNUP="true",
    )  # fmt: skip
    try:
        started.start_api()
        started.start_app()
        yield started
    finally:
        started.stop()


def heading(visitor: Visitor, name: str | re.Pattern[str]) -> Locator:
    return visitor.page.get_by_role("heading", name=name)


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("button", name=name, exact=True)


def choose_password(visitor: Visitor, label: str, press: str) -> None:
    visitor.page.get_by_label(label).fill(CHOSEN)
    button(visitor, press).click()


def enter(visitor: Visitor, path: str, title: str, email: str = EMAIL, password: str = PASSWORD) -> None:
    visitor.go(path)
    visitor.page.get_by_label("E-mail", exact=True).fill(email)
    visitor.page.get_by_label("Password", exact=True).fill(password)
    button(visitor, "Sign in").click()
    expect(heading(visitor, title)).to_be_visible(timeout=PATIENCE)


def member(farthing: Farthing, email: str, workspace: str, role: str = "viewer") -> None:
    """Somebody with an account of their own, in a workspace of that name."""
    farthing.run("init", "--workspace", workspace)
    farthing.run("users", "add", email, "--workspace", workspace, "--role", role)


def reset_link(farthing: Farthing, email: str) -> str:
    printed = farthing.run("users", "reset-password", email).stdout.strip()
    return printed[printed.index("/reset") :]


def test_an_invitation_leads_a_second_person_into_the_workspace(window: Opening) -> None:
    ada, bob = window(), window()
    enter(ada, "/users", "Users")
    ada.page.get_by_label("E-mail", exact=True).fill("bob@example.com")
    button(ada, "Invite").click()
    link = ada.page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{ada.farthing.app_url}/join?invitation=")
    bob.page.goto(link)
    expect(heading(bob, "Join default")).to_be_visible()
    expect(bob.page.get_by_label("E-mail")).to_have_value("bob@example.com")
    with bob.page.expect_request(lambda asked: asked.method == "POST") as sent:
        choose_password(bob, "Choose a password", "Create account and join")
    said = sent.value.all_headers()
    assert said["origin"] == bob.farthing.app_url  # what a browser says that keeps no secret of where its form is
    assert "invitation" not in sent.value.url
    expect(bob.page.get_by_text("bob@example.com")).to_be_visible(timeout=PATIENCE)
    expect(bob.page.locator(".f-workspace")).to_contain_text("default")
    expect(ada.page.locator(".f-person", has_text="bob@example.com")).to_contain_text("viewer", timeout=PATIENCE)
    expect(ada.page.get_by_text("Invited", exact=True)).to_have_count(0)
    bob.page.goto(link)
    expect(bob.page.get_by_role("alert")).to_contain_text("This invitation can't be used")
    assert bob.foreign == []


def test_removal_closes_an_open_page(window: Opening) -> None:
    member(window().farthing, "carol@example.com", "removal")
    ada, carol = window(), window()
    carol.go(reset_link(carol.farthing, "carol@example.com"))
    choose_password(carol, "New password", "Set password")
    expect(carol.page.locator(".f-workspace")).to_contain_text("removal", timeout=PATIENCE)
    enter(ada, "/users?workspace=removal", "Users")
    button(ada, "Remove carol@example.com").click()
    expect(ada.page.get_by_text("carol@example.com will not see removal any more")).to_be_visible()
    button(ada, "Remove").click()
    expect(heading(carol, "No workspace yet")).to_be_visible(timeout=PATIENCE)
    expect(carol.page.locator(".f-workspace")).to_have_count(0)
    expect(ada.page.locator(".f-person")).to_have_count(1)


def test_who_is_lowered_loses_what_the_role_had_on_an_open_page(window: Opening) -> None:
    dora = window()
    member(dora.farthing, "dora@example.com", "lowering", "admin")
    dora.go(reset_link(dora.farthing, "dora@example.com"))
    choose_password(dora, "New password", "Set password")
    expect(dora.page.locator(".f-workspace")).to_be_visible(timeout=PATIENCE)
    dora.go("/users")
    expect(heading(dora, "Users")).to_be_visible(timeout=PATIENCE)
    dora.farthing.run("users", "role", "dora@example.com", "viewer", "--workspace", "lowering")
    expect(heading(dora, "Users is for admins")).to_be_visible(timeout=PATIENCE)
    expect(dora.page.get_by_role("link", name="Users")).to_have_count(0)


def test_signing_out_everywhere_closes_every_open_page(window: Opening) -> None:
    here, there = window(), window()
    enter(here, "/account", "Account")
    enter(there, "/account", "Account")
    button(here, "Sign out everywhere").click()
    expect(here.page.get_by_text("this one too")).to_be_visible()
    here.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    for visitor in (here, there):
        expect(heading(visitor, "Sign in")).to_be_visible(timeout=PATIENCE)
        expect(visitor.page.locator(".f-title")).to_have_count(0)


def test_a_changed_password_closes_the_other_browser_and_keeps_this_one(window: Opening) -> None:
    here, there = window(), window()
    email = "eve@example.com"
    member(here.farthing, email, "changing")
    here.go(reset_link(here.farthing, email))
    choose_password(here, "New password", "Set password")
    expect(here.page.locator(".f-workspace")).to_be_visible(timeout=PATIENCE)
    enter(there, "/account", "Account", email, CHOSEN)
    here.go("/account")
    here.page.get_by_label("Current password").fill(CHOSEN)
    here.page.get_by_label("New password").fill("another good password")
    button(here, "Change password").click()
    expect(here.page.get_by_text("Your password is changed.")).to_be_visible(timeout=PATIENCE)
    expect(heading(there, "Sign in")).to_be_visible(timeout=PATIENCE)
    expect(heading(here, "Account")).to_be_visible()


def test_from_the_form_to_a_key_that_works_against_the_api(visitor: Visitor) -> None:
    visitor.go("/login")
    visitor.page.get_by_role("link", name="Create an account").click()
    visitor.page.get_by_label("E-mail").fill("new@example.com")
    visitor.page.get_by_label("Workspace").fill("Acme & co")
    choose_password(visitor, "Password", "Create account")
    expect(heading(visitor, "Your first key")).to_be_visible()
    key = visitor.page.locator("#key").inner_text()
    button(visitor, "Copy").click()
    expect(button(visitor, "Copied")).to_be_visible()
    answer = visitor.farthing.post("/api/v1/ingest", {"model": "gpt-4o", "startTime": now_us() // 1_000_000}, key)
    assert answer.status_code == 202, answer.text
    button(visitor, "Connect your application").click()
    expect(visitor.page.locator(".f-workspace")).to_contain_text("Acme & co", timeout=PATIENCE)
    assert "/connect" in visitor.page.url
    assert visitor.foreign == []


def test_a_chosen_workspace_stays_from_page_to_page(window: Opening) -> None:
    visitor = window()
    visitor.farthing.run("init", "--workspace", "staying")
    enter(visitor, "/users?workspace=staying", "Users")
    chosen = visitor.page.get_by_role("combobox", name="Workspace")
    for title in ("Account", "Users", "Overview"):
        visitor.page.get_by_role("link", name=title, exact=True).click()
        visitor.page.wait_for_timeout(1_500)
        expect(chosen).to_have_value("staying", timeout=PATIENCE)
    visitor.page.reload()
    expect(chosen).to_have_value("staying", timeout=PATIENCE)
    expect(button(visitor, "Sign out")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_the_pages_fit_wide_and_narrow_light_and_dark(window: Opening, tmp_path: Path, width: int, theme: str) -> None:
    visitor = window(width, theme)
    long = "somebody.with.a.name.that.is.longer.than.any.window.is.wide." + "x" * 120 + "@example.com"
    visitor.farthing.run("users", "invite", long, check=False)
    link = visitor.farthing.run("users", "invite", f"p{width}{theme}@example.com").stdout.strip()
    for path in (link[link.index("/join") :], "/signup", "/login"):
        visitor.go(path)
        require_fit(visitor, "document.documentElement")
        visitor.page.screenshot(path=tmp_path / f"{urlsplit(path).path[1:]}-{theme}-{width}.png")
    enter(visitor, "/users", "Users")
    for title, path in (("Users", "/users"), ("Account", "/account")):
        visitor.go(path)
        expect(heading(visitor, title)).to_be_visible(timeout=PATIENCE)
        visitor.page.wait_for_timeout(1_000)
        require_fit(visitor, "document.querySelector('[data-testid=stMain]')")
        visitor.page.screenshot(path=tmp_path / f"{title}-{theme}-{width}.png")


def require_fit(visitor: Visitor, scrolls: str) -> None:
    assert visitor.page.evaluate(f"{scrolls}.scrollWidth - {scrolls}.clientWidth") <= 0
