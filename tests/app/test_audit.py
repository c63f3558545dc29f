"""The Audit page: who did what, in words, for those who manage the workspace."""

import csv
import io
from typing import Any

import pytest

from app import opened as running
from app.changes import changing
from app.sessions import COOKIE, Viewer, Visit
from app.views import audit as view
from models import audit, periods
from models.accounts import members, users
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author, Which
from models.errors import Forbidden
from models.periods import DAY, now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page


def record(dashboard: Dashboard, workspace: WorkspaceInfo, action: str, subject: str = "x", **told: Any) -> None:
    author = Author(told.pop("actor", "user bob@example.com"), told.pop("at_us", now_us()), "192.0.2.9")
    with dashboard.installation.database.write() as connection:
        audit.record(connection, author, workspace.id, action, subject, told)


def opened(dashboard: Dashboard) -> Page:
    dashboard.sign_in()
    return dashboard.open("audit")


def choose(page: Page, what: str, value: str) -> Page:
    return Page(page.app.selectbox(key=what).select(value).run())


def press(page: Page, label: str) -> Page:
    return Page(next(button for button in page.app.button if button.label == label).click().run())


def test_it_says_who_did_what_to_what_when_and_from_where(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(timezone="Asia/Kolkata")
    instant = periods.parse_time("2026-11-21T12:00:04Z")
    record(dashboard, workspace, "key.rotate", "key_1", at_us=instant, name="production", grace_seconds=3600)
    page = opened(dashboard)
    assert "bob@example.com rotated the key production 21 Nov 2026, 17:30:04 · from 192.0.2.9" in page.text
    assert 'title="2026-11-21T12:00:04Z"' in page.source
    assert "Times are of Asia/Kolkata" in page.text
    assert "Details action key.rotate subject key_1 name production grace_seconds 3600" in page.text


def test_the_newest_is_first_and_an_unknown_action_shows_as_it_is(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    record(dashboard, workspace, "moon.land", "eagle")
    text = opened(dashboard).text
    assert text.index("moon.land eagle") < text.index("made the workspace team")


def test_names_are_text_and_nothing_else(dashboard: Dashboard) -> None:
    record(dashboard, dashboard.workspace(), "key.create", name="<img src=x onerror=alert(1)>", actor="key <b>")
    source = opened(dashboard).source
    assert "<img" not in source
    assert "Key &lt;b&gt;" in source


def test_it_is_searched_by_who_what_and_when(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    record(dashboard, workspace, "key.create", name="old", at_us=now_us() - 40 * DAY)
    record(dashboard, workspace, "key.create", name="new")
    record(dashboard, workspace, "user.remove", "carol@example.com", actor="master key")
    page = opened(dashboard)
    assert page.app.selectbox(key="actor").options == ["Master key", "Tests", "bob@example.com"]
    assert page.app.selectbox(key="group").options[:3] == ["Keys", "Users", "Plans"]
    keys = choose(page, "group", "Keys")
    assert "made the key old" in keys.text
    assert "removed" not in keys.text
    recent = choose(keys, "period", "Last 30 days")
    assert "made the key new" in recent.text
    assert "made the key old" not in recent.text
    nobody = choose(recent, "actor", "master key")
    assert "Nothing was done that fits." in nobody.text


def test_a_change_of_plan_is_told_from_one_of_settings(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.change(workspace, plan="free", name="renamed")
    page = opened(dashboard)
    assert "Tests changed the plan of team" in choose(page, "group", "Plans").text
    text = choose(page, "group", "Workspace").text
    assert "changed the settings of team" in text
    assert "before.name team" in text
    assert "monthly_events" not in text


def test_it_is_turned_page_by_page_and_back(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    for number in range(view.PAGE + 5):
        record(dashboard, workspace, "key.create", name=f"k{number:02}")
    page = opened(dashboard)
    assert page.source.count("<article") == view.PAGE
    assert "the key k54" in page.text
    older = press(page, "Older")
    assert "the key k04" in older.text
    assert "the key k05" not in older.text
    assert next(button for button in older.app.button if button.label == "Older").disabled
    assert "the key k54" in press(older, "Newer").text


def csv_of(dashboard: Dashboard, workspace: WorkspaceInfo, which: Which) -> str:
    cookie = dashboard.cookies[COOKIE]
    viewer = running.opened().sessions.viewer(cookie, now_us())
    assert viewer
    return view.as_csv(viewer.visit(workspace), which, cookie)


def test_the_download_has_all_that_fits_and_no_formula(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    for number in range(view.PAGE + 5):
        record(dashboard, workspace, "key.create", "=1+1", name=f'k{number}, "the" best', actor="@key()")
    dashboard.sign_in()
    rows = list(csv.DictReader(io.StringIO(csv_of(dashboard, workspace, Which(nouns=("key",))))))
    assert len(rows) == view.PAGE + 5
    assert {row["subject"] for row in rows} == {"'=1+1"}
    assert {row["actor"] for row in rows} == {"'@key()"}
    assert rows[0]["details"] == '{"name": "k54, \\"the\\" best"}'


def test_another_workspaces_records_show_nowhere(dashboard: Dashboard) -> None:
    theirs = dashboard.workspace("theirs", email="carol@example.com")
    record(dashboard, theirs, "key.create", name="secret", actor="user carol@example.com")
    mine = dashboard.workspace("mine")
    page = opened(dashboard)
    assert "secret" not in page.source
    assert page.app.selectbox(key="actor").options == ["Tests"]
    assert "secret" not in csv_of(dashboard, mine, Which())


def test_it_is_not_there_for_viewers(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(email="owner@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    assert "made the workspace" not in opened(dashboard).source


def test_what_was_not_allowed_was_not_done_and_is_not_on_it(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(email="owner@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
        membership = members.memberships(connection, EMAIL)[0]
        before = audit.newest(connection, workspace.id)
    dashboard.sign_in()
    with pytest.raises(Forbidden), changing(Visit(Viewer(EMAIL, (membership,)), membership), "admin"):
        raise AssertionError("a viewer was let in")
    with dashboard.installation.database.read() as connection:
        assert audit.newest(connection, workspace.id) == before
