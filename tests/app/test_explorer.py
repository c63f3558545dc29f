"""The Cost Explorer as Streamlit runs it: empty, with little, with much, on the free plan, and for those who only look."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app import data, figures, questions
from app.components import saved
from app.opened import opened
from app.sessions import Visit
from models.accounts import members, users
from models.accounts.members import Membership
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.money import NANO
from models.periods import now_us
from models.spend.measures import MEASURES
from models.spend.query import parse
from tests.app.conftest import Dashboard, Page, call, explore, filled

DAY = 86_400  # seconds


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    questions.together.clear()
    questions.spend.clear()


def names(page: Page) -> list[str]:
    """Of what is drawn."""
    return [trace["name"] for trace in page.charts[0]["data"] if trace.get("meta")]


SOME = (
    call(provider="openai", team="search", cost=3 * NANO, tags=["env:prod", "nightly"]),
    call(2 * DAY, provider="openai", team="chat", cost=2 * NANO, tags=["env:qa"]),
    call(3 * DAY, provider="anthropic", team="search", cost=NANO, status="failure", cache_hit=False),
    call(40 * DAY, provider="openai", cost=3 * NANO),
)


# -- nothing, little, much ----------------------------------------------------------------------------------------


def test_a_new_workspace_is_told_what_to_do(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    page = explore(dashboard)
    assert "Send the first event" in page.text
    assert page.charts == []


def test_a_first_look_is_by_day_and_provider(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard)
    assert "Cost Explorer: Cost $6.00 +100.0 % against $3.00 in the period before" in page.text
    assert "Cost by day and provider" in page.text
    assert "days in UTC" in page.text
    assert names(page) == ["openai", "anthropic"]
    assert page.charts[0]["layout"]["yaxis"]["range"][0] == 0
    assert f'title="{figures.exact(MEASURES["cost"], 5 * NANO)}"' in page.source
    assert 'href="/explorer?where=provider%3Aopenai&amp;group_by=model"' in page.source


def test_a_filter_that_nothing_fits_is_said(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard, where="team:nobody")
    assert "No call of this period fits these filters." in page.text
    assert page.charts == []


def test_many_groups_are_eight_series_and_a_table_of_all_in_pages(dashboard: Dashboard) -> None:
    events = [call(60 + number, model=f"m{number:02}", cost=(number + 1) * NANO) for number in range(40)]
    filled(dashboard, *events)
    page = explore(dashboard, group_by="model")
    assert names(page) == [f"m{number}" for number in range(39, 32, -1)] + ["other"]
    assert sum(trace["y"][-1] for trace in traces(page)) == 820
    assert "Groups 40" in page.text
    assert "m15" in page.text
    assert "m14" not in page.text  # on the second page
    assert len(page.app.get("pagination")) == 1


def traces(page: Page) -> list[dict[str, Any]]:
    return [trace for trace in page.charts[0]["data"] if trace.get("meta")]


def test_the_first_and_the_others_add_up(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard, group_by="team,provider", limit="1", other="true", chart="table")
    assert page.charts == []
    assert "search openai $3.00 50.0 %" in page.text
    assert "other $3.00 50.0 %" in page.text


def test_without_groups_the_table_is_along_the_time(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard, granularity="day", last="7d")
    assert names(page) == ["all"]
    assert "By day" in page.text
    (first, *_) = [each for each in traces(page)[0]["customdata"] if each[0] == "$3.00"]
    assert f"?group_by=provider&amp;{first[1].replace('&', '&amp;')}" in page.source


def test_compared_with_the_period_before(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard, group_by="provider", compare="previous")
    assert "30 days before" in page.text
    assert "openai $5.00 $3.00 +66.7 %" in page.text
    assert "anthropic $1.00 $0.00 new" in page.text
    assert [trace["name"] for trace in page.charts[0]["data"]][-1] == "30 days before"


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ({"chart": "treemap", "group_by": "team,model"}, "treemap", "Cost by team and model"),
        ({"chart": "lines", "measures": "error_rate,requests", "group_by": "team"}, "scatter", "Error rate by day and team"),
        ({"chart": "area", "show": "share", "group_by": "team"}, "scatter", "Share of cost by day and team"),
        ({"show": "cumulative", "group_by": "team"}, "bar", "Running total of cost by day and team"),
        ({"granularity": "total", "group_by": "team"}, "bar", "Cost by team"),
        ({"show": "split"}, "bar", "not split"),
        ({"group_by": "tag.env", "show": "cumulative"}, "bar", "A call stands in the row of each of its tags"),
        ({"group_by": "tags,prompt,end_user"}, "bar", "it is read call by call"),
    ],
)  # fmt: skip
def test_ways_to_draw(dashboard: Dashboard, query: dict[str, str], kind: str, said: str) -> None:
    filled(dashboard, *SOME)
    page = explore(dashboard, **query)
    assert page.charts[0]["data"][0]["type"] == kind
    assert said in page.text


def test_unpriced_calls_are_said_beside_the_total(dashboard: Dashboard) -> None:
    filled(dashboard, call(), call(cost=None, model="secret-model"))
    page = explore(dashboard, group_by="model")
    assert "1 request has no known price" in page.text or "1 requests have no known price" in page.text
    assert "secret-model" in page.text


def test_what_can_not_be_asked_is_said(dashboard: Dashboard) -> None:
    filled(dashboard, call())
    assert "Unknown measure 'x'" in explore(dashboard, measures="x").text
    assert "Unknown dimension 'y'" in explore(dashboard, group_by="y").text


def test_names_of_strangers_are_text(dashboard: Dashboard) -> None:
    filled(dashboard, call(team="<img src=x onerror=alert(1)>"), call(team="other"))
    page = explore(dashboard, group_by="team")
    assert "<img" not in page.source
    assert "“other”" in page.text


# -- figures ------------------------------------------------------------------------------------------------------


def test_every_number_is_that_of_the_query_layer(dashboard: Dashboard) -> None:
    workspace = filled(dashboard, *SOME)
    page = explore(dashboard, group_by="team", last="7d", granularity="day")
    now = now_us()
    asked = {"group_by": ["team"], "last": ["7d"], "granularity": ["day"]}
    rows = opened().spend(workspace).answer(parse(asked, "UTC", now), now).rows
    drawn = {
        (trace["name"], day[:10]): round(value * NANO)
        for trace in traces(page)
        for day, value in zip(trace["x"], trace["y"], strict=True)
        if value
    }
    expected = {
        (row["team"] or "(none)", row["period"].isoformat()): row["cost_nano_usd"] for row in rows.iter_rows(named=True)
    }
    assert drawn == expected


def test_on_the_free_plan_what_is_hidden_is_in_no_number(dashboard: Dashboard) -> None:
    workspace = filled(dashboard, *SOME, plan="free")
    dashboard.key(workspace, "default", Source(provider="openai"))
    page = explore(dashboard)
    assert "Cost $5.00" in page.text
    assert "anthropic" not in json.dumps(page.charts)
    assert "hidden" in page.text


# -- saved views --------------------------------------------------------------------------------------------------


def as_viewer(dashboard: Dashboard, workspace: WorkspaceInfo, email: str) -> None:
    with dashboard.installation.database.write() as connection:
        members.add(
            connection, users.ensure(connection, email, "correct horse battery", now_us()), workspace.id, "viewer"
        )
    dashboard.sign_in(email)


def save(page: Page, name: str) -> Page:
    page.app.text_input(key="view-name").set_value(name)
    saver = next(button for button in page.app.button if button.label == "Save")
    return Page(saver.click().run())


def deletes(page: Page) -> list[str]:
    return [button.label for button in page.app.button if button.label.startswith("Delete :gray")]


def test_a_viewer_saves_a_view_that_everybody_opens_and_the_owner_deletes(dashboard: Dashboard) -> None:
    workspace = filled(dashboard, *SOME)
    as_viewer(dashboard, workspace, "eve@example.com")
    page = save(explore(dashboard, group_by="team", last="7d"), "By team")
    assert 'href="/explorer?last=7d&amp;group_by=team">By team</a>' in page.source
    assert len(deletes(page)) == 1
    as_viewer(dashboard, workspace, "bob@example.com")
    assert deletes(explore(dashboard)) == []
    dashboard.sign_in()
    page = explore(dashboard)
    button = next(button for button in page.app.button if button.label.startswith("Delete :gray"))
    page = Page(button.click().run())
    assert "“By team” goes from everybody's list" in page.text
    page = Page(next(button for button in page.app.button if button.label == "Delete").click().run())
    assert "By team" not in page.text


def test_who_is_no_admin_any_more_deletes_nobodys_view(dashboard: Dashboard) -> None:
    """Whatever the page was drawn for."""
    workspace = filled(dashboard, *SOME)
    save(explore(dashboard), "Ours")
    view = data.saved_views(workspace)[0]
    as_viewer(dashboard, workspace, "eve@example.com")
    viewer = data.viewer()
    assert viewer
    was_admin = Visit(viewer, Membership(workspace, "admin"))
    with pytest.raises(Forbidden):
        saved.remove(was_admin, view)
    assert data.saved_views(workspace) == [view]


def test_a_name_that_is_taken_is_told(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    page = save(save(explore(dashboard), "Mine"), "Mine")
    assert "There is a view called 'Mine' already" in page.text


def test_views_of_one_workspace_never_show_in_another(dashboard: Dashboard) -> None:
    filled(dashboard, *SOME)
    other = dashboard.workspace("other")
    dashboard.send(other, *SOME)
    save(explore(dashboard, workspace="team"), "Ours")
    assert "Ours" in explore(dashboard, workspace="team").text
    assert "Ours" not in explore(dashboard, workspace="other").source
