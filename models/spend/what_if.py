"""What calls would have cost at another model's prices: the same tokens, multiplied with another card.

Pure. It works on sums, so it is exact where one price holds for every call. What sums don't tell (how long each input
was, searches, how long a cache was to be kept) is said beside the amount, and never guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.money import divide_half_up
from models.pricing.cards import Card
from models.pricing.lines import BESIDE_REASONING, Line, lines
from models.pricing.rates import UNCACHED
from models.usage.event import Tokens

# What the query layer is asked for. What a cache answered costs nothing at any price, and what has no price has no cost
# to compare with.
BY = ("provider", "model", "cost_source")
MEASURES = (
    "requests", "cost", "known_tokens_cost", "input_tokens", "cache_read_tokens", "cache_write_tokens",
    "output_tokens", "reasoning_tokens", "total_tokens",
)  # fmt: skip
WHERE = ("cost_source!:cached", "cost_source!:unpriced")
# Its input and output are known, or it could not have been computed. A cost that was reported may stand beside a total
# alone: sums don't tell such calls from others, so where there are some, all calls with a reported cost are left out.
COMPUTED = "computed"


class Traffic(NamedTuple):
    """Calls of one model: what they cost, and their tokens, of the same calls. Classes as everywhere: cache inside
    input, reasoning inside output."""

    provider: str | None
    model: str | None
    requests: int | None  # of those that are told; None where sums don't tell how many they are
    cost: int  # of those that are told
    untold: int  # cost of all others
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    unsplit: int  # tokens of which nobody said whether they were input or output

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Traffic":
        """A row of the answer by BY."""
        cost, known = int(row["cost_nano_usd"]), int(row["known_tokens_cost_nano_usd"])
        told = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
        counts = [int(row[name]) for name in told]
        model = (row["provider"], row["model"])
        unsplit = max(0, int(row["total_tokens"]) - int(row["input_tokens"]) - int(row["output_tokens"]))
        if unsplit and row["cost_source"] != COMPUTED:
            return cls._make((*model, 0, 0, cost, *[0] * len(told), unsplit))
        requests = int(row["requests"]) if cost == known else None
        return cls._make((*model, requests, known, cost - known, *counts, unsplit))

    def and_more(self, more: "Traffic") -> "Traffic":
        """With other calls of the same model."""
        sums = map(added, zip(self[2:], more[2:], strict=True))
        return Traffic._make((self.provider, self.model, *sums))


def traffics(rows: Iterable[dict[str, Any]]) -> list[Traffic]:
    """Of each model, in the order of the rows."""
    found: dict[tuple[str | None, str | None], Traffic] = {}
    for part in map(Traffic.of, rows):
        model = (part.provider, part.model)
        found[model] = found[model].and_more(part) if model in found else part
    return list(found.values())


def added(counts: Iterable[int | None]) -> int | None:
    """None where one of them is not known."""
    known = list(counts)
    return None if None in known else sum(each or 0 for each in known)


@dataclass(frozen=True)
class Moved:
    """One model's calls at another's prices: nano-US-dollars, or why that can't be told."""

    traffic: Traffic
    cost: int | None
    why_not: str = ""

    @property
    def difference(self) -> int | None:
        return None if self.cost is None else self.cost - self.traffic.cost


@dataclass(frozen=True)
class WhatIf:
    """`now` and `then` are over the calls that can be moved."""

    moved: tuple[Moved, ...]
    assumes: tuple[str, ...]

    @property
    def movable(self) -> list[Moved]:
        return [each for each in self.moved if each.cost is not None]

    @property
    def now(self) -> int:
        return sum(each.traffic.cost for each in self.movable)

    @property
    def then(self) -> int:
        return sum(each.cost or 0 for each in self.movable)

    @property
    def difference(self) -> int:
        return self.then - self.now

    @property
    def requests(self) -> int | None:
        return added(each.traffic.requests for each in self.movable)

    @property
    def untold(self) -> int:
        """Cost that no other price can be told for."""
        return sum(each.traffic.untold for each in self.moved)


def what_if(traffics: Iterable[Traffic], card: Card) -> WhatIf:
    every = tuple(moved(each, card) for each in traffics)
    return WhatIf(every, tuple(assumptions([each.traffic for each in every if each.cost is not None], card)))


def moved(traffic: Traffic, card: Card) -> Moved:
    apart = traffic.reasoning if BESIDE_REASONING in card.more else 0  # has a price of its own there
    found = lines(tokens_of(traffic, apart), {BESIDE_REASONING: apart} if apart else {}, card)
    if isinstance(found, str):
        return Moved(traffic, None, found)
    amounts = [amount(line, card) for line in found]
    known = [each for each in amounts if isinstance(each, int)]
    if len(known) < len(amounts):
        return Moved(traffic, None, next(each for each in amounts if isinstance(each, str)))
    return Moved(traffic, divide_half_up(sum(known), card.scale))


def tokens_of(traffic: Traffic, apart: int) -> Tokens:
    """Sums know no sound and no pictures: all is text."""
    return Tokens(
        input=traffic.input, cache_read=traffic.cache_read, cache_write=traffic.cache_write,
        output=max(0, traffic.output - apart), reasoning=apart,
    )  # fmt: skip


def amount(line: Line, card: Card) -> int | str:
    """In 1/scale nano-dollars; a model that quotes no price for cached input takes it as any other."""
    plain = card.input if UNCACHED.get(line.unit) == "input" else None
    price = line.rate if line.rate is not None else plain
    return f"no_price_for:{line.unit}" if price is None else line.quantity * price


# -- what is assumed ----------------------------------------------------------------------------------------------


def assumptions(traffics: list[Traffic], card: Card) -> Iterator[str]:
    """What an exact bill might say otherwise, in sentences; the first holds always."""
    yield "The same number of tokens, at today's list price. Batch discounts, searches and other tools are not counted."
    if card.longer:
        yield f"Calls with more than {card.limit:,} tokens of input cost more there: all are taken at the lower price."
    if card.origin.clock:
        yield "Its price depends on the hour: this hour's is taken."
    if card.cache_read is None and any(each.cache_read for each in traffics):
        yield "It has no price for reading from a prompt cache: what was read is taken as other input."
    if any(each.cache_write for each in traffics):
        yield from writes(card)
    if unsplit := sum(each.unsplit for each in traffics):
        yield f"{unsplit:,} tokens are left out: nobody said whether they were input or output."
    if card.apart and card.apart != BESIDE_REASONING:
        yield "Sound and pictures are taken as text."


def writes(card: Card) -> Iterator[str]:
    if card.cache_write is None:
        yield "It has no price for writing to a prompt cache: what was written is taken as other input."
    elif card.cache_write_1h is not None:
        yield "What was written to a prompt cache is taken at the price of the shortest time."
