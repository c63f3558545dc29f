"""The lines of a bill: counts that each have one price and add up to all that was used.

The cost of a call is made of them, and so is its explanation: there is no second way of counting.
"""

from typing import NamedTuple

from models.pricing.cards import Card
from models.usage.event import Tokens
from models.usage.units import WITHIN

KINDS = ("audio", "image", "video")
OUTPUT_SIDE = frozenset({"output", *(f"output_{kind}" for kind in KINDS), "citation_tokens", "reasoning_tokens"})


BESIDE_REASONING = "reasoning_tokens"


class Line(NamedTuple):
    unit: str
    quantity: int
    rate: int | None  # in 1/scale nano-dollars of the card; None where it has no price


def lines(tokens: Tokens, units: dict[str, int] | None, card: Card) -> list[Line] | str:
    """What was used, line by line; or what is contradictory or missing in the counts."""
    if units and of_units_alone(tokens, units):
        return beside({}, units, card)
    found = by_class(tokens, card)
    if isinstance(found, str) or not (units or card.apart):
        return found
    if units is None or (tokens.reasoning and BESIDE_REASONING in card.more and BESIDE_REASONING not in units):
        return f"not_told_apart:{card.apart}"
    counts = {line.unit: line.quantity for line in found}
    for kind in KINDS:
        if trouble := told_apart(counts, units, kind, card):
            return trouble
    return beside(counts, units, card)


def of_units_alone(tokens: Tokens, units: dict[str, int]) -> bool:
    """A call that is billed by what is counted beside tokens, and has none."""
    return tokens.input is None and tokens.output is None and not tokens.total and WITHIN.keys().isdisjoint(units)


def by_class(tokens: Tokens, card: Card) -> list[Line] | str:
    if tokens.input is None or (tokens.output is None and not output_less(tokens, card)):
        return "incomplete_usage"
    read, long, written = tokens.cache_read or 0, tokens.cache_write_1h or 0, tokens.cache_write or 0
    plain = tokens.input - read - written
    if plain < 0 or written < long:
        return "cached_above_input" if plain < 0 else "cache_write_mismatch"
    found = [Line("input", plain, card.input)] if plain else []
    if read:
        found.append(Line("cache_read", read, card.cache_read))
    if written > long:
        found.append(Line("cache_write", written - long, card.cache_write))
    if long:
        found.append(Line("cache_write_1h", long, card.cache_write_1h))
    if tokens.output:
        found.append(Line("output", tokens.output, card.output))
    return found


def output_less(tokens: Tokens, card: Card) -> bool:
    """An embedding: its model has no price for output, and no total speaks of any. Or output is free, however much."""
    return card.output == 0 or (card.output is None and tokens.total in (None, tokens.input))


def told_apart(counts: dict[str, int], units: dict[str, int], kind: str, card: Card) -> str | None:
    """Take one kind of tokens out of the classes that they lie in, where it has a price of its own. Pictures without
    one cost what text does; sound never does. Says what is wrong with the counts."""
    read = units.get(f"cache_read_{kind}", 0)
    sent = max(units.get(f"input_{kind}", 0), read)
    if sent and priced_apart(f"input_{kind}", card):
        if counts.get("cache_read") and f"cache_read_{kind}" not in units:
            return "incomplete_usage"  # how many of the cached ones are of this kind
        take(counts, "input", f"input_{kind}", sent - read)
    if read and (priced_apart(f"cache_read_{kind}", card) or priced_apart(f"input_{kind}", card)):
        take(counts, "cache_read", f"cache_read_{kind}", read)
    if (made := units.get(f"output_{kind}", 0)) and priced_apart(f"output_{kind}", card):
        take(counts, "output", f"output_{kind}", made)
    return f"{kind}_above_total" if any(count < 0 for count in counts.values()) else None


def priced_apart(unit: str, card: Card) -> bool:
    return unit in card.more or unit.endswith("audio")


def take(counts: dict[str, int], whole: str, part: str, count: int) -> None:
    counts[whole] = counts.get(whole, 0) - count
    counts[part] = count


def beside(counts: dict[str, int], units: dict[str, int], card: Card) -> list[Line]:
    """The classes' lines, and what is billed beside them."""
    rates = card.rates
    every = counts | {unit: count for unit, count in units.items() if not unit.endswith(KINDS)}
    return [Line(unit, count, rates.get(unit)) for unit, count in every.items() if count]
