"""The filter bar: what it shows is what the address says, and what is chosen in it stands there afterwards."""

from datetime import date

import pytest

from app import data, questions
from app.address import Address
from app.components import filters
from app.components.filters import (
    CUSTOM,
    called,
    days,
    named_period,
    said,
    source_of,
    with_days,
    with_filter,
    with_period,
)
from tests.app.conftest import Dashboard, Page, call

TODAY = date(2026, 11, 21)
HERE = Address("teams", (("last", "7d"), ("where", "source:rest"), ("where", "env:qa")))


def of(query: str) -> Address:
    return Address.read(f"/teams?{query}")


# -- the period ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name", "text"),
    [
        ("", "30d", "Last 30 days"),
        ("last=45d", "45d", "Last 45d"),
        ("from=2026-11-01&to=2026-11-22", "month", "This month"),
        ("from=2026-10-01&to=2026-11-01", "before", "Last month"),
        ("from=2026-10-03&to=2026-10-05", CUSTOM, "From … to …"),
        ("from=2026-06-01T12:00:00Z&to=2026-06-02", "2026-06-01T12:00:00Z/2026-06-02",
         "From 2026-06-01T12:00:00Z to 2026-06-02"),
        ("from=2026-06-01", "2026-06-01/", "Since 2026-06-01"),
    ],
)  # fmt: skip
def test_it_shows_the_period_of_the_address_as_it_is(query: str, name: str, text: str) -> None:
    assert (named_period(of(query), TODAY), called(name)) == (name, text)


def test_a_period_takes_the_place_of_the_one_before() -> None:
    assert with_period(of("from=2026-10-03&to=2026-10-05&where=team:a"), "24h", TODAY) == of("where=team:a&last=24h")
    assert with_period(of("last=7d"), "30d", TODAY) == of("")
    assert with_period(of("last=7d"), "before", TODAY) == of("from=2026-10-01&to=2026-11-01")


def test_days_are_taken_once_both_are_chosen_and_the_last_is_included() -> None:
    assert with_days(HERE, (TODAY,)) == HERE
    assert with_days(of("last=7d"), (TODAY, TODAY)) == of("from=2026-11-21&to=2026-11-22")


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-10-03", "2026-10-05", "2026-10-03", "2026-10-04"),
        ("2027-01-01", "2027-02-01", "2027-01-01", "2027-01-31"),
        ("0001-01-01", "0001-01-01", "0001-01-01", "0001-01-01"),
        ("9999-12-31", "0001-01-01", "9999-12-31", "9999-12-31"),
    ],
)
def test_the_days_are_those_of_the_page_at_the_ends_of_the_calendar_too(
    start: str, end: str, first: str, last: str
) -> None:
    assert tuple(map(str, days(of(f"from={start}&to={end}")))) == (first, last)


def test_the_calendars_last_day_can_be_chosen() -> None:
    assert with_days(of(""), (date.max, date.max)).get("to") == "9999-12-31"


# -- filters ------------------------------------------------------------------------------------------------------


def test_one_source_stands_in_its_own_field_several_are_filters_like_others() -> None:
    assert source_of(HERE) == "rest"
    assert source_of(HERE.put(where=["source:rest", "source:otlp"])) is None
    assert filters.with_source(HERE, None).all("where") == ("env:qa",)


def test_filters_are_added_and_doubles_are_not() -> None:
    assert with_filter(HERE, "env", ["qa", "a:b"], False).all("where") == ("source:rest", "env:qa", "env:a:b")
    assert with_filter(HERE, "team", ["x"], True).all("where")[-1] == "team!:x"
    assert with_filter(HERE, "tag", ["a", "b"], False).all("where")[-1] == "tag:a|b"


def test_a_tag_that_would_read_as_others_is_no_filter() -> None:
    assert with_filter(HERE, "tag", ["a", "x|y"], False).all("where")[-1] == "tag:a"
    assert with_filter(HERE, "tag", ["x|y"], False) == HERE


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("team:a:b", "Team is a:b"),
        ("team!:(none)", "Team is not (none)"),
        ("tag:a|b", "Tag is a or b"),
        ("tag.env:prod", "Tag env is prod"),
        ("token:" + "x" * 50, f"Token is {'x' * 39}…"),
    ],
)
def test_a_filter_is_said_in_words(stated: str, text: str) -> None:
    assert said(stated) == text


# -- as Streamlit runs it -----------------------------------------------------------------------------------------


def opened(dashboard: Dashboard, path: str, **query: str) -> Page:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(team="a:b", provider="openai"), call(team="qa", provider="anthropic"))
    dashboard.sign_in()
    return dashboard.open(path, **query)


def test_what_is_chosen_stands_in_the_address_and_chips_take_it_away(dashboard: Dashboard) -> None:
    page = opened(dashboard, "providers", where="team:a:b")
    assert "anthropic" not in page.source
    page.app.selectbox(key="period").select("7d")
    page = page.again()
    assert page.app.query_params == {"where": "team:a:b", "last": "7d"}
    page.app.button(key="chip 0 team:a:b").click()
    page = page.again()
    assert page.app.query_params == {"last": "7d"}
    assert "anthropic" in page.source


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2999-01-01", "2999-02-01", (date(2999, 1, 1), date(2999, 1, 31))),
        ("0001-01-01", "9999-12-31", (date(1, 1, 1), date(9999, 12, 30))),
        ("9999-12-31", "0001-01-01", (date(9999, 12, 31), date(9999, 12, 31))),
    ],
)
def test_the_days_control_shows_any_period(
    dashboard: Dashboard, start: str, end: str, shown: tuple[date, date]
) -> None:
    page = opened(dashboard, "teams", **{"from": start, "to": end})
    assert not page.app.exception
    assert page.app.date_input(key="days").value == shown


def test_tags_and_keys_that_can_not_be_asked_for_are_not_offered(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(tags=["env:prod", "a,b:1", "sure!:1", "blank :1", "x|y"]))
    seen = data.seen(workspace)
    assert questions.tag_keys(workspace, seen, Address()) == ["env"]
    dashboard.sign_in()
    viewer = data.viewer()
    assert viewer
    assert set(filters.offered(viewer.visit(workspace), seen, Address(), "tag")) == {
        "env:prod", "a,b:1", "sure!:1", "blank :1",
    }  # fmt: skip


def test_the_menu_takes_filters_along_to_pages_that_have_them(dashboard: Dashboard) -> None:
    page = opened(dashboard, "providers", where="team:a:b", order="-requests")
    assert 'href="/teams?where=team%3Aa%3Ab"' in page.source
    assert 'href="/keys"' in page.source
    assert 'href="/teams"' in dashboard.open("providers", last="abc").source


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"last": "abc"}, "last is abc"),
        ({"from": "yesterday", "to": "2026-01-01"}, "from is yesterday"),
        ({"where": "colour:red"}, "where=colour:red names no dimension"),
        ({"where": "nonsense"}, "where=nonsense names no dimension"),
        ({"compare": "later"}, "compare is later"),
        ({"order": "-beauty"}, "order=-beauty is the name of no column"),
    ],
)
def test_nonsense_in_an_address_is_said_with_the_way_back(
    dashboard: Dashboard, query: dict[str, str], says: str
) -> None:
    page = opened(dashboard, "teams", **query)
    assert "Teams: this can't be answered" in page.text
    assert says in page.text
    assert 'href="/teams"' in page.source
    assert not page.app.exception
