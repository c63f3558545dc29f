"""Addresses: read, changed and written, and nothing of them is lost."""

from hypothesis import given
from hypothesis import strategies as st

from app.address import Address, can_name, where

HERE = Address("teams", (("last", "7d"), ("where", "team:a:b"), ("where", "env!:qa"), ("order", "-cost")))


def test_it_is_read_as_it_is_written() -> None:
    assert Address.read(HERE.href) == HERE


@given(st.lists(st.tuples(st.sampled_from(["where", "last", "order"]), st.text(min_size=1))))
def test_so_is_any_other(parameters: list[tuple[str, str]]) -> None:
    address = Address("explorer", tuple(parameters))
    assert Address.read(address.href) == address


def test_what_is_put_stands_in_place_of_what_stood_there() -> None:
    assert HERE.put(last=None, from_="2026-06-01").asked("last", "from") == (("from", "2026-06-01"),)
    assert HERE.put(where=["model:m"]).all("where") == ("model:m",)


def test_a_filter_is_added_once_and_taken_away() -> None:
    more = HERE.only("model", "m").only("model", "m")
    assert more.all("where") == ("team:a:b", "env!:qa", "model:m")
    assert more.without("model:m") == HERE.put(where=HERE.all("where"))


def test_a_value_takes_the_place_of_others_of_its_dimension_which_would_be_or_ed() -> None:
    here = Address("teams", tuple(("where", each) for each in ("team:a", "team:b", "team!:c", "team_lead:d", "tag:x")))
    assert here.only("team", "a").all("where") == ("team!:c", "team_lead:d", "tag:x", "team:a")
    assert here.only("team", "a", "e").all("where")[-2:] == ("team:a", "team:e")
    assert here.only("tag", "y").all("where") == (*here.all("where"), "tag:y")


def test_a_tag_that_reads_as_one_or_the_other_can_not_be_named() -> None:
    assert not can_name("tag", "x|y")
    assert can_name("tag", "x")
    assert can_name("tag", None)
    assert can_name("team", "x|y")


def test_another_page_gets_the_filters_and_nothing_of_this_one() -> None:
    assert HERE.put(workspace="w").to("models") == Address("models", (*HERE.parameters[:3], ("workspace", "w")))


def test_filters_are_written_as_the_query_api_takes_them() -> None:
    assert where("team", None) == "team:(none)"
    assert where("cache_hit", True) == "cache_hit:true"
    assert where("team", "a:b|c", negated=True) == "team!:a:b|c"


def test_names_come_with_commas_and_repeated() -> None:
    address = Address.read("/explorer?group_by=model,%20team&group_by=team")
    assert address.names("group_by") == ("model", "team")
