"""The Requests page: the log page by page, searched and filtered, one request in full, and what was said in it for those
who may read it."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app import opened as running
from app import request_log
from app.sessions import Viewer, Visit
from app.views import requests as view
from models import audit, ledger
from models.accounts import members, users
from models.accounts.members import Membership
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.periods import now_us
from models.usage.event import Event, Tokens
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call
from tests.factories import make_entry
from tests.models.test_contents import SEAL, said

KEY = "a key of thirty-two characters or more"


def opened(dashboard: Dashboard, **query: str) -> Page:
    dashboard.sign_in()
    return dashboard.open("requests", **query)


def viewer_of(dashboard: Dashboard, role: str = "viewer", **values: Any) -> WorkspaceInfo:
    workspace = dashboard.workspace(email="owner@example.com", **values)
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, role)
    return workspace


def follow(page: Page, name: str) -> dict[str, str]:
    """The query of the link of that name, as the browser would ask for it."""
    found = re.search(rf'href="([^"]*)"[^>]*>{name}<', page.source)
    assert found, name
    return dict(parse_qsl(urlsplit(unescape(found[1])).query))


# -- the log ------------------------------------------------------------------------------------------------------


def test_a_new_workspace_is_told_how_to_begin(dashboard: Dashboard) -> None:
    dashboard.workspace()
    assert "No requests" not in opened(dashboard).text


def test_each_request_is_a_line_with_what_it_was_and_cost(dashboard: Dashboard) -> None:
    tokens = Tokens(input=12_345, output=678, total=13_023)
    dashboard.send(
        dashboard.workspace(timezone="Asia/Kolkata"),
        call(id="a", endpoint="/chat", team="search", token="ci", latency_us=1_850_000, tokens=tokens, cost=2_400_000),
    )
    page = opened(dashboard)
    for said_of_it in ("gpt-4o openai", "/chat", "search ci", "12.3k → 678", "1.85 s", "success", "$0.0024"):
        assert said_of_it in page.text
    assert 'title="$0.0024"' in page.source
    assert "Times are of Asia/Kolkata" in page.text


def test_failures_cache_hits_and_unpriced_ones_are_marked(dashboard: Dashboard) -> None:
    dashboard.send(
        dashboard.workspace(), call(id="a", status="failure", error_type="RateLimitError", error_str="slow down"),
        call(id="b", cache_hit=True), call(id="c", model="nobody-knows", cost=None),
    )  # fmt: skip
    page = opened(dashboard)
    assert "RateLimitError" in page.text
    assert 'title="slow down"' in page.source
    assert "cached" in page.text
    assert "unpriced" in page.text


def test_names_are_text_and_nothing_else(dashboard: Dashboard) -> None:
    evil = "<img src=x onerror=alert(1)>"
    dashboard.send(
        dashboard.workspace(), call(id=evil, endpoint=evil, team=evil, error_str=evil, user=evil, tags=[evil])
    )
    page = opened(dashboard)
    assert "<img" not in page.source
    assert "<img" not in dashboard.open("requests", id=evil).source
    assert "<img" not in dashboard.open("requests", search=evil).source


def test_a_tag_that_no_filter_means_alone_leads_nowhere(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(id="a", tags=["x", "x|y"]))
    source = opened(dashboard, id="a").source
    assert 'where=tag%3Ax"' in source
    assert "x|y" in source
    assert "x%7Cy" not in source


def test_nothing_is_compared_there(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call())
    assert "Compare" not in [each.label for each in opened(dashboard).app.checkbox]


def test_pages_follow_each_other_and_lead_back(dashboard: Dashboard) -> None:
    dashboard.send(
        dashboard.workspace(), *(call(60 + number, id=f"e{number}", endpoint=f"/e{number}-") for number in range(120))
    )
    first = opened(dashboard)
    assert "/e0-" in first.text
    assert "/e50-" not in first.text
    assert "50 requests on this page, of 120 that fit." in first.text
    second = turned(first, follow(first, "Older"))
    assert "/e50-" in second.text
    assert "/e49-" not in second.text
    third = turned(second, follow(second, "Older"))
    assert "20 requests on this page." in third.text
    assert ">Older</span>" in third.source
    again = turned(third, follow(third, "Newer"))
    assert "/e50-" in again.text
    assert "/e0-" in turned(again, follow(again, "Newest")).text


@pytest.mark.parametrize("query", [{"search": "nowhere"}, {"last": "1h", "where": "tag:x"}])
def test_what_only_reading_would_tell_is_not_counted(dashboard: Dashboard, query: dict[str, str]) -> None:
    dashboard.send(
        dashboard.workspace(), *(call(60, id=f"e{number}", tags=["x"], user="nowhere") for number in range(60))
    )
    dashboard.sign_in()
    assert "50 requests on this page." in dashboard.open("requests", **query).text


def turned(page: Page, query: dict[str, str]) -> Page:
    page.app.query_params.clear()
    page.app.query_params.update(query)
    return page.again()


def test_a_new_request_shows_on_the_first_page_and_moves_nobody_on_the_others(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(call(60 + number, id=f"e{number}", endpoint=f"/e{number}-") for number in range(60)))
    first = opened(dashboard)
    second = turned(first, follow(first, "Older")).text
    dashboard.send(workspace, call(1, id="new", endpoint="/new-"))
    assert first.again().text == second
    assert "/new-" in dashboard.open("requests").text


def test_filters_and_search_stand_in_the_address(dashboard: Dashboard) -> None:
    dashboard.send(
        dashboard.workspace(), call(id="a", endpoint="/a-", team="qa", error_str="Rate limit reached"),
        call(id="b", endpoint="/b-", team="search", user="ada@example.com"),
    )  # fmt: skip
    assert "/b-" not in opened(dashboard, where="team:qa").text
    assert "/a-" not in dashboard.open("requests", search="ADA@").text
    by_id = dashboard.open("requests", search="b", where="team:qa")
    assert "/b-" in by_id.text
    assert "The request of that id, whatever the period and the filters." in by_id.text
    assert "No requests in this period that fit." in dashboard.open("requests", search="nothing such").text


def test_what_is_typed_into_the_search_is_searched_from_the_first_page_on(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *(call(60 + number, id=f"e{number}", user="bob") for number in range(60)))
    first = opened(dashboard)
    second = turned(first, follow(first, "Older"))
    found = Page(second.app.text_input(key="search").set_value(" e3 ").run())
    assert "The request of that id" in found.text
    assert found.app.query_params["search"] == "e3"
    assert "cursor" not in found.app.query_params


def test_it_says_how_far_it_has_looked(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log.log, "PATIENCE", 300)
    dashboard.send(dashboard.workspace(), *(call(60 + number, id=f"e{number}") for number in range(700)))
    page = opened(dashboard, search="nothing such")
    assert "Looked through everything back to" in page.text
    further = turned(page, follow(page, "Older"))
    assert "No more requests." in further.text


def test_what_can_not_be_asked_is_said(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call())
    assert "cursor is not one of ours" in opened(dashboard, cursor="nonsense").text
    assert "can't be answered" in dashboard.open("requests", search="x" * 2_000).text


# -- one in full --------------------------------------------------------------------------------------------------


def test_its_cost_is_explained_line_by_line_and_they_come_to_it(dashboard: Dashboard) -> None:
    tokens = Tokens(input=1_000, cache_read=400, output=200, reasoning=50, total=1_200)
    dashboard.send(dashboard.workspace(), call(id="a/b", cost=None, tokens=tokens, team="search", tags=["x", "env:qa"]))
    page = opened(dashboard, id="a/b")
    for line in (
        "Input 600 $2.50 per 1M $0.0015", "Input, read from a prompt cache 400 $1.25 per 1M $0.0005",
        "Output 200 $10.00 per 1M $0.0020", "Total $0.0040",
    ):  # fmt: skip
        assert line in page.text
    assert "Price card genai-prices" in page.text
    assert "Input 1,000 of it read from a prompt cache 400 Output 200 of it reasoning 50 Total 1,200" in page.text
    assert 'href="/requests?where=team%3Asearch"' in page.source
    assert 'href="/requests?where=tag%3Aenv%3Aqa"' in page.source


def test_what_was_reported_stands_beside_the_price_list(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(id="a", cost=7_000, tokens=Tokens(input=1_000, output=0, total=1_000)))
    text = opened(dashboard, id="a").text
    assert "As reported $0.000007 Total $0.000007" in text
    assert "By the price list" in text
    assert "$0.0025" in text


def test_an_unpriced_one_says_why(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(id="a", cost=None, model="nobody-knows"))
    text = opened(dashboard, id="a").text
    assert "Not known: " in text
    assert "It is in no amount" in text


def test_a_failure_shows_its_error(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(id="a", status="failure", error_type="Timeout", error_str="too slow"))
    text = opened(dashboard, id="a").text
    assert "Timeout: too slow" in text
    assert "failed" in text


@pytest.mark.parametrize("event_id", ["nobody's", "x" * 2_000, "a\x00b"])
def test_one_that_is_not_there_is_told(dashboard: Dashboard, event_id: str) -> None:
    dashboard.send(dashboard.workspace(), call())
    assert "No such request" in opened(dashboard, id=event_id).text


def test_on_the_free_plan_log_search_and_page_show_what_matches(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "default", Source("openai", None, None))
    dashboard.send(
        workspace, call(id="shown", endpoint="/shown-", error_str="boom"),
        call(id="hidden", endpoint="/hidden-", provider="mistral", error_str="boom"),
    )  # fmt: skip
    page = opened(dashboard)
    for shown in (page, dashboard.open("requests", search="boom"), dashboard.open("requests", search="hidden")):
        assert "/hidden-" not in shown.source
    assert "/shown-" in page.text
    assert "No such request" in dashboard.open("requests", id="hidden").text


# -- what was said ------------------------------------------------------------------------------------------------


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch, dashboard: Dashboard) -> Dashboard:
    monkeypatch.setenv("FARTHING_CONTENT_KEY", KEY)
    return dashboard


def keep(dashboard: Dashboard, workspace: WorkspaceInfo, event: Event, text: str = "what does it cost?") -> None:
    entry = make_entry(workspace.id, event)
    entry.sealed = SEAL.close(workspace.id, str(event.id), said(text))
    with dashboard.installation.database.write() as connection:
        ledger.append(connection, [entry])


def look(page: Page) -> Page:
    return Page(page.app.button(key="look").click().run())


def looks(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[tuple[str, str]]:
    with dashboard.installation.database.read() as connection:
        found = audit.listed(connection, workspace.id).records
    return [(each["actor"], each["subject"]) for each in found if each["action"] == "content.look"]


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_those_who_may_see_it_when_they_ask_and_that_is_recorded(sealing: Dashboard, role: str) -> None:
    workspace = viewer_of(sealing, role, capture_content=True)
    keep(sealing, workspace, call(id="a"), "what does <b>it</b> cost?")
    page = opened(sealing, id="a")
    assert "what does" not in page.text
    assert looks(sealing, workspace) == []
    shown = look(page)
    assert "what does <b>it</b> cost?" in shown.text
    assert "No response came with this request." in shown.text
    assert "<b>it</b>" not in shown.source
    assert looks(sealing, workspace) == [(f"user {EMAIL}", "a")]
    assert "what does" not in shown.again().text, "it is shown once for each time that is asked"


def test_a_viewer_sees_nothing_of_it_also_past_the_page(sealing: Dashboard) -> None:
    workspace = viewer_of(sealing, capture_content=True)
    keep(sealing, workspace, call(id="a"))
    page = opened(sealing, id="a")
    assert "Admins and owners of the workspace can read them." in page.text
    assert [button.label for button in page.app.button] == []
    pretended = Membership(workspace, "owner")
    with pytest.raises(Forbidden):
        view.look(Visit(Viewer(EMAIL, (pretended,)), pretended), "a")
    assert looks(sealing, workspace) == []


def test_where_nothing_is_kept_it_says_so(sealing: Dashboard) -> None:
    workspace = sealing.workspace()
    sealing.send(workspace, call(id="a"))
    page = opened(sealing, id="a")
    assert "this workspace keeps no prompts and responses" in page.text
    assert page.app.button == []
    sealing.change(workspace, capture_content=True)
    assert "Nothing is kept of them: they were not sent" in page.again().text


def test_another_key_and_none_are_told_in_a_sentence(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = dashboard.workspace(capture_content=True)
    keep(dashboard, workspace, call(id="a"))
    assert "set FARTHING_CONTENT_KEY for API and dashboard" in look(opened(dashboard, id="a")).text
    running.opened.clear()
    monkeypatch.setenv("FARTHING_CONTENT_KEY", "another key, and as long as it must be")
    assert "another FARTHING_CONTENT_KEY" in look(opened(dashboard, id="a")).text
    assert looks(dashboard, workspace) == []
