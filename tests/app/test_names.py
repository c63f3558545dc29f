"""The Names page: what is told as something else, the form, look-alikes with one button each, and the way back."""

from datetime import date
from typing import Any

import pytest

from app import data
from app.components import lookalikes
from app.components import naming as form
from app.naming import Merge
from app.sessions import Visit
from models import audit, names
from models.accounts import members, users
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.money import NANO
from models.names import Kept
from models.periods import now_us
from models.spend.renames import Rename
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call
from tests.factories import AUTHOR


def enter(dashboard: Dashboard, **query: str) -> Page:
    dashboard.sign_in()
    return dashboard.open("names", **query)


def as_viewer(dashboard: Dashboard) -> WorkspaceInfo:
    """A workspace that Ada may only look at."""
    workspace = dashboard.workspace(email="owner@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    return workspace


def teams(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    """Of engineering 5 dollars, of its two look-alikes 3, of support 1."""
    spend = {"engineering": 5, "enginering": 1, "Engineering": 2, "support": 1}
    dashboard.send(workspace, *(call(60, cost * NANO, team=team) for team, cost in spend.items()))


def mapped(dashboard: Dashboard, workspace: WorkspaceInfo, rename: Rename) -> Kept:
    with dashboard.installation.database.write() as connection:
        return names.create(connection, workspace.id, rename, AUTHOR)


def kept(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[Rename]:
    with dashboard.installation.database.read() as connection:
        return [each.rename for each in names.of_workspace(connection, workspace.id)]


def labels(page: Page) -> list[str]:
    """The buttons, as they are read out."""
    return [button.label.replace(":gray[", "").replace("]", "").replace("\\", "") for button in page.app.button]


def press(page: Page, label: str) -> Page:
    button = dict(zip(labels(page), page.app.button, strict=True))[label]
    return Page(button.click().run())


def test_with_nothing_renamed_it_says_so(dashboard: Dashboard) -> None:
    dashboard.workspace()
    page = enter(dashboard)
    assert "Every value is told as it was sent." in page.text
    assert "Look-alikes" not in page.text


def test_look_alikes_are_merged_with_one_button(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    teams(dashboard, workspace)
    page = enter(dashboard)
    assert "team Engineering , enginering → look like engineering" in page.text
    assert "$3.00 of the last 90 days moves to it" in page.text
    page = press(page, "Merge Engineering, enginering into engineering")
    assert set(kept(dashboard, workspace)) == {
        Rename("team", "Engineering", "engineering"),
        Rename("team", "enginering", "engineering"),
    }
    assert "team enginering → is told as engineering always by ada@example.com, " in page.text
    assert "Look-alikes" not in page.text


def test_the_form_offers_what_there_is_and_keeps_what_was_typed_until_it_is_right(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    teams(dashboard, workspace)
    page = press(enter(dashboard), "Rename or merge")
    first: Any = page.app.selectbox(key="new-name-of-team")
    assert first.options == ["engineering · $5.00", "Engineering · $2.00", "enginering · $1.00", "support · $1.00"]
    first.set_value("support")
    page.app.selectbox(key="new-name-as-team").set_value("support")
    page.app.date_input(key="new-name-from").set_value(date(2026, 6, 1))
    page = press(page, "Save")
    assert "becomes: expected another value than name" in page.text
    assert kept(dashboard, workspace) == []
    page.app.selectbox(key="new-name-as-team").set_value("engineering")
    page = press(page, "Save")
    assert kept(dashboard, workspace) == [Rename("team", "support", "engineering", date(2026, 6, 1))]
    assert "from 2026-06-01" in page.text


def test_an_address_fills_the_form_in_once(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = enter(dashboard, dimension="env", name="prd", becomes="prod")
    assert [page.app.selectbox(key=f"new-name-{each}-env").value for each in ("of", "as")] == ["prd", "prod"]
    assert "name" not in page.app.query_params
    press(page, "Save")
    assert kept(dashboard, workspace) == [Rename("env", "prd", "prod")]


def test_a_name_is_taken_back_once_that_is_confirmed(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    teams(dashboard, workspace)
    mapped(dashboard, workspace, Rename("team", "enginering", "engineering"))
    page = press(enter(dashboard), "Take back enginering as engineering")
    assert "What came in as “enginering” is told so again" in page.text
    assert "“engineering” now has $6.00 of the last 90 days" in page.text
    assert kept(dashboard, workspace) != []
    press(page, "Take back")
    assert kept(dashboard, workspace) == []
    with dashboard.installation.database.read() as connection:
        record = audit.listed(connection, workspace.id).records[0]
    assert (record["actor"], record["action"], record["address"]) == (f"user {EMAIL}", "name.unmap", "192.0.2.7")


def test_a_viewer_reads_and_changes_nothing_also_past_the_page(dashboard: Dashboard) -> None:
    workspace = as_viewer(dashboard)
    teams(dashboard, workspace)
    stored = mapped(dashboard, workspace, Rename("team", "Engineering", "engineering"))
    page = enter(dashboard, dimension="team", name="enginering", becomes="engineering")
    assert "team Engineering → is told as engineering" in page.text
    assert "team enginering → look like engineering" in page.text
    assert not [label for label in labels(page) if label.startswith(("Rename", "Merge", "Take back", "Save"))]
    visit = visit_of(dashboard)
    with pytest.raises(Forbidden):
        form.merge(visit, Merge("team", ("enginering",), "engineering", 0, certain=False))
    with pytest.raises(Forbidden):
        form.remove(visit, stored)
    assert kept(dashboard, workspace) == [stored.rename]


def visit_of(dashboard: Dashboard) -> Visit:
    """Ada's, as pages have it."""
    viewer = data.viewer()
    assert viewer
    return viewer.visit(viewer.workspaces[0])


def test_names_are_text(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    strange = "<script>*x*</script>"
    mapped(dashboard, workspace, Rename("team", strange, "engineering"))
    page = enter(dashboard)
    assert "<script>" not in page.source
    assert strange in page.text


def test_a_table_leads_to_the_form_for_values_that_look_alike(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    visit = visit_of(dashboard)
    (pair,) = lookalikes.alike(visit, "team", {"eng": 2, "Eng": 1, "support": 1})
    assert lookalikes.address(visit, "team", pair).href == "/names?dimension=team&name=Eng&becomes=eng"
    assert lookalikes.alike(visit, "source", {"rest": 1, "Rest": 2}) == []


def test_who_has_several_workspaces_is_led_to_the_same_one(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.workspace("R&D")
    dashboard.sign_in()
    viewer = data.viewer()
    assert viewer
    visit = viewer.visit(viewer.workspaces[1])
    assert lookalikes.page(visit).href == "/names?workspace=R%26D"


def test_who_may_not_merge_is_not_asked_to(dashboard: Dashboard) -> None:
    as_viewer(dashboard)
    dashboard.sign_in()
    assert lookalikes.alike(visit_of(dashboard), "team", {"eng": 2, "Eng": 1}) == []
