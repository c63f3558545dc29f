"""The part of the settings about prompts and responses: owners switch it, others read how it stands."""

from typing import Any

import pytest

from app.components import capture
from app.sessions import Viewer, Visit
from models import audit, contents
from models.accounts import members, users
from models.accounts.members import Membership
from models.accounts.workspaces import WorkspaceInfo, by_id
from models.errors import Conflict, Forbidden
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call
from tests.app.test_requests import KEY, keep


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch, dashboard: Dashboard) -> Dashboard:
    monkeypatch.setenv("FARTHING_CONTENT_KEY", KEY)
    return dashboard


def opened(dashboard: Dashboard) -> Page:
    dashboard.sign_in()
    return dashboard.open("settings")


def now(dashboard: Dashboard, workspace: WorkspaceInfo) -> tuple[bool, int]:
    with dashboard.installation.database.read() as connection:
        found = by_id(connection, workspace.id)
    return found.capture_content, found.content_days


def records(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[tuple[str, Any]]:
    with dashboard.installation.database.read() as connection:
        found = audit.listed(connection, workspace.id).records
    return [(each["action"], each["details"]) for each in found if each["action"].startswith("content.")]


def toggle(page: Page) -> Any:
    return next(each for each in page.app.toggle if each.label.startswith("Keep prompts"))


def save(page: Page, on: bool | None = None, days: int | None = None) -> Page:
    if on is not None:
        toggle(page).set_value(on)
    if days is not None:
        next(each for each in page.app.number_input if each.label.startswith("Delete them")).set_value(days)
    return press(page, "Save")


def press(page: Page, label: str) -> Page:
    return Page(next(button for button in page.app.button if button.label == label).click().run())


def test_an_owner_switches_it_and_that_is_recorded(sealing: Dashboard) -> None:
    workspace = sealing.workspace()
    page = save(opened(sealing), on=True, days=3)
    assert now(sealing, workspace) == (True, 3)
    save(page, on=False)
    assert now(sealing, workspace) == (False, 3)
    assert [action for action, _ in records(sealing, workspace)] == ["content.off", "content.on"]


def test_without_a_key_it_can_not_be_switched_on_and_it_says_why(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = opened(dashboard)
    assert toggle(page).disabled
    assert "set FARTHING_CONTENT_KEY for API and dashboard" in page.text
    visit = Visit(Viewer(EMAIL, (Membership(workspace, "owner"),)), Membership(workspace, "owner"))
    with pytest.raises(Conflict, match="FARTHING_CONTENT_KEY"):
        capture.save(visit, {"capture_content": True})


def test_without_a_key_it_can_be_switched_off(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(capture_content=True)
    save(opened(dashboard), on=False)
    assert now(dashboard, workspace) == (False, 7)


def test_what_is_kept_is_deleted_when_an_owner_says_so_twice(sealing: Dashboard) -> None:
    workspace = sealing.workspace(capture_content=True)
    keep(sealing, workspace, call(id="a"))
    keep(sealing, workspace, call(id="b"))
    page = opened(sealing)
    assert "Of 2 requests they are kept now." in page.text
    page = press(page, "Delete now")
    assert "Prompts and responses of 2 requests are deleted for good." in page.text
    page = press(page, "Yes, delete them")
    assert "they are kept now" not in page.text
    with sealing.installation.database.read() as connection:
        assert contents.count(connection, workspace.id) == 0
    assert records(sealing, workspace)[0] == ("content.delete", {"events": 2})


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_others_read_how_it_stands_and_change_nothing_also_past_the_page(sealing: Dashboard, role: str) -> None:
    workspace = sealing.workspace(email="owner@example.com", capture_content=True)
    with sealing.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, role)
    keep(sealing, workspace, call(id="a"))
    page = opened(sealing)
    assert "Kept yes For 7 days Owners of the workspace change this." in page.text
    assert "Delete now" not in [button.label for button in page.app.button]
    pretended = Membership(workspace, "owner")
    visit = Visit(Viewer(EMAIL, (pretended,)), pretended)
    for change in (lambda: capture.save(visit, {"capture_content": False}), lambda: capture.delete(visit)):
        with pytest.raises(Forbidden):
            change()
    assert now(sealing, workspace) == (True, 7)
