from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadField
from models.usage.event import Tokens
from models.usage.flavours import FLAVOURS
from models.usage.normalise import normalise

OPENAI = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
ANTHROPIC = {"input_tokens": 50, "cache_read_input_tokens": 30, "output_tokens": 10}


# -- which flavour it is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", [None, "", "openai.images", "anthropic"])
@pytest.mark.parametrize(
    ("usage", "provider", "read"),
    [
        (OPENAI, "openai", (100, 10)),
        (OPENAI, None, (100, 10)),
        (ANTHROPIC, None, (80, 10)),
        ({"input_tokens": 50, "output_tokens": 10}, "anthropic", (50, 10)),
        ({"input_tokens": 50, "input_tokens_details": {"cached_tokens": 30}, "output_tokens": 10}, None, (50, 10)),
        ({"inputTokens": 50, "cacheReadInputTokens": 30, "outputTokens": 10}, None, (80, 10)),
        ({"promptTokenCount": 50, "thoughtsTokenCount": 3, "candidatesTokenCount": 10}, None, (50, 13)),
        ({"billed_units": {"input_tokens": 5, "output_tokens": 10}}, "cohere", (5, 10)),
        ({"prompt_tokens": 50, "total_tokens": 50}, "openai", (50, 0)),
    ],
)
def test_the_flavour_is_told_from_the_shape_where_none_is_named(api, usage, provider, read):
    tokens = normalise(usage, api, provider).tokens
    assert (tokens.input, tokens.output) == read


def test_a_provider_tells_xai_s_reasoning_from_openai_s():
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 5}}
    assert normalise(usage, None, "xai").tokens.output == 7
    assert normalise(usage, None, "X-AI").tokens.output == 7
    assert normalise(usage, None, "openai").flags == ("reasoning_above_output",)


def test_a_named_flavour_that_reads_nothing_here_gives_way_to_the_shape():
    assert normalise(ANTHROPIC, "openai.chat", "openai").tokens.input == 80


def test_a_named_flavour_goes_before_the_shape():
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 5}}
    assert normalise(usage, "xai.chat", None).tokens.output == 7


@pytest.mark.parametrize("usage", [{}, {"tokens": 5}, {"foo": {"prompt_tokens": 5}}, {"prompt_tokens": None}])
def test_what_nobody_can_read_is_unknown(usage):
    assert normalise(usage, None, None).tokens == Tokens()


# -- what the provider says of the price -------------------------------------------------------------------------


def test_openrouter_s_cost_is_read_exactly():
    assert normalise(OPENAI | {"cost": Decimal("0.00014")}, "openrouter.chat", None).provider_cost == 140_000
    assert normalise(OPENAI | {"cost": 0.00014}, "openai.chat", "openrouter").provider_cost == 140_000
    assert normalise(OPENAI | {"cost": 0.1, "cost_details": {}}, None, None).provider_cost == 100_000_000


def test_a_provider_s_zero_stays_a_zero_and_null_unknown():
    assert normalise(OPENAI | {"cost": 0}, "openrouter.chat", None).provider_cost == 0
    assert normalise(OPENAI | {"cost": None}, "openrouter.chat", None).provider_cost is None
    assert normalise(OPENAI, "openrouter.chat", None).provider_cost is None


def test_a_cost_in_nobody_knows_which_currency_is_left_alone():
    assert normalise(OPENAI | {"cost": 12}, "openai.chat", "my-gateway").provider_cost is None


@pytest.mark.parametrize(("ticks", "nano"), [(0, 0), (10, 1), (14, 1), (15, 2), (25, 3), (158_500_000, 15_850_000)])
def test_xai_s_ticks_are_tenths_of_a_nano_dollar_rounded_half_up(ticks, nano):
    assert normalise(OPENAI | {"cost_in_usd_ticks": ticks}, "xai.chat", "xai").provider_cost == nano
    assert normalise(OPENAI | {"cost_in_usd_ticks": Decimal(ticks)}, None, None).provider_cost == nano


def test_perplexity_s_total_cost():
    cost = {"input_tokens_cost": 0.001, "request_cost": 0.005, "total_cost": 0.006}
    assert normalise(OPENAI | {"cost": cost}, None, "perplexity").provider_cost == 6_000_000


@pytest.mark.parametrize(
    ("usage", "field"),
    [
        ({"cost": -0.1}, "usage.cost"),
        ({"cost": "free"}, "usage.cost"),
        ({"cost": True}, "usage.cost"),
        ({"cost": 1_000_001}, "usage.cost"),
        ({"cost_in_usd_ticks": -1}, "usage.cost_in_usd_ticks"),
        ({"cost_in_usd_ticks": "many"}, "usage.cost_in_usd_ticks"),
        ({"cost_in_usd_ticks": 10**17}, "usage.cost_in_usd_ticks"),
    ],
)
def test_a_cost_that_is_none_is_a_bad_field(usage, field):
    with pytest.raises(BadField) as bad:
        normalise(OPENAI | usage, "openrouter.chat", None)
    assert bad.value.field == field


# -- tiers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usage", "tier", "batch"),
    [
        ({}, None, False),
        ({"service_tier": "standard"}, "standard", False),
        ({"service_tier": "batch"}, "batch", True),
        ({"service_tier": "priority", "speed": None}, "priority", False),
        ({"service_tier": "standard", "speed": "fast"}, "fast", False),
        ({"service_tier": 3}, None, False),
        ({"trafficType": "ON_DEMAND"}, None, False),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex", False),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, "provisioned_throughput", False),
    ],
)
def test_the_tier_that_a_provider_says_in_its_usage(usage, tier, batch):
    read = normalise(ANTHROPIC | usage, None, None)
    assert (read.service_tier, read.batch) == (tier, batch)


# -- whatever comes ----------------------------------------------------------------------------------------------

COUNTS = st.none() | st.integers(0, 10**12)
WORDS = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "inputTokens")
PARTS = st.fixed_dictionaries({}, optional={"cached_tokens": COUNTS, "reasoning_tokens": COUNTS})
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(WORDS, COUNTS),
        **dict.fromkeys(("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount"), COUNTS),
        **dict.fromkeys(("cache_creation_input_tokens", "cache_read_input_tokens"), COUNTS),
        **dict.fromkeys(("prompt_tokens_details", "completion_tokens_details"), PARTS),
    },
)


@given(SHAPES, st.none() | st.sampled_from(sorted(FLAVOURS)), st.sampled_from([None, "openai", "xai", "anthropic"]))
def test_any_well_formed_counts_are_read_and_never_turn_negative_or_contradict_unflagged(usage, api, provider):
    read = normalise(usage, api, provider)
    tokens, flags = read.tokens, read.flags
    known = [value for name in tokens.__struct_fields__ if (value := getattr(tokens, name)) is not None]
    assert all(type(value) is int and value >= 0 for value in known)
    if tokens.input is not None and (tokens.cache_read + tokens.cache_write) > tokens.input:
        assert "cached_above_input" in flags
    if None not in (tokens.input, tokens.output) and tokens.total != tokens.input + tokens.output:
        assert "total_mismatch" in flags
