"""How fast clients call: now, at their busiest, and against their usual pace. Pure: from answers to figures."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from models.spend.table import PERIOD

HOURS_A_DAY = 24
HAMMERS = 3  # times its usual pace, from here on a client stands out
LOUD = 0.3  # of all requests of the hour, likewise
LEAST = 60  # requests in an hour: one a minute; with less nobody is loud


@dataclass(frozen=True)
class Busiest:
    start: Any  # of the part of the time that it is
    requests: int


@dataclass(frozen=True)
class Loud:
    """Who makes much of all requests of an hour. `times` its usual pace; None where it has none."""

    name: str
    requests: int
    share: float
    times: float | None


def busiest(rows: pl.DataFrame, dimension: str) -> dict[Any, Busiest]:
    """Of each member the part of the time with most requests; the first of those that are alike."""
    ranked = rows.sort("requests", PERIOD, descending=[True, False])
    first = ranked.group_by(dimension, maintain_order=True).first()
    return {row[dimension]: Busiest(row[PERIOD], int(row["requests"])) for row in first.iter_rows(named=True)}


def usual(rows: pl.DataFrame, dimension: str, days: int) -> dict[Any, float]:
    """Requests an hour, on average over so many days."""
    sums = rows.group_by(dimension).agg(pl.col("requests").sum())
    return {name: int(requests) / (days * HOURS_A_DAY) for name, requests in sums.iter_rows()}


def loudest(hour: dict[Any, int], usually: dict[Any, float]) -> Loud | None:
    """The member with most requests of the hour, where it has much of them all and far more than it usually has."""
    named = {name: requests for name, requests in hour.items() if name is not None}
    if not named:
        return None
    name = max(named, key=lambda each: (named[each], each))
    requests, pace = named[name], usually.get(name, 0)
    share = requests / sum(hour.values())
    times = requests / pace if pace else None
    stands_out = requests >= LEAST and share >= LOUD and (times is None or times >= HAMMERS)
    return Loud(name, requests, share, times) if stands_out else None
