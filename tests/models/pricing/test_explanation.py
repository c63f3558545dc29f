"""Explanations: every line can be checked by hand, and they sum to the nano-dollar."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from models.pricing.cards import Card
from models.pricing.cost import Amount, multiplied
from models.pricing.explanation import Known, explain
from models.pricing.prices import published
from models.usage.event import Tokens

NOON = 1_795_003_200_000_000  # 18 November 2026


def card(provider, model, input_tokens=0, tier=None, batch=False):
    found = published().card(provider, model, NOON, input_tokens, tier, batch)
    assert isinstance(found, Card)
    return found


def known(amount, tokens, units=None):
    total, output = amount.total, amount.output
    return Known("computed", total, total - output, output, total, None, 0, None, tokens, units)


def explained(tokens, units, by):
    amount = multiplied(tokens, units, by)
    assert isinstance(amount, Amount), amount
    return amount, explain(known(amount, tokens, units), by)


def test_a_computed_cost_line_by_line():
    tokens = Tokens(input=10_050, cache_read=8000, cache_write=2000, output=300)
    amount, said = explained(tokens, {"web_searches": 2}, card("anthropic", "claude-haiku-4-5"))
    assert [
        (each["class"], each["quantity"], each["quoted_usd"], each["amount_nano_usd"]) for each in said["lines"]
    ] == [
        ("input", 50, "1", 50_000),
        ("cache_read", 8000, "0.1", 800_000),
        ("cache_write", 2000, "1.25", 2_500_000),
        ("output", 300, "5", 1_500_000),
        ("web_searches", 2, "10", 20_000_000),
    ]
    assert amount.total == 24_850_000
    assert said["card"]["identity"] == "genai-prices 0.2.3 anthropic/claude-haiku-4-5"
    assert (said["card"]["source"], said["card"]["row"]) == ("genai-prices 0.2.3", "anthropic/claude-haiku-4-5")


def test_the_card_says_which_tier_and_length_and_since_when():
    tokens = Tokens(input=200_001, output=1)
    _, said = explained(tokens, None, card("anthropic", "claude-sonnet-4-5", 200_001, None, True))
    named = {name: said["card"][name] for name in ("since", "tier", "over_input_tokens", "override")}
    assert named == {"since": "2026-10-14", "tier": "batch", "over_input_tokens": 200_000, "override": None}


def test_halves_of_nano_dollars_are_shared_out():
    _, said = explained(Tokens(input=1, output=3), None, card("cohere", "command-r7b-12-2024"))
    assert [(each["unit_price_nano_usd"], each["amount_nano_usd"]) for each in said["lines"]] == [
        (37.5, 38),
        (150, 450),
    ]


# -- the other sources -------------------------------------------------------------------------------------------


def reported(**sides):
    fields = {"source": "reported", "computed": None, "partial": None, "saved": 0, "reason": None, "units": None}
    sides = {"input_cost": None, "output_cost": None} | sides
    return explain(Known(**fields, **sides, tokens=Tokens()), None)


def test_a_reported_cost_is_one_line_or_its_two_sides():
    assert [(each["class"], each["amount_nano_usd"]) for each in reported(cost=7)["lines"]] == [("reported", 7)]
    both = reported(cost=10, input_cost=4, output_cost=6)["lines"]
    assert [(each["class"], each["amount_nano_usd"]) for each in both] == [("input", 4), ("output", 6)]
    off = reported(cost=11, input_cost=4, output_cost=6)["lines"]
    assert [(each["class"], each["amount_nano_usd"]) for each in off] == [("reported", 11)]


def test_what_the_price_list_says_stands_beside_it():
    tokens = Tokens(input=1000, output=200)
    by = card("openai", "gpt-4o")
    said = explain(Known("reported", 5, None, None, 4_500_000, None, 0, None, tokens, None), by)
    assert sum(each["amount_nano_usd"] for each in said["lines"]) == 5
    assert said["price_list"]["amount_nano_usd"] == 4_500_000
    assert sum(each["amount_nano_usd"] for each in said["price_list"]["lines"]) == 4_500_000


def test_a_cache_hit_shows_what_it_spared():
    tokens = Tokens(input=14_320, output=642)
    said = explain(
        Known("cached", 0, 0, 0, None, None, 52_590_000, None, tokens, None), card("anthropic", "claude-3-5-sonnet")
    )
    assert (said["lines"], said["saved"]["amount_nano_usd"]) == ([], 52_590_000)
    assert sum(each["amount_nano_usd"] for each in said["saved"]["lines"]) == 52_590_000


def test_an_unpriced_call_says_why_and_what_of_it_has_a_price():
    tokens = Tokens(input=1000, output=200)
    units = {"search_sources": 3}
    by = card("openai", "gpt-4o")
    partial = multiplied(tokens, units, by).partial
    said = explain(
        Known("unpriced", None, None, None, None, partial, 0, "no_price_for:search_sources", tokens, units), by
    )
    assert (said["lines"], said["reason"]) == ([], "no_price_for:search_sources")
    assert partial == sum(each["amount_nano_usd"] for each in said["partial"]["lines"]) == 4_500_000


# -- whatever was used -------------------------------------------------------------------------------------------

PART = st.integers(0, 10**9)
SERVED = st.sampled_from(
    [
        ("openai", "gpt-4o"),
        ("openai", "gpt-audio"),
        ("anthropic", "claude-sonnet-4-5"),
        ("google", "gemini-2.5-flash"),
        ("cohere", "command-r7b-12-2024"),
        ("groq", "openai/gpt-oss-20b"),
        ("deepseek", "deepseek-v4-pro"),
    ]
)


@given(SERVED, PART, PART, PART, PART, PART, st.booleans())
def test_lines_sum_to_the_cost_and_each_is_off_by_less_than_one(served, plain, read, output, heard, spoken, told):
    by = card(*served, plain + read + heard)
    tokens = Tokens(input=plain + read + heard, cache_read=read, output=output + spoken)
    units = {"input_audio": heard, "cache_read_audio": 0, "output_audio": spoken} if told else None
    amount = multiplied(tokens, units, by)
    if not isinstance(amount, Amount):
        return
    said = explain(known(amount, tokens, units), by)["lines"]
    assert sum(each["amount_nano_usd"] for each in said) == amount.total
    assert sum(each["amount_nano_usd"] for each in said if each["class"].startswith("output")) == amount.output
    for each in said:
        exact = each["quantity"] * Fraction(by.rates[each["class"]], by.scale)
        assert abs(each["amount_nano_usd"] - exact) < 1


def test_a_stored_card_explains_as_the_first_one_did():
    by = card("anthropic", "claude-sonnet-4-5", 300_000)
    tokens = Tokens(input=300_000, cache_read=5, output=7)
    amount, said = explained(tokens, None, by)
    assert explain(known(amount, tokens), Card.of(by.stored())) == said
