"""Values that likely mean the same: what is suggested, what never is, and that the work has a bound."""

import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.spend.lookalikes import MAX_VALUES, Pair, pairs

CERTAIN = [
    ("Eng", "eng"), ("frontend", "front-end"), ("front_end", "front-end"), ("eng ", "eng"), ("ENG", "Eng"),
    ("data platform", "data-platform"), ("/summarise/", "/summarise"), ("café", "cafe"), ("env:Prod", "env:prod"),
    ("claude-3.5-sonnet", "claude-3-5-sonnet"), ("Team 2", "team-2"),
]  # fmt: skip
LIKELY = [
    ("enginering", "engineering"), ("enigneering", "engineering"), ("engineeringg", "engineering"),
    ("marketing-emea", "markting-emea"), ("Serch", "search"), ("team:platfrom", "team:platform"),
    ("customers-1", "customer-1"),
]  # fmt: skip
NEVER = [
    ("user-1", "user-2"), ("user-1", "user-01"), ("user-1", "user-11"), ("gpt-4", "gpt-4o"), ("gpt-4.1", "gpt-41"),
    ("v1.12", "v11.2"), ("claude-3-opus", "claude-4-opus"), ("agent-a", "agent-b"), ("prod", "prd"),
    ("inbound", "unbound"), ("martin@example.com", "martina@example.com"), ("3f9ac1de", "3f9ac1df"), ("chat", "cat"),
    ("/a/b", "/ab"), ("env:prod", "envprod"), ("--", "__"), ("eu-west", "eu-west-1"), ("search", "research"),
]  # fmt: skip


@pytest.mark.parametrize(("smaller", "larger"), CERTAIN)
def test_what_differs_in_case_accents_or_separators_means_the_same(smaller: str, larger: str) -> None:
    assert pairs({smaller: 1, larger: 2, "support": 3}) == [Pair(smaller, larger, 1, certain=True)]


@pytest.mark.parametrize(("smaller", "larger"), LIKELY)
def test_one_slip_in_a_long_word_likely_does(smaller: str, larger: str) -> None:
    assert pairs({smaller: 1, larger: 2, "support": 3}) == [Pair(smaller, larger, 1, certain=False)]


@pytest.mark.parametrize(("one", "other"), NEVER)
def test_what_counts_up_is_short_or_is_another_word_never_does(one: str, other: str) -> None:
    assert pairs({one: 1, other: 2}) == pairs({one: 2, other: 1}) == []


def test_all_are_merged_into_the_largest() -> None:
    spend = {"Engineering": 2, "engineering": 9, "enginering": 1, "Enginering": 3}
    assert {(each.name, each.becomes) for each in pairs(spend)} == {
        ("Engineering", "engineering"),
        ("Enginering", "engineering"),
        ("enginering", "engineering"),
    }


def test_what_is_certain_of_a_slip_is_not_certain_of_what_it_likely_means() -> None:
    assert pairs({"engineering": 100, "enginering": 10, "Enginering": 1}) == [
        Pair("enginering", "engineering", 10, certain=False),
        Pair("Enginering", "engineering", 1, certain=False),
    ]


def test_the_certain_come_first_then_those_with_most_spend() -> None:
    spend = {"search": 50, "serch": 40, "Ops": 10, "ops": 20, "sales": 9, "Sales": 8}
    assert [each.name for each in pairs(spend)] == ["Ops", "Sales", "serch"]


def test_of_equal_spend_the_first_by_name_is_kept() -> None:
    assert pairs({"eng": 0, "Eng": 0}) == [Pair("eng", "Eng", 0, certain=True)]


@given(st.dictionaries(st.text(max_size=12), st.integers(0, 9), max_size=12))
def test_whatever_things_are_called_no_merge_goes_in_a_circle_or_twice(spend: dict[str, int]) -> None:
    found = pairs(spend)
    merged = [each.name for each in found]
    assert len(set(merged)) == len(merged)
    assert not set(merged) & {each.becomes for each in found}
    assert {*merged, *(each.becomes for each in found)} <= spend.keys()
    assert all(spend[each.becomes] >= spend[each.name] for each in found)


def test_of_very_many_the_largest_are_looked_at() -> None:
    chance = Random(7)
    spend = {"".join(chance.choices(string.ascii_lowercase, k=60)): 1 for _ in range(20_000)}
    spend |= {"engineering": 9, "Engineering": 8} | {"support" + "x" * 300: 9, "Support" + "x" * 300: 0}
    assert [each.name for each in pairs(spend)] == ["Engineering"]
    assert len(spend) > MAX_VALUES
