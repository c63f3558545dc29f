"""The same tokens at another model's prices: exact, and said where sums don't tell."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.installation import Installation
from models.money import NANO
from models.pricing.cards import Card, Origin, made
from models.pricing.cost import Amount, multiplied
from models.pricing.prices import published
from models.spend import what_if
from models.spend.what_if import Traffic, WhatIf
from models.usage.event import Tokens
from tests.factories import NOON, append, ask, make_event, make_workspace, spend_of

GPT_4O = ("openai", "gpt-4o")  # $2.5 a million in, $1.25 from the cache, $10 out


def card(provider: str | None, model: str) -> Card:
    found = published().card(provider, model, NOON)
    assert isinstance(found, Card)
    return found


def own(scale: int = 1, longer: Card | None = None, **rates: int) -> Card:
    return made(Origin("tests", "m"), scale, rates, limit=1_000 if longer else 10**18, longer=longer)


def traffic(**values: int) -> Traffic:
    counts = dict.fromkeys(Traffic._fields[2:], 0) | {"requests": 1} | values
    return Traffic("openai", "gpt-4o", **counts)


def then(of: Traffic, at: Card) -> int:
    return what_if.what_if([of], at).then


# -- exact --------------------------------------------------------------------------------------------------------

TOKENS = st.builds(
    lambda plain, read, written, output: Tokens(
        input=plain + read + written, cache_read=read, cache_write=written, output=output
    ),
    *[st.integers(0, 10**9)] * 4,
)
RATES = st.fixed_dictionaries(
    {name: st.integers(0, 10**5) for name in ("input", "cache_read", "cache_write", "output")}
)


def summed(calls: list[Tokens]) -> Traffic:
    return traffic(
        requests=len(calls), input=sum(each.input or 0 for each in calls),
        cache_read=sum(each.cache_read or 0 for each in calls), cache_write=sum(each.cache_write or 0 for each in calls),
        output=sum(each.output or 0 for each in calls),
    )  # fmt: skip


def computed(calls: list[Tokens], at: Card) -> int:
    amounts = [multiplied(each, None, at) for each in calls]
    return sum(each.total for each in amounts if isinstance(each, Amount))


@given(st.lists(TOKENS, max_size=20), RATES)
def test_at_prices_of_whole_nano_dollars_it_is_what_all_calls_would_cost(
    calls: list[Tokens], rates: dict[str, int]
) -> None:
    at = own(**rates)
    assert then(summed(calls), at) == computed(calls, at)


@given(st.lists(TOKENS, max_size=20), RATES, st.integers(2, 1_000))
def test_at_finer_prices_only_the_rounding_of_each_call_is_between(
    calls: list[Tokens], rates: dict[str, int], scale: int
) -> None:
    at = own(scale, **rates)
    assert 2 * abs(then(summed(calls), at) - computed(calls, at)) <= len(calls) + 1


def test_a_model_at_its_own_prices_costs_what_was_computed(installation: Installation) -> None:
    workspace = make_workspace(installation)
    used = [Tokens(input=1_000 + n, cache_read=n, output=10 * n, total=1_000 + 11 * n) for n in range(0, 60, 2)]
    append(installation, workspace.id, *(call(tokens=each) for each in used))
    [found] = asked(installation, workspace)
    assert found.cost == then(found, card(*GPT_4O)) > 0
    assert (found.requests, found.untold, found.unsplit) == (30, 0, 0)


# -- which calls --------------------------------------------------------------------------------------------------


def call(cost: int | None = None, **values: Any) -> Any:
    return make_event(cost=cost, **({"provider": "openai"} | values))


def asked(installation: Installation, workspace: Any) -> list[Traffic]:
    found = ask(
        spend_of(installation, workspace), group_by=",".join(what_if.BY), measures=",".join(what_if.MEASURES),
        where=list(what_if.WHERE),
    )  # fmt: skip
    return what_if.traffics(found.rows.iter_rows(named=True))


def test_what_a_cache_answered_and_what_has_no_price_is_not_moved(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, call(), call(cache_hit=True), call(provider="vllm", model="ours"))
    [found] = asked(installation, workspace)
    assert (found.model, found.requests, found.input) == ("gpt-4o", 1, 10)


def test_cost_without_tokens_is_told_apart(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, call(NANO, tokens=Tokens()), call(7, tokens=Tokens(input=4, output=2, total=6)))
    [found] = asked(installation, workspace)
    assert (found.cost, found.untold) == (7, NANO)


def test_how_many_calls_it_is_of_is_said_only_where_it_is_known(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with_tokens = (call(NANO, tokens=Tokens(input=4, output=2, total=6)) for _ in range(10))
    append(installation, workspace.id, *with_tokens)
    assert what_if.what_if(asked(installation, workspace), card(*GPT_4O)).requests == 10
    append(installation, workspace.id, *(call(NANO, tokens=Tokens()) for _ in range(90)))
    assert what_if.what_if(asked(installation, workspace), card(*GPT_4O)).requests is None


def test_calls_with_a_total_alone_save_nothing(installation: Installation) -> None:
    """At its own prices no model costs less than it did: what is compared is of the same calls."""
    workspace = make_workspace(installation)
    append(
        installation, workspace.id, call(tokens=Tokens(input=1_000, output=0, total=1_000)),
        call(50_000_000, tokens=Tokens(total=20_000)), call(9, tokens=Tokens(input=4, output=2, total=6)),
    )  # fmt: skip
    found = what_if.what_if(asked(installation, workspace), card(*GPT_4O))
    assert (found.now, found.then, found.requests) == (2_500_000, 2_500_000, 1)
    assert found.untold == 50_000_009, "sums don't tell one reported cost from another"


def test_tokens_of_neither_side_are_said(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, call(7, tokens=Tokens(total=1_500)))
    [found] = asked(installation, workspace)
    assert "1,500 tokens are left out" in " ".join(what_if.what_if([found], card(*GPT_4O)).assumes)


# -- what sums don't tell -----------------------------------------------------------------------------------------

USED = traffic(input=1_000, cache_read=400, cache_write=100, output=50)


def said(found: WhatIf) -> str:
    return " ".join(found.assumes[1:])


def test_cached_input_is_other_input_where_it_has_no_price() -> None:
    found = what_if.what_if([USED], own(input=2, output=3))
    assert found.then == 1_000 * 2 + 50 * 3
    assert "no price for reading" in said(found)
    assert "no price for writing" in said(found)


def test_of_prices_by_length_the_lower_is_taken_and_that_is_said() -> None:
    found = what_if.what_if([traffic(input=10_000)], own(input=2, longer=own(input=9)))
    assert found.then == 20_000
    assert "more than 1,000 tokens of input cost more" in said(found)


def test_reasoning_that_has_a_price_of_its_own_is_taken_out_of_the_output() -> None:
    assert then(traffic(output=100, reasoning=30), own(input=1, output=10, reasoning_tokens=7)) == 70 * 10 + 30 * 7
    assert then(traffic(output=100, reasoning=30), own(input=1, output=10)) == 1_000


def test_prices_by_the_hour_and_longer_caching_are_said() -> None:
    by_hour = made(Origin("tests", "m", clock="16:30"), 1, {"input": 1, "output": 1})
    assert "depends on the hour" in said(what_if.what_if([USED], by_hour))
    longer = own(input=1, output=1, cache_read=1, cache_write=2, cache_write_1h=4)
    assert said(what_if.what_if([USED], longer)) == (
        "What was written to a prompt cache is taken at the price of the shortest time."
    )


def test_where_one_price_holds_for_all_nothing_more_is_said() -> None:
    assert said(what_if.what_if([traffic(input=5, output=5)], own(input=1, output=1))) == ""


@pytest.mark.parametrize(
    ("used", "why_not"),
    [
        (traffic(output=5), "no_price_for:output"),
        (traffic(input=5, cache_read=9), "cached_above_input"),
    ],
)
def test_what_can_not_be_moved_is_left_out_of_both_sides(used: Traffic, why_not: str) -> None:
    found = what_if.what_if([used._replace(cost=99), traffic(input=3, cost=7)], own(input=2))
    assert [each.why_not for each in found.moved] == [why_not, ""]
    assert (found.now, found.then, found.difference, found.requests) == (7, 6, -1, 1)
