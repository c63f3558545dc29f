"""What an event cost: reported, else spared by a cache, else computed, else unpriced with a reason.

Amounts are summed exactly in integers and rounded once per event, half up. A cost that is not known is never 0, and a
count or a price that is missing is never guessed from its neighbours.
"""

from typing import NamedTuple

import msgspec

from models.money import MAX_EVENT_NANO, divide_half_up
from models.pricing.cards import Card
from models.pricing.lines import OUTPUT_SIDE, lines
from models.pricing.prices import Prices
from models.pricing.rates import UNCACHED
from models.usage.event import Claim, Event, Tokens

STREAM_CUT = "stream_cut"  # the answer began and nobody knows how it went on: not even a failure of it is free
SUMMED = "summed_iterations"

# Contradictions that leave the price open, and what costs more in a way that nobody quotes.
DECIDING = {
    "cached_above_input": "cached_above_input",
    "cache_write_mismatch": "cache_write_mismatch",
    "reasoning_above_output": "reasoning_above_output",
    "units_above_tokens": "units_above_tokens",
    "regional_inference": "no_price_for:region",
    "cache_write_12h": "no_price_for:cache_write_12h",
    "fallback_credit": "no_price_for:fallback_credit",
    STREAM_CUT: STREAM_CUT,
}


class Cost(msgspec.Struct, gc=False):
    """What one call cost, in nano-US-dollars; None is unknown, never 0."""

    cost: int | None
    input_cost: int | None
    output_cost: int | None
    saved: int
    prompt_cache_saved: int
    reported: int | None
    computed: int | None
    source: str  # reported, cached, computed, unpriced
    unpriced_reason: str | None = None
    partial: int | None = None  # of an unpriced call: what of it has a price
    card: Card | None = None  # what the computed amount stands on

    @property
    def price_card(self) -> str | None:
        return self.card.identity if self.card else None


class Amount(NamedTuple):
    """What tokens cost at a card's prices, nano-dollars."""

    total: int
    output: int
    prompt_cache_saved: int
    card: Card


class Unknown(NamedTuple):
    """Why an amount can't be told, and how much of it can."""

    reason: str
    partial: int | None = None
    card: Card | None = None


def price(event: Event, prices: Prices) -> Cost:
    """The cost of one event, in the order of truth."""
    claim = event.claim
    client = None if claim.price_unknown else claimed(claim, event.tokens)
    said = claim.provider_cost if client is None else client
    paid = said if client is None or claim.binding else None
    if event.cache_hit and not paid:
        return cached(event, said, prices)
    amount = computed(event, event.tokens, prices)
    if paid is not None:
        return reported(paid, claim if client is not None else NO_CLAIM, said, amount)
    if event.status == "failure" and not said and no_usage(event) and STREAM_CUT not in event.flags:
        return reported(0, NO_CLAIM, said, amount)
    return priced(amount, said)


# -- what was said ------------------------------------------------------------------------------------------------

NO_CLAIM = Claim()


def claimed(claim: Claim, tokens: Tokens) -> int | None:
    """The client's amount: its cost, else the sum of both sides; one side is all where the other has no tokens."""
    if claim.cost is not None:
        return claim.cost
    if claim.input_cost is None:
        return None if tokens.input else claim.output_cost
    if claim.output_cost is None:
        return None if tokens.output else claim.input_cost
    return claim.input_cost + claim.output_cost


def reported(paid: int, claim: Claim, said: int | None, amount: Amount | Unknown) -> Cost:
    """Verbatim, split only where the client split it; what it would have cost here stands beside it."""
    known = amount if isinstance(amount, Amount) else None
    return Cost(
        cost=paid,
        input_cost=claim.input_cost,
        output_cost=claim.output_cost,
        saved=0,
        prompt_cache_saved=known.prompt_cache_saved if known else 0,
        reported=said,
        computed=known.total if known else None,
        source="reported",
        card=known.card if known else None,
    )


def cached(event: Event, said: int | None, prices: Prices) -> Cost:
    """A call that was not made costs 0. `computed` stays unknown, or drift would see a discrepancy."""
    saved, card = spared(event, prices)
    return Cost(0, 0, 0, saved, 0, said, None, "cached", card=card)


def spared(event: Event, prices: Prices) -> tuple[int, Card | None]:
    """What the call would have cost, as given, else computed, else 0; and by which card."""
    if event.claim.saved is not None and event.claim.saved > 0:
        return event.claim.saved, None
    amount = computed(event, avoided(event), prices)
    return (amount.total, amount.card) if isinstance(amount, Amount) else (0, None)


def avoided(event: Event) -> Tokens:
    told = event.avoided_input, event.avoided_output
    if told in ((None, None), (event.tokens.input, event.tokens.output)):
        return event.tokens
    return Tokens(input=event.avoided_input or 0, output=event.avoided_output or 0)


# -- what it comes to ---------------------------------------------------------------------------------------------


def priced(amount: Amount | Unknown, said: int | None) -> Cost:
    """Computed or unpriced. The output side is rounded for itself, the input side is the rest of the rounded sum."""
    if isinstance(amount, Unknown):
        return Cost(None, None, None, 0, 0, said, None, "unpriced", amount.reason, amount.partial, amount.card)
    total, output, discount, card = amount
    return Cost(total, total - output, output, 0, discount, said, total, "computed", card=card)


def computed(event: Event, tokens: Tokens, prices: Prices) -> Amount | Unknown:
    """What the tokens cost at the event's time, or why that can't be told."""
    if not event.model:
        return Unknown("unknown_model")
    if no_usage(event, tokens):
        return Unknown(STREAM_CUT if STREAM_CUT in event.flags else "no_usage")
    card = prices.card(
        event.provider, event.model, event.started_us, tokens.input or 0, event.service_tier, event.batch
    )
    if event.flags and (reason := next((DECIDING[each] for each in event.flags if each in DECIDING), None)):
        return Unknown(reason)
    if isinstance(card, str):
        return Unknown(card)
    if card.origin.over and SUMMED in event.flags:
        return Unknown(SUMMED)  # none of its samplings may have been that long
    return multiplied(tokens, event.units, card)


def no_usage(event: Event, tokens: Tokens | None = None) -> bool:
    """Unknown, or 0 throughout: no model reads and writes nothing."""
    counts = tokens or event.tokens
    return not (counts.input or counts.output or counts.total or event.units)


def multiplied(tokens: Tokens, units: dict[str, int] | None, card: Card) -> Amount | Unknown:
    """Count times price, line by line; a class without a price matters only where it was used."""
    found = lines(tokens, units, card)
    if isinstance(found, str):
        return Unknown(found)
    total = output = discount = 0
    missing = None
    for unit, count, rate in found:
        if rate is None:
            missing = missing or unit
            continue
        amount = count * rate
        total += amount
        if unit in OUTPUT_SIDE:
            output += amount
        elif unit in UNCACHED:
            discount += discounted(unit, count, rate, card)
    cost, of_output, saved = (divide_half_up(amount, card.scale) for amount in (total, output, discount))
    if max(cost, abs(saved)) > MAX_EVENT_NANO:
        return Unknown("cost_above_bound")
    if missing:  # the part that has a price is told beside, and never taken for all
        reason = f"no_price_for:{missing}"
        return Unknown(reason, cost, card) if total else Unknown(reason)
    return Amount(cost, of_output, saved, card)


def discounted(unit: str, count: int, rate: int, card: Card) -> int:
    """What reading from the cache spared, or writing to it cost more; 0 where the plain price is not known."""
    plain = card.input if UNCACHED[unit] == "input" else card.more.get(UNCACHED[unit])
    return count * (plain - rate) if plain is not None else 0
