"""The Users page: who is there, who is invited, and what each role may change."""

from typing import Any

import pytest
from streamlit.testing.v1.element_tree import Button

from models import audit
from models.accounts import invitations, members, users
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from tests.app.conftest import EMAIL, Dashboard, Page, a_moment_later
from tests.factories import AUTHOR

BOB = "bob@example.com"


@pytest.fixture
def workspace(dashboard: Dashboard) -> WorkspaceInfo:
    """Ada owns it and looks at it; Bob is a viewer."""
    made = dashboard.workspace()
    dashboard.sign_in()
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.create(connection, BOB, "x", now_us()), made.id, "viewer")
    return made


def become(dashboard: Dashboard, workspace: WorkspaceInfo, role: str) -> None:
    """Ada is not the owner any more."""
    with dashboard.installation.database.write() as connection:
        members.change_role(connection, workspace.id, BOB, "owner", AUTHOR)
        members.change_role(connection, workspace.id, EMAIL, role, AUTHOR)
    a_moment_later()


def people(dashboard: Dashboard, workspace: WorkspaceInfo) -> dict[str, str]:
    with dashboard.installation.database.read() as connection:
        return {each.email: each.role for each in members.people(connection, workspace.id)}


def button(page: Page, key: str) -> Button:
    return next(each for each in page.app.button if each.key == key)


def keys_of(page: Page) -> set[str]:
    return {str(each.key) for each in page.app.button}


def invite(page: Page, email: str, role: str = "Viewer") -> Page:
    field = next(each for each in page.app.text_input if str(each.key).startswith("invite-email"))
    field.set_value(email)
    page.app.selectbox(key="invite-role").select(role.lower())
    next(each for each in page.app.button if each.label == "Invite").click()
    return page.again()


def test_it_lists_who_is_there_and_as_what(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    text = dashboard.open("users").text
    assert "ada@example.com owner you" in text
    assert "bob@example.com viewer" in text


def test_an_invitation_is_a_link_that_is_shown_once(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    page = invite(dashboard.open("users"), " New@Example.com ", "Admin")
    (link,) = [block.value for block in page.app.code]
    address, _, word = link.partition("?invitation=")
    assert address.endswith("/join")
    assert "new@example.com admin by ada@example.com, until 20" in page.text
    with dashboard.installation.database.read() as connection:
        found = invitations.find(connection, word, now_us())
        assert (found.email, found.role, found.invited_by) == ("new@example.com", "admin", EMAIL)
    button(page, "users-kept").click()
    assert not page.again().app.code
    assert word not in dashboard.open("users").text


@pytest.mark.parametrize(("typed", "says"), [("nobody", "no e-mail"), (BOB, "is a member of this workspace already")])
def test_what_is_wrong_with_an_invitation_is_told_and_nothing_typed_is_lost(
    dashboard: Dashboard, workspace: WorkspaceInfo, typed: str, says: str
) -> None:
    page = invite(dashboard.open("users"), typed)
    assert says in page.text
    assert [each.value for each in page.app.text_input] == [typed]


def test_an_invitation_is_withdrawn_once_that_is_confirmed(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    page = invite(dashboard.open("users"), "new@example.com")
    (key,) = [each for each in keys_of(page) if each.startswith("withdraw-")]
    button(page, key).click()
    page = page.again()
    assert "The link of new@example.com will not work any more." in page.text
    next(each for each in page.app.button if each.label == "Withdraw").click()
    assert "Invited" not in page.again().text


def test_a_role_is_changed(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    page = dashboard.open("users")
    button(page, f"role-{BOB}-button").click()
    page = page.again()
    page.app.selectbox(key=f"role-{BOB}-role").select("admin")
    button(page, f"role-{BOB}-confirm").click()
    page.again()
    assert people(dashboard, workspace) == {EMAIL: "owner", BOB: "admin"}
    with dashboard.installation.database.read() as connection:
        record = audit.listed(connection, workspace.id).records[0]
    assert (record["actor"], record["action"], record["subject"], record["address"]) == (
        f"user {EMAIL}", "user.role", BOB, "192.0.2.7",
    )  # fmt: skip


def test_somebody_is_removed_once_that_is_confirmed(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    page = dashboard.open("users")
    button(page, f"remove-{BOB}-button").click()
    page = page.again()
    assert "bob@example.com will not see team any more" in page.text
    assert people(dashboard, workspace) == {EMAIL: "owner", BOB: "viewer"}
    button(page, f"remove-{BOB}-confirm").click()
    page.again()
    assert people(dashboard, workspace) == {EMAIL: "owner"}


def test_the_last_owner_is_told_what_to_do_first(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    page = dashboard.open("users")
    button(page, f"remove-{EMAIL}-button").click()
    page = page.again()
    button(page, f"remove-{EMAIL}-confirm").click()
    page = page.again()
    assert "A workspace needs an owner: make somebody else owner first" in page.text
    assert people(dashboard, workspace)[EMAIL] == "owner"


def test_an_admin_is_offered_what_an_admin_may(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    become(dashboard, workspace, "admin")
    page = dashboard.open("users")
    assert {each for each in keys_of(page) if each.endswith("-button")} == {
        f"role-{EMAIL}-button",
        f"remove-{EMAIL}-button",
    }
    assert page.app.selectbox(key="invite-role").options == ["Viewer", "Admin"]


def test_a_viewer_is_shown_none_of_it(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    become(dashboard, workspace, "viewer")
    page = dashboard.open("users")
    assert "An owner also makes owners" not in page.text
    assert not [each for each in keys_of(page) if each.startswith(("role-", "remove-"))]


@pytest.mark.parametrize("now", ["viewer", None])
def test_who_is_lowered_or_removed_meanwhile_changes_nothing(
    dashboard: Dashboard, workspace: WorkspaceInfo, now: str | None
) -> None:
    page = dashboard.open("users")
    button(page, f"remove-{BOB}-button").click()
    page = page.again()
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.create(connection, "eve@example.com", "x", now_us()), workspace.id, "owner")
        if now:
            members.change_role(connection, workspace.id, EMAIL, now, AUTHOR)
        else:
            members.remove(connection, workspace.id, EMAIL, AUTHOR)
    button(page, f"remove-{BOB}-confirm").click()
    page.again()
    assert BOB in people(dashboard, workspace)


def test_names_are_text(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    strange = "<script>*x*</script>@example.com"
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.create(connection, strange, "x", now_us()), workspace.id, "viewer")
    page = dashboard.open("users")
    assert "<script>" not in page.source
    assert strange in page.text


def test_a_long_list_is_searched(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    with dashboard.installation.database.write() as connection:
        for number in range(40):
            user_id = users.create(connection, f"p{number}@example.com", "x", now_us())
            members.add(connection, user_id, workspace.id, "viewer")
    page: Any = dashboard.open("users")
    assert len([each for each in keys_of(page) if each.startswith("remove-") and each.endswith("-button")]) == 25
    page.app.text_input(key="users-search").set_value("p39@")
    assert [each for each in keys_of(page.again()) if each.startswith("role-")] == ["role-p39@example.com-button"]
