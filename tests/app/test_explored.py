"""What the explorer draws, and how it says what it can't: losses, what has no price, what nobody can tell any more."""

from typing import Any

import pytest

from app import exploration, questions
from app.address import Address
from app.explored import BARS, unspoken
from jobs import rollup
from models.money import NANO
from models.periods import SECOND, now_us
from models.usage.event import Tokens
from tests.app.conftest import Dashboard, Page, call, explore, filled

DAY = 86_400  # seconds
CACHED: dict[str, Any] = {"cost": None, "provider": "anthropic", "model": "claude-haiku-4-5"}
GAIN = CACHED | {"tokens": Tokens(input=300_000, cache_read=300_000, output=0, total=300_000)}
LOSS = CACHED | {"tokens": Tokens(input=300_000, cache_write=300_000, output=0, total=300_000)}
MUCH = Tokens(input=3_000_000, cache_write=3_000_000, output=0, total=3_000_000)


def traces(page: Page) -> list[dict[str, Any]]:
    return [trace for trace in page.charts[0]["data"] if trace.get("meta") is not None]


# -- the files ----------------------------------------------------------------------------------------------------


def test_the_file_begins_with_the_group_that_the_table_begins_with(dashboard: Dashboard) -> None:
    workspace = filled(dashboard, call(team="dear", cost=9 * NANO), call(team="busy"), call(team="busy"))
    query = {"group_by": "team", "measures": "requests", "limit": "1", "other": "true"}
    assert "busy 2 66.7" in explore(dashboard, **query).text
    here = Address.of("explorer", {name: [value] for name, value in query.items()})
    asked = exploration.read(here, questions.period(workspace, here)).file
    assert questions.spend_now(workspace, asked).rows["team"].to_list() == ["busy", None]


# -- what has no price --------------------------------------------------------------------------------------------


def test_what_has_no_price_is_no_amount_anywhere(dashboard: Dashboard) -> None:
    filled(dashboard, call(cost=None, model="ours", team="a"), call(40 * DAY, team="a"))
    page = explore(dashboard, group_by="team", compare="previous")
    assert "Cost Explorer: Cost – no call has a known price" in page.text
    assert "a unpriced" in page.text
    assert "$0.00" not in page.text
    assert "−100" not in page.text
    assert [said[0] for said in traces(page)[0]["customdata"]][-1] == "–"
    assert "Cost –" in explore(dashboard, measures="requests").text


def test_where_the_period_before_had_no_price_there_is_no_change(dashboard: Dashboard) -> None:
    filled(dashboard, call(), call(40 * DAY, cost=None, model="ours"))
    assert "$1.00 no call of the period before has a known price" in explore(dashboard).text


# -- losses -------------------------------------------------------------------------------------------------------


def test_losses_are_bars_and_no_areas(dashboard: Dashboard) -> None:
    filled(dashboard, call(endpoint="/gain", **GAIN), call(endpoint="/loss", **LOSS))
    page = explore(dashboard, measures="cache_saved", group_by="endpoint", chart="treemap", granularity="total")
    (bars,) = page.charts[0]["data"]
    assert bars["type"] == "bar"
    assert bars["x"][0] > 0 > bars["x"][1]
    assert "Some of it is below 0: there are amounts, and no shares of the whole or areas." in page.text
    assert "<th>Share" not in page.source
    assert "Share 1" not in page.text


def test_a_large_loss_is_among_the_bars_however_many_gains_there_are(dashboard: Dashboard) -> None:
    gains = [call(endpoint=f"/{number:02}", **GAIN) for number in range(BARS + 5)]
    filled(dashboard, *gains, call(endpoint="/loss", **(LOSS | {"tokens": MUCH})))
    page = explore(dashboard, measures="cache_saved", group_by="endpoint", granularity="total")
    (bars,) = page.charts[0]["data"]
    assert len(bars["x"]) == BARS
    assert bars["x"][-1] < 0 < bars["x"][-2]


def test_where_there_are_losses_nothing_is_a_share(dashboard: Dashboard) -> None:
    filled(dashboard, call(endpoint="/gain", **GAIN), call(endpoint="/loss", **LOSS))
    page = explore(dashboard, measures="cache_saved", group_by="endpoint", show="share")
    assert "Saved by caches by day and endpoint" in page.text
    found = {trace["name"]: trace["y"][-1] for trace in traces(page)}
    assert found["/gain"] > 0 > found["/loss"]


# -- names --------------------------------------------------------------------------------------------------------


def test_what_is_called_as_we_write_what_is_missing_leads_nowhere(dashboard: Dashboard) -> None:
    assert [unspoken(each) for each in ("(none)", ["a", "(none)"], None, "a", [])] == [True, True, False, False, False]
    filled(dashboard, call(team="(none)", cost=2 * NANO), call())
    page = explore(dashboard, group_by="team")
    assert {trace["name"]: bool(trace["meta"]) for trace in traces(page)} == {"“(none)”": False, "(none)": True}
    lens = dashboard.open("teams")
    assert "“(none)” $2.00" in lens.text
    assert {trace["name"]: bool(trace["meta"]) for trace in traces(lens)} == {"“(none)”": False, "(none)": True}


# -- what can't be told any more ----------------------------------------------------------------------------------


def gone_before(dashboard: Dashboard) -> None:
    """Calls of 40 days ago were counted, and are gone."""
    filled(dashboard, call(prompt="p", token="web"), call(40 * DAY, prompt="p", token="web"))
    rollup.run(dashboard.installation.database, dashboard.installation.lake)
    with dashboard.installation.database.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM events WHERE started_us < {now_us() - 35 * DAY * SECOND}")


def test_without_the_period_before_all_else_is_told(dashboard: Dashboard) -> None:
    gone_before(dashboard)
    page = explore(dashboard, group_by="prompt,token", compare="previous")
    assert "$1.00 the period before can't be told any more" in page.text
    assert "p web $1.00" in page.text
    lens = dashboard.open("teams", where="prompt:p", compare="previous")
    assert "Teams: spend, last 30 days $1.00" in lens.text


def test_the_overview_does_without_the_period_before_too(dashboard: Dashboard) -> None:
    gone_before(dashboard)
    narrowed: dict[str, Any] = {"where": ["prompt:p", "token:web"]}
    page = dashboard.open(**narrowed, last="24d")
    assert not page.app.exception
    assert "Spend, last 24 days, filtered $1.00 the 24 days before can't be told any more" in page.text
    assert "What was called in the 24 days before can't be told any more." in page.text


def test_what_is_read_call_by_call_is_read_now_and_then(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "SLOT", 10**16)  # one for as long as anybody waits
    workspace = filled(dashboard, call(prompt="p"))
    query = {"group_by": "tags,prompt,end_user"}
    assert "it is read call by call, the last time 0" in explore(dashboard, **query).text
    dashboard.send(workspace, call(prompt="p"))
    assert "Cost $1.00" in explore(dashboard, **query).text
    assert "Cost $2.00" in explore(dashboard, group_by="team").text


# -- the calendar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "end"), [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")])
def test_days_at_the_ends_of_the_calendar_are_refused_by_name(dashboard: Dashboard, first: str, end: str) -> None:
    filled(dashboard, call())
    page = explore(dashboard, **{"from": first, "to": end})
    assert f"from is {first}: it takes a day of the years 1900 to 2999" in page.text
