"""The Overview as Streamlit runs it: empty, with little, with much, on the free plan, and for those who may not look."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app import data, formats, glance
from app.opened import opened
from models.accounts import members, users
from models.accounts.sources import Source
from models.money import NANO
from models.periods import day_of, now_us
from models.usage.event import Event, Tokens
from tests.app.conftest import PASSWORD, Dashboard, call

DAY = 86_400  # seconds
ASKED = (("last", "30d"),)


# -- who may look -------------------------------------------------------------------------------------------------


def test_nothing_of_a_workspace_shows_to_a_stranger(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace("secret-team"), call(endpoint="/secret"))
    page = dashboard.open()
    assert "You are signed out" in page.text
    assert "secret" not in page.source
    assert page.charts == []


def test_somebody_without_a_workspace_is_told(dashboard: Dashboard) -> None:
    dashboard.person("new@example.com")
    dashboard.sign_in("new@example.com")
    assert "new@example.com may not see any workspace" in dashboard.open().text


def test_a_session_that_ends_takes_the_page_with_it(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(endpoint="/secret"))
    dashboard.sign_in()
    page = dashboard.open()
    assert "/secret" in page.text
    dashboard.sign_out_everywhere()
    assert "/secret" not in page.again().source


def test_another_persons_workspace_is_not_to_be_had_by_its_name(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace("theirs", email="bob@example.com"), call(endpoint="/theirs"))
    dashboard.send(dashboard.workspace("mine"), call(endpoint="/mine"))
    dashboard.sign_in()
    page = dashboard.open(workspace="theirs")
    assert "You may not look at theirs" in page.text
    assert "/theirs" not in page.source
    assert "/mine" not in page.source


def test_several_workspaces_the_oldest_first_and_any_by_its_name(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace("one"), call(endpoint="/in-one"))
    dashboard.send(dashboard.workspace("two"), call(endpoint="/in-two"))
    dashboard.sign_in()
    page = dashboard.open()
    assert page.app.selectbox(key="workspace").options == ["one", "two"]
    assert "/in-one" in page.text
    assert "/in-two" not in page.source
    assert "/in-two" in dashboard.open(workspace="two").text
    assert "/in-one" not in dashboard.open(workspace="nobody's").text


def test_another_workspace_is_opened_without_the_filters_of_this_one(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace("one"), call(team="here"))
    dashboard.send(dashboard.workspace("two"), call(cost=3_000_000_000, team="there"))
    dashboard.sign_in()
    page = dashboard.open(last="7d", where="team:here")
    page.app.selectbox(key="workspace").set_value("two").run()
    assert "$3.00" in page.text
    assert dict(page.app.query_params) == {"last": "7d", "workspace": "two"}


# -- no events, and the first -------------------------------------------------------------------------------------


def test_a_new_workspace_is_told_what_to_do(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_PUBLIC_API_URL", "https://cost.example.com")
    dashboard.workspace()
    dashboard.sign_in()
    page = dashboard.open()
    assert "Send the first event" in page.text
    assert "curl -sS https://cost.example.com/api/v1/ingest" in page.text
    assert "farthing keys create NAME" in page.text
    assert page.charts == []


def test_the_first_event_turns_it_into_the_page(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.sign_in()
    page = dashboard.open()
    dashboard.send(workspace, call(cost=2_400_000))
    page = page.again()
    assert "Send the first event" not in page.text
    assert "Spend, last 30 days $0.0024" in page.text
    assert len(page.charts) == 1


# -- figures ------------------------------------------------------------------------------------------------------


def filled(dashboard: Dashboard, *events: Any, **values: Any) -> str:
    dashboard.send(dashboard.workspace(**values), *events)
    dashboard.sign_in()
    return dashboard.open().text


def test_spend_and_its_change(dashboard: Dashboard) -> None:
    text = filled(
        dashboard, call(cost=3 * NANO), call(2 * DAY, NANO), call(40 * DAY, 2 * NANO), call(70 * DAY, 99 * NANO)
    )
    assert "Spend, last 30 days $4.00 +$2.00 (100.0 %) against $2.00 in the 30 days before" in text
    assert "Requests 2 +100.0 % against 1" in text


def test_without_a_period_before_there_is_no_change(dashboard: Dashboard) -> None:
    assert "$1.00 nothing to compare with: no spend in the 30 days before" in filled(dashboard, call())


def test_savings_in_dollars_and_in_percent(dashboard: Dashboard) -> None:
    spared = call(cost=None, cache_hit=True, model="gpt-4o", tokens=Tokens(input=400_000, output=0, total=400_000))
    text = filled(dashboard, call(cost=4 * NANO), spared)
    assert "Saved by response cache $1.00 25.0 % of spend" in text
    assert "Spend, last 30 days $4.00" in text


def test_nothing_saved_is_said(dashboard: Dashboard) -> None:
    assert "Saved by response cache $0.00 no response came from a cache" in filled(dashboard, call())


def test_providers_with_their_shares(dashboard: Dashboard) -> None:
    text = filled(dashboard, call(cost=3 * NANO), call(cost=NANO, provider="anthropic"), call(cost=0, provider=None))
    assert "openai 75 % $3.00 anthropic 25 % $1.00 (none) 0 % $0.00" in text


def test_more_than_eight_providers_are_seven_and_the_rest(dashboard: Dashboard) -> None:
    dashboard.send(
        dashboard.workspace(), *(call(cost=(20 - number) * NANO, provider=f"p{number}") for number in range(10))
    )
    dashboard.sign_in()
    page = dashboard.open()
    assert "p6 9 % $14.00 other 23 % $36.00" in page.text
    assert "p7" not in page.source
    assert [trace["name"] for trace in page.charts[0]["data"]][7] == "other"


def test_the_lenses_list_their_first_five_of_the_period_that_was_chosen(dashboard: Dashboard) -> None:
    members = [call(cost=(9 - n) * NANO, endpoint=f"/e{n}", token=f"t{n}", model=f"m{n}") for n in range(7)]
    dashboard.send(dashboard.workspace(), *members, call(8 * DAY, 99 * NANO, endpoint="/old", token="old"))
    dashboard.sign_in()
    text = dashboard.open(last="7d").text
    for title, first, head in (("endpoint", "/e0", "/e"), ("token", "t0", "t"), ("model", "m0", "m")):
        assert f"Top {title}s last 7 days {title.capitalize()} Share Spend {first} 21 % $9.00" in text
        assert f"{head}5" not in text
    assert "/old $99.00" not in text
    assert "Endpoint Share Spend /old" in dashboard.open().text


def test_each_lens_and_each_of_its_members_leads_further_under_the_same_filters(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(endpoint="/a", token="t", model="m"))
    dashboard.sign_in()
    source = html.unescape(dashboard.open(last="7d").source)
    for page in ("providers", "endpoints", "tokens", "models", "cache"):
        assert f'href="/{page}?last=7d"' in source
    assert 'href="/explorer?last=7d&where=endpoint%3A%2Fa"' in source


def test_what_is_filtered_is_said(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(cost=NANO), call(cost=2 * NANO, provider="xai"))
    dashboard.sign_in()
    assert "Spend, last 30 days, filtered $2.00" in dashboard.open(where="provider:xai").text


def test_the_cache_lens_adds_up_both_kinds_by_endpoint(dashboard: Dashboard) -> None:
    spared = call(
        cost=None, cache_hit=True, model="gpt-4o", endpoint="/a", tokens=Tokens(input=400_000, output=0, total=400_000)
    )
    text = filled(dashboard, call(endpoint="/b"), spared)
    assert "Cache $1.00 saved, last 30 days Endpoint Share Spend /a 100 % $1.00" in text
    there = "/explorer?where=endpoint%3A%2Fa&amp;measures=cache_saved%2Ccost&amp;group_by=token"
    assert there in dashboard.open().source.partition("saved, last 30 days")[2]


def test_without_anything_cached_the_lens_says_so(dashboard: Dashboard) -> None:
    assert "Nothing came from a cache." in filled(dashboard, call())


def test_the_chart_has_each_day_and_its_zone(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(timezone="Asia/Kolkata"), call(cost=2 * NANO), call(31 * DAY, NANO))
    dashboard.sign_in()
    page = dashboard.open()
    bar, ghost, *_ = page.charts[0]["data"]
    assert (len(bar["x"]), bar["y"][-1], sum(bar["y"])) == (30, 2, 2)
    assert sum(ghost["y"]) == 1
    assert "days in Asia/Kolkata" in page.text


def test_a_quiet_month_is_zeros(dashboard: Dashboard) -> None:
    text = filled(dashboard, call(45 * DAY))
    assert "Spend, last 30 days $0.00 −$1.00 (100.0 %) against $1.00" in text
    assert "No requests in this time." in text


def test_freshness_is_the_newest_event(dashboard: Dashboard) -> None:
    assert "Live, newest event 2 h ago" in filled(dashboard, call(2 * 3_600 + 60), call(5 * 3_600))


# -- where it will end, and the last hour -------------------------------------------------------------------------


def test_the_month_is_forecast_from_a_week_of_history_on(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *(call(day * DAY, NANO) for day in range(1, 9)))
    dashboard.sign_in()
    page = dashboard.open()
    assert re.search(r"Forecast, whole month \$\d+\.\d\d \$\d+\.\d\d to \$\d+\.\d\d ", page.text)
    assert page.charts[0]["data"][-1]["name"] == "forecast"


def test_a_younger_workspace_is_told_that_it_is_too_young(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(3 * DAY), call())
    dashboard.sign_in()
    page = dashboard.open()
    assert "Forecast, whole month – after seven whole days" in page.text
    assert "forecast" not in {trace["name"] for trace in page.charts[0]["data"]}


def test_a_period_that_is_over_has_no_forecast_drawn(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *(call(day * DAY, NANO) for day in range(1, 12)))
    dashboard.sign_in()
    today = data.seen(dashboard.workspace("other")).today
    page = dashboard.open(**{"from": str(today - timedelta(days=8)), "to": str(today - timedelta(days=2))})
    assert [trace["name"] for trace in page.charts[0]["data"]] == ["openai", "6 days before"]


def test_the_last_hour_beside_the_hour_before(dashboard: Dashboard) -> None:
    text = filled(
        dashboard, call(60, 2 * NANO), call(1_800, NANO, status="failure"), call(5_000, 2 * NANO), call(9_000, 9 * NANO)
    )
    assert "Last hour $3.00 +$1.00 (50.0 %) against $2.00 in the hour before" in text
    assert "2 requests, +100.0 % 1 failed" in text


def test_an_hour_without_a_price_is_no_amount(dashboard: Dashboard) -> None:
    text = filled(dashboard, call(60, None, model="ours"), call(5_000, NANO))
    assert "Last hour – no request has a known price" in text
    assert "Last hour $0.00" not in text


def test_a_quiet_hour_is_said(dashboard: Dashboard) -> None:
    assert "Last hour $0.00 no spend in the hour before" in filled(dashboard, call(3 * 3_600))


@pytest.mark.parametrize(("last", "grain"), [("1h", "minute"), ("24h", "hour"), ("365d", "week")])
def test_other_periods_have_other_bars(dashboard: Dashboard, last: str, grain: str) -> None:
    dashboard.send(dashboard.workspace(), call(cost=2 * NANO))
    dashboard.sign_in()
    page = dashboard.open(last=last)
    assert f"Spend by {grain}" in page.text
    assert sum(page.charts[0]["data"][0]["y"]) == 2


def test_a_bar_leads_to_its_provider_in_that_part_of_the_time(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(cost=2 * NANO), call(cost=NANO, provider="xai"))
    dashboard.sign_in()
    page = dashboard.open(last="7d", where="status:success")
    (openai, *_), today = page.charts[0]["data"], day_of(now_us(), "UTC")
    assert openai["meta"] == "/explorer?where=status%3Asuccess&where=provider%3Aopenai"
    assert openai["customdata"][-1][1] == f"from={today}&to={today + timedelta(days=1)}"


# -- what moved, and what stands out ------------------------------------------------------------------------------


def test_what_moved_is_explained_by_volume_mix_and_price(dashboard: Dashboard) -> None:
    text = filled(
        dashboard, *(call(n, 2 * NANO, endpoint="/a") for n in range(4)), call(40 * DAY, NANO, endpoint="/a"),
        call(40 * DAY, 5 * NANO, endpoint="/gone"),
    )  # fmt: skip
    assert "/a +$7.00 (700.0 %) volume +$3.00 mix $0.00 price +$4.00" in text
    assert "/gone −$5.00 (gone) volume −$5.00 mix $0.00 price $0.00" in text


def test_movers_by_another_dimension_and_since_monday(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(team="search"), call(40 * DAY, 3 * NANO, team="search"))
    dashboard.sign_in()
    page = dashboard.open()
    page.app.selectbox(key="movers-by").set_value("team").run()
    assert "search −$2.00 (66.7 %) volume $0.00 mix $0.00 price −$2.00" in page.text
    page.app.get("button_group")[0].set_value("last week").run()
    assert "Nothing to compare with: no spend in the same days and hours of last week." in page.text


def test_what_moved_since_monday_leads_to_this_week(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(1, endpoint="/a"), call(7 * DAY, 3 * NANO, endpoint="/a"))
    dashboard.sign_in()
    page = dashboard.open(compare="previous", where="endpoint:/a")
    page.app.get("button_group")[0].set_value("last week").run()
    today = day_of(now_us(), "UTC")
    week = f"from={today - timedelta(days=today.weekday())}&amp;to={today + timedelta(days=1)}"
    assert f'href="/explorer?{week}&amp;where=endpoint%3A%2Fa"' in page.source


def test_a_workspace_without_a_period_before_has_no_movers(dashboard: Dashboard) -> None:
    assert "Nothing to compare with: no spend in the 30 days before." in filled(dashboard, call())


def test_insights_have_an_amount_and_a_link(dashboard: Dashboard) -> None:
    dashboard.send(
        dashboard.workspace(), *(call(cost=2 * NANO, endpoint=f"/e{n}") for n in range(3)),
        call(cost=50 * NANO, endpoint="/big<b>"), call(cost=4 * NANO, endpoint="/e1", status="failure"),
    )  # fmt: skip
    dashboard.sign_in()
    page = dashboard.open()
    assert "One endpoint is 83 % of spend: /big<b> $50.00" in page.text
    assert "Calls that failed cost $4.00 , most of it on /e1 $4.00" in page.text
    assert 'href="/explorer?where=status%3Afailure&amp;group_by=endpoint%2Cerror_type"' in page.source


def test_prompt_caching_is_worth_the_same_here_and_on_the_lens_cache(dashboard: Dashboard) -> None:
    """Of calls with a reported cost it is not known what of it was for input."""
    used = Tokens(input=200_000, output=5, total=200_005)
    dashboard.send(dashboard.workspace(), *(call(cost=NANO // 10, endpoint="/long", tokens=used) for _ in range(24)),
                   *(call(cost=None, cache_hit=True, endpoint="/long", tokens=used) for _ in range(9)))  # fmt: skip
    dashboard.sign_in()
    half = 24 * 100_000 * 1_250  # nano-dollars: $2.50 a million, and $1.25 from the cache
    insight = dashboard.open(last="1d")
    assert "Prompt caching on /long would have saved $3.00 a day" in insight.text
    assert f'title="{formats.exact(half)}"' in insight.source
    assert f'title="{formats.exact(half)}"' in dashboard.open("cache", last="1d").source


# -- exactness ----------------------------------------------------------------------------------------------------


def test_every_amount_says_all_of_itself_when_it_is_pointed_at(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), call(cost=1_234_567_891, endpoint="/a"), call(40 * DAY, 1_000_000_001))
    dashboard.sign_in()
    source = dashboard.open().source
    assert 'title="$1.234567891">$1.23' in source
    assert 'title="$1.000000001">$1.00' in source
    assert 'title="$0.23456789">+$0.23' in source


# -- what is not known --------------------------------------------------------------------------------------------


def test_unpriced_requests_are_said_with_what_to_do(dashboard: Dashboard) -> None:
    events = [call(cost=None, provider="acme", model="in-house", tokens=Tokens()) for _ in range(3)]
    text = filled(dashboard, call(), *events, call(cost=None, provider=None, model="other-one", tokens=Tokens()))
    assert "4 requests have no known price" in text
    assert "acme/in-house (3), other-one (1)" in text
    assert "response_cost" in text
    assert "acme 0 % unpriced" in text


def test_where_no_request_has_a_price_the_spend_is_not_zero_but_unknown(dashboard: Dashboard) -> None:
    text = filled(dashboard, call(cost=None, provider="acme", model="in-house"))
    assert "Spend, last 30 days –" in text
    assert "1 request has no known price and is in no amount" in text


def test_priced_requests_need_no_note(dashboard: Dashboard) -> None:
    text = filled(dashboard, call())
    assert "no known price" not in text
    assert "every request has a price" in text


# -- what caching spares ------------------------------------------------------------------------------------------


def cached(read: int, written: int) -> Event:
    tokens = Tokens(input=10_000, cache_read=read, cache_write=written, output=0, total=10_000)
    return call(cost=None, provider="anthropic", model="claude-haiku-4-5", tokens=tokens)


def test_the_two_ways_of_caching_are_told_apart(dashboard: Dashboard) -> None:
    hit = call(
        cost=0,
        model="claude-3-5-sonnet",
        provider="anthropic",
        cache_hit=True,
        avoided_input=14_320,
        avoided_output=642,
    )
    text = filled(dashboard, call(), hit, cached(8_000, 0))
    assert "Saved by response cache $0.053" in text
    assert "Saved by prompt cache $0.0072 off the price of input" in text


def test_writing_a_prompt_cache_that_nobody_reads_is_a_loss(dashboard: Dashboard) -> None:
    assert "Saved by prompt cache −$0.0020 writing cost more than reading spared" in filled(dashboard, cached(0, 8_000))


# -- roles, and the free plan ------------------------------------------------------------------------------------------------


def test_a_viewer_sees_the_same_figures(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(cost=3 * NANO, endpoint="/a"))
    with dashboard.installation.database.write() as connection:
        viewer = users.ensure(connection, "vic@example.com", PASSWORD, now_us())
        members.add(connection, viewer, workspace.id, "viewer")
    dashboard.sign_in("vic@example.com")
    text = dashboard.open().text
    assert "Spend, last 30 days $3.00" in text
    assert "/a 100 % $3.00" in text


def test_the_free_plan_shows_what_matches_a_definition_of_the_key_that_sent_it(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "default", Source(provider="openai"))
    dashboard.key(workspace, "blind", Source(provider="nobody"))
    dashboard.send(
        workspace, call(cost=NANO), call(cost=7 * NANO, provider="anthropic", endpoint="/other-key"),
        call(cost=5 * NANO, key="blind", endpoint="/other-key"),
    )  # fmt: skip
    dashboard.sign_in()
    page = dashboard.open()
    assert "Spend, last 30 days $1.00" in page.text
    assert "other-key" not in page.source
    assert "anthropic" not in page.source


def test_on_the_free_plan_nothing_visible_is_like_nothing_at_all(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "blind", Source(provider="nobody"))
    dashboard.send(workspace, call(key="blind"))
    dashboard.sign_in()
    text = dashboard.open().text
    assert "Send the first event" in text
    assert "On the free plan a call shows where it matches a source definition" in text


def test_an_upgrade_shows_history_at_once(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.send(workspace, call())
    dashboard.sign_in()
    page = dashboard.open()
    assert "Send the first event" in page.text
    dashboard.change(workspace, plan="paid")
    assert "Spend, last 30 days $1.00" in page.again().text


# -- hostile names, much data, a store that is away ---------------------------------------------------------------


def test_names_are_text_whatever_they_say(dashboard: Dashboard) -> None:
    name = "<img src=x onerror=alert(1)>\"'&</td>"
    dashboard.send(dashboard.workspace(), call(endpoint=name, token=name, provider=name, model=name, cost=None))
    dashboard.sign_in()
    page = dashboard.open()
    assert "<img" not in page.source
    assert name in page.text


def test_much_data(dashboard: Dashboard) -> None:
    """Hundreds of providers, endpoints and tokens: the page stays as small as before."""
    events = [
        call(
            60 + number * 600,
            number * 1_000_000,
            provider=f"p{number % 300}",
            endpoint=f"/e{number}",
            token=f"t{number}",
        )
        for number in range(3_000)
    ]
    dashboard.send(dashboard.workspace(), *events)
    dashboard.sign_in()
    page = dashboard.open()
    assert "Requests 3,000" in page.text
    assert [trace["name"] for trace in page.charts[0]["data"]][8:] == ["all", "low", "high", "forecast"]
    assert page.source.count("<tr ") == 8 + 5 + 5 + 1


def test_while_the_store_is_away_the_page_says_so_and_comes_back(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard.send(dashboard.workspace(), call())
    dashboard.sign_in()
    page = dashboard.open()

    def away(*_: Any) -> Any:
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    reading = opened().installation.database.reading
    opened().sessions.answers.clear()
    with monkeypatch.context() as broken:
        broken.setattr(reading, "connect", away)
        broken.setattr(reading, "begin", away)
        assert "The figures can't be read right now" in page.again().text
    assert "Spend, last 30 days $1.00" in page.again().text


# -- how far things have moved ------------------------------------------------------------------------------------


def test_seen_moves_with_this_workspaces_events_only(dashboard: Dashboard) -> None:
    mine, theirs = dashboard.workspace("mine"), dashboard.workspace("theirs")
    before = data.seen(mine)
    dashboard.send(theirs, call())
    assert data.seen(mine) == before
    dashboard.send(mine, call())
    assert data.seen(mine) != before


def test_seen_moves_with_keys_and_definitions(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    before = data.seen(workspace)
    dashboard.key(workspace, "new")
    assert data.seen(workspace) != before


def test_an_answer_is_computed_once_while_nothing_moves(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call())
    seen = data.seen(workspace)
    first = glance.glance(workspace, seen, ASKED)
    assert glance.glance(workspace, seen, ASKED).trend.as_of_us == first.trend.as_of_us
