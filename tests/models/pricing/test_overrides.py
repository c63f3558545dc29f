"""Overrides: which one decides, from when on, and what it leaves as it was published."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.pricing.cards import Card
from models.pricing.overrides import Override, Overrides, fits, meant
from models.pricing.prices import REMEMBERED_OWN, OwnPrices, published
from models.pricing.terms import OWN, terms
from tests.factories import DAY, NOON

FROM, UNTIL = NOON - 30 * DAY, NOON + 30 * DAY


def override(id: str = "price_1", model: str = "gpt-4o", provider: str | None = None, **said: Any) -> Override:
    since, until, created = (said.pop(name, None) for name in ("since", "until", "created"))
    said = said or {"input_per_million_usd": 1}
    return Override(id, *meant(provider, model), since, until, created or NOON, terms(said))


def prices(*overrides: Override) -> OwnPrices:
    return OwnPrices(published(), Overrides(overrides))


def card(overrides: Sequence[Override], model: str = "gpt-4o", at_us: int = NOON, **asked: Any) -> Card:
    found = prices(*overrides).card(asked.pop("provider", "openai"), model, at_us, **asked)
    assert isinstance(found, Card), found
    return found


def rates(found: Card) -> dict[str, Fraction]:
    """Nano-dollars for one."""
    return {unit: Fraction(price, found.scale) for unit, price in found.rates.items()}


GPT_4O = rates(published().card("openai", "gpt-4o", NOON))  # 2.50 and 10 dollars a million, and more

# -- what it sets, and what it leaves -----------------------------------------------------------------------------


def test_it_sets_the_classes_that_it_names_and_the_others_keep_the_published_price() -> None:
    assert rates(card([override(output_per_million_usd=8)])) == GPT_4O | {"output": 8_000}


def test_without_a_published_row_what_it_does_not_name_has_no_price() -> None:
    found = card([override(model="mine", input_per_million_usd="0.15")], "mine")
    assert rates(found) == {"input": 150}


def test_a_price_of_less_than_a_nano_dollar_for_one_is_exact() -> None:
    found = card([override(model="mine", input_per_million_usd="0.00012345678901234567")], "mine")
    assert rates(found) == {"input": Fraction("0.12345678901234567")}


def test_prices_as_litellm_writes_them_are_the_same_prices() -> None:
    said = {
        "input_cost_per_token": 0.00000015, "output_cost_per_token": "0.0000006", "cache_read_input_token_cost": Decimal("7.5e-8"),
        "cache_creation_input_token_cost": 1.875e-7, "cache_creation_input_token_cost_above_1hr": 3e-7,
        "input_cost_per_audio_token": 0.00001, "output_cost_per_audio_token": 0.00002, "search_context_cost_per_query": 0.01,
    }  # fmt: skip
    assert rates(card([override(model="mine", **said)], "mine")) == {
        "input": 150, "output": 600, "cache_read": 75, "cache_write": Fraction("187.5"), "cache_write_1h": 300,
        "input_audio": 10_000, "output_audio": 20_000, "web_searches": 10_000_000,
    }  # fmt: skip


def test_every_unit_that_has_a_price_can_have_another() -> None:
    assert len(rates(card([override(model="mine", **dict.fromkeys(OWN, 1))], "mine"))) == len(OWN)


# -- length of the input ------------------------------------------------------------------------------------------


def test_a_price_without_a_length_holds_for_any() -> None:
    said = [override(model="gemini-2.5-pro", input_per_million_usd=1)]
    short, long = (
        rates(card(said, "gemini-2.5-pro", provider="google", input_tokens=count)) for count in (200_000, 200_001)
    )
    assert (short["input"], long["input"]) == (1_000, 1_000)
    assert (short["output"], long["output"]) == (10_000, 15_000), "published, and longer calls cost more"


def test_a_price_for_longer_calls_leaves_the_shorter_ones() -> None:
    said = [override(model="gemini-2.5-pro", input_per_million_usd_above_100k_tokens=9)]
    found = [
        rates(card(said, "gemini-2.5-pro", provider="google", input_tokens=count))
        for count in (100_000, 100_001, 200_001)
    ]
    assert [(each["input"], each["output"]) for each in found] == [(1_250, 10_000), (9_000, 10_000), (9_000, 15_000)]


# -- tiers --------------------------------------------------------------------------------------------------------


def test_a_price_is_for_its_own_tier_only() -> None:
    plain, batch = override(input_per_million_usd=2), override("price_2", service_tier="batch", input_per_million_usd=1)
    assert rates(card([plain], batch=True))["input"] == 1_250, "the published batch price"
    assert rates(card([plain, batch], batch=True))["input"] == 1_000
    assert rates(card([plain, batch], service_tier="batch"))["input"] == 1_000
    assert rates(card([plain, batch], service_tier="default"))["input"] == 2_000
    assert card([batch], service_tier="priority") == published().card("openai", "gpt-4o", NOON, service_tier="priority")


def test_a_tier_that_nobody_publishes_has_the_prices_that_are_named() -> None:
    said = [override(service_tier="overnight", input_per_million_usd=1)]
    assert rates(card(said, service_tier="Overnight")) == {"input": 1_000}
    assert prices(*said).card("openai", "gpt-4o", NOON, service_tier="weekend") == "no_price_for:service_tier"


# -- discounts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "left"),
    [(0, "1"), (50, "0.5"), (12.5, "0.875"), ("33.333", "0.66667"), (100, "0"), (-10, "1.1"), ("-0.0001", "1.000001")],
)
def test_a_discount_takes_its_part_of_every_price(percent: Any, left: str) -> None:
    found = rates(card([override(discount_percent=percent)]))
    assert found == {unit: price * Fraction(left) for unit, price in GPT_4O.items()}


def test_a_discount_holds_in_every_length_and_tier_or_in_the_one_that_is_named() -> None:
    every = [override(model="gemini-2.5-pro", discount_percent=10)]
    asked = {"model": "gemini-2.5-pro", "provider": "google"}
    assert rates(card(every, input_tokens=300_000, **asked))["input"] == 2_250
    assert rates(card([override(discount_percent=10)], batch=True))["input"] == 1_125
    flex = [
        override(service_tier="flex", discount_percent=10),
        override("price_2", service_tier="default", discount_percent=20),
    ]
    assert rates(card(flex, batch=True))["input"] == 1_250
    assert rates(card(flex))["input"] == 2_000


def test_a_discount_on_what_has_no_price_decides_nothing() -> None:
    nothing = override(model="mine", discount_percent=50)
    assert prices(nothing).card("openai", "mine", NOON) == "unknown_model"
    wider = override("price_2", model="mi*", input_per_million_usd=3)
    assert rates(card([nothing, wider], "mine")) == {"input": 3_000}, "the next less specific one is asked"


# -- which one decides --------------------------------------------------------------------------------------------

MORE_SPECIFIC = [
    ("a whole name before a pattern", {"model": "gpt-4o"}, {"model": "gpt-4o*", "provider": "openai"}),
    ("a longer pattern before a shorter", {"model": "gpt-4*"}, {"model": "gpt-*", "provider": "openai"}),
    ("only what is written counts", {"model": "gpt-4*"}, {"model": "**g*p*t****", "provider": "openai"}),
    ("with a provider before without", {"provider": "openai"}, {"since": FROM}),
    ("a later beginning before an earlier", {"since": FROM + 1}, {"since": FROM, "created": NOON + 1}),
    ("a beginning before always", {"since": 0}, {"created": NOON + 1}),
    ("what was made later before what was made earlier", {"created": NOON + 1}, {"created": NOON}),
]


@pytest.mark.parametrize(
    ("first", "second"), [each[1:] for each in MORE_SPECIFIC], ids=[each[0] for each in MORE_SPECIFIC]
)
def test_the_most_specific_one_decides(first: dict[str, Any], second: dict[str, Any]) -> None:
    decides, yields = override("price_a", **first), override("price_b", **second, input_per_million_usd=7)
    for order in permutations([decides, yields]):
        assert rates(card(order))["input"] == 1_000
    renamed = [override("price_b", **first), override("price_a", **second, input_per_million_usd=7)]
    assert rates(card(renamed))["input"] == 1_000, "whatever they are called"


def test_one_decides_alone_others_do_not_fill_in_what_it_leaves() -> None:
    both = [override(input_per_million_usd=1), override("price_2", model="gpt-*", output_per_million_usd=1)]
    assert rates(card(both)) == GPT_4O | {"input": 1_000}


def test_where_the_most_specific_has_ended_the_next_one_decides() -> None:
    both = [override(since=FROM, until=UNTIL), override("price_2", model="gpt-*", input_per_million_usd=7)]
    found = [rates(card(both, at_us=at))["input"] for at in (FROM - 1, FROM, UNTIL - 1, UNTIL)]
    assert found == [7_000, 1_000, 1_000, 7_000]


def test_published_prices_go_on_changing_under_an_override() -> None:
    """DeepSeek's depend on the day and on the hour."""
    said = [override(model="deepseek-v4-flash", discount_percent=50, since=FROM)]
    asked = {"model": "deepseek-v4-flash", "provider": "deepseek"}
    hours = [NOON + hour * DAY // 24 for hour in range(24)]
    plain = [published().card("deepseek", "deepseek-v4-flash", at) for at in hours]
    assert [rates(card(said, at_us=at, **asked))["input"] for at in hours] == [
        rates(each)["input"] / 2 for each in plain
    ]
    assert len({each.identity for each in plain}) > 1


# -- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_override", "of_event"),
    [
        (("openai", "gpt-4o"), ("openai", "gpt-4o")),
        ((None, "gpt-4o"), ("azure", "gpt-4o")),
        ((None, "openai/gpt-4o"), ("openai", "gpt-4o")),
        (("openai", "openai/gpt-4o"), ("openai", "gpt-4o")),
        (("OpenAI ", "GPT-4o"), ("openai", "GPT-4O")),
        (("azure", "gpt-4o"), ("az.ai.openai", "gpt-4o")),
        (("bedrock", "anthropic.claude-v9"), ("aws.bedrock", "anthropic.claude-v9")),
        (("bedrock", "bedrock/us-east-1/mine"), ("bedrock", "us-east-1/mine")),
        (("perplexity", "perplexity/perplexity/sonar"), ("perplexity", "perplexity/sonar")),
        ((None, "perplexity/perplexity/sonar"), ("perplexity", "perplexity/sonar")),
        (("ollama", "llama3*"), ("ollama", "llama3:8b")),
        (("openai", "*"), (None, "gpt-9")),
        (("openai", "*"), (None, "openai/mine")),
        (("litellm_proxy", "mine"), ("litellm_proxy", "mine")),
        ((None, "litellm_proxy/openai/gpt-4o"), ("openai", "gpt-4o")),
        (("groq", "openai/gpt-oss-20b"), ("groq", "openai/gpt-oss-20b")),
        (("mine", "gpt-4o"), ("mine", "gpt-4o")),
    ],
)
def test_names_meet_those_that_events_have(
    of_override: tuple[str | None, str], of_event: tuple[str | None, str]
) -> None:
    found = prices(override(provider=of_override[0], model=of_override[1], input_per_million_usd=7)).card(
        *of_event, NOON
    )
    assert isinstance(found, Card)
    assert rates(found)["input"] == 7_000


@pytest.mark.parametrize(
    ("of_override", "of_event"),
    [
        (("openai", "gpt-4o"), ("azure", "gpt-4o")),
        (("openai", "gpt-4o"), ("openai", "gpt-4o-mini")),
        (("openai", "gpt-4"), ("openai", "gpt-4o")),
        (("openai", "*"), (None, "mine")),
        ((None, "gpt.4o"), ("openai", "gpt-4o")),
        ((None, "gpt-4o?"), ("openai", "gpt-4o")),
        ((None, "gpt-4[o]"), ("openai", "gpt-4o")),
        ((None, "*-mini"), ("openai", "gpt-4o")),
        ((None, "gpt*turbo*o"), ("openai", "gpt-4o")),
        ((None, "gpt-4o*o"), ("openai", "gpt-4o")),
    ],
)
def test_nobody_elses(of_override: tuple[str | None, str], of_event: tuple[str | None, str]) -> None:
    own = prices(override(provider=of_override[0], model=of_override[1], input_per_million_usd=7))
    assert own.card(*of_event, NOON) == published().card(*of_event, NOON)


@given(st.text("ab.*[+", max_size=12), st.text("ab.[+", max_size=12))
@example("*ab*ba*", "aba")
@example("a*a", "a")
@example("*", "")
@example("", "")
def test_a_star_is_any_characters_and_nothing_else_is_special(pattern: str, name: str) -> None:
    wanted = ".*".join(re.escape(part) for part in pattern.split("*"))
    assert fits(pattern.split("*"), name) == bool(re.fullmatch(wanted, name, re.DOTALL))


def test_a_pattern_of_many_stars_is_tried_in_one_pass() -> None:
    """As a regular expression it would take longer than anybody lives."""
    assert not fits("*".join("a" * 100 + "b").split("*"), "a" * 255 + "c")


# -- identity and memory ------------------------------------------------------------------------------------------


def test_no_two_overrides_share_a_card_s_identity() -> None:
    said = [override("price_1"), override("price_2"), override("price_1", model="gpt-4o-mini"), override("price_3", discount_percent=15),
            override("price_3", discount_percent=-15), override("price_3", service_tier="batch", discount_percent=15)]  # fmt: skip
    cards = [
        card([said[0]]),
        card([said[1]]),
        card([said[2]], "gpt-4o-mini"),
        card([said[3]]),
        card([said[4]]),
        card([said[5]], batch=True),
    ]
    assert len({each.identity for each in cards}) == len(cards)
    assert cards[0].identity == f"override price_1 on {published().table.source} openai/gpt-4o"
    assert cards[3].identity.startswith("override price_3 -15 % on")
    assert cards[4].identity.startswith("override price_3 +15 % on")
    assert card([override(model="mine")], "mine").identity == "override price_1"


def test_what_no_override_is_for_is_remembered_once_for_all_workspaces() -> None:
    one, other = prices(override(model="gpt-4*")), prices(override(model="mine"))
    assert one.timeline("openai", "gpt-5", None, False) is other.timeline("openai", "gpt-5", None, False)
    assert one.timeline("openai", "gpt-4o", None, False) is not other.timeline("openai", "gpt-4o", None, False)


def test_names_that_senders_choose_are_remembered_within_a_bound() -> None:
    own = prices(override(model="*"))
    for number in range(REMEMBERED_OWN + 100):
        own.card("openai", f"gpt-{number}", NOON)
    assert own.timeline.cache_info().currsize == REMEMBERED_OWN


def test_a_name_is_for_its_dated_forms_too_where_the_table_has_one_row_for_both():
    own = prices(override(model="gpt-4o", provider="openai"))
    told = {model: own.card("openai", model, NOON).origin.override for model in ("gpt-4o", "gpt-4o-2024-11-20")}
    assert all(told.values())
    for other in ("gpt-4o-2024-05-13", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"):
        assert own.card("openai", other, NOON).origin.override is None
    both = prices(override(model="gpt-4o"), override(id="price_dated", model="gpt-4o-2024-11-20"))
    assert both.card("openai", "gpt-4o-2024-11-20", NOON).origin.override.startswith("override price_dated")
    assert not both.card("openai", "gpt-4o", NOON).origin.override.startswith("override price_dated")


# -- against an oracle --------------------------------------------------------------------------------------------

MODELS = [("openai", "gpt-4o"), ("azure", "gpt-4o"), ("google", "gemini-2.5-pro"), ("deepseek", "deepseek-v4-flash"),
          ("anthropic", "claude-sonnet-4-5"), ("ollama", "llama3:8b"), (None, "mine")]  # fmt: skip
NAMES = ["gpt-4o", "gemini-2.5-pro", "deepseek-v4-flash", "claude-sonnet-4-5", "llama3:8b", "mine",
         "*", "g*", "*o", "gpt-*", "*-*", "*4*", "claude-*", "llama3*", "m*e", "gpt.4o"]  # fmt: skip
MOMENTS = [0, NOON - 100 * DAY, FROM, NOON - DAY // 3, NOON, UNTIL]
LENGTHS = [0, 100_000, 200_000]
AMOUNTS = st.decimals(0, 100, places=7, allow_nan=False, allow_infinity=False).map(abs)
UNITS = ("input", "output", "cache_read", "cache_write_1h", "output_audio")
TIERS = ("", "batch", "flex")


@st.composite
def priced(draw: st.DrawFn) -> dict[str, Any]:
    said = {}
    for unit in draw(st.sets(st.sampled_from(UNITS), min_size=1)):
        for over in draw(st.sets(st.sampled_from(LENGTHS), min_size=1)):
            said[f"{unit}_per_million_usd" + (f"_above_{over // 1_000}k_tokens" if over else "")] = draw(AMOUNTS)
    return said


DISCOUNTS = st.fixed_dictionaries({"discount_percent": st.decimals(-100, 100, places=3).filter(Decimal.is_finite)})
TERMS = st.tuples(priced() | DISCOUNTS, st.sampled_from((None, "default", "batch", "flex")))


@st.composite
def an_override(draw: st.DrawFn) -> dict[str, Any]:
    since, until = draw(st.tuples(*[st.none() | st.sampled_from(MOMENTS)] * 2).filter(in_order))
    said, tier = draw(TERMS)
    return {
        "model": draw(st.sampled_from(NAMES)), "provider": draw(st.sampled_from([None, None, *{each for each, _ in MODELS}])),
        "since": since, "until": until, "created": NOON + draw(st.integers(1, 3)), "service_tier": tier, **said,
    }  # fmt: skip


def in_order(span: tuple[int | None, int | None]) -> bool:
    since, until = span
    return until is None or (since or 0) < until


def expected(said: list[dict[str, Any]], event: tuple[Any, ...]) -> dict[str, Fraction] | str:
    """The slow way: sort all that applies, and ask one after the other."""
    provider, model, at, input_tokens, tier = event
    before = published().card(provider, model, at, input_tokens, tier or None)
    applies = [(index, each) for index, each in enumerate(said) if applies_to(each, provider, model, at)]
    for _, each in sorted(applies, key=lambda found: weight(*found), reverse=True):
        if "discount_percent" in each:
            of_tier = each["service_tier"] in (None, tier or "default")
            if of_tier and isinstance(before, Card):
                return {
                    unit: rate * (1 - Fraction(each["discount_percent"]) / 100) for unit, rate in rates(before).items()
                }
        elif (each["service_tier"] or "default") == (tier or "default"):
            return (rates(before) if isinstance(before, Card) else {}) | own_rates(each, input_tokens)
    return rates(before) if isinstance(before, Card) else before


def applies_to(said: dict[str, Any], provider: str | None, model: str, at: int) -> bool:
    named = re.fullmatch(re.escape(said["model"]).replace(r"\*", ".*"), model)
    began, ended = said["since"] is None or said["since"] <= at, said["until"] is not None and said["until"] <= at
    return bool(named) and said["provider"] in (None, provider) and began and not ended


def weight(index: int, said: dict[str, Any]) -> tuple[Any, ...]:
    written = said["model"].replace("*", "")
    since = said["since"] if said["since"] is not None else -1
    return "*" not in said["model"], len(written), said["provider"] is not None, since, said["created"], index


def own_rates(said: dict[str, Any], input_tokens: int) -> dict[str, Fraction]:
    found = {}
    for over in LENGTHS:
        for unit in UNITS:
            dollars = said.get(f"{unit}_per_million_usd" + (f"_above_{over // 1_000}k_tokens" if over else ""))
            if dollars is not None and (not over or input_tokens > over):
                found[unit] = Fraction(dollars) * 1_000
    return found


@given(
    st.lists(an_override(), max_size=6),
    st.lists(
        st.tuples(
            st.sampled_from(MODELS),
            st.sampled_from([each + step for each in MOMENTS[1:] for step in (-1, 0, 1)]),
            st.sampled_from([each + step for each in LENGTHS for step in (0, 1)]),
            st.sampled_from(TIERS),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_any_overrides_give_what_the_slow_way_gives(said: list[dict[str, Any]], asked: list[Any]) -> None:
    own = prices(*(override(f"price_{index}", **each) for index, each in enumerate(said)))
    for (provider, model), at, input_tokens, tier in asked:
        found = own.card(provider, model, at, input_tokens, tier or None)
        got = rates(found) if isinstance(found, Card) else found
        assert got == expected(said, (provider, model, at, input_tokens, tier))
