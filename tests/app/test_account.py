"""The Account page: one's own password, browsers and workspaces."""

import pytest
from streamlit.testing.v1.element_tree import Button

from app.opened import opened
from app.sessions import COOKIE
from models import audit
from models.accounts import members, passwords, sessions, users
from models.accounts.sessions import Browser
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, a_moment_later

CHOSEN = "battery staple horse"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def workspace(dashboard: Dashboard) -> WorkspaceInfo:
    made = dashboard.workspace()
    dashboard.sign_in()
    return made


def elsewhere(dashboard: Dashboard, email: str = EMAIL) -> str:
    """Another browser that is signed in."""
    with dashboard.installation.database.write() as connection:
        user_id = users.ensure(connection, email, PASSWORD, now_us())
        return sessions.begin(connection, user_id, now_us(), Browser(FIREFOX, "198.51.100.9"))


def holder(dashboard: Dashboard, cookie: str) -> str | None:
    with dashboard.installation.database.read() as connection:
        return sessions.holder(connection, cookie, now_us())


def button(page: Page, label: str) -> Button:
    return next(each for each in page.app.button if each.label == label)


def change(page: Page, current: str, chosen: str) -> Page:
    for field, value in zip(page.app.text_input, (current, chosen), strict=True):
        field.set_value(value)
    button(page, "Change password").click()
    return page.again()


def test_a_password_is_changed_and_every_other_browser_signed_out(
    dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    other = elsewhere(dashboard)
    page = change(dashboard.open("account"), PASSWORD, CHOSEN)
    assert "Your password is changed." in page.text
    assert "Your password is changed." in page.again().text
    assert holder(dashboard, other) is None
    assert holder(dashboard, dashboard.cookies[COOKIE]) == EMAIL
    assert opened().sessions.known(EMAIL, CHOSEN)
    assert opened().sessions.known(EMAIL, PASSWORD) is None
    with dashboard.installation.database.read() as connection:
        record = audit.listed(connection, workspace.id).records[0]
    assert (record["actor"], record["action"]) == (f"user {EMAIL}", "user.password")
    assert CHOSEN not in str(record)


@pytest.mark.parametrize(
    ("current", "chosen", "says"),
    [
        ("not that one", CHOSEN, "The current password is not right"),
        (PASSWORD, "short", "10 to 256 printable characters"),
    ],
)
def test_it_takes_the_current_one_and_a_good_one(
    dashboard: Dashboard, workspace: WorkspaceInfo, current: str, chosen: str, says: str
) -> None:
    page = change(dashboard.open("account"), current, chosen)
    assert says in page.text
    assert "Your password is changed." not in page.text
    assert opened().sessions.known(EMAIL, PASSWORD)


def test_guessing_at_an_open_page_is_throttled_like_signing_in(
    dashboard: Dashboard, workspace: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = dashboard.open("account")
    for _ in range(10):
        page = change(page, "wrong", CHOSEN)
    monkeypatch.setattr(passwords, "HASHER", None)  # whoever hashes now fails
    assert "Too many attempts: try again in 15 minutes" in change(page, PASSWORD, CHOSEN).text


def test_it_lists_where_one_is_signed_in(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    elsewhere(dashboard)
    elsewhere(dashboard, "bob@example.com")
    text = dashboard.open("account").text
    assert "Unknown browser this one unknown address" in text
    assert text.count("Firefox on Linux 198.51.100.9 signed in") == 1


def test_one_browser_is_signed_out(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    other = elsewhere(dashboard)
    page = dashboard.open("account")
    (end,) = [each for each in page.app.button if str(each.key).startswith("end-")]
    end.click()
    assert "Firefox" not in page.again().text
    assert holder(dashboard, other) is None
    assert holder(dashboard, dashboard.cookies[COOKIE]) == EMAIL


def test_all_of_them_are_once_that_is_confirmed(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    other = elsewhere(dashboard)
    page = dashboard.open("account")
    button(page, "Sign out everywhere").click()
    page = page.again()
    assert "this one too" in page.text
    assert holder(dashboard, other) == EMAIL
    next(each for each in page.app.button if each.key == "sign-out-everywhere-confirm").click()
    page = page.again()
    assert holder(dashboard, other) is None
    assert holder(dashboard, dashboard.cookies[COOKIE]) is None
    assert "You are signed out" in page.text


def test_a_member_leaves_and_the_last_owner_can_not(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    other = dashboard.workspace("other", "bob@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.named(connection, EMAIL), other.id, "viewer")
    a_moment_later()
    page = dashboard.open("account")
    assert "other viewer" in page.text
    for each in (workspace, other):
        next(found for found in page.app.button if found.key == f"leave-{each.id}-button").click()
        page = page.again()
        next(found for found in page.app.button if found.key == f"leave-{each.id}-confirm").click()
        page = page.again()
        if each is workspace:
            assert "A workspace needs an owner" in page.text
            next(found for found in page.app.button if found.key == f"leave-{each.id}-cancel").click()
            page = page.again()
    with dashboard.installation.database.read() as connection:
        assert [each.workspace.name for each in members.memberships(connection, EMAIL)] == ["team"]


def test_no_page_but_this_one_is_about_it_and_the_menu_does_not_list_it(
    dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    page = dashboard.open()
    assert EMAIL in page.text
    assert [each.proto.label for each in page.app.get("page_link")] == ["Account"]


def test_somebody_without_a_workspace_may_leave_and_is_let_in_when_there_is_one(dashboard: Dashboard) -> None:
    dashboard.person()
    dashboard.sign_in()
    page = dashboard.open()
    assert "No workspace yet" in page.text
    assert 'action="/logout"' in page.source
    dashboard.workspace()
    a_moment_later()
    assert "No workspace yet" not in page.again().text
