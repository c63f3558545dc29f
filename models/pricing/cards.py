"""Rate cards: prices as integers that an event's counts are multiplied with, and where they come from.

A card has an identity that tells it from every other card there ever was: source and version, row, since when, tier.
It is kept beside the events it priced, so that each amount can be explained after the price table has moved on.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import msgspec

from models.pricing.rates import CLASSES, Rates

NEVER = 10**18  # no input is that long
# Where these have a price of their own, a usage that does not tell them apart leaves the cost open. Sound that is sent
# is not among them: nearly nobody sends any to the models that take it.
TELL_APART = ("output_audio", "output_image", "output_video", "input_image", "input_video", "reasoning_tokens")


class Origin(msgspec.Struct, frozen=True):
    """Which prices these are. An override stands over the row that it changes; a model of one's own has no row."""

    source: str | None  # of the table, with its version
    row: str | None
    since: str | None = None  # where the row's prices have changed
    clock: str | None = None  # where they depend on the hour
    tier: str | None = None  # a service tier's, or batch
    over: int = 0  # input tokens, where they depend on the length
    override: str | None = None  # its id and its terms

    @property
    def identity(self) -> str:
        said = (
            self.override,
            self.override and self.row and "on",
            self.source,
            self.row,
            self.since and f"from {self.since}",
            self.clock and f"at {self.clock}",
            self.tier,
            self.over and f"over {self.over}",
        )
        return " ".join(each for each in said if each)


class Quote(NamedTuple):
    """The prices of one model at one time and tier: per length of input, the shortest first, beginning with 0."""

    origin: Origin
    steps: tuple[tuple[int, Rates], ...]


class Card(msgspec.Struct, frozen=True):
    """Prices in 1/`scale` nano-dollars for one; None, or absent in `more`, where there is no price.

    A card for a longer context hangs behind `longer`: it holds for the whole call once all input passes `limit`.
    """

    identity: str
    origin: Origin
    scale: int
    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    more: Mapping[str, int] = {}  # of further units
    apart: str | None = None  # one that the usage must tell apart
    limit: int = NEVER
    longer: "Card | None" = None

    @property
    def rates(self) -> dict[str, int]:
        """Every price that there is, by unit."""
        classes = {name: rate for name in CLASSES if (rate := getattr(self, name)) is not None}
        return {**classes, **self.more}

    def at(self, input_tokens: int) -> "Card":
        """The card for a call with so much input."""
        card = self
        while input_tokens > card.limit and card.longer:
            card = card.longer
        return card

    def stored(self) -> dict[str, Any]:
        """All that explains an amount, as JSON has it."""
        return {"origin": msgspec.to_builtins(self.origin), "scale": self.scale, "rates": self.rates}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Card":
        origin = msgspec.convert(stored["origin"], Origin)
        return made(origin, stored["scale"], stored["rates"])


def made(origin: Origin, scale: int, rates: Mapping[str, int], limit: int = NEVER, longer: Card | None = None) -> Card:
    classes = {name: rates[name] for name in CLASSES if name in rates}
    more = {name: rate for name, rate in rates.items() if name not in CLASSES}
    apart = next((unit for unit in TELL_APART if unit in more), None)
    return Card(origin.identity, origin, scale, **classes, more=more, apart=apart, limit=limit, longer=longer)


def card_of(quote: Quote) -> Card:
    """One card per length, chained; integers of the coarsest scale that holds each exactly."""
    longer: Card | None = None
    ceilings = [*(floor for floor, _ in quote.steps[1:]), NEVER]
    for (floor, rates), ceiling in reversed([*zip(quote.steps, ceilings, strict=True)]):
        origin = msgspec.structs.replace(quote.origin, over=floor)
        longer = exact(origin, rates, ceiling, longer)
    assert longer is not None
    return longer


def exact(origin: Origin, rates: Rates, limit: int, longer: Card | None) -> Card:
    scale = lcm(*(Fraction(rate).denominator for rate in rates.values()))
    return made(origin, scale, {unit: int(rate * scale) for unit, rate in rates.items()}, limit, longer)
