"""Counts in the event itself, beside a usage object, and contradictions among them."""

from typing import Any

import pytest

from models.usage.event import Tokens

from .samples import INGEST, LITELLM, bad, event, litellm, rest


def tokens(sent: dict[str, Any], door: str = INGEST) -> Tokens:
    return event(door, sent).tokens


def test_unknown_is_not_zero() -> None:
    assert tokens(rest()) == Tokens()
    assert tokens(litellm(), LITELLM) == Tokens()
    assert tokens(rest(prompt_tokens=None, completion_tokens=None, total_tokens=None)) == Tokens()


@pytest.mark.parametrize(("door", "sender"), [(INGEST, rest), (LITELLM, litellm)])
def test_of_several_bad_counts_the_same_is_named_each_time(door: str, sender: Any) -> None:
    fields = ("total_tokens", "completion_tokens", "prompt_tokens")
    assert bad(door, sender(**dict.fromkeys(fields, -1))).details["field"] == "prompt_tokens"


@pytest.mark.parametrize(
    ("sent", "total"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 50}, 150),
        ({"prompt_tokens": 100}, 100),
        ({"completion_tokens": 50, "total_tokens": 150}, 150),
        ({"total_tokens": 150}, 150),
        ({"prompt_tokens": 0, "completion_tokens": 0}, 0),
        ({"prompt_tokens": 100.0, "completion_tokens": 5e1}, 150),
        ({"prompt_tokens": 10**12, "completion_tokens": 0}, 10**12),
    ],
    ids=repr,
)
def test_the_total_is_added_up_where_it_is_omitted(sent: dict[str, Any], total: int) -> None:
    decoded = event(INGEST, rest(**sent))
    assert decoded.tokens.total == total
    assert decoded.flags == []


@pytest.mark.parametrize(
    ("sent", "flags"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 151}, ["total_mismatch"]),
        ({"prompt_tokens": 100, "total_tokens": 99}, ["total_mismatch"]),
        ({"prompt_tokens": 100, "cache_read_tokens": 60, "cache_write_tokens": 60}, ["cached_above_input"]),
        ({"cache_read_tokens": 60}, []),
    ],
    ids=repr,
)
def test_contradictions_are_stored_and_flagged(sent: dict[str, Any], flags: list[str]) -> None:
    assert event(INGEST, rest(**sent)).flags == flags


def test_usage_goes_before_the_counts_beside_it() -> None:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5, "service_tier": "batch"}
    decoded = event(INGEST, rest(provider="anthropic", usage=usage, prompt_tokens=7, total_tokens=9))
    assert decoded.tokens == Tokens(
        input=100, cache_read=90, cache_write=0, cache_write_1h=0, output=5, reasoning=0, total=105
    )
    assert (decoded.service_tier, decoded.batch, decoded.flags) == ("batch", True, [])


@pytest.mark.parametrize("usage", [{}, None, {"unheard": "of"}])
def test_usage_that_tells_nothing_leaves_the_counts(usage: Any) -> None:
    assert tokens(rest(usage=usage, prompt_tokens=7)).input == 7


def test_the_flavour_may_be_named() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    assert tokens(rest(usage=usage, api="openai.chat")).total == 3
    assert tokens(rest(usage=usage, api="no.such.flavour")).total == 3
    assert tokens(rest(usage=usage, api=["odd"])).total == 3


def test_the_providers_own_price_is_kept_apart() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "cost": 0.5}
    claim = event(INGEST, rest(provider="openrouter", usage=usage, response_cost=0.25)).claim
    assert (claim.cost, claim.provider_cost) == (250_000_000, 500_000_000)


@pytest.mark.parametrize("value", [-1, 1.5, 10**12 + 1, "100", True, [], 10**400, 1e300], ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize("field", ["prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_avoided"])
def test_what_is_no_count_is_a_bad_event(field: str, value: object) -> None:
    assert bad(INGEST, rest(**{field: value})).details["field"] == field


def test_a_bad_count_beside_usage_is_bad_too() -> None:
    assert bad(INGEST, rest(usage={"prompt_tokens": 1}, prompt_tokens=-1)).details["field"] == "prompt_tokens"
    assert bad(INGEST, rest(usage={"prompt_tokens": -1})).details["field"] == "usage.prompt_tokens"
    assert bad(INGEST, rest(usage=[1, 2])).details == {"field": "usage", "value": "an array", "expected": "an object"}


def test_tokens_of_a_cache_hit_may_be_told_apart() -> None:
    decoded = event(INGEST, rest(cache_hit=True, prompt_tokens_avoided=100, completion_tokens_avoided=50))
    assert (decoded.avoided_input, decoded.avoided_output) == (100, 50)


# -- LiteLLM's usage objects ------------------------------------------------------------------------------------

WHOLE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


@pytest.mark.parametrize(
    ("usage", "read", "written", "long", "reasoning"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 300, "cache_creation_tokens": 200}}, 300, 200, None, 0),
        ({"input_tokens_details": {"cached_tokens": 300}}, 300, 0, None, 0),
        ({"output_tokens_details": {"reasoning_tokens": 40}}, 0, 0, None, 40),
        ({"cache_read_input_tokens": 300, "cache_creation_input_tokens": 200}, 300, 200, None, 0),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "cache_read_input_tokens": 300}, 300, 0, None, 0),
        ({"prompt_tokens_details": None, "completion_tokens_details": {"reasoning_tokens": 40}}, 0, 0, None, 40),
        (
            {
                "prompt_tokens_details": {
                    "cache_creation_tokens": 200,
                    "cache_creation_token_details": {"ephemeral_1h_input_tokens": 150},
                }
            },
            0,
            200,
            150,
            0,
        ),
    ],
)
def test_details(usage: dict[str, Any], read: int, written: int, long: int | None, reasoning: int) -> None:
    found = tokens(litellm(**WHOLE, metadata={"usage_object": usage}), LITELLM)
    assert (found.cache_read, found.cache_write, found.cache_write_1h, found.reasoning) == (
        read,
        written,
        long,
        reasoning,
    )
    assert (found.input, found.output, found.total) == (1000, 100, 1100)


def test_counts_may_stand_in_the_usage_object_only() -> None:
    assert tokens(litellm(prompt_tokens=None, metadata={"usage_object": WHOLE}), LITELLM).total == 1100


def test_a_failure_keeps_its_zeros() -> None:
    found = tokens(litellm(status="failure", prompt_tokens=0, completion_tokens=0, total_tokens=0), LITELLM)
    assert (found.input, found.output, found.total) == (0, 0, 0)


def test_more_cached_than_sent_is_flagged() -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": 2000}}
    assert "cached_above_input" in event(LITELLM, litellm(**WHOLE, metadata={"usage_object": usage})).flags


def test_a_bad_detail_is_a_bad_event() -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": -1}}
    assert "cached_tokens" in bad(LITELLM, litellm(**WHOLE, metadata={"usage_object": usage})).details["field"]
