"""Who moved: the members of a dimension whose spend changed most between two periods, each with what explains it.

Pure. A member's change is explained by what it calls: its mix is that of its providers and models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from models import periods
from models.spend import contributions
from models.spend.contributions import Contribution, Usage, usage_of
from models.spend.query import Period

WITHIN = ("provider", "model")  # whose prices are told apart
SUMS = ("cost_nano_usd", "requests", "unpriced_requests", "total_tokens")
MEASURES = ("cost", "requests", "unpriced_requests", "total_tokens")  # that a question must ask for

Member = str | None
Calls = dict[tuple[Member, ...], Usage]  # by provider and model


@dataclass(frozen=True)
class Mover:
    """One member of the dimension; None is the absence of one."""

    name: Member
    before: Usage
    now: Usage
    why: Contribution

    @property
    def change(self) -> int:
        return self.now.cost - self.before.cost


@dataclass(frozen=True)
class Movers:
    """`largest` by the amount of change, up or down; `whole` is of all members, shown or not."""

    largest: tuple[Mover, ...]
    whole: Mover


def movers(now: pl.DataFrame, before: pl.DataFrame, dimension: str, most: int) -> Movers:
    """From two answers by at least the dimension, provider and model, with MEASURES."""
    called, did = by_member(now, dimension), by_member(before, dimension)
    moved = [mover(name, did.get(name, {}), called.get(name, {})) for name in {**called, **did}]
    ranked = sorted(moved, key=lambda each: (-abs(each.change), each.name or ""))
    return Movers(tuple([each for each in ranked if each.change][:most]), mover(None, calls(before), calls(now)))


def mover(name: Member, before: Calls, now: Calls) -> Mover:
    why = contributions.total(contributions.contributions(before, now).values())
    return Mover(name, contributions.whole(before.values()), contributions.whole(now.values()), why)


def by_member(rows: pl.DataFrame, dimension: str) -> dict[Member, Calls]:
    keys = list(dict.fromkeys((dimension, *WITHIN)))
    found: dict[Member, Calls] = {}
    for row in totals(rows, keys):
        found.setdefault(row[dimension], {})[within(row)] = usage_of(row)
    return found


def calls(rows: pl.DataFrame) -> Calls:
    return {within(row): usage_of(row) for row in totals(rows, WITHIN)}


def within(row: Mapping[str, Any]) -> tuple[Member, ...]:
    return tuple(row[name] for name in WITHIN)


def totals(rows: pl.DataFrame, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Sums of sums stay exact: an answer's own are of 64 bits only where all of them together are, too."""
    return rows.group_by(keys, maintain_order=True).agg(pl.col(SUMS).cast(pl.Int128).sum()).to_dicts()


def since_monday(now_us: int, timezone: str) -> tuple[Period, Period]:
    """This week so far, and the same weekdays and hours of the week before, as clocks there show them."""
    here = periods.zone(timezone)
    clock = periods.from_us(now_us).astimezone(here)
    monday = periods.day_of(now_us, timezone) - timedelta(days=clock.weekday())
    before_us = periods.to_us(clock - timedelta(days=7))
    starts = [periods.day_start(day, timezone) for day in (monday, monday - timedelta(days=7))]
    return Period(starts[0], now_us + 1, timezone), Period(starts[1], before_us + 1, timezone)
