"""The price sheet: what a model costs on a day, in lines that are the cards which events are priced by."""

import pytest

from models.pricing.cards import Card
from models.pricing.overrides import Override, Overrides
from models.pricing.prices import OwnPrices, published
from models.pricing.rates import QUOTED
from models.pricing.sheet import as_text, sheet, why_not
from models.pricing.terms import terms
from tests.factories import DAY, NOON

LONG = 10**9


def lines(found, tier=""):
    return [line for line in found.lines if line.tier == tier]


def test_plain_prices_per_quantity_that_people_quote():
    found = sheet(published(), "openai", "gpt-4o", NOON)
    (plain,) = lines(found)
    assert plain.dollars == {
        "input": "2.5",
        "cache_read": "1.25",
        "output": "10",
        "web_searches": "10",
        "file_searches": "2.5",
    }
    assert (found.row, found.reason, found.near) == ("openai/gpt-4o", None, [])
    per = found.as_json()["per"]
    assert (per["input"], per["web_searches"]) == (1_000_000, 1_000)


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "gpt-6-sol"), ("anthropic", "claude-haiku-5-5"), ("google", "gemini-3.8-flash")]
)
def test_each_line_is_the_card_that_a_call_gets(provider, model):
    found = sheet(published(), provider, model, NOON)
    assert found.lines
    for line in found.lines:
        card = published().card(provider, model, NOON, line.over + 1, line.tier)
        assert isinstance(card, Card)
        assert card.identity == line.identity
        assert set(card.rates) == set(line.dollars)
    every = {card.identity for tier in ("", "batch", "flex", "priority") for card in cards(provider, model, tier)}
    assert every <= {line.identity for line in found.lines}


def cards(provider, model, tier):
    found = (published().card(provider, model, NOON, size, tier) for size in (0, LONG))
    return [card for card in found if isinstance(card, Card)]


def test_tiers_by_length_and_what_they_begin_with():
    short, long = lines(sheet(published(), "anthropic", "claude-haiku-5-5", NOON))
    assert (short.over, short.dollars["input"], long.over, long.dollars["input"]) == (0, "0.1", 100_000, "0.5")


def test_hours_of_the_day():
    found = lines(sheet(published(), "deepseek", "deepseek-v4-flash", NOON))
    assert [(line.clock, line.dollars["input"]) for line in found] == [
        ("00:00", "0.15"),
        ("01:00", "0.3"),
        ("04:00", "0.15"),
        ("06:00", "0.3"),
        ("10:00", "0.15"),
    ]


def test_what_has_changed_when_and_what_will():
    found = sheet(published(), "google", "gemini-3.8-flash", NOON)
    assert [(each.since, each.dollars["input"]) for each in found.history] == [
        (None, "0.75"),
        ("2027-01-01T00:00:00Z", "1.5"),
    ]
    assert lines(sheet(published(), "google", "gemini-3.8-flash", NOON + 60 * DAY))[0].dollars["input"] == "1.5"


def own(model, **said):
    override = Override("price_1", None, model, NOON, None, NOON, terms(said))
    return OwnPrices(published(), Overrides([override]))


def test_a_workspace_s_own_price_and_the_row_it_stands_over():
    found = sheet(own("gpt-4o", input_per_million_usd=2), "openai", "gpt-4o", NOON)
    assert (lines(found)[0].dollars["input"], lines(found)[0].dollars["output"]) == ("2", "10")
    assert (found.row, found.override) == ("openai/gpt-4o", "override price_1")
    assert [each.dollars["input"] for each in found.history] == ["2.5", "2"]


def test_a_model_of_one_s_own_has_a_price_and_no_row():
    found = sheet(
        own("llama-local", input_per_million_usd="0.015", output_per_million_usd=1), "ollama", "llama-local", NOON
    )
    assert (found.row, lines(found)[0].dollars) == (None, {"input": "0.015", "output": "1"})
    assert "row        none: an override alone" in as_text(found)


@pytest.mark.parametrize(
    ("provider", "model", "reason", "near"),
    [
        ("openai", "gpt-5x", "unknown_model", "gpt-5"),
        (None, "gpt-oss-20b", "unknown_model", "fireworks/gpt-oss-20b"),
        ("acme", "gpt-4o", "unknown_provider", "openai/gpt-4o"),
        (None, "claude-sonnet-4-5-foo", "unknown_model", "claude-sonnet-4-5"),
    ],
)
def test_names_that_are_near_are_said_and_not_taken(provider, model, reason, near):
    found = sheet(published(), provider, model, NOON)
    assert (found.reason, found.lines) == (reason, [])
    assert near in found.near
    assert f"({reason}): did you mean {found.near[0]}" in why_not(found)


def test_a_row_without_a_usable_price_says_why():
    found = sheet(published(), "perplexity", "sonar-pro", NOON)
    assert (found.reason, found.lines, found.near) == ("no_price_for:requests", [], [])
    assert why_not(found) == "There is no price for 'sonar-pro' of perplexity (no_price_for:requests)"


def test_as_text_each_unit_has_a_column():
    found = sheet(published(), "openai", "gpt-4o-mini-transcribe", NOON)
    head, row, nothing, table, plain, *_ = as_text(found).splitlines()
    assert head == "gpt-4o-mini-transcribe of openai on 2026-11-21"
    assert row == "row        openai/gpt-4o-mini-transcribe of genai-prices 0.2.3"
    assert nothing == ""
    assert len(table.split()) == len(plain.split()) == 1 + len(found.lines[0].dollars)
    assert {name.partition("/")[0] for name in table.split()[1:]} == set(found.lines[0].dollars)
    assert plain.split() == [
        "standard",
        *(found.lines[0].dollars[name.partition("/")[0]] for name in table.split()[1:]),
    ]


def test_every_row_of_the_edition_has_a_sheet():
    for provider in published().table.providers:
        for row in provider.models:
            found = sheet(published(), provider.id, row.id, NOON)
            assert found.reason or as_text(found)
            assert all(unit in QUOTED for line in found.lines for unit in line.dollars)
