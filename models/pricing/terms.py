"""Terms: what an override says of prices, in our words or in LiteLLM's, and how it is shown again.

A word is a unit, a quantity, and where it is said a length of input and a tier: `input_per_million_usd`,
`cache_read_per_million_usd_above_200k_tokens`, `input_cost_per_token_batches`. A word that nobody knows is refused: a
mistyped class must not become one that has no price. Prices are kept as decimals, per the quantity that people quote.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import msgspec

from models.errors import BadField
from models.pricing.rates import COUNT, HOUR, QUOTED, TOKENS, Rates, rate
from models.pricing.timelines import named_tier
from models.usage.text import LABEL_CHARACTERS, label

MAX_DOLLARS = 1_000_000  # for one quoted quantity
MAX_LENGTHS = 16  # of input, from which on prices differ
MAX_DECIMALS = 20  # with seven digits before the point, what decimals hold exactly
STEP = Fraction(1, 10**MAX_DECIMALS)

PRICE = f"dollars from 0 to {MAX_DOLLARS}, with at most {MAX_DECIMALS} decimals"
PERCENT = f"a percentage from -100 (a surcharge) to 100, with at most {MAX_DECIMALS} decimals"
EITHER = "either prices, such as input_per_million_usd, or discount_percent"

QUANTITIES = {TOKENS: "million", COUNT: "thousand", HOUR: "hour"}

Steps: TypeAlias = tuple[tuple[int, Decimal], ...]  # from so much input on: dollars as they are quoted


class Word(NamedTuple):
    """What a price is for: dollars for `per` of a unit."""

    unit: str
    per: int


def own_word(unit: str) -> str:
    return f"{unit.removesuffix('_seconds')}_per_{QUANTITIES[QUOTED[unit].per]}_usd"


OWN = {own_word(unit): Word(unit, quoted.per) for unit, quoted in QUOTED.items()}
LITELLM = {
    name: Word(unit, 1)
    for name, unit in {
        "input_cost_per_token": "input",
        "output_cost_per_token": "output",
        "cache_read_input_token_cost": "cache_read",
        "input_cost_per_token_cache_hit": "cache_read",
        "cache_creation_input_token_cost": "cache_write",
        "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
        "input_cost_per_audio_token": "input_audio",
        "input_cost_per_image_token": "input_image",
        "input_cost_per_video_token": "input_video",
        "cache_read_input_audio_token_cost": "cache_read_audio",
        "cache_read_input_image_token_cost": "cache_read_image",
        "output_cost_per_audio_token": "output_audio",
        "output_cost_per_image_token": "output_image",
        "output_cost_per_video_token": "output_video",
        "citation_cost_per_token": "citation_tokens",
        "search_context_cost_per_query": "web_searches",
    }.items()
}
WORDS = OWN | LITELLM
TIERS = {"batch": "batch", "batches": "batch"} | {
    tier: tier for tier in ("flex", "priority", "balanced", "fast", "ultrafast")
}
GRAMMAR = re.compile(
    rf"({'|'.join(sorted(WORDS, key=len, reverse=True))})(?:_above_([1-9]\d{{0,5}})k_tokens)?(?:_({'|'.join(TIERS)}))?"
)


class Place(NamedTuple):
    """Which price a word names."""

    unit: str
    per: int
    over: int  # input tokens
    tier: str


def place(name: str) -> Place | None:
    found = GRAMMAR.fullmatch(name)
    if found is None:
        return None
    base, thousands, tier = found.groups()
    return Place(*WORDS[base], int(thousands or 0) * 1_000, TIERS.get(tier, ""))


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """Prices by tier (`""` is the plain one) and unit, or a discount on those that are published."""

    prices: dict[str, dict[str, Steps]] = {}
    discount: Decimal | None = None  # percent
    tier: str | None = None  # that the discount is for; None is every one

    def speaks_of(self, tier: str) -> bool:
        return tier in self.prices if self.discount is None else self.tier in (None, tier)

    @property
    def factor(self) -> Fraction:
        """What the discount leaves of a price."""
        return 1 - Fraction(self.discount or 0) / 100

    def floors(self, tier: str) -> set[int]:
        return {over for steps in self.prices[tier].values() for over, _ in steps}

    def rates(self, tier: str, floor: int) -> Rates:
        """Prices for a call with more input than that, of the units that are spoken of."""
        found = {unit: [price for over, price in steps if over <= floor] for unit, steps in self.prices[tier].items()}
        return {unit: rate(unit, prices[-1]) for unit, prices in found.items() if prices}


# -- read ---------------------------------------------------------------------------------------------------------


def terms(said: Mapping[str, Any]) -> Terms:
    """Of fields as they were sent; null is nothing said."""
    given = {name: value for name, value in said.items() if value is not None}
    tier = read_tier(given.pop("service_tier", None))
    percent = given.pop("discount_percent", None)
    prices = read_prices(given, tier)
    if (percent is None) != bool(prices):
        raise BadField("discount_percent", percent, EITHER)
    return Terms(prices) if prices else Terms(discount=read_percent(percent), tier=tier)


def read_tier(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or label(value) != value:
        raise BadField("service_tier", value, f"a tier such as batch or flex, of at most {LABEL_CHARACTERS} characters")
    return named_tier(value, batch=False)


def read_prices(given: Mapping[str, Any], tier: str | None) -> dict[str, dict[str, Steps]]:
    found: dict[str, dict[str, dict[int, Decimal]]] = {}
    for name, value in given.items():
        where = known(name, value)
        if tier is not None and where.tier:
            raise BadField(name, value, "a price without a tier of its own beside service_tier", show=False)
        steps = found.setdefault(where.tier or tier or "", {}).setdefault(where.unit, {})
        price = read_price(name, value, where)
        if steps.setdefault(where.over, price) != price:
            raise BadField(name, value, f"one price for {where.unit}, where another word names it too")
    lengths = {over for units in found.values() for steps in units.values() for over in steps}
    if len(lengths) > MAX_LENGTHS:
        raise BadField("prices", len(lengths), f"at most {MAX_LENGTHS} lengths of input")
    return {
        tier: {unit: tuple(sorted(steps.items())) for unit, steps in units.items()} for tier, units in found.items()
    }


def known(name: str, value: Any) -> Place:
    if where := place(name):
        return where
    raise BadField(label(name[:80]) or "", value, f"a word for a price: {', '.join(OWN)}, or LiteLLM's", show=False)


def read_price(name: str, value: Any, where: Place) -> Decimal:
    """Dollars for the quantity that people quote."""
    if isinstance(value, Mapping):
        value = sole(name, value)
    exact = fraction(value, 0, MAX_DOLLARS)
    quoted = None if exact is None else exact * QUOTED[where.unit].per / where.per
    if quoted is None or quoted > MAX_DOLLARS or not keeps(quoted):
        raise BadField(name, value, PRICE)
    return decimal(quoted)


def sole(name: str, prices: Mapping[str, Any]) -> Any:
    """LiteLLM quotes a search by how much it puts into the context, which no usage tells."""
    if prices and all(each == next(iter(prices.values())) for each in prices.values()):
        return next(iter(prices.values()))
    raise BadField(name, prices, "one price for every size: they can't be told apart")


def read_percent(value: Any) -> Decimal:
    percent = fraction(value, -100, 100)
    if percent is None or not keeps(percent):
        raise BadField("discount_percent", value, PERCENT)
    return decimal(percent)


def fraction(value: Any, low: int, high: int) -> Fraction | None:
    """A number or a decimal string, exactly; a float counts as the shortest decimal that names it. None out of bounds,
    before anything is computed with it: a decimal can have a billion digits in six characters."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or not low <= number <= high or number.as_tuple().exponent < -2 * MAX_DECIMALS:  # type: ignore[operator]
        return None
    return Fraction(number)


def keeps(exact: Fraction) -> bool:
    """Whether a decimal holds it."""
    return (exact / STEP).denominator == 1


def decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


# -- shown --------------------------------------------------------------------------------------------------------


def shown(terms: Terms) -> dict[str, Any]:
    """In our words, per the quantity that people quote; read again it is the same."""
    if terms.discount is not None:
        tier = None if terms.tier is None else terms.tier or "default"
        return {"service_tier": tier, "discount_percent": number(terms.discount)}
    sole = next(iter(terms.prices)) if len(terms.prices) == 1 else ""
    return {"service_tier": sole or None} | {
        word(unit, over, "" if tier == sole else tier): number(price)
        for tier, units in terms.prices.items()
        for unit, steps in units.items()
        for over, price in steps
    }


def word(unit: str, over: int, tier: str) -> str:
    length = f"_above_{over // 1_000}k_tokens" if over else ""
    return own_word(unit) + length + (tier and f"_{tier}")


def number(exact: Decimal) -> int | float | str:
    """As JSON has it, as text where JSON would lose something."""
    if exact == exact.to_integral_value():
        return int(exact)
    short = float(exact)
    return short if Decimal(str(short)) == exact else format(exact, "f")
