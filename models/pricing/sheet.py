"""The price sheet of a model: all that it costs on a day, and what it has cost, as people and programs read it.

It asks for prices as events do and never knows better. Where there are none it says why; names that are near are only
said, never taken.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

import msgspec

from models import periods
from models.pricing.cards import Origin, Quote
from models.pricing.names import canonical
from models.pricing.prices import Prices
from models.pricing.providers import GATEWAYS, priced_as
from models.pricing.rates import QUOTED, TOKENS, Rates, quoted
from models.pricing.table import Row, Table
from models.pricing.timelines import Timeline, named_tier

TIERS = ("", "batch", "flex", "priority", "fast")
SUGGESTED = 5

Dollars: TypeAlias = dict[str, str]  # by unit, for the quantity that is quoted: a million tokens, a thousand others


@dataclass(frozen=True)
class Line:
    """Prices that hold together: of a tier, from a time of the day and a length of input on."""

    tier: str
    clock: str | None  # UTC
    over: int
    identity: str
    dollars: Dollars


@dataclass(frozen=True)
class Since:
    """A change of the plain prices: the shortest length's, or why there was none."""

    since: str | None  # None is: as far back as is known
    dollars: Dollars
    reason: str | None
    identity: str | None


@dataclass(frozen=True)
class Sheet:
    provider: str | None
    model: str
    at: str
    source: str  # of the prices that are published
    row: str | None
    override: str | None
    reason: str | None  # why there is no plain price
    lines: list[Line]
    history: list[Since]
    near: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"per": {unit: QUOTED[unit].per for line in self.lines for unit in line.dollars}}


def sheet(prices: Prices, provider: str | None, model: str, at_us: int) -> Sheet:
    who, name = canonical(None if provider in GATEWAYS else provider, model)
    timelines = {tier: prices.quoted(who, name, tier) for tier in tiers(prices, who, name)}
    plain = timelines[""].at(at_us)
    origin = plain.origin if isinstance(plain, Quote) else Origin(None, None)
    return Sheet(
        provider=who,
        model=name,
        at=str(periods.iso(at_us)),
        source=prices.table.source,
        row=origin.row,
        override=origin.override,
        reason=plain if isinstance(plain, str) else None,
        lines=[line for tier, timeline in timelines.items() for line in on_the_day(tier, timeline, at_us)],
        history=list(history(timelines[""])),
        near=near(prices.table, who, name) if isinstance(prices.table.find(who, name), str) else [],
    )


def tiers(prices: Prices, provider: str | None, model: str) -> list[str]:
    """Those that people ask for, the row's own, and the workspace's."""
    row = prices.table.find(provider, model)
    variants = (row.model.price_variants or ()) if isinstance(row, Row) else ()
    own = (named_tier(value, batch=False) for each in variants for value in each.when.values())
    return list(dict.fromkeys((*TIERS, *own, *sorted(prices.tiers(provider, model)))))


def on_the_day(tier: str, timeline: Timeline[Quote], at_us: int) -> Iterator[Line]:
    period = timeline.periods[max(0, bisect_right(timeline.starts, at_us) - 1)]
    for start, quote in zip(timeline.hours, period, strict=False):
        if isinstance(quote, str):
            continue
        clock = f"{periods.from_us(start):%H:%M}" if len(period) > 1 else None
        for over, rates in quote.steps:
            origin = msgspec.structs.replace(quote.origin, over=over)
            yield Line(tier, clock, over, origin.identity, dollars(rates))


def history(timeline: Timeline[Quote]) -> Iterator[Since]:
    for start, period in zip(timeline.starts, timeline.periods, strict=True):
        quote = period[0]
        since = periods.iso(start) if start else None
        if isinstance(quote, str):
            yield Since(since, {}, quote, None)
        else:
            yield Since(since, dollars(quote.steps[0][1]), None, quote.origin.identity)


def dollars(rates: Rates) -> Dollars:
    return {unit: plain(format(quoted(unit, rate), "f")) for unit, rate in rates.items()}


def plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def near(table: Table, provider: str | None, model: str) -> list[str]:
    """Who else has a model of that name; else names of the provider that look like it."""
    name = model.strip().lower()
    elsewhere = [f"{owner}/{name}" for owner, shelf in table.shelves.items() if name in shelf.models]
    own = table.shelves.get(priced_as(provider or ""))
    names = own.models if own else {name for shelf in table.shelves.values() for name in shelf.models}
    return (elsewhere or get_close_matches(name, names, SUGGESTED, 0.6))[:SUGGESTED]


# -- as text ------------------------------------------------------------------------------------------------------


def as_text(sheet: Sheet) -> str:
    found = f"row        {sheet.row} of {sheet.source}" if sheet.row else "row        none: an override alone"
    parts = [
        f"{sheet.model}{f' of {sheet.provider}' if sheet.provider else ''} on {sheet.at[:10]}",
        *([found] if sheet.row or sheet.override else []),
        *([f"override   {sheet.override.removeprefix('override ')}"] if sheet.override else []),
        "",
        *columns([["dollars", *map(header, units(sheet))], *(row_of(line, units(sheet)) for line in sheet.lines)]),
        "",
        "since",
        *(f"  {told(each)}" for each in sheet.history),
        "",
        *(f"card       {identity}" for identity in dict.fromkeys(line.identity for line in sheet.lines)),
    ]
    return "\n".join(parts)


def why_not(sheet: Sheet) -> str:
    whose = f" of {sheet.provider}" if sheet.provider else ""
    meant = f": did you mean {', '.join(sheet.near)}?" if sheet.near else ""
    return f"There is no price for {sheet.model!r}{whose} ({sheet.reason}){meant}"


def units(sheet: Sheet) -> list[str]:
    used = {unit for line in sheet.lines for unit in line.dollars}
    return [unit for unit in QUOTED if unit in used]


def header(unit: str) -> str:
    per = QUOTED[unit].per
    return f"{unit}/{'M' if per == TOKENS else per}"


def row_of(line: Line, units: list[str]) -> list[str]:
    conditions = [f"from {line.clock} UTC" if line.clock else "", f"over {line.over}" if line.over else ""]
    label = " ".join(filter(None, (line.tier or "standard", *conditions)))
    return [label, *(line.dollars.get(unit, "-") for unit in units)]


def told(each: Since) -> str:
    said = each.reason or ", ".join(f"{unit} {dollars}" for unit, dollars in each.dollars.items())
    return f"{(each.since or 'the beginning').removesuffix('T00:00:00Z'):20}  {said}"


def columns(rows: list[list[str]]) -> Iterator[str]:
    """The first to the left, numbers to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for first, *others in rows:
        numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *numbers)).rstrip()
