"""What explains a change of spend between two periods: more calls (volume), other calls (mix), dearer calls (price).

Pure, and exact: what is divided is a fraction, and each member's three parts are rounded together, so that they add
up to its change to the nano-dollar. With q the priced calls and c the cost of a member, before and now, Q and C those
of all members:

- volume  (Q now − Q before) × c before ÷ Q before: as many calls as now, with the old mix at the old prices.
- mix     (q now − q before × Q now ÷ Q before) × c before ÷ q before: what calls moved from one member to another
  costs, at the old prices. A member that is new, or that had no priced calls before, is all mix.
- price   q now × (c now ÷ q now − c before ÷ q before): what the calls of now cost more than they did. Part of it is
  size, the tokens of a call: q now × (t now ÷ q now − t before ÷ q before) × c before ÷ t before.

Where nothing was called before, all is volume. Calls without a price are in no cost, and so in no count here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

Member = TypeVar("Member")


@dataclass(frozen=True)
class Usage:
    """What one member cost in one period. Tokens that are not known are 0."""

    cost: int  # nano-dollars
    calls: int  # that have a price
    tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.cost + other.cost, self.calls + other.calls, self.tokens + other.tokens)


NOTHING = Usage(0, 0)


@dataclass(frozen=True)
class Contribution:
    """Nano-dollars. `size` is the part of `price` that larger or smaller calls explain; 0 where tokens are unknown."""

    volume: int
    mix: int
    price: int
    size: int = 0

    @property
    def change(self) -> int:
        return self.volume + self.mix + self.price

    def __add__(self, other: "Contribution") -> "Contribution":
        return Contribution(
            self.volume + other.volume, self.mix + other.mix, self.price + other.price, self.size + other.size
        )


NONE = Contribution(0, 0, 0)


def contributions(before: Mapping[Member, Usage], now: Mapping[Member, Usage]) -> dict[Member, Contribution]:
    """Of every member of either period; a member's own change is the sum of its three parts."""
    growth = growth_of(whole(before.values()).calls, whole(now.values()).calls)
    members = [*before, *(member for member in now if member not in before)]
    return {member: of(before.get(member, NOTHING), now.get(member, NOTHING), growth) for member in members}


def whole(usages: Iterable[Usage]) -> Usage:
    return sum(usages, NOTHING)


def total(parts: Iterable[Contribution]) -> Contribution:
    return sum(parts, NONE)


def growth_of(before: int, now: int) -> Fraction | None:
    """How many calls there are now for one before."""
    return Fraction(now, before) if before else None


def of(before: Usage, now: Usage, growth: Fraction | None) -> Contribution:
    change = now.cost - before.cost
    if growth is None:
        return Contribution(change, 0, 0)
    volume = before.cost * (growth - 1)
    price = now.cost - Fraction(now.calls * before.cost, before.calls) if before.calls and now.calls else Fraction(0)
    volume_nano, mix, price_nano = rounded_together((volume, change - volume - price, price))
    return Contribution(volume_nano, mix, price_nano, size_of(before, now))


def size_of(before: Usage, now: Usage) -> int:
    if not (before.calls and now.calls and before.tokens and now.tokens):
        return 0
    larger = now.tokens - Fraction(now.calls * before.tokens, before.calls)
    return round(larger * before.cost / before.tokens)


def rounded_together(parts: tuple[Fraction, ...]) -> list[int]:
    """Integers with the sum that the parts have, which is one: those with the largest rest are rounded up. A part
    that is whole stays as it is."""
    floors = [part.numerator // part.denominator for part in parts]
    missing = int(sum(parts)) - sum(floors)
    largest_rest = sorted(range(len(parts)), key=lambda index: floors[index] - parts[index])
    return [floor + (index in largest_rest[:missing]) for index, floor in enumerate(floors)]


def usage_of(row: Mapping[str, Any]) -> Usage:
    """From a row of an answer. Its tokens are those of all calls, so they are unknown where some have no price."""
    unpriced = int(row["unpriced_requests"])
    return Usage(
        int(row["cost_nano_usd"]), int(row["requests"]) - unpriced, 0 if unpriced else int(row["total_tokens"])
    )
