"""Whose a page is: what was typed, asked or shown is forgotten where somebody else looks, or at another workspace."""

import pytest
from sqlalchemy import Connection

from app import data
from app.opened import opened
from app.sessions import COOKIE
from app.views import audit
from models.accounts import members, users
from models.audit import Which
from models.errors import Forbidden
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, a_moment_later
from tests.factories import AUTHOR

SECRET, BOB = "fth_live_shown_to_one", "bob@example.com"


def showing(dashboard: Dashboard) -> Page:
    """The Keys page with a secret on it, and a question open."""
    page = dashboard.open("keys")
    page.app.session_state["secrets_shown"] = {"keys": ("A key", SECRET, "Shown once.")}
    page.app.session_state["asked"] = "delete-everything"
    return page.again()


def another_owner(connection: Connection, workspace_id: str) -> None:
    members.add(connection, users.ensure(connection, BOB, PASSWORD, now_us()), workspace_id, "owner")


def test_a_secret_stays_for_whom_it_was_shown_to(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    page = showing(dashboard)
    assert SECRET in page.text
    assert SECRET in page.again().text


def test_the_next_person_sees_nothing_of_it(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    with dashboard.installation.database.write() as connection:
        another_owner(connection, workspace.id)
    dashboard.sign_in()
    page = showing(dashboard)
    dashboard.sign_in(BOB)
    after = page.again()
    assert BOB in after.source
    assert SECRET not in after.text
    assert "asked" not in after.app.session_state


def test_nor_does_another_workspace(dashboard: Dashboard) -> None:
    dashboard.workspace("one")
    dashboard.workspace("two")
    dashboard.sign_in()
    page = showing(dashboard)
    assert SECRET in page.text
    page.app.selectbox(key="workspace").set_value("two")
    after = page.again()
    assert SECRET not in after.text
    assert "asked" not in after.app.session_state


def test_what_is_made_later_asks_anew_who_wants_it(dashboard: Dashboard) -> None:
    """A download is made apart from its page, whenever the browser asks for it."""
    workspace = dashboard.workspace()
    dashboard.workspace("another")
    dashboard.sign_in()
    cookie = dashboard.cookies[COOKIE]
    viewer = opened().sessions.viewer(cookie, now_us())
    assert viewer
    visit = viewer.visit(workspace)
    assert "workspace.create" in audit.as_csv(visit, Which(), cookie)
    with dashboard.installation.database.write() as connection:
        another_owner(connection, workspace.id)
        members.remove(connection, workspace.id, EMAIL, AUTHOR)
    a_moment_later()
    with pytest.raises(Forbidden):
        audit.as_csv(visit, Which(), cookie)
    with pytest.raises(Forbidden):
        data.require(visit, "viewer", None)


def test_a_page_for_others_says_whom_to_ask(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(email=BOB)
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    dashboard.sign_in()
    for address, title in (("audit", "Audit"), ("users", "Users")):
        page = dashboard.open(address)
        assert f"{title} is for admins" in page.text
        assert f"{BOB} can give you another one" in page.text


def test_without_a_workspace_one_still_has_an_account(dashboard: Dashboard) -> None:
    dashboard.person()
    dashboard.sign_in()
    page = dashboard.open()
    assert "No workspace yet" in page.text
    assert "Where you are signed in" in page.text
    assert [each.label for each in page.app.text_input] == ["Current password", "New password"]


@pytest.mark.parametrize("several", [False, True])
def test_an_address_of_somebody_elses_workspace_shows_nobodys_figures(dashboard: Dashboard, several: bool) -> None:
    """Neither theirs nor, as if it were theirs, one's own; and not on the next run either."""
    for name in ["mine", "mine too"] if several else ["mine"]:
        dashboard.workspace(name)
    dashboard.workspace("theirs", email=BOB)
    dashboard.sign_in()
    page = dashboard.open("settings", workspace="theirs")
    for shown in (page, page.again()):
        assert "You may not look at theirs" in shown.text
        assert "Time zone" not in shown.text
    assert "You may not look" not in dashboard.open("settings", workspace="mine").text
