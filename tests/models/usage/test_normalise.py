from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from models.errors import BadField
from models.usage.event import Tokens
from models.usage.flavours import FLAVOURS
from models.usage.normalise import normalise
from models.usage.shapes import SHAPES
from models.usage.units import UNITS, WITHIN

OPENAI = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
ANTHROPIC = {"input_tokens": 50, "cache_read_input_tokens": 30, "output_tokens": 10}


# -- which flavour it is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", [None, "", "openai.sonnets", "anthropic"])
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


@pytest.mark.parametrize(
    "answer",
    [
        {"usage": OPENAI},
        {"id": "x", "choices": [{"message": {"content": "…"}}], "usage": OPENAI},
        {"usage": {"usage": OPENAI}},
        {"x_groq": {"id": "x", "usage": OPENAI}},
        {"response": {"usage": OPENAI}},
        {"data": OPENAI},
    ],
)
@pytest.mark.parametrize("api", [None, "openai.chat"])
def test_an_answer_that_was_sent_whole_is_opened(answer, api):
    assert normalise(answer, api, "openai") == normalise(OPENAI, api, "openai")


@pytest.mark.parametrize("usage", [{"usage": 0.3}, {"usage": {}}, {"usage": [OPENAI]}, {"usage": {"usage": {}}}])
def test_an_envelope_without_usage_is_unknown(usage):
    assert normalise(usage, "openai.chat", None).tokens == Tokens()


def test_an_envelope_is_opened_so_deep_and_no_deeper():
    usage = OPENAI
    for _ in range(3):
        usage = {"usage": usage}
    assert normalise(usage, None, None).tokens.input == 100
    for _ in range(5000):
        usage = {"usage": usage}
        assert normalise(usage, None, None).tokens == Tokens()


def test_units_alone_are_something_that_was_read():
    read = normalise({"billed_units": {"search_units": 2}}, "cohere.rerank", "cohere")
    assert (read.tokens, read.units) == (Tokens(), {"search_units": 2})
    assert normalise({"text": "…", "usage": {"type": "duration", "seconds": 9}}, None, None).units == {
        "audio_seconds": 9
    }


def test_a_word_without_a_value_gives_nothing_away():
    usage = {"promptTokenCount": None, "cache_creation": None, "input_tokens": 50, "output_tokens": 10}
    details = {"input_tokens_details": {"cached_tokens": 30}}
    assert normalise(usage | details, None, None).tokens.cache_read == 30


def test_what_is_empty_shares_nothing_with_what_was_empty_before():
    normalise({"nothing": 1}, None, None).tokens.input = 5
    assert normalise({"nothing": 1}, None, None).tokens == Tokens()


# -- what the provider says of the price -------------------------------------------------------------------------


def test_openrouter_s_cost_is_read_exactly():
    assert normalise(OPENAI | {"cost": Decimal("0.00014")}, "openrouter.chat", None).provider_cost == 140_000
    assert normalise(OPENAI | {"cost": 0.00014}, "openai.chat", "openrouter").provider_cost == 140_000
    assert normalise(OPENAI | {"cost": 0.1, "cost_details": {}}, None, None).provider_cost == 100_000_000


def test_a_provider_s_zero_stays_a_zero_and_null_unknown():
    assert normalise(OPENAI | {"cost": 0}, "openrouter.chat", None).provider_cost == 0
    assert normalise(OPENAI | {"cost": None}, "openrouter.chat", None).provider_cost is None
    assert normalise(OPENAI, "openrouter.chat", None).provider_cost is None


def test_with_a_key_of_one_s_own_openrouter_s_fee_is_not_the_whole_price():
    """Its provider sends a bill of its own; without such a key that amount stands there too, and is no second bill."""
    usage = OPENAI | {"cost": 0.00005, "cost_details": {"upstream_inference_cost": 0.001}}
    assert normalise(usage | {"is_byok": True}, "openrouter.chat", None).provider_cost == 1_050_000
    assert normalise(usage | {"is_byok": False}, "openrouter.chat", None).provider_cost == 50_000
    assert normalise(usage | {"is_byok": None}, "openrouter.chat", None).provider_cost == 50_000
    untold = {"is_byok": True, "cost_details": {"upstream_inference_cost": None}}
    assert normalise(usage | untold, "openrouter.chat", None).provider_cost == 50_000


def test_the_record_of_a_generation_tells_its_total_cost():
    record = {"native_tokens_prompt": 9, "native_tokens_completion": 1, "usage": 0.2, "total_cost": 0.1}
    assert normalise(record, None, None).provider_cost == 100_000_000


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
        ({"traffic_type": "ON_DEMAND_PRIORITY"}, "priority", False),
        ({"trafficType": ["ON_DEMAND_FLEX"]}, None, False),
        ({"serviceTier": {"type": "flex"}}, "flex", False),
        ({"serviceTier": {}}, None, False),
    ],
)
def test_the_tier_that_a_provider_says_in_its_usage(usage, tier, batch):
    read = normalise(ANTHROPIC | usage, None, None)
    assert (read.service_tier, read.batch) == (tier, batch)


# -- whatever comes ----------------------------------------------------------------------------------------------

PARTS = (
    *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"),
    *("input_token_details", "output_token_details", "cached_tokens_details", "cache_creation_token_details"),
    *("promptTokensDetails", "candidatesTokensDetails", "cacheTokensDetails", "toolUsePromptTokensDetails"),
    *("cacheDetails", "results", "server_tool_use", "server_side_tool_usage_details", "cost_details", "usage"),
)
COUNTED = (
    *("cached_tokens", "cache_write_tokens", "cache_creation_tokens", "audio_tokens", "image_tokens", "text_tokens"),
    *("reasoning_tokens", "thinking_tokens", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens", "tokenCount"),
    *("cacheReadInputTokens", "cacheWriteInputTokens", "totalTokens", "search_units", "images", "num_sources_used"),
    *("prompt_audio_seconds", "web_search_requests", "web_search_calls", "cost", "cost_in_usd_ticks", "total_cost"),
)
NAMES = ("modality", "ttl", "type", "model", "service_tier", "speed", "inference_geo", "is_byok", "trafficType")
WORDS = st.sampled_from(sorted({*SHAPES, *PARTS, *COUNTED, *NAMES}))
APIS = st.none() | st.sampled_from(sorted(FLAVOURS))
PROVIDERS = st.sampled_from([None, "openai", "xai", "anthropic", "cohere", "openrouter", "perplexity"])
SAID = st.sampled_from(["AUDIO", "TEXT", "1h", "advisor_message", "fallback_message", "us", "batch", True])


def objects(leaves):
    members = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4)
    )
    return st.dictionaries(WORDS, members, max_size=6)


COUNTS = st.none() | st.integers(0, 1000) | st.integers(0, 10**12)
ANYTHING = COUNTS | SAID | st.integers() | st.floats() | st.text(max_size=5) | st.booleans() | st.decimals()
# As providers send it: the parts of a count within an object of their own.
WELL_FORMED = st.dictionaries(
    st.sampled_from(sorted({*SHAPES, *COUNTED} - {*PARTS, "cost", "cost_in_usd_ticks"})), COUNTS
)
DETAILED = st.dictionaries(st.sampled_from(PARTS[:4]), st.dictionaries(st.sampled_from(COUNTED[:11]), COUNTS))


@settings(max_examples=400)
@given(objects(ANYTHING), APIS, PROVIDERS)
def test_whatever_comes_is_read_or_refused_as_a_bad_field_and_never_changed(usage, api, provider):
    before = deepcopy(usage)
    try:
        read = normalise(usage, api, provider)
    except BadField:
        read = None
    assert repr(usage) == repr(before)
    assert read is None or sound(read)


def sound(read):
    known = [value for name in read.tokens.__struct_fields__ if (value := getattr(read.tokens, name)) is not None]
    zeroes = [unit for unit, count in (read.units or {}).items() if not count]
    assert all(type(value) is int and value >= 0 for value in (*known, *(read.units or {}).values()))
    assert set(read.units or ()) <= set(UNITS)
    assert all(unit.startswith("cache_read_") for unit in zeroes)
    return True


@settings(max_examples=400)
@given(WELL_FORMED, DETAILED, APIS, PROVIDERS)
def test_a_part_never_exceeds_its_whole_unless_that_is_flagged(counts, details, api, provider):
    try:
        read = normalise(counts | details, api, provider)
    except BadField:
        reject()
    tokens, flags, units = read.tokens, set(read.flags), read.units or {}
    if tokens.input is not None:
        assert tokens.cache_read + tokens.cache_write <= tokens.input or "cached_above_input" in flags
        assert (tokens.cache_write_1h or 0) <= tokens.cache_write or "cache_write_mismatch" in flags
    if tokens.output is not None:
        assert tokens.reasoning <= tokens.output or flags & {"reasoning_above_output", "reasoning_above_total"}
    if None not in (tokens.input, tokens.output):
        assert tokens.total == tokens.input + tokens.output or "total_mismatch" in flags
    for unit, whole in WITHIN.items():
        if getattr(tokens, whole) is not None:
            assert units.get(unit, 0) <= getattr(tokens, whole) or "units_above_tokens" in flags


@given(st.dictionaries(WORDS, st.none()), APIS, PROVIDERS)
def test_unknown_stays_unknown(usage, api, provider):
    read = normalise(usage, api, provider)
    assert (read.tokens.input, read.tokens.output, read.tokens.total, read.units) == (None,) * 4
