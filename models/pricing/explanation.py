"""Why a call cost what it did, so that anybody can check it by hand: line by line, with the prices that were used.

It is made from what is stored: the counts, and the card that was kept with them. Nothing is priced again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from models.money import divide_half_up
from models.pricing.cards import Card
from models.pricing.lines import OUTPUT_SIDE, Line, lines
from models.pricing.rates import QUOTED, quoted
from models.usage.event import Tokens

SAYS = {
    "reported": "as it was reported, by the client or by the provider; never computed again",
    "cached": "a response cache answered: no call was made, and nothing was paid",
    "computed": "what was used times the prices at that time",
    "unpriced": "not known",
}


@dataclass(frozen=True)
class Known:
    """What the ledger has of a call's cost, nano-US-dollars."""

    source: str
    cost: int | None
    input_cost: int | None
    output_cost: int | None
    computed: int | None
    partial: int | None
    saved: int
    reason: str | None
    tokens: Tokens
    units: dict[str, int] | None
    spared: bool = True  # whether a cache hit's tokens are those that it spared


def explain(known: Known, card: Card | None) -> dict[str, Any]:
    """The lines of a cost, which sum to it; and what else is known of it."""
    said: dict[str, Any] = {"says": SAYS[known.source], "lines": [], "card": None}
    used = of_card(known, card) if card else None
    match known.source:
        case "computed":
            return said | summing(used, known.cost)
        case "reported":
            return said | {"lines": as_reported(known), "price_list": beside(used, known.computed)}
        case "cached":
            return said | {"saved": beside(used if known.spared else None, known.saved)}
        case _:
            return said | {"reason": known.reason, "partial": beside(used, known.partial)}


def of_card(known: Known, card: Card) -> dict[str, Any]:
    found = lines(known.tokens, known.units, card)
    priced = [] if isinstance(found, str) else [line for line in found if line.rate is not None]
    return {"lines": billed(priced, card), "card": shown_card(card)}


def beside(used: dict[str, Any] | None, amount: int | None) -> dict[str, Any] | None:
    """Another amount than the cost, with the lines that sum to it where they are known."""
    return None if not amount and not used else {"amount_nano_usd": amount, **summing(used, amount)}


def summing(used: dict[str, Any] | None, amount: int | None) -> dict[str, Any]:
    """The lines where they come to the stored amount. Where another version of the program counted otherwise, none is
    better than a wrong one."""
    if used is None:
        return {"lines": [], "card": None}
    told = sum(line["amount_nano_usd"] for line in used["lines"])
    return used if told == (amount or 0) else used | {"lines": []}


def as_reported(known: Known) -> list[dict[str, Any]]:
    """The two sides where they were reported and are all of it, else the whole."""
    sides = {"input": known.input_cost, "output": known.output_cost}
    told = {name: amount for name, amount in sides.items() if amount is not None}
    whole = {"reported": known.cost or 0}
    return [
        {"class": name, "quantity": 1, "unit_price_nano_usd": amount, "amount_nano_usd": amount}
        for name, amount in (told if sum(told.values()) == known.cost and told else whole).items()
    ]


def billed(found: Iterable[Line], card: Card) -> list[dict[str, Any]]:
    """Amounts are rounded so that they sum to the rounded total, those of the output to the rounded output."""
    exact = rounded = 0
    bill = {}
    ordered = sorted(found, key=lambda line: line.unit not in OUTPUT_SIDE)
    for unit, quantity, rate in ordered:
        exact += quantity * (rate or 0)
        amount = divide_half_up(exact, card.scale) - rounded
        rounded += amount
        bill[unit] = {"class": unit, "quantity": quantity} | unit_price(unit, rate or 0, card.scale)
        bill[unit] |= {"amount_nano_usd": amount}
    return [bill[unit] for unit in QUOTED if unit in bill]


def unit_price(unit: str, rate: int, scale: int) -> dict[str, Any]:
    """For one, and as it is quoted: dollars for so many."""
    each = Fraction(rate, scale)
    return {
        "unit_price_nano_usd": each.numerator if each.denominator == 1 else float(each),
        "quoted_usd": plain(quoted(unit, each)),
        "quoted_per": QUOTED[unit].per,
    }


def plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def shown_card(card: Card) -> dict[str, Any]:
    origin = card.origin
    return {
        "identity": card.identity,
        "source": origin.source,
        "row": origin.row,
        "since": origin.since,
        "clock": origin.clock,
        "tier": origin.tier,
        "over_input_tokens": origin.over or None,
        "override": origin.override,
        "prices": shown_prices(card.rates, card.scale),
    }


def shown_prices(rates: Mapping[str, int], scale: int) -> dict[str, Any]:
    return {unit: unit_price(unit, rate, scale) for unit, rate in rates.items()}
