"""What holds of every cost, over rows of the real table that differ in kind."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.pricing.cards import NEVER, Card
from models.pricing.cost import Amount, multiplied, price
from models.pricing.lines import OUTPUT_SIDE, lines
from models.pricing.prices import published
from models.usage.event import Event, Tokens

NOON = 1_795_003_200_000_000  # 18 November 2026
PLAIN = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-5.4"),  # twice as dear above 272,000
    ("openai", "gpt-5.6-luna"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-5-5"),
    ("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("cohere", "command-r7b-12-2024"),  # 37.5 nano-dollars a token
    ("deepseek", "deepseek-v4-pro"),
    ("groq", "openai/gpt-oss-20b"),
    ("mistral", "mistral-small-latest"),
    ("xai", "grok-4.5"),
]
SERVED = st.sampled_from(PLAIN)
CLASSES = ("plain", "read", "written", "long", "output")
COUNT = st.integers(0, 200_000)
COUNTS = st.fixed_dictionaries(dict.fromkeys(CLASSES, COUNT))


def tokens(plain, read, written, long, output):
    return Tokens(
        input=plain + read + written + long,
        cache_read=read,
        cache_write=written + long,
        cache_write_1h=long,
        output=output,
    )


def cost(served, counts):
    provider, model = served
    known = affordable(served, counts)
    event = Event("rest", NOON, model, provider=provider, tokens=tokens(**known))
    said = price(event, published())
    assert said.source == ("computed" if any(known.values()) else "unpriced"), (served, said.unpriced_reason)
    return said.cost or 0


def affordable(served, counts):
    """Without the classes that the row has no price for."""
    card = published().card(*served, NOON)
    rates = {"plain": card.input, "read": card.cache_read, "written": card.cache_write, "long": card.cache_write_1h}
    rates["output"] = card.output
    return {name: count if rates[name] is not None else 0 for name, count in counts.items()}


@given(SERVED, COUNTS, st.sampled_from(CLASSES), st.integers(0, 400_000))
def test_more_tokens_never_cost_less_across_tiers_too(served, counts, more, added):
    assert cost(served, counts | {more: counts[more] + added}) >= cost(served, counts)


@given(SERVED, COUNTS, st.data())
def test_a_call_in_two_parts_costs_the_same_within_one_nano_dollar(served, counts, data):
    card = published().card(*served, NOON)
    whole = affordable(served, counts)
    assume(tokens(**whole).input <= card.limit)
    one = {name: data.draw(st.integers(0, count)) for name, count in whole.items()}
    other = {name: count - one[name] for name, count in whole.items()}
    assert abs(cost(served, one) + cost(served, other) - cost(served, whole)) <= 1


@given(SERVED, COUNTS, st.lists(st.integers(0, 50_000), min_size=3, max_size=3))
def test_lines_add_up_to_all_tokens_and_none_is_negative(served, counts, kinds):
    card = published().card(*served, NOON)
    heard, cached, shown = kinds
    used = tokens(**counts)
    units = {"input_audio": heard + cached, "cache_read_audio": cached, "input_image": shown}
    found = lines(used, units, card)
    if isinstance(found, str):
        return
    assert all(line.quantity > 0 for line in found)
    assert sum(line.quantity for line in found) == used.input + used.output
    assert sum(line.quantity for line in found if line.unit in OUTPUT_SIDE) == used.output


@given(SERVED, COUNTS)
def test_the_two_sides_of_a_cost_and_its_saving_fit(served, counts):
    card = published().card(*served, NOON)
    known = affordable(served, counts)
    amount = multiplied(tokens(**known), None, card.at(tokens(**known).input))
    assert isinstance(amount, Amount)
    assert 0 <= amount.output <= amount.total
    uncached = {"plain": sum(known[name] for name in CLASSES[:4]), "read": 0, "written": 0, "long": 0}
    without = multiplied(tokens(**uncached, output=known["output"]), None, card.at(tokens(**known).input))
    assert abs(without.total - amount.total - amount.prompt_cache_saved) <= 1


@pytest.mark.parametrize("served", PLAIN)
def test_a_longer_context_is_never_cheaper(served):
    card = published().card(*served, NOON)
    while isinstance(card, Card) and card.longer:
        assert card.limit < NEVER
        assert all(
            card.longer.rates[unit] * card.scale >= rate * card.longer.scale for unit, rate in card.rates.items()
        )
        card = card.longer
