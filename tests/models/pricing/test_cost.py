"""The order of truth: reported, cached, computed, unpriced. Exact to the nano-dollar."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import MAX_EVENT_NANO
from models.pricing.cards import Origin, made
from models.pricing.cost import Unknown, multiplied, price
from models.pricing.prices import published
from models.pricing.rates import CLASSES
from models.usage.event import Claim, Event, Tokens

NOON = 1_795_003_200_000_000  # 18 November 2026
USED = Tokens(input=1000, output=200, total=1200)
GPT_4O = 4_500_000  # 1000 × 2.5 + 200 × 10 dollars per million


def cost(tokens=USED, claim=None, **fields):
    fields = {"provider": "openai", "model": "gpt-4o"} | fields
    return price(Event(source="rest", started_us=NOON, tokens=tokens, claim=claim or Claim(), **fields), published())


# -- computed ----------------------------------------------------------------------------------------------------


def test_tokens_times_prices():
    said = cost()
    assert (said.cost, said.input_cost, said.output_cost, said.source) == (GPT_4O, 2_500_000, 2_000_000, "computed")
    assert (said.computed, said.reported, said.unpriced_reason) == (GPT_4O, None, None)
    assert said.price_card == "genai-prices 0.2.3 openai/gpt-4o"


def test_a_sum_is_rounded_once_half_up():
    def embedding(tokens):
        return cost(Tokens(input=tokens, output=0), provider="cohere", model="command-r7b-12-2024").cost

    assert [embedding(tokens) for tokens in (1, 2, 3, 4)] == [38, 75, 113, 150]  # 37.5 nano-dollars each


def test_both_sides_add_up_to_a_rounded_sum():
    said = cost(Tokens(input=1, output=1), provider="groq", model="openai/gpt-oss-20b")
    assert (said.cost, said.input_cost, said.output_cost) == (375, 75, 300)


def test_an_embedding_is_priced_by_its_input_alone():
    for output in (0, None):
        said = cost(Tokens(input=1000, output=output), model="text-embedding-3-small")
        assert (said.cost, said.input_cost, said.output_cost) == (20_000, 20_000, 0)
    assert cost(Tokens(input=1000), provider="mistral", model="mistral-embed").cost == 100_000


def test_a_total_that_doesn_t_fit_does_not_decide_the_price_by_itself():
    assert cost(Tokens(input=1000, output=200, total=9), flags=["total_mismatch"]).cost == GPT_4O


def test_prompt_cache_saved_is_the_discount_minus_the_premium():
    read = Tokens(input=10_050, cache_read=8000, cache_write=2000, output=300)
    written = Tokens(input=1100, cache_read=0, cache_write=1000, cache_write_1h=1000, output=10)
    assert cost(read, provider="anthropic", model="claude-haiku-4-5").prompt_cache_saved == 8000 * 900 - 2000 * 250
    assert cost(written, provider="anthropic", model="claude-opus-4-5").prompt_cache_saved == -1000 * 5000
    assert cost().prompt_cache_saved == 0


def test_a_failed_call_with_usage_costs_what_it_used():
    assert cost(status="failure").cost == GPT_4O


# -- unpriced ----------------------------------------------------------------------------------------------------


def unpriced(*args, **fields):
    said = cost(*args, **fields)
    assert (said.cost, said.input_cost, said.output_cost, said.computed) == (None, None, None, None)
    assert (said.source, said.saved, said.prompt_cache_saved) == ("unpriced", 0, 0)
    assert (said.price_card is None) == (said.partial is None)
    return said.unpriced_reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"model": None}, "unknown_model"),
        ({"model": ""}, "unknown_model"),
        ({"model": "not-a-model"}, "unknown_model"),
        ({"model": "not-a-model", "provider": None}, "unknown_model"),
        ({"model": "gpt-4o-foo"}, "unknown_model"),
        ({"provider": "ollama"}, "unknown_provider"),
        ({"service_tier": "flex"}, "no_price_for:service_tier"),
        ({"provider": "azure", "batch": True}, "no_price_for:batch"),
        ({"units": {"input_audio": 10}}, "no_price_for:input_audio"),
        ({"units": {"search_sources": 3}}, "no_price_for:search_sources"),
        ({"flags": ["regional_inference"]}, "no_price_for:region"),
        ({"flags": ["reasoning_above_output"]}, "reasoning_above_output"),
        ({"flags": ["units_above_tokens"]}, "units_above_tokens"),
        ({"flags": ["fallback_credit"]}, "no_price_for:fallback_credit"),
        ({"flags": ["cache_write_12h"]}, "no_price_for:cache_write_12h"),
    ],
)
def test_an_event_without_a_price_is_unpriced_with_a_reason(fields, reason):
    assert unpriced(**fields) == reason


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        (Tokens(), "no_usage"),
        (Tokens(input=0, output=0, total=0), "no_usage"),
        (Tokens(output=5), "incomplete_usage"),
        (Tokens(input=5), "incomplete_usage"),
        (Tokens(total=5), "incomplete_usage"),
        (Tokens(input=5, cache_read=6, output=1), "cached_above_input"),
        (Tokens(input=5, cache_read=3, cache_write=3, output=1), "cached_above_input"),
        (Tokens(input=9, cache_write=3, cache_write_1h=4, output=1), "cache_write_mismatch"),
        (Tokens(input=9, cache_write=3, output=1), "no_price_for:cache_write"),
        (Tokens(input=10**12, output=1), "cost_above_bound"),
    ],
)
def test_so_is_one_whose_counts_leave_it_open(tokens, reason):
    assert unpriced(tokens) == reason


def test_several_samplings_are_priced_together_while_none_can_have_been_long():
    claude = {"provider": "anthropic", "model": "claude-sonnet-4-5", "flags": ["summed_iterations"]}
    assert cost(Tokens(input=200_000, output=1), **claude).cost == 600_015_000
    assert unpriced(Tokens(input=200_001, output=1), **claude) == "summed_iterations"


@pytest.mark.parametrize(
    ("model", "tokens", "reason"),
    [
        ("gpt-5-pro", Tokens(input=9, cache_read=3, output=1), "no_price_for:cache_read"),
        ("text-embedding-3-small", Tokens(input=9, output=1), "no_price_for:output"),
        ("text-embedding-3-small", Tokens(input=9, total=12), "incomplete_usage"),
        ("gpt-5.6-sol", Tokens(input=9, cache_write=3, cache_write_1h=3, output=1), "no_price_for:cache_write_1h"),
    ],
)
def test_so_is_one_with_a_class_that_has_no_price(model, tokens, reason):
    assert unpriced(tokens, model=model) == reason


# -- reported ----------------------------------------------------------------------------------------------------


def test_a_client_s_cost_is_taken_verbatim_beside_the_computed_one():
    said = cost(claim=Claim(cost=7, provider_cost=9))
    assert (said.cost, said.reported, said.computed, said.source) == (7, 7, GPT_4O, "reported")
    assert (said.input_cost, said.output_cost) == (None, None)


def test_a_reported_zero_stays_a_zero():
    assert (cost(claim=Claim(cost=0)).cost, cost(claim=Claim(provider_cost=0)).cost) == (0, 0)


def test_a_split_is_the_client_s_never_ours():
    said = cost(claim=Claim(cost=10, input_cost=4, output_cost=6))
    assert (said.cost, said.input_cost, said.output_cost) == (10, 4, 6)


def test_where_only_both_sides_came_it_is_their_sum():
    said = cost(claim=Claim(input_cost=4, output_cost=6))
    assert (said.cost, said.reported, said.source) == (10, 10, "reported")


def test_one_side_alone_is_a_cost_only_where_the_other_has_no_tokens():
    assert cost(claim=Claim(input_cost=4)).source == "computed"
    assert cost(claim=Claim(output_cost=4)).source == "computed"
    assert cost(Tokens(input=9, output=0), claim=Claim(input_cost=4)).cost == 4


def test_the_provider_s_cost_counts_where_the_client_said_nothing():
    said = cost(claim=Claim(provider_cost=9))
    assert (said.cost, said.reported, said.input_cost, said.source) == (9, 9, None, "reported")


def test_a_reported_cost_needs_no_known_model_and_no_usage():
    said = cost(Tokens(), claim=Claim(cost=7), model="not-a-model")
    assert (said.cost, said.computed, said.source, said.unpriced_reason) == (7, None, "reported", None)


def test_no_price_known_is_not_a_reported_zero():
    known = cost(claim=Claim(cost=0, price_unknown=True))
    unknown = cost(claim=Claim(cost=0, price_unknown=True), model="not-a-model")
    assert (known.cost, known.reported, known.source) == (GPT_4O, None, "computed")
    assert (unknown.cost, unknown.reported, unknown.source) == (None, None, "unpriced")
    assert cost(claim=Claim(cost=0, price_unknown=True, provider_cost=5)).cost == 5


def test_a_claim_that_doesn_t_bind_is_kept_beside_the_computed_cost():
    said = cost(claim=Claim(cost=7, provider_cost=9, binding=False))
    assert (said.cost, said.reported, said.computed, said.source) == (GPT_4O, 7, GPT_4O, "computed")
    assert cost(claim=Claim(cost=7, binding=False), model="not-a-model").reported == 7
    assert cost(claim=Claim(provider_cost=9, binding=False)).cost == 9


# -- failed calls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [Tokens(), Tokens(input=0, output=0, total=0)])
@pytest.mark.parametrize("model", ["gpt-4o", "not-a-model", None])
@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (Claim(), None),
        (Claim(cost=0), 0),
        (Claim(cost=0, binding=False), 0),
        (Claim(cost=0, price_unknown=True), None),
    ],
)
def test_a_failed_call_without_usage_costs_nothing_and_is_not_unpriced(tokens, model, claim, said):
    got = cost(tokens, claim=claim, model=model, status="failure")
    assert (got.cost, got.source, got.reported, got.computed) == (0, "reported", said, None)


def test_but_one_that_was_charged_or_may_have_been_is_not_free():
    assert cost(Tokens(), claim=Claim(cost=5), status="failure").cost == 5
    assert cost(Tokens(), claim=Claim(cost=5, binding=False), status="failure").source == "unpriced"
    assert cost(Tokens(total=9), status="failure").source == "unpriced"


# -- cache hits --------------------------------------------------------------------------------------------------


def test_a_cache_hit_costs_nothing_and_saved_what_it_would_have_cost():
    said = cost(cache_hit=True)
    assert (said.cost, said.input_cost, said.output_cost, said.saved) == (0, 0, 0, GPT_4O)
    assert (said.source, said.computed, said.prompt_cache_saved) == ("cached", None, 0)
    assert said.price_card == "genai-prices 0.2.3 openai/gpt-4o"


def test_what_was_saved_is_taken_as_given():
    said = cost(cache_hit=True, claim=Claim(cost=0, saved=123))
    assert (said.saved, said.reported, said.price_card) == (123, 0, None)
    assert cost(cache_hit=True, claim=Claim(cost=0, saved=0)).saved == GPT_4O


def test_avoided_tokens_go_before_the_event_s_own():
    assert cost(Tokens(), cache_hit=True, avoided_input=1000, avoided_output=200).saved == GPT_4O
    assert cost(cache_hit=True, avoided_input=1000).saved == 2_500_000


def test_avoided_tokens_that_are_the_event_s_own_keep_their_parts():
    tokens = Tokens(input=1000, cache_read=800, output=50)
    told = cost(tokens, cache_hit=True, avoided_input=1000, avoided_output=50)
    assert told.saved == cost(tokens, cache_hit=True).saved == 200 * 2500 + 800 * 1250 + 50 * 10_000


@pytest.mark.parametrize("fields", [{"model": "not-a-model"}, {"tokens": Tokens()}, {"provider": "ollama"}])
def test_a_saving_that_nobody_knows_is_zero(fields):
    said = cost(cache_hit=True, **fields)
    assert (said.cost, said.saved, said.source) == (0, 0, "cached")


def test_money_that_was_paid_is_never_dropped():
    said = cost(cache_hit=True, claim=Claim(cost=5, saved=9))
    assert (said.cost, said.saved, said.source) == (5, 0, "reported")


def test_a_claim_that_doesn_t_bind_was_not_paid():
    said = cost(cache_hit=True, claim=Claim(cost=5, binding=False))
    assert (said.cost, said.source, said.reported, said.computed) == (0, "cached", 5, None)


# -- whatever comes ----------------------------------------------------------------------------------------------

COUNT = st.none() | st.integers(0, 10**7) | st.integers(0, 10**12)
TOKENS = st.builds(Tokens, input=COUNT, cache_read=COUNT, cache_write=COUNT, cache_write_1h=COUNT, output=COUNT)
PART = st.integers(0, 10**9)
RATE = st.integers(0, 10**9)
SERVED = st.sampled_from(
    [
        ("openai", "gpt-4o"),
        ("openai", "gpt-5.4"),
        ("anthropic", "claude-sonnet-4-5"),
        ("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("cohere", "command-r7b-12-2024"),
        ("deepseek", "deepseek-v4-pro"),
        ("openai", "text-embedding-3-small"),
        ("openai", "not-a-model"),
    ]
)
AMOUNT = st.none() | st.integers(0, MAX_EVENT_NANO)
CLAIMS = st.builds(
    Claim,
    cost=AMOUNT,
    input_cost=AMOUNT,
    output_cost=AMOUNT,
    saved=AMOUNT,
    provider_cost=AMOUNT,
    price_unknown=st.booleans(),
    binding=st.booleans(),
)


@given(SERVED, TOKENS, CLAIMS, st.booleans(), st.sampled_from(["success", "failure"]), st.integers(0, 2 * 10**15))
def test_a_cost_is_known_or_has_a_reason_and_is_never_negative(served, tokens, claim, hit, status, at):
    provider, model = served
    event = Event(
        source="rest",
        started_us=at,
        provider=provider,
        model=model,
        tokens=tokens,
        claim=claim,
        cache_hit=hit,
        status=status,
    )
    before = msgspec.json.encode(event)
    said = price(event, published())
    assert (said.cost is None) == (said.source == "unpriced") == (said.unpriced_reason is not None)
    amounts = (said.cost, said.input_cost, said.output_cost, said.saved, said.reported, said.computed)
    assert all(amount >= 0 for amount in amounts if amount is not None)
    if said.source == "computed":
        assert said.input_cost + said.output_cost == said.cost == said.computed <= MAX_EVENT_NANO
        assert said.cost > 0 or not (tokens.input or tokens.output)
    assert msgspec.json.encode(event) == before


@given(st.tuples(PART, PART, PART, PART, PART), st.tuples(RATE, RATE, RATE, RATE, RATE), st.integers(0, 12))
def test_integers_come_to_what_fractions_do(parts, rates, digits):
    plain, read, short, long, output = parts
    card = made(Origin("any", None), 10**digits, dict(zip(CLASSES, rates, strict=True)))
    tokens = Tokens(
        input=plain + read + short + long,
        cache_read=read,
        cache_write=short + long,
        cache_write_1h=long,
        output=output,
    )
    amount = multiplied(tokens, None, card)
    exact = sum(Fraction(count * rate, card.scale) for count, rate in zip(parts, rates, strict=True))
    rounded = int(exact + Fraction(1, 2))  # half up: nothing here is negative
    saved = abs(sum(count * (rates[0] - rate) for count, rate in zip(parts[1:4], rates[1:4], strict=True))) / card.scale
    if max(rounded, saved) > MAX_EVENT_NANO:
        assert amount == Unknown("cost_above_bound")
    else:
        assert amount.total == rounded
        assert abs(Fraction(output * rates[4], card.scale) - amount.output) <= Fraction(1, 2)


@given(SERVED, st.from_regex(r"-[a-z]{1,8}", fullmatch=True))
def test_a_leftover_suffix_never_gets_a_neighbour_s_price(served, suffix):
    provider, model = served
    card = published().card(provider, model + suffix, NOON)
    assert isinstance(card, str) or card.identity.lower().endswith(model + suffix)
