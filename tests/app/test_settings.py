"""The Settings page: what the plan includes and how much of it is used, and what admins change."""

from typing import Any

import pytest
import streamlit as st

from app import zones
from app.sessions import Viewer, Visit
from app.views import settings as view
from models import audit, periods
from models.accounts import members, users, workspaces
from models.accounts.members import Membership
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call


def opened(dashboard: Dashboard, **query: str) -> Page:
    dashboard.sign_in()
    return dashboard.open("settings", **query)


def press(page: Page, label: str) -> Page:
    return Page(next(button for button in page.app.button if button.label == label).click().run())


def fill(page: Page, name: str | None = None, zone: str | None = None, days: int | None = None) -> Page:
    if name is not None:
        next(each for each in page.app.text_input if each.label == "Name").set_value(name)
    if zone is not None:
        next(each for each in page.app.selectbox if each.label == "Reporting time zone").select(zone)
    if days is not None:
        page.app.number_input[0].set_value(days)
    return press(page, "Save changes")


def now(dashboard: Dashboard, workspace: WorkspaceInfo) -> WorkspaceInfo:
    with dashboard.installation.database.read() as connection:
        return workspaces.by_id(connection, workspace.id)


def newest(dashboard: Dashboard, workspace: WorkspaceInfo) -> dict[str, Any]:
    with dashboard.installation.database.read() as connection:
        return audit.listed(connection, workspace.id).records[0]


# -- the plan -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Paid plan 2 events this month, without a limit Every event is stored."),
        ({"plan": "free"}, "Free plan 2 of 10,000 events this month Beyond that, events are refused with 402 “Free plan"),
        ({"monthly_events": 500}, "Paid plan 2 of 500 events this month Beyond that, events are stored and answered"),
        ({"monthly_events": 500, "overage": "block"}, "of 500 events this month Beyond that, events are refused with 402"),
    ],
)  # fmt: skip
def test_it_says_what_is_included_used_and_what_happens_beyond(
    dashboard: Dashboard, values: dict[str, Any], said: str
) -> None:
    dashboard.send(dashboard.workspace(**values), call(), call())
    assert said in opened(dashboard).text


def test_the_bar_is_as_full_as_the_month(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(monthly_events=8)
    dashboard.send(workspace, call(), call())
    page = opened(dashboard)
    assert "width: 25.0%" in page.source
    assert 'aria-valuenow="2"' in page.source
    dashboard.change(workspace, monthly_events=1)
    page = page.again()
    assert "width: 100.0%" in page.source
    assert "f-full" in page.source


def test_plan_and_allowance_are_the_operators_and_it_says_how(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARTHING_PUBLIC_API_URL", "https://cost.example.com")
    workspace = dashboard.workspace("Ada's team")
    page = opened(dashboard)
    assert "curl -sS -X PATCH https://cost.example.com/api/v1/workspace" in page.text
    assert """-H 'X-Farthing-Workspace: Ada'"'"'s team'""" in page.text
    assert workspace.id in page.text
    assert "https://cost.example.com" in page.text


# -- what admins change -------------------------------------------------------------------------------------------


def test_name_and_retention_are_changed_and_audited(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = fill(opened(dashboard), name="new name", days=30)
    assert (now(dashboard, workspace).name, now(dashboard, workspace).retention_days) == ("new name", 30)
    assert "Of the workspace new name." in page.text
    told = newest(dashboard, workspace)
    assert (told["actor"], told["action"], told["address"]) == (f"user {EMAIL}", "workspace.change", "192.0.2.7")
    assert told["details"]["after"] == {"name": "new name", "retention_days": 30}


def test_nothing_that_is_as_it_was_is_changed(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = opened(dashboard)
    before = newest(dashboard, workspace)
    fill(page, name=workspace.name)
    assert newest(dashboard, workspace) == before


def test_what_is_wrong_is_told_and_nothing_is_changed(dashboard: Dashboard) -> None:
    dashboard.workspace("other", email="bob@example.com")
    workspace = dashboard.workspace()
    assert "A workspace named 'other' exists already" in fill(opened(dashboard), name="other", days=30).text
    assert "name: expected a name of 1 to" in fill(opened(dashboard), name="  ").text
    assert now(dashboard, workspace) == workspace


def test_another_time_zone_is_asked_about_first(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = fill(opened(dashboard), zone="Europe/Berlin", days=30)
    assert "Days, weeks and months of team will be those of Europe/Berlin. Past days are told anew" in page.text
    assert now(dashboard, workspace) == workspace
    press(page, "Yes, change it")
    assert (now(dashboard, workspace).timezone, now(dashboard, workspace).retention_days) == ("Europe/Berlin", 30)


def test_a_zone_that_is_being_prepared_is_shown_and_can_be_called_off(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call())
    page = press(fill(opened(dashboard), zone="Europe/Berlin"), "Yes, change it")
    assert "The time zone becomes Europe/Berlin. Past days are being told anew" in page.text
    assert now(dashboard, workspace).timezone == "UTC"
    page = press(page, "Stay with UTC")
    assert "The time zone becomes" not in page.text
    assert now(dashboard, workspace).next_timezone is None


def test_zones_on_offer_are_those_that_are_taken(dashboard: Dashboard) -> None:
    dashboard.workspace()
    page = opened(dashboard)
    offered = next(each for each in page.app.selectbox if each.label == "Reporting time zone").options
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata"} <= set(offered)
    assert zones.REFUSED.isdisjoint(offered)
    for name in sorted(zones.REFUSED):
        with pytest.raises(ValueError, match="time zone"):
            periods.zone(name)
    for name in offered[::40]:
        assert periods.zone(name).key == name


def test_with_several_workspaces_it_stays_with_the_one_that_was_renamed(dashboard: Dashboard) -> None:
    dashboard.workspace("one")
    second = dashboard.workspace("two")
    page = fill(opened(dashboard, workspace="two"), name="renamed")
    assert "Of the workspace renamed." in page.text
    assert "Of the workspace renamed." in page.again().text
    assert now(dashboard, second).name == "renamed"


# -- who may ------------------------------------------------------------------------------------------------------


def test_a_viewer_reads_and_changes_nothing_also_past_the_page(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(email="owner@example.com", timezone="Europe/Berlin")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    page = opened(dashboard)
    assert "Reporting time zone Europe/Berlin" in page.text
    assert "Admins and owners of the workspace change these." in page.text
    assert [button.label for button in page.app.button] == []
    pretended = Membership(workspace, "owner")
    visit = Visit(Viewer(EMAIL, (pretended,)), pretended)
    st.session_state[view.WANTED] = {"name": "mine now"}
    with pytest.raises(Forbidden):
        view.save(visit)
    assert now(dashboard, workspace).name == "team"
