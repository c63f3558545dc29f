"""Rate cards: the right prices at the right time, exact, within bounded memory."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from genai_prices.types import Usage

from models.pricing import names
from models.pricing.cards import Card, card_of
from models.pricing.prices import REMEMBERED_TIMELINES, Prices, published
from models.pricing.table import Row, packaged
from models.pricing.timelines import EPOCH, NOT_COUNTED, quotes

TABLE = packaged()
ROWS = [Row(TABLE.source, each.id, model, borrowed=False) for each in TABLE.providers for model in each.models]


def card_for(*asked):
    return published().card(*asked)


def us(text):
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


NOON = us("2026-11-18T12:00:00")


def per_million(card):
    """Dollars per million tokens: input, cache read, cache write, 1-hour write, output."""
    rates = (card.input, card.cache_read, card.cache_write, card.cache_write_1h, card.output)
    return tuple(None if rate is None else float(Fraction(rate, card.scale * 1000)) for rate in rates)


def test_a_card_holds_exact_integers():
    card = card_for("openai", "gpt-5-mini", NOON)
    assert (card.scale, card.input, card.cache_read, card.output) == (1, 250, 25, 2000)


def test_prices_below_a_nano_dollar_per_token_are_exact_too():
    card = card_for("cohere", "command-r7b-12-2024", NOON)
    assert Fraction(card.input, card.scale) == Fraction("37.5")


# -- when --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cost", "since"),
    [
        ("2026-08-16T23:59:59.999999", (0.14, 0.0028, None, None, 0.28), ""),
        ("2026-09-09T12:00:00", (0.22, 0.007, None, None, 0.66), " from 2026-08-17 at 10:00"),
        ("2026-09-10T12:00:00", (0.15, 0.003, None, None, 0.6), " from 2026-09-10 at 10:00"),
    ],
)
def test_prices_are_those_of_the_event_s_day(day, cost, since):
    card = card_for("deepseek", "deepseek-v4-flash", us(day))
    assert per_million(card) == cost
    assert card.identity.startswith("genai-prices 0.2.3 deepseek/deepseek-v4-flash" + since)


@pytest.mark.parametrize(
    ("hour", "dollars"),
    [
        ("00:59:59.999999", 0.15),
        ("01:00:00", 0.3),
        ("03:59:59.999999", 0.3),
        ("04:00:00", 0.15),
        ("06:00:00", 0.3),
        ("10:00:00", 0.15),
        ("23:59:59", 0.15),
    ],
)
def test_and_of_its_hour(hour, dollars):
    assert per_million(card_for("deepseek", "deepseek-v4-flash", us(f"2026-11-18T{hour}")))[0] == dollars


def test_an_identity_names_source_version_row_and_since_when():
    assert card_for("openai", "gpt-4o", NOON).identity == "genai-prices 0.2.3 openai/gpt-4o"
    assert (
        card_for("anthropic", "claude-sonnet-4-5", NOON, 200_001, "batch").identity
        == "genai-prices 0.2.3 anthropic/claude-sonnet-4-5 from 2026-10-14 batch over 200000"
    )


# -- context tiers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("input_tokens", "cost"),
    [(0, (3, 0.3, 3.75, 6, 15)), (200_000, (3, 0.3, 3.75, 6, 15)), (200_001, (6, 0.6, 7.5, 12, 22.5))],
)
def test_the_whole_request_moves_above_the_threshold(input_tokens, cost):
    assert per_million(card_for("anthropic", "claude-sonnet-4-5", NOON, input_tokens)) == cost


def test_a_row_without_tiers_does_not_care():
    assert card_for("openai", "gpt-4o", NOON, 10**12) is card_for("openai", "gpt-4o", NOON, 1)


# -- service tiers and batch -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", [None, "", "default", "standard", "auto", "Default", "on_demand"])
def test_plain_tiers_have_the_plain_price(tier):
    assert per_million(card_for("openai", "gpt-5", NOON, 0, tier)) == (1.25, 0.125, None, None, 10)


@pytest.mark.parametrize(
    ("provider", "model", "tier", "batch", "cost"),
    [
        ("openai", "gpt-5", "flex", False, (0.625, 0.0625, None, None, 5)),
        ("openai", "gpt-5", "priority", False, (2.5, 0.25, None, None, 20)),
        ("openai", "gpt-5", None, True, (0.625, 0.0625, None, None, 5)),
        ("openai", "gpt-5", "default", True, (0.625, 0.0625, None, None, 5)),
        ("openai", "gpt-4o", None, True, (1.25, 1.25, None, None, 5)),  # cached ones cost the same either way
        ("openai", "gpt-4.1", None, True, (1, None, None, None, 4)),
        ("google", "gemini-2.5-flash", None, True, (0.15, 0.03, None, None, 1.25)),
        ("openai", "gpt-3.5-turbo-1106", None, True, (1, None, None, None, 2)),
        ("anthropic", "claude-haiku-4-5", "batch", True, (0.5, 0.05, 0.625, 1, 2.5)),
        ("anthropic", "claude-opus-5", "fast", False, (10, 1, 12.5, 20, 50)),
    ],
)
def test_a_tier_has_its_own_prices_and_only_those(provider, model, tier, batch, cost):
    assert per_million(card_for(provider, model, NOON, 0, tier, batch)) == cost


@pytest.mark.parametrize(
    ("provider", "model", "tier", "batch", "reason"),
    [
        ("openai", "gpt-4o", "flex", False, "no_price_for:service_tier"),
        ("openai", "gpt-4o", "made-up", False, "no_price_for:service_tier"),
        ("openai", "gpt-5", "flex", True, "no_price_for:service_tier"),
        ("anthropic", "claude-sonnet-4-5", "priority", False, "no_price_for:service_tier"),
        ("anthropic", "claude-opus-5", "fast", True, "no_price_for:service_tier"),
        ("deepseek", "deepseek-v4-flash", None, True, "no_price_for:batch"),
        ("azure", "gpt-4.1", None, True, "no_price_for:batch"),
        ("azure", "gpt-5", "priority", False, "no_price_for:service_tier"),
    ],
)
def test_a_tier_without_a_price_is_no_card_never_the_plain_one(provider, model, tier, batch, reason):
    assert card_for(provider, model, NOON, 0, tier, batch) == reason


def test_a_flat_price_of_a_tier_ends_where_plain_calls_begin_to_cost_more():
    assert per_million(card_for("openai", "gpt-5.5-pro", NOON, 272_000, None, True))[0] == 15
    assert per_million(card_for("openai", "gpt-5.5-pro", NOON, 272_001, None, True)) == (None,) * 5
    assert per_million(card_for("anthropic", "claude-sonnet-4-5", NOON, 200_001, None, True))[0] == 3


def test_a_tier_has_no_price_before_its_first_one():
    assert card_for("openai", "gpt-5", us("2026-10-13T12:00:00"), 0, None, True) == "no_price_for:batch"


# -- holes of the table ------------------------------------------------------------------------------------------


def test_anthropic_s_one_hour_writes_cost_twice_the_input_where_the_row_doesn_t_say():
    card = card_for("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", NOON)
    assert per_million(card) == (3, 0.3, 3.75, 6, 15)
    assert card_for("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", NOON).cache_write_1h is None
    assert card_for("openai", "gpt-5.6-sol", NOON).cache_write_1h is None


def test_an_empty_row_has_no_price():
    empty = [row for row in ROWS if not isinstance(row.model.prices, list) and not vars(row.model.prices)]
    assert len(empty) > 100
    assert {quotes(row, "").at(NOON) for row in empty} == {"no_price"}


@pytest.mark.parametrize(
    ("provider", "model", "reason"),
    [
        ("perplexity", "sonar", "no_price_for:requests"),
        ("openai", "tts-1", "no_price"),
    ],
)
def test_a_row_that_charges_for_what_counts_don_t_tell_is_no_card(provider, model, reason):
    assert card_for(provider, model, NOON) == reason


def test_every_row_of_the_table_costs_what_the_table_says():
    """Against genai-prices' own Decimals, over all rows, dates and context tiers."""
    checked = 0
    for row in ROWS:
        for at in ("2024-06-01T00:30:00", "2026-03-13T00:00:00", "2026-11-18T09:59:59"):
            for size in (1000, 150_000, 10**6):
                checked += agreed(row, us(at), size)
    assert checked > 12_000


def agreed(row, at, size):
    card = quotes(row, "").map(card_of).at(at)
    theirs = row.model.get_prices(EPOCH + timedelta(microseconds=at))
    if isinstance(card, str):
        assert card == "no_price" or any(key in vars(theirs) for key in NOT_COUNTED)
        return 0
    card = card.at(size)
    if card.input is None:
        return 0  # seconds, pages or characters
    usage = {"input_tokens": size}
    usage |= {"cache_read_tokens": 400} if card.cache_read is not None else {}
    usage |= {"cache_write_tokens": 300} if card.cache_write is not None else {}
    usage |= {"output_tokens": 77} if card.output is not None else {}
    assert Fraction(theirs.calc_price(Usage(**usage))["total_price"]) == ours(card, usage), (row.provider, row.model.id)
    return 1


def ours(card, usage):
    read, written = usage.get("cache_read_tokens", 0), usage.get("cache_write_tokens", 0)
    nano = (usage["input_tokens"] - read - written) * (card.input or 0) if card.input is not None else 0
    nano += read * (card.cache_read or 0) + written * (card.cache_write or 0)
    return Fraction(nano + usage.get("output_tokens", 0) * (card.output or 0), card.scale * 10**9)


# -- memory ------------------------------------------------------------------------------------------------------


def test_names_that_clients_make_up_take_bounded_memory():
    for number in range(3 * REMEMBERED_TIMELINES):
        assert card_for("openai", f"made-up-{number}", NOON, 0, f"tier-{number}") == "unknown_model"
    assert published().timeline.cache_info().currsize <= REMEMBERED_TIMELINES
    assert names.canonical.cache_info().currsize <= names.REMEMBERED_NAMES


def test_a_name_is_looked_up_once_for_all_its_events():
    prices = Prices(TABLE)
    cards = {prices.card("openai", "gpt-4o", NOON + number, number).identity for number in range(100)}
    assert (len(cards), prices.timeline.cache_info().misses) == (1, 1)
    assert isinstance(card_for("openai", "gpt-4o", NOON), Card)
