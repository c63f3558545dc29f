"""What an event cost: reported, else spared by a cache, else computed, else unpriced with a reason.

Amounts are summed exactly in integers and rounded once per event, half up. A cost that is not known is never 0, and a
count or a price that is missing is never guessed from its neighbours.
"""

from typing import NamedTuple

from models.money import MAX_EVENT_NANO, divide_half_up
from models.pricing.cards import Card, card_for
from models.usage.event import Claim, Cost, Event, Tokens

# Contradictions that leave the price open, and counts that cost something which our token classes don't hold.
DECIDING = {
    "cached_above_input": "cached_above_input",
    "cache_write_mismatch": "cache_write_mismatch",
    "reasoning_above_output": "reasoning_above_output",
    "audio_tokens": "no_price_for:audio",
    "billed_tools": "no_price_for:tools",
    "regional_inference": "no_price_for:region",
}
CLASSES = ("input", "cache_read", "cache_write", "cache_write_1h", "output")


class Amount(NamedTuple):
    """What tokens cost at a card's prices, nano-dollars."""

    total: int
    output: int
    prompt_cache_saved: int
    card: str


def price(event: Event) -> Cost:
    """The cost of one event, in the order of truth."""
    claim = event.claim
    client = None if claim.price_unknown else claimed(claim, event.tokens)
    said = claim.provider_cost if client is None else client
    paid = said if client is None or claim.binding else None
    if event.cache_hit and not paid:
        return cached(event, said)
    amount = computed(event, event.tokens)
    if paid is not None:
        return reported(paid, claim if client is not None else NO_CLAIM, said, amount)
    if event.status == "failure" and not said and no_usage(event.tokens):
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


def reported(paid: int, claim: Claim, said: int | None, amount: Amount | str) -> Cost:
    """Verbatim, split only where the client split it; what it would have cost here stands beside it."""
    known = None if isinstance(amount, str) else amount
    return Cost(
        cost=paid,
        input_cost=claim.input_cost,
        output_cost=claim.output_cost,
        saved=0,
        prompt_cache_saved=known.prompt_cache_saved if known else 0,
        reported=said,
        computed=known.total if known else None,
        source="reported",
        price_card=known.card if known else None,
    )


def cached(event: Event, said: int | None) -> Cost:
    """A call that was not made costs 0. `computed` stays unknown, or drift would see a discrepancy."""
    saved, card = spared(event)
    return Cost(0, 0, 0, saved, 0, said, None, "cached", None, card)


def spared(event: Event) -> tuple[int, str | None]:
    """What the call would have cost, as given, else computed, else 0; and by which card."""
    if event.claim.saved is not None and event.claim.saved > 0:
        return event.claim.saved, None
    amount = computed(event, avoided(event))
    return (0, None) if isinstance(amount, str) else (amount.total, amount.card)


def avoided(event: Event) -> Tokens:
    if event.avoided_input is None and event.avoided_output is None:
        return event.tokens
    return Tokens(input=event.avoided_input or 0, output=event.avoided_output or 0)


# -- what it comes to ---------------------------------------------------------------------------------------------


def priced(amount: Amount | str, said: int | None) -> Cost:
    """Computed or unpriced. The output side is rounded for itself, the input side is the rest of the rounded sum."""
    if isinstance(amount, str):
        return Cost(None, None, None, 0, 0, said, None, "unpriced", amount)
    total, output, discount, card = amount
    return Cost(total, total - output, output, 0, discount, said, total, "computed", None, card)


def computed(event: Event, tokens: Tokens) -> Amount | str:
    """What the tokens cost at the event's time, or why that can't be told."""
    if not event.model:
        return "unknown_model"
    if no_usage(tokens):
        return "no_usage"
    if event.flags and (reason := next((DECIDING[each] for each in event.flags if each in DECIDING), None)):
        return reason
    card = card_for(event.provider, event.model, event.started_us, tokens.input or 0, event.service_tier, event.batch)
    return card if isinstance(card, str) else multiplied(tokens, card)


def no_usage(tokens: Tokens) -> bool:
    """Unknown, or 0 throughout: no model reads and writes nothing."""
    return not (tokens.input or tokens.output or tokens.total)


def multiplied(tokens: Tokens, card: Card) -> Amount | str:
    """Count times price, class by class; a class without a price matters only where it has tokens."""
    counts = by_class(tokens, card)
    if isinstance(counts, str):
        return counts
    rates = (card.input, card.cache_read, card.cache_write, card.cache_write_1h, card.output)
    amounts = [0, 0, 0, 0, 0]
    for place, (count, rate) in enumerate(zip(counts, rates, strict=True)):
        if count:
            if rate is None:
                return f"no_price_for:{CLASSES[place]}"
            amounts[place] = count * rate
    return rounded(counts, amounts, card)


def by_class(tokens: Tokens, card: Card) -> tuple[int, int, int, int, int] | str:
    """Counts that each have one price and add up to all tokens; or what is contradictory or missing in them."""
    if tokens.input is None or (tokens.output is None and not output_less(tokens, card)):
        return "incomplete_usage"
    read, long = tokens.cache_read or 0, tokens.cache_write_1h or 0
    written = tokens.cache_write or 0
    plain = tokens.input - read - written
    if plain < 0 or written < long:
        return "cached_above_input" if plain < 0 else "cache_write_mismatch"
    return plain, read, written - long, long, tokens.output or 0


def output_less(tokens: Tokens, card: Card) -> bool:
    """An embedding: its model has no price for output, and no total speaks of any."""
    return card.output is None and tokens.total in (None, tokens.input)


def rounded(counts: tuple[int, int, int, int, int], amounts: list[int], card: Card) -> Amount | str:
    total = divide_half_up(sum(amounts), card.scale)
    if total > MAX_EVENT_NANO:
        return "cost_above_bound"
    output = divide_half_up(amounts[4], card.scale)
    cache = counts[1] + counts[2] + counts[3]
    discount = cache * card.input - amounts[1] - amounts[2] - amounts[3] if cache and card.input is not None else 0
    return Amount(total, output, divide_half_up(discount, card.scale), card.identity)
