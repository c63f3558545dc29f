"""The Quarantine page: what is bad and why, for everybody; what to do about it, for those who may."""

from typing import Any

import pytest

from app.changes import changing
from app.sessions import Viewer, Visit
from app.views import quarantine as view
from models import audit, quarantine
from models.accounts import members, users
from models.accounts.members import Membership
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.periods import now_us
from models.quarantine import Held, Refusal
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page
from tests.factories import AUTHOR

COUNT = "a whole number from 0 to 1000000000000"


def hold(dashboard: Dashboard, workspace: WorkspaceInfo, *kept: dict[str, Any], field: str = "prompt_tokens") -> None:
    details = {"field": field, "value": -3, "expected": COUNT}
    events = [
        Held(workspace.id, now_us(), "ingest-batch", "checkout", f"Invalid payload: {field}", details, each)
        for each in kept or ({"model": "gpt-4o", field: -3},)
    ]
    with dashboard.installation.database.write() as connection:
        quarantine.hold(connection, events)


def rows(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[Any]:
    with dashboard.installation.database.read() as connection:
        return list(quarantine.page(connection, workspace.id, quarantine.Which(), 0, 1_000))


def as_viewer(dashboard: Dashboard) -> WorkspaceInfo:
    """A workspace that Ada may only look at."""
    workspace = dashboard.workspace(email="owner@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    return workspace


def opened(dashboard: Dashboard) -> Page:
    dashboard.sign_in()
    return dashboard.open("quarantine")


def press(page: Page, label: str) -> Page:
    found = [button for button in page.app.button if button.label.startswith(label)]
    return Page(found[0].click().run())


def labels(page: Page) -> list[str]:
    return [button.label for button in page.app.button]


# -- what is shown ------------------------------------------------------------------------------------------------


def test_without_bad_events_it_says_so(dashboard: Dashboard) -> None:
    dashboard.workspace()
    page = opened(dashboard)
    assert "Quarantine No bad events: everything that came in could be stored." in page.text
    assert labels(page) == []


def test_an_event_shows_what_is_wrong_when_where_whose_and_what_was_kept(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(timezone="Asia/Kolkata")
    hold(dashboard, workspace, {"model": "gpt-4o", "prompt_tokens": -3, "metadata": {"team": "search"}})
    page = opened(dashboard)
    assert "1 bad event waits here, counted nowhere" in page.text
    assert f"prompt_tokens is -3 , expected {COUNT}" in page.text
    assert "(Asia/Kolkata) · ingest-batch · key checkout ·" in page.text
    assert "What was kept of it model gpt-4o prompt_tokens -3 metadata.team search" in page.text


def test_names_are_text_and_nothing_else(dashboard: Dashboard) -> None:
    hold(dashboard, dashboard.workspace(), {"model": "<script>alert(1)</script>", "a<b": "**x**"})
    source = opened(dashboard).source
    assert "<script>" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in source


def test_what_is_missing_and_what_nobody_can_name_read_well(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    missing = Held(
        workspace.id, now_us(), "ingest", None, "x", {"field": "model", "value": None, "expected": "a name"}, {}
    )
    poisoned = Held(workspace.id, now_us(), "ingest", "k", "This event could not be stored", {}, {"model": "m"})
    with dashboard.installation.database.write() as connection:
        quarantine.hold(connection, [missing, poisoned])
    text = opened(dashboard).text
    assert "model is missing, expected a name" in text
    assert "no key" in text
    assert "Nothing of it could be kept." in text
    assert "This event could not be stored" in text


def test_filters_leave_what_is_wrong_in_that_field(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace, {"model": "one"}, {"model": "two"})
    hold(dashboard, workspace, {"model": "three"}, field="total_tokens")
    page = opened(dashboard)
    assert page.app.selectbox(key="held-field").options == ["prompt_tokens", "total_tokens"]
    page = Page(page.app.selectbox(key="held-field").select("total_tokens").run())
    assert "three" in page.text
    assert "one" not in page.text
    assert "Replay all 1" in labels(page)


def test_of_many_one_page_is_drawn(dashboard: Dashboard) -> None:
    hold(dashboard, dashboard.workspace(), *({"model": f"m{number:02}"} for number in range(60)))
    page = opened(dashboard)
    assert page.source.count("<article") == view.PAGE
    assert "60 bad events wait here" in page.text


# -- what may be done ---------------------------------------------------------------------------------------------


def test_a_field_is_replaced_and_the_event_waits_for_an_api_process(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace, {"model": "gpt-4o", "usage": {"input_tokens": -3}}, field="usage.input_tokens")
    page = press(opened(dashboard), "Replay " + rows(dashboard, workspace)[0]["id"][-4:])
    assert page.app.selectbox[-1].options == ["usage.input_tokens", "model"]
    page.app.text_input[-1].set_value("12")
    page = Page(next(each for each in page.app.button if each.label == "Replay").click().run())
    assert rows(dashboard, workspace)[0]["wanted"] == {"usage": {"input_tokens": 12}}
    assert "Waiting to be replayed" in page.text
    with dashboard.installation.database.read() as connection:
        told = audit.listed(connection, workspace.id).records[0]
    assert (told["actor"], told["action"], told["address"]) == (f"user {EMAIL}", "quarantine.replay", "192.0.2.7")
    assert told["details"] == {"changes": {"usage.input_tokens": 12}}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("12", 12), ("1.5", 1.5), ("true", True), ("null", None), ('"12"', "12"), (" gpt-4o ", "gpt-4o"), ("NaN", "NaN"),
     ("{", "{"), ('{"a": 1}', {"a": 1}), ("\ud800", "\ud800")],
)  # fmt: skip
def test_a_new_value_is_json_or_the_text_that_it_is(typed: str, read: Any) -> None:
    assert view.read(typed) == read


def test_left_empty_it_is_sent_again_as_it_is(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace)
    page = press(opened(dashboard), "Replay " + rows(dashboard, workspace)[0]["id"][-4:])
    next(each for each in page.app.button if each.label == "Replay").click().run()
    assert rows(dashboard, workspace)[0]["wanted"] == {}


def test_a_wish_that_nobody_carries_out_says_so_and_stays(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace)
    with dashboard.installation.database.write() as connection:
        long_ago = AUTHOR._replace(at_us=now_us() - quarantine.PATIENCE - 1)
        quarantine.ask(connection, workspace.id, rows(dashboard, workspace)[0]["id"], {}, long_ago)
    assert "Still waiting to be replayed, longer than it should: is an API process running?" in opened(dashboard).text
    assert rows(dashboard, workspace)[0]["wanted"] == {}


def test_a_refusal_shows_its_reason_and_when(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace)
    with dashboard.installation.database.write() as connection:
        quarantine.ask(connection, workspace.id, rows(dashboard, workspace)[0]["id"], {}, AUTHOR)
        refusal = Refusal("Usage limit reached", {}, {"model": "gpt-4o"})
        quarantine.refuse(connection, quarantine.wishes(connection, 1)[0], refusal, now_us())
    text = opened(dashboard).text
    assert "Usage limit reached" in text
    assert "Refused again, " in text


def test_all_that_fit_the_filter_are_asked_for_after_a_question(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace, *({"model": f"m{number}"} for number in range(3)))
    hold(dashboard, workspace, field="total_tokens")
    page = opened(dashboard)
    page = press(Page(page.app.selectbox(key="held-field").select("prompt_tokens").run()), "Replay all 3")
    assert "3 bad events will be sent again, as kept" in page.text
    assert all(row["asked_us"] is None for row in rows(dashboard, workspace))
    press(page, "Yes, replay 3")
    asked = [row["details"]["field"] for row in rows(dashboard, workspace) if row["asked_us"]]
    assert asked == ["prompt_tokens"] * 3


def test_deleting_asks_first(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace)
    page = press(opened(dashboard), "Delete ")
    assert "deleted for good" in page.text
    assert len(rows(dashboard, workspace)) == 1
    press(page, "Yes, delete it")
    assert rows(dashboard, workspace) == []


def test_one_that_is_gone_meanwhile_is_told(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    hold(dashboard, workspace, {"model": "a"}, {"model": "b"})
    page = press(opened(dashboard), "Delete ")
    button = next(each for each in page.app.button if each.label == "Yes, delete it")
    gone = str(button.key).removeprefix("delete-").removesuffix("-confirm")
    with dashboard.installation.database.write() as connection:
        quarantine.discard(connection, workspace.id, gone, AUTHOR)
    button.click().run()
    assert len(rows(dashboard, workspace)) == 1


# -- who may ------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_what_waits_and_no_buttons(dashboard: Dashboard) -> None:
    hold(dashboard, as_viewer(dashboard))
    page = opened(dashboard)
    assert "prompt_tokens is -3" in page.text
    assert labels(page) == []


def test_past_the_page_a_viewer_changes_nothing_either(dashboard: Dashboard) -> None:
    workspace = as_viewer(dashboard)
    hold(dashboard, workspace)
    dashboard.sign_in()
    pretended = Membership(workspace, "owner")
    visit = Visit(Viewer(EMAIL, (pretended,)), pretended)
    held_id = rows(dashboard, workspace)[0]["id"]
    for act in (
        lambda: view.wish(visit, held_id, {}),
        lambda: view.wish_all(visit, quarantine.Which()),
        lambda: view.forget(visit, held_id),
    ):
        with pytest.raises(Forbidden, match="Your role here is viewer: this needs admin"):
            act()
    with pytest.raises(Forbidden), changing(visit, "admin"):
        raise AssertionError("a viewer was let in")
    assert [row["asked_us"] for row in rows(dashboard, workspace)] == [None]


def test_another_workspaces_events_show_nowhere(dashboard: Dashboard) -> None:
    hold(dashboard, dashboard.workspace("theirs", email="bob@example.com"), {"model": "their-model"})
    dashboard.workspace("mine")
    assert "their-model" not in opened(dashboard).source


# -- beside freshness ---------------------------------------------------------------------------------------------


def test_their_number_stands_beside_freshness_and_leads_here(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.sign_in()
    assert "in quarantine" not in dashboard.open().text
    hold(dashboard, workspace, *({"model": f"m{number}"} for number in range(12)))
    page = dashboard.open()
    assert "· 12 in quarantine" in page.text
    assert 'href="/quarantine"' in page.source


def test_of_many_it_says_that_they_are_many(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace("one & only")
    dashboard.workspace("other")
    hold(dashboard, workspace, *({"model": "m"} for _ in range(quarantine.GLANCED + 1)))
    dashboard.sign_in()
    page = dashboard.open()
    assert "· 1,000+ in quarantine" in page.text
    assert 'href="/quarantine?workspace=one+%26+only"' in page.source
