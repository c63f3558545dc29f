"""Where a click leads: one filter more, grouped by the next dimension, in the end to the calls themselves."""

from typing import Any

import pytest

from app import drilldown
from app.address import Address

HERE = Address("explorer", (("last", "7d"), ("group_by", "provider"), ("chart", "area"), ("limit", "5")))


def grouped_by(here: Address | None) -> str:
    assert here
    return here.get("group_by")


def test_from_provider_to_the_calls() -> None:
    here: Address | None = HERE
    seen = []
    for _ in range(5):
        assert here
        dimension = here.get("group_by")
        seen.append(dimension)
        here = drilldown.into(here, {dimension: f"a {dimension}"})
    assert seen == ["provider", "model", "endpoint", "token", "end_user"]
    assert here
    assert here.path == "requests"
    assert here.all("where") == tuple(f"{name}:a {name}" for name in seen)
    assert here.get("last") == "7d"
    assert here.names("group_by") == ()


def test_how_it_is_drawn_stays_and_the_limit_goes() -> None:
    here = drilldown.into(HERE, {"provider": "openai"})
    assert here
    assert (here.get("chart"), here.get("limit"), here.get("group_by")) == ("area", "", "model")


@pytest.mark.parametrize(
    ("clicked", "where", "following"),
    [
        ("department", (), "team"), ("team", (), "agent"), ("agent", (), "feature"), ("feature", (), "provider"),
        ("env", (), "provider"), ("token", (), "end_user"), ("end_user", (), "provider"),
        ("provider", ("model:gpt-4o",), "endpoint"), ("provider", ("model!:gpt-4o",), "model"),
        ("provider", ("model:a", "model:b"), "model"),
    ],
)  # fmt: skip
def test_what_is_fixed_is_skipped(clicked: str, where: tuple[str, ...], following: str) -> None:
    here = Address("explorer", tuple(("where", each) for each in where))
    assert grouped_by(drilldown.into(here, {clicked: "x"})) == following


@pytest.mark.parametrize(
    ("dimension", "value", "where"),
    [
        ("team", None, ("team:(none)",)), ("cache_hit", True, ("cache_hit:true",)), ("tag.env", "prod", ("tag.env:prod",)),
        ("tags", ["a", "b"], ("tag:a", "tag:b")), ("tags", [], ("tag:(none)",)), ("endpoint", "a:b", ("endpoint:a:b",)),
    ],
)  # fmt: skip
def test_members_as_filters(dimension: str, value: Any, where: tuple[str, ...]) -> None:
    here = drilldown.into(Address("explorer"), {dimension: value})
    assert here
    assert here.all("where") == where


def test_one_of_several_values_is_what_is_left_of_them() -> None:
    here = drilldown.into(HERE.put(where=["team:a", "env:qa", "team:b"]), {"team": "a"})
    assert here
    assert here.all("where") == ("env:qa", "team:a")
    tagged = drilldown.into(HERE.put(where=["tag:a|b"]), {"tag": "a"})
    assert tagged
    assert tagged.all("where") == ("tag:a|b", "tag:a")


def test_a_tag_that_no_filter_can_name_leads_nowhere() -> None:
    assert drilldown.into(HERE, {"tag": "x|y"}) is None
    assert drilldown.into(HERE, {"tags": ["a", "x|y"]}) is None


def test_several_groups_are_fixed_together() -> None:
    here = drilldown.into(Address("explorer", (("order", "model"),)), {"team": "search", "model": "gpt-4o"})
    assert here
    assert here.all("where") == ("team:search", "model:gpt-4o")
    assert (here.get("group_by"), here.get("order")) == ("endpoint", "")


def test_the_others_are_what_is_left_without_the_first() -> None:
    here = drilldown.beyond(HERE, "provider", ["openai", None])
    assert here
    assert here.all("where") == ("provider!:openai", "provider!:(none)")
    assert (here.get("group_by"), here.get("limit")) == ("provider", "")
    assert drilldown.beyond(HERE, "tag", ["a"]) is None


def test_where_an_exploration_begins() -> None:
    assert drilldown.begun(Address("explorer")) == "provider"
    assert drilldown.begun(Address("explorer", (("where", "team:search"),))) == "agent"
    assert drilldown.begun(Address("explorer", (("where", "provider:openai"),))) == "model"
