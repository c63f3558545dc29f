"""The lenses as Streamlit runs them: empty, with little, with thousands of members, on the free plan, for viewers; and
their figures are those of the query API."""

import re
from typing import Any

import pytest

from app import formats
from app.lenses import LENSES
from app.opened import opened
from models.accounts import members, users
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.money import NANO
from models.periods import now_us
from models.spend.query import parse
from models.spend.table import Spend
from models.usage.event import Event, Tokens
from tests.app.conftest import PASSWORD, Dashboard, Page, call

DAY = 86_400  # seconds
VIEWER = "vera@example.com"
MANY = 2_500  # tokens
PATHS = [lens.path for lens in LENSES]


def few() -> list[Event]:
    """Two members of each dimension and calls that name none, today and 40 days ago."""
    one: dict[str, Any] = {"endpoint": "/chat", "token": "web", "team": "search", "department": "eng", "agent": "helper",
           "feature": "chat", "end_user": "ann"}  # fmt: skip
    two: dict[str, Any] = {"endpoint": "/mail", "token": "ci", "team": "post", "department": "ops", "agent": "writer",
           "feature": "mail", "end_user": "bob", "provider": "anthropic", "model": "claude-sonnet-4-5"}  # fmt: skip
    return [
        call(cost=3 * NANO + 1, **one),
        call(cost=NANO, **two),
        call(cost=NANO, status="failure", error_type="Timeout", **two),
        call(cost=2 * NANO, team="<b>old</b>", ago_s=40 * DAY),
        call(cost=NANO, ago_s=40 * DAY, **one),
        call(cost=None, model="nobody-knows-it", provider="lab", **{k: v for k, v in one.items() if k == "token"}),
    ]


def asked(workspace: WorkspaceInfo, **parameters: str) -> Spend:
    now = now_us()
    query = parse({name: [value] for name, value in parameters.items()}, workspace.timezone, now)
    return opened().spend(workspace).answer(query, now)


def first_table(page: Page) -> str:
    """Of the members; parts come below it."""
    return next(str(body) for each in page.app.get("html") if 'class="f-table"' in (body := each.proto.body))


def members_of(page: Page) -> list[tuple[str, str]]:
    """Name and exact amount, row by row."""
    rows = re.findall(r"<tr style.*?</tr>", first_table(page), re.DOTALL)
    found = [re.search(r'f-name[^>]*title="([^"]*)".*?<td(?: title="([^"]*)")?', row, re.DOTALL) for row in rows]
    return [(each[1], each[2] or "") for each in found if each]


def viewer_of(dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    with dashboard.installation.database.write() as connection:
        who = users.ensure(connection, VIEWER, PASSWORD, now_us())
        members.add(connection, who, workspace.id, "viewer")


# -- with little --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lens", LENSES, ids=PATHS)
def test_every_lens_says_of_each_member_what_the_api_says_and_they_add_up(dashboard: Dashboard, lens: Any) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *few())
    viewer_of(dashboard, workspace)
    dashboard.sign_in(VIEWER)
    page = dashboard.open(lens.path)
    assert not page.app.exception
    answer = asked(workspace, group_by=lens.dimension, measures=f"{lens.about},requests,unpriced_requests")
    column = lens.measure.column
    expected = {
        row[lens.dimension] or "(none)": "" if not row[column] and row["unpriced_requests"] and lens.about == "cost"
        else formats.exact(row[column])
        for row in answer.rows.iter_rows(named=True)
    }  # fmt: skip
    shown = dict(members_of(page))
    assert {name: shown.get(name) for name in expected} == expected
    assert answer.rows[column].sum() == answer.totals[column]
    assert f'class="f-number" title="{formats.exact(answer.totals[column])}"' in page.source
    for word in ("Share", "Change", "Trend", "7 days", "Last 30 days", "Error rate", "Errors by type", "Timeout"):
        assert word in page.text, word
    assert "1 request has no known price" in page.text
    assert "<b>" not in page.source


def test_a_member_that_is_new_or_gone_says_so(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    text = dashboard.open("teams").text
    assert re.search(r"post \$2\.00 \S+ % new", text)
    assert re.search(r"<b>old</b> \$0\.00 \S+ % gone", text)
    assert "1 of them only in the period before" in text


def test_few_members_with_much_of_it_are_a_sentence(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(call(endpoint=f"/{n}", cost=cost * NANO) for n, cost in enumerate((60, 21, 9, 5, 5))))
    dashboard.sign_in()
    assert "/0 alone is 60 % of spend." in dashboard.open("endpoints").text.replace("\u202f", " ")
    narrowed = dashboard.open("endpoints", where="endpoint!:/0").text.replace("\u202f", " ")
    assert "/1 alone is 52 % of spend." in narrowed


def test_the_period_before_is_a_line_where_it_is_asked_for(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    ghosts = [[trace["name"] for trace in dashboard.open("teams", **query).charts[0]["data"]] for query in
              ({}, {"compare": "previous"})]  # fmt: skip
    assert "30 days before" not in ghosts[0]
    assert "30 days before" in ghosts[1]


def test_a_bar_leads_to_the_explorer_with_its_member_and_its_day(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    bar = next(trace for trace in dashboard.open("teams", where="env!:qa").charts[0]["data"] if trace["name"] == "post")
    assert bar["meta"] == "/explorer?where=env%21%3Aqa&where=team%3Apost"
    assert re.fullmatch(r"from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d", bar["customdata"][-1][-1])


def test_the_organisation_is_a_table_with_subtotals_and_leads_on(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    page = dashboard.open("teams")
    assert "Department → Team → Agent → Feature" in page.text
    assert 'title="eng → search → helper → chat"' in page.source
    assert "where=department%3Aeng&amp;where=team%3Asearch" in page.source
    assert "End users with the highest spend" in page.text
    assert any(trace["type"] == "treemap" for chart in page.charts for trace in chart["data"])


def test_what_has_no_price_is_no_amount_lately_and_has_no_change(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(cost=None, model="ours", team="a"), call(40 * DAY, team="a"))
    dashboard.sign_in()
    page = dashboard.open("teams", last="90d", where="model:ours")
    assert "Last 7 days – Last 30 days –" in page.text
    assert "$0.00" not in first_table(page)
    assert "−100" not in first_table(dashboard.open("teams"))
    assert "against" not in dashboard.open("teams").text.partition("All teams")[0]


def test_losses_of_a_cache_are_drawn_and_have_no_share(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    sent: dict[str, Any] = {"cost": None, "provider": "anthropic", "model": "claude-haiku-4-5"}
    spared = Tokens(input=300_000, cache_read=300_000, output=0, total=300_000)
    lost = Tokens(input=300_000, cache_write=300_000, output=0, total=300_000)
    dashboard.send(
        workspace, call(endpoint="/gain", tokens=spared, **sent), call(endpoint="/loss", tokens=lost, **sent)
    )
    dashboard.sign_in()
    page = dashboard.open("cache")
    named = ({trace.get("name"): trace for trace in chart["data"]} for chart in page.charts)
    drawn = next(each for each in named if "/gain" in each)
    whole = asked(workspace, measures="cache_saved").totals["cache_saved_nano_usd"]
    assert round((drawn["/gain"]["y"][-1] + drawn["/loss"]["y"][-1]) * NANO) == whole
    assert "what is below 0 has no share of the whole" in page.text
    assert "Share" not in first_table(page)


# -- who hammers --------------------------------------------------------------------------------------------------


def test_the_client_that_hammers_is_named_with_the_way_to_its_requests(dashboard: Dashboard) -> None:
    usual = [call(token="ci-evals", ago_s=2 * DAY + n) for n in range(7)]
    dashboard.send(dashboard.workspace(), *usual, *(call(token="ci-evals", ago_s=30 + n) for n in range(90)),
                   *(call(token="web", ago_s=30 + n) for n in range(10)))  # fmt: skip
    dashboard.sign_in()
    page = dashboard.open("tokens")
    text = page.text.replace("\u202f", " ")
    assert "ci-evals made 90 % of all requests in the last hour , 2160 times its usual pace" in text
    assert 'href="/requests?last=1h&amp;where=token%3Aci-evals"' in page.source


# -- empty, large, free -------------------------------------------------------------------------------------------


def test_without_an_event_a_lens_says_how_to_send_one(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    page = dashboard.open("agents")
    assert "Send the first event" in page.text
    assert page.charts == []


def test_a_filter_that_finds_nothing_says_so_with_the_way_back(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    page = dashboard.open("teams", where="team:nobody", last="7d")
    assert "None of this period matches these filters." in page.text
    assert 'href="/teams?last=7d"' in page.source
    assert page.charts == []


def test_thousands_of_members_come_page_by_page_and_are_searched(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(call(token=f"token-{n:04}", cost=(n + 1) * NANO) for n in range(MANY)))
    dashboard.sign_in()
    page = dashboard.open("tokens")
    found = members_of(page)
    assert len(found) == 25
    assert found[0] == (f"token-{MANY - 1}", "$2,500.00")
    assert f"Tokens {MANY:,}" in page.text
    page.app.text_input(key="tokens-members-search").input("token-0007")
    page = page.again()
    assert members_of(page) == [("token-0007", "$8.00")]
    page.app.text_input(key="tokens-members-search").input("nobody")
    assert f"None of the {MANY:,} tokens is called so." in page.again().text


def test_the_order_stands_in_the_address(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *few())
    dashboard.sign_in()
    names = [name for name, _ in members_of(dashboard.open("teams", order="team"))]
    assert names == ["<b>old</b>".replace("<", "&lt;").replace(">", "&gt;"), "post", "search", "(none)"]


def test_the_free_plan_shows_what_its_definitions_match_and_says_what_is_hidden(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "default", Source(provider="openai"))
    dashboard.send(workspace, *few())
    dashboard.sign_in()
    page = dashboard.open("providers")
    assert [name for name, _ in members_of(page)] == ["openai"]
    assert "are hidden" in page.text
    assert "anthropic" not in first_table(page)
