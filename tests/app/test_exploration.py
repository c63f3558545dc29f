"""What an address of the explorer asks for, and what of it can be drawn."""

from datetime import date

import pytest

from app import exploration, grains
from app.address import Address
from app.components import shaping
from app.exploration import Exploration
from models.errors import BadRequest
from models.spend.query import Period, parse_last
from tests.factories import NOON


def period(last: str) -> Period:
    return parse_last(last, "Europe/Berlin", NOON)


def read(query: str, last: str = "30d") -> Exploration:
    return exploration.read(Address.read(f"explorer?{query}"), period(last))


@pytest.mark.parametrize(
    ("last", "offered", "automatic"),
    [
        ("1h", ["minute", "hour", "total"], "minute"),
        ("24h", ["minute", "hour", "day", "total"], "hour"),
        ("1d", ["minute", "hour", "day", "total"], "hour"),
        ("7d", ["hour", "day", "week", "total"], "day"),
        ("30d", ["hour", "day", "week", "month", "total"], "day"),
        ("90d", ["day", "week", "month", "total"], "day"),
        ("365d", ["day", "week", "month", "total"], "week"),
        ("1500d", ["week", "month", "total"], "month"),
    ],
)
def test_grains_of_a_period(last: str, offered: list[str], automatic: str) -> None:
    assert grains.offered(period(last)) == offered
    assert grains.automatic(period(last)) == automatic


def test_a_day_of_25_hours_is_drawn_like_any_other() -> None:
    long = Period.of_days(date(2026, 10, 24), date(2026, 10, 26), "Europe/Berlin")
    assert grains.automatic(long) == "hour"


def test_what_no_rollup_has_by_the_hour_is_not_drawn_so_over_weeks() -> None:
    assert read("group_by=token&granularity=hour").granularity == "day"
    assert read("group_by=team&granularity=hour").granularity == "hour"
    assert read("where=end_user:c1&granularity=hour&group_by=team").granularity == "day"
    assert read("group_by=token&granularity=hour", "24h").granularity == "hour"


def test_what_a_period_can_not_be_drawn_in_is_chosen_anew() -> None:
    assert read("granularity=minute", "90d").granularity == "day"


def test_without_anything_of_its_own_it_is_grouped() -> None:
    assert exploration.address(Address.read("explorer?last=7d")).get("group_by") == "provider"
    assert exploration.address(Address.read("explorer?where=provider:x")).get("group_by") == "model"
    assert exploration.address(Address.read("explorer?granularity=day")).get("group_by") == ""


def test_no_groups_are_an_address_of_their_own() -> None:
    bare = exploration.ungrouped(Address.read("explorer?last=7d&group_by=team"))
    assert exploration.address(Address.read(bare.href)).get("group_by") == ""


def test_a_ratio_is_not_stacked() -> None:
    assert read("measures=error_rate&chart=bars&show=share").chart == "lines"
    assert read("measures=error_rate&show=share").show == "amount"
    assert read("measures=cost&chart=area&show=share").show == "share"


def test_input_and_output_where_there_are_some() -> None:
    assert read("show=split").sides == ("input_cost", "output_cost")
    assert read("measures=total_tokens&show=split").shown == ("total_tokens", "input_tokens", "output_tokens")
    assert read("measures=requests&show=split").sides == ()


@pytest.mark.parametrize(
    "query",
    [
        "measures=x",
        "group_by=x",
        "granularity=fortnight",
        "chart=pie",
        "show=x",
        "limit=0",
        "group_by=team,env,user,model",
    ],
)
def test_nonsense_is_named(query: str) -> None:
    with pytest.raises(BadRequest):
        read(query)


def test_the_file_is_what_the_api_answers_to_the_address() -> None:
    asked = read(
        "last=7d&where=team:a&where=team:b&group_by=model&chart=area&show=share&limit=5&other=true&granularity=day"
    )
    assert asked.file == (
        ("last", "7d"), ("where", "team:a"), ("where", "team:b"), ("group_by", "model"), ("limit", "5"),
        ("other", "true"), ("order", "-cost"), ("granularity", "day"),
    )  # fmt: skip


def test_the_file_is_in_the_order_of_the_table_and_in_the_parts_that_are_drawn() -> None:
    assert dict(read("group_by=team&measures=requests&limit=1&other=true").file)["order"] == "-requests"
    assert dict(read("group_by=team&measures=requests&order=team").file)["order"] == "team"
    assert dict(read("group_by=team&granularity=minute", "90d").file)["granularity"] == "day"
    assert dict(read("chart=bars", "90d").file)["granularity"] == "day"
    assert "granularity" not in dict(read("group_by=team").file), "group by group, as the table"


def test_the_period_before_is_read_call_by_call_only_where_it_is_asked_for() -> None:
    assert "compare" not in dict(read("group_by=tags,prompt,end_user").members)
    assert dict(read("group_by=tags,prompt,end_user&compare=previous").along)["compare"] == "previous"
    assert dict(read("group_by=team").drawn)["compare"] == "previous"


def test_at_most_eight_series_are_drawn_whatever_the_table_shows() -> None:
    assert dict(read("group_by=model").drawn)["limit"] == "7"
    assert dict(read("group_by=model&limit=3").drawn)["limit"] == "3"
    assert dict(read("group_by=model&limit=50").members)["limit"] == "50"


# -- controls -----------------------------------------------------------------------------------------------------


def test_another_measure_keeps_the_others_of_the_table() -> None:
    here = shaping.drawn(Address.read("explorer?measures=cost,requests"), "errors")
    assert here.get("measures") == "errors,requests"
    assert shaping.drawn(Address.read("explorer?group_by=team"), "cost").get("measures") == ""


def test_an_order_by_a_dimension_that_is_gone_goes_too() -> None:
    here = Address.read("explorer?group_by=team&order=team")
    assert shaping.grouped(here, ["model"]).get("order") == ""
    assert shaping.grouped(here, ["model", "team"]).get("order") == "team"


def test_a_tag_key_takes_the_place_of_another() -> None:
    assert shaping.with_tag_key(Address.read("explorer?group_by=team,tag.a"), "b").get("group_by") == "team,tag.b"
    three = Address.read("explorer?group_by=team,model,env")
    assert shaping.with_tag_key(three, "b").get("group_by") == "team,model,tag.b"


def test_the_others_are_asked_for_with_a_limit() -> None:
    here = shaping.limited(Address.read("explorer?group_by=team"), "5")
    assert (here.get("limit"), here.get("other")) == ("5", "true")
    assert shaping.limited(here, "").asked("limit", "other") == ()
