"""Where prompt caches could spare more: long input that none was asked for. Pages and insights say the same of it.

Pure. What can be counted is tokens; how many of them repeat is assumed, and said with the amount.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.money import divide_half_up
from models.pricing.cards import Card
from models.pricing.prices import Prices

BY = ("endpoint", "provider", "model")
# What the query layer is asked for, by BY. What a response cache answered was never sent.
MEASURES = ("requests", "input_tokens", "cache_read_tokens", "cost")
WHERE = ("cost_source!:cached",)

REPEATS = Fraction(1, 2)  # of the input that is assumed to be the same in each call
UNREAD = 0.01  # share of the input: what is read from a cache below it is as good as nothing
CACHEABLE = 1_024  # tokens of input that a call must have before providers cache any of it
OFTEN = 24  # calls a day: a prompt cache is forgotten within minutes, an hour at best


@dataclass(frozen=True)
class Uncached:
    """Calls of one endpoint and model whose long input no prompt cache was asked for, though the model has a price for
    reading. `spared_nano_usd` is what reading so much of it would have cost less."""

    endpoint: str | None
    provider: str | None
    model: str | None
    requests: int
    input_tokens: int
    spared_nano_usd: int

    @property
    def mean_input(self) -> int:
        return self.input_tokens // self.requests


def uncached(rows: Iterable[Mapping[str, Any]], prices: Prices, days: int, now_us: int) -> list[Uncached]:
    """What a prompt cache could spare most at comes first."""
    found = (each for row in rows if is_uncached(row, days) for each in candidate(row, prices, now_us))
    return sorted(found, key=lambda each: -each.spared_nano_usd)


def is_uncached(row: Mapping[str, Any], days: int) -> bool:
    often, long = row["requests"] >= OFTEN * days, row["input_tokens"] >= CACHEABLE * row["requests"]
    return bool(often and long and row["cache_read_tokens"] <= UNREAD * row["input_tokens"])


def candidate(row: Mapping[str, Any], prices: Prices, now_us: int) -> Iterator[Uncached]:
    card = prices.card(row["provider"], row["model"] or "", now_us)
    if isinstance(card, Card) and (spared := less(int(row["input_tokens"]), card)) > 0:
        counts = int(row["requests"]), int(row["input_tokens"])
        yield Uncached(row["endpoint"], row["provider"], row["model"], *counts, spared)


def less(tokens: int, card: Card) -> int:
    """0 where there is no price for either."""
    if card.input is None or card.cache_read is None:
        return 0
    share = REPEATS * tokens * (card.input - card.cache_read) / card.scale
    return divide_half_up(share.numerator, share.denominator)
