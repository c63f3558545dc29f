"""Terms: every word of ours and of LiteLLM's, read exactly, refused by name, and shown so that they can be sent again."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadField
from models.pricing.rates import QUOTED
from models.pricing.terms import LITELLM, OWN, TIERS, Terms, number, shown, terms, word

EXACT = st.decimals(0, 1_000_000, places=20, allow_nan=False, allow_infinity=False).map(abs)


def sole(said: dict[str, Any]) -> tuple[str, str, int, Decimal]:
    """The one price that was said: tier, unit, from so much input on, dollars as they are quoted."""
    ((tier, units),) = terms(said).prices.items()
    ((unit, ((over, price),)),) = units.items()
    return tier, unit, over, price


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("input_per_million_usd", 0.15, ("", "input", 0, "0.15")),
        ("input_per_million_usd", "0.15", ("", "input", 0, "0.15")),
        ("input_cost_per_token", 1.5e-7, ("", "input", 0, "0.15")),
        ("input_cost_per_token", "0.00000015", ("", "input", 0, "0.15")),
        ("output_cost_per_token", Decimal("3.0000000000000004e-08"), ("", "output", 0, "0.030000000000000004")),
        ("input_cost_per_token_above_200k_tokens", 6e-6, ("", "input", 200_000, "6")),
        ("cache_creation_input_token_cost_above_1hr", 6e-6, ("", "cache_write_1h", 0, "6")),
        ("cache_creation_input_token_cost_above_1hr_above_200k_tokens", 1.2e-5, ("", "cache_write_1h", 200_000, "12")),
        ("cache_creation_input_token_cost_above_272k_tokens_flex", 5e-6, ("flex", "cache_write", 272_000, "5")),
        ("cache_read_input_token_cost_priority", 1e-7, ("priority", "cache_read", 0, "0.1")),
        ("output_cost_per_token_batches", 5e-6, ("batch", "output", 0, "5")),
        ("output_per_million_usd_batch", 5, ("batch", "output", 0, "5")),
        ("input_cost_per_token_cache_hit", 1e-7, ("", "cache_read", 0, "0.1")),
        ("input_cost_per_audio_token", 1e-5, ("", "input_audio", 0, "10")),
        ("cache_read_input_audio_token_cost", 1e-6, ("", "cache_read_audio", 0, "1")),
        ("output_cost_per_image_token", 3e-5, ("", "output_image", 0, "30")),
        ("search_context_cost_per_query", {"low": 0.01, "medium": 0.01, "high": 0.01}, ("", "web_searches", 0, "10")),
        ("search_units_per_thousand_usd", 2, ("", "search_units", 0, "2")),
        ("audio_per_hour_usd", 0.36, ("", "audio_seconds", 0, "0.36")),
    ],
)
def test_a_word_says_what_is_priced(name: str, value: Any, place: tuple[str, str, int, str]) -> None:
    tier, unit, over, price = sole({name: value})
    assert (tier, unit, over, price) == (*place[:3], Decimal(place[3]))


@pytest.mark.parametrize("name", sorted({*OWN, *LITELLM}))
def test_every_word_takes_a_length_and_a_tier(name: str) -> None:
    for tier in TIERS:
        assert sole({f"{name}_above_128k_tokens_{tier}": 0})[:3] == (TIERS[tier], (OWN | LITELLM)[name].unit, 128_000)


def test_what_has_a_price_has_a_word() -> None:
    assert {each.unit for each in OWN.values()} == set(QUOTED)
    assert {each.unit for each in LITELLM.values()} <= set(QUOTED)


@pytest.mark.parametrize(
    "name",
    ["input", "input_per_million", "input_per_million_eur", "inputs_per_million_usd", "input_per_thousand_usd", "output_cost_per_reasoning_token",
     "input_cost_per_token_above_200k", "input_cost_per_token_above_0k_tokens", "input_cost_per_token_batches_above_200k_tokens",
     "input_cost_per_token_above_200k_tokens_above_300k_tokens", "input_cost_per_token_weekly", "input_cost_per_request", "", "\x00", "x" * 10_000],
)  # fmt: skip
def test_a_word_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(BadField) as refused:
        terms({"input_per_million_usd": 1, name: 1})
    assert len(refused.value.field) <= 80


def test_null_is_nothing_said() -> None:
    said = {"input_per_million_usd": 1, "output_per_million_usd": None, "service_tier": None, "discount_percent": None}
    assert terms(said) == terms({"input_per_million_usd": 1})


def test_the_same_price_in_two_words_is_one_price_and_another_is_refused() -> None:
    both = {"input_per_million_usd": 2, "input_cost_per_token": 2e-6}
    assert terms(both) == terms({"input_per_million_usd": 2})
    with pytest.raises(BadField, match="Invalid payload"):
        terms(both | {"input_cost_per_token": 2.1e-6})


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(sorted(QUOTED)), st.sampled_from([0, 1_000, 200_000, 999_999_000]), st.sampled_from(["", *TIERS.values()])),
        EXACT, min_size=1, max_size=8,
    )
)  # fmt: skip
def test_what_is_shown_says_the_same_when_it_is_sent_again(said: dict[tuple[str, int, str], Decimal]) -> None:
    made = terms({word(*place): price for place, price in said.items()})
    again = msgspec.json.decode(msgspec.json.encode(shown(made)))
    assert terms(again) == made
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(made)), Terms) == made, "as it is stored"
    for (unit, over, tier), price in said.items():
        assert made.rates(tier, over)[unit] == Fraction(price) * 10**9 / QUOTED[unit].per


@pytest.mark.parametrize(
    ("exact", "as_json"), [("2", 2), ("0", 0), ("0.15", 0.15), ("0.030000000000000004", "0.030000000000000004"), ("0.12345678901234567891", "0.12345678901234567891")]
)  # fmt: skip
def test_a_number_is_shown_as_one_where_nothing_is_lost(exact: str, as_json: Any) -> None:
    assert number(Decimal(exact)) == as_json
