"""What was used, in counts that each have one price: further units out of the classes that they lie in."""

import pytest

from models.pricing.cards import Card, Origin, made
from models.pricing.cost import Amount, multiplied
from models.pricing.lines import lines
from models.pricing.prices import published
from models.pricing.rates import CLASSES, QUOTED
from models.usage.event import Tokens
from models.usage.units import UNITS

NOON = 1_795_003_200_000_000  # 18 November 2026


def card(provider, model):
    found = published().card(provider, model, NOON)
    assert isinstance(found, Card)
    return found


def counted(tokens, units, by):
    found = lines(tokens, units, by)
    return found if isinstance(found, str) else {line.unit: line.quantity for line in found}


FLASH = ("google", "gemini-2.5-flash")
AUDIO = ("openai", "gpt-audio")
PICTURES = ("google", "gemini-2.5-flash-image")


@pytest.mark.parametrize(
    ("served", "tokens", "units", "expected"),
    [
        (FLASH, Tokens(input=100, output=10), {"input_audio": 40}, {"input": 60, "input_audio": 40, "output": 10}),
        (
            FLASH,
            Tokens(input=100, cache_read=30, output=10),
            {"input_audio": 40, "cache_read_audio": 10},
            {"input": 40, "cache_read": 20, "input_audio": 30, "cache_read_audio": 10, "output": 10},
        ),
        (FLASH, Tokens(input=100, output=10), {"input_image": 40, "input_video": 5}, {"input": 100, "output": 10}),
        (FLASH, Tokens(input=100, output=10), {"web_searches": 2}, {"input": 100, "output": 10, "web_searches": 2}),
        (AUDIO, Tokens(input=9, output=20), {"output_audio": 15}, {"input": 9, "output": 5, "output_audio": 15}),
        (AUDIO, Tokens(input=9, output=20), {}, {"input": 9, "output": 20}),
        (PICTURES, Tokens(input=9, output=1300), {"output_image": 1290}, {"input": 9, "output": 10, "output_image": 1290}),
    ],
)  # fmt: skip
def test_units_with_a_price_of_their_own_leave_their_class(served, tokens, units, expected):
    found = counted(tokens, units, card(*served))
    assert found == expected
    of_tokens = sum(count for unit, count in found.items() if unit != "web_searches")
    assert of_tokens == tokens.input + tokens.output


@pytest.mark.parametrize(
    ("served", "tokens", "units", "reason"),
    [
        (AUDIO, Tokens(input=9, output=20), None, "not_told_apart:output_audio"),
        (PICTURES, Tokens(input=9, output=20), None, "not_told_apart:output_image"),
        (FLASH, Tokens(input=9, output=1), {"input_audio": 10}, "audio_above_total"),
        (FLASH, Tokens(input=99, cache_read=9, output=1), {"input_audio": 10}, "incomplete_usage"),
        (FLASH, Tokens(input=99, cache_read=9, output=1), {"cache_read_audio": 10}, "audio_above_total"),
    ],
)
def test_counts_that_leave_it_open(served, tokens, units, reason):
    assert counted(tokens, units, card(*served)) == reason


def test_seconds_are_priced_by_the_hour_without_any_tokens():
    amount = multiplied(Tokens(), {"audio_seconds": 90}, card("openai", "whisper-1"))
    assert isinstance(amount, Amount)
    assert amount.total == 90 * 100_000  # 0.36 dollars an hour
    third = multiplied(Tokens(), {"audio_seconds": 10}, card("groq", "whisper-large-v3"))
    assert isinstance(third, Amount)
    assert third.total == 308_333  # 0.111 dollars an hour: 30,833.3… nano-dollars a second


@pytest.mark.parametrize(
    ("tokens", "units"),
    [
        (Tokens(total=1500), {"input_image": 258}),
        (Tokens(total=1500), {"input_audio": 258}),
        (Tokens(total=1500), {"web_searches": 3}),
        (Tokens(), {"input_image": 258}),
    ],
)
def test_parts_and_what_is_beside_them_never_stand_for_tokens_that_are_unknown(tokens, units):
    assert multiplied(tokens, units, card(*FLASH)).reason == "incomplete_usage"


def test_no_amount_is_above_the_bound_a_partial_or_a_saving_neither():
    searched = multiplied(Tokens(input=1, output=1), {"web_searches": 10**12, "code_runs": 1}, card("openai", "gpt-4o"))
    assert (searched.reason, searched.partial) == ("cost_above_bound", None)
    free = made(Origin("any", None), 1, {"input": 9_000_000, "cache_read": 0, "output": 0})
    assert multiplied(Tokens(input=10**12, cache_read=10**12, output=1), None, free).reason == "cost_above_bound"


def test_what_audio_costs():
    amount = multiplied(Tokens(input=100, output=10), {"input_audio": 40}, card(*FLASH))
    assert isinstance(amount, Amount)
    assert amount.total == 60 * 300 + 40 * 1000 + 10 * 2500


def test_a_cached_audio_token_spares_what_sound_costs_more():
    tokens = Tokens(input=100, cache_read=10, output=0)
    amount = multiplied(tokens, {"input_audio": 40, "cache_read_audio": 10}, card(*FLASH))
    assert isinstance(amount, Amount)
    assert amount.prompt_cache_saved == 10 * (1000 - 100)


def test_the_part_that_has_a_price_is_told_where_another_has_none():
    found = multiplied(Tokens(input=100, output=10), {"input_audio": 40}, card("openai", "gpt-4o"))
    assert (found.reason, found.partial) == ("no_price_for:input_audio", 60 * 2500 + 10 * 10_000)


RESEARCH = ("perplexity", "sonar-deep-research")


def test_reasoning_that_is_billed_beside_the_output_has_its_own_line():
    used = {"citation_tokens": 20, "reasoning_tokens": 1000, "web_searches": 3}
    found = counted(Tokens(input=30, output=40, total=70), used, card(*RESEARCH))
    assert found == {"input": 30, "output": 40, **used}
    amount = multiplied(Tokens(input=30, output=40, total=70), used, card(*RESEARCH))
    assert isinstance(amount, Amount)
    assert amount.total == 30 * 2000 + 40 * 8000 + 20 * 2000 + 1000 * 3000 + 3 * 5_000_000


@pytest.mark.parametrize("units", [None, {}])
def test_reasoning_inside_the_output_can_t_be_told_from_it_there(units):
    tokens = Tokens(input=30, output=40, reasoning=9, total=70)
    assert (
        counted(tokens, units, card("openrouter", "perplexity/sonar-deep-research"))
        == "not_told_apart:reasoning_tokens"
    )


def test_every_unit_can_be_priced():
    assert set(UNITS) | set(CLASSES) == set(QUOTED)
