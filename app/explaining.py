"""A request's cost and its attributes as tables of words: what `models/pricing/explanation.py` says, for people. Text
only; nothing here asks or draws."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app import figures, formats
from app.components import fields
from app.formats import NANO_PLACES, UNKNOWN
from models.periods import parse_time
from models.spend.dimensions import DIMENSIONS

Event = Mapping[str, Any]

WORDS = {
    "input": "Input", "cache_read": "Input, read from a prompt cache",
    "cache_write": "Input, written to a prompt cache", "cache_write_1h": "Input, written to a prompt cache for an hour",
    "output": "Output", "reported": "As reported",
}  # fmt: skip
MANY = {1_000_000: "1M", 1_000: "1k", 1: "one"}
TOKENS = {
    "input_tokens": "Input", "cache_read_tokens": "of it read from a prompt cache",
    "cache_write_tokens": "of it written to a prompt cache", "cache_write_1h_tokens": "of that for an hour",
    "output_tokens": "Output", "reasoning_tokens": "of it reasoning", "total_tokens": "Total",
}  # fmt: skip
IDENTITY = {"id": "Id", "request_id": "Request id"}
OF_CARD = ("source", "row", "since", "clock", "tier", "over_input_tokens", "override")
OTHERS = ("service_tier", "batch", "flags", "error_code")


@dataclass(frozen=True)
class Line:
    what: str
    quantity: str
    price: str
    amount: str


@dataclass(frozen=True)
class Bill:
    """Lines that come to the total; without lines it says why there are none."""

    title: str
    says: str
    lines: tuple[Line, ...]
    total: str
    identity: str = ""
    card: tuple[tuple[str, str], ...] = ()


def bills(event: Event) -> Iterator[Bill]:
    """The cost, and beside it what else is known: the price list's amount, what a cache spared, a part of a price."""
    said = event["explanation"]
    says = unpriced(event) if event["cost_source"] == "unpriced" else f"{said['says'].capitalize()}."
    yield bill("Cost", says, said, event["cost_nano_usd"])
    for name, title, why in (
        ("price_list", "By the price list", "What the prices at that time would have made of it; it is not the cost."),
        ("saved", "Saved", "What the call would have cost without the cache."),
        ("partial", "What of it has a price", "It is in no sum: the rest is not known."),
    ):
        if beside := said.get(name):
            yield bill(title, why, beside, beside["amount_nano_usd"])


def unpriced(event: Event) -> str:
    return f"Not known: {event['unpriced_reason'] or 'nobody said why'}. It is in no amount, and counted as unpriced."


def bill(title: str, says: str, said: Mapping[str, Any], amount: int | None) -> Bill:
    card = said.get("card") or {}
    known = {name: card[name] for name in OF_CARD if card.get(name)}
    amounts = aligned([*(each["amount_nano_usd"] for each in said["lines"]), amount])
    lines = tuple(line(each, text) for each, text in zip(said["lines"], amounts, strict=False))
    about = tuple(fields.flat(known)) if known else ()
    return Bill(title, says, lines, amounts[-1], str(card.get("identity", "")), about)


def aligned(amounts: Sequence[int | None]) -> list[str]:
    """All of each, to the last digit that any of them has: a column of money whose points stand below each other."""
    dollars = [Decimal(each).scaleb(-NANO_PLACES).normalize() for each in amounts if each]
    places = max([2, *(-int(each.as_tuple().exponent) for each in dollars)])
    return [UNKNOWN if each is None else f"${Decimal(each).scaleb(-NANO_PLACES):,.{places}f}" for each in amounts]


def line(said: Mapping[str, Any], amount: str) -> Line:
    name = said["class"]
    return Line(
        WORDS.get(name) or name.replace("_", " ").capitalize(),
        formats.count(said["quantity"]) if "quoted_usd" in said else "",
        price(said),
        amount,
    )


def price(said: Mapping[str, Any]) -> str:
    if "quoted_usd" not in said:
        return ""
    per, dollars = said["quoted_per"], Decimal(said["quoted_usd"])
    places = max(2, -int(dollars.as_tuple().exponent))
    return f"${dollars:,.{places}f} per {MANY.get(per, formats.count(per))}"


# -- what else is known -------------------------------------------------------------------------------------------


def tokens(event: Event) -> list[tuple[str, str]]:
    counted = [(label, formats.count(event[name])) for name, label in TOKENS.items() if event[name] is not None]
    units = [(name.replace("_", " ").capitalize(), formats.count(number)) for name, number in event["units"].items()]
    avoided = (
        [("Spared by a response cache", formats.count(event["tokens_avoided"]))] if event["tokens_avoided"] else []
    )
    return [*counted, *units, *avoided] or [("Tokens", "none were told")]


def moments(event: Event, timezone: str) -> list[tuple[str, str]]:
    named = {"started_at": "Started", "ended_at": "Ended", "received_at": "Arrived"}
    return [(label, moment(event[name], timezone)) for name, label in named.items() if event[name]]


def moment(utc: str, timezone: str) -> str:
    return f"{formats.moment(parse_time(utc), timezone)} ({timezone})"


def attributes(event: Event) -> list[tuple[str, Any]]:
    """Every dimension that the call says something of, by its name."""
    named = [name for name in DIMENSIONS if name in event and name != "workspace"]
    return [(name, event[name]) for name in named if event[name] not in (None, [], "")]


def others(event: Event) -> list[tuple[str, str]]:
    return [(figures.label(name), fields.in_words(event[name])) for name in OTHERS if event[name]]


def as_sent(event: Event) -> list[tuple[str, str]]:
    """Where names are told otherwise than they came."""
    return [(figures.label(name), fields.in_words(value)) for name, value in event["as_sent"].items()]


def corrections(event: Event, timezone: str) -> list[dict[str, Any]]:
    return [
        {
            "who": each["author"], "at": moment(each["at"], timezone), "utc": each["at"], "reason": each["reason"],
            "did": f"{'took back' if each['kind'] == 'undo' else 're-priced it:'} {each['name']}",
            "from": formats.exact(each["from_cost_nano_usd"]), "to": formats.exact(each["to_cost_nano_usd"]),
            "undone": each["undone"],
        }
        for each in event["corrections"]
    ]  # fmt: skip
