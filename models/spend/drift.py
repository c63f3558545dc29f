"""Where the clients' claims and the price list disagree: by model, by more than a share of what the list says.

A claim that is off is a client with an old price map, a discount that nobody entered here, or a model that is not the
one it is called.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from models.money import usd
from models.spend.answer import WorkspaceSpend
from models.spend.filters import Predicate
from models.spend.query import Period, Query

BY = ("provider", "model")
MONEY = ("reported", "computed", "drift")
SHARE = 0.01  # of the price list's amount: below it, prices agree but for rounding


@dataclass(frozen=True)
class Drift:
    """`rows`: provider, model, requests (all of them), reported, computed and drift (nano-US-dollars, over the calls
    that have both), drift_share; the largest difference first."""

    period: Period
    above: float
    rows: pl.DataFrame

    def shown(self) -> dict[str, Any]:
        return self.period.shown() | {"above": self.above, "rows": [shown(row) for row in self.rows.to_dicts()]}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    amounts = {f"{name}_{unit}": made for name in MONEY for unit, made in units(row[name]).items()}
    return {name: value for name, value in row.items() if name not in MONEY} | amounts


def units(nano: int) -> dict[str, Any]:
    return {"nano_usd": nano, "usd": usd(nano)}


def disagreements(
    spend: WorkspaceSpend, period: Period, where: tuple[Predicate, ...], now_us: int, above: float = SHARE
) -> Drift:
    """Models whose claims and list prices differ by more than that share."""
    asked = Query(period, ("drift", "drift_share", "listed_cost", "requests"), BY, where, order="-requests")
    return Drift(period, above, off(spend.answer(asked, now_us).rows, above))


def off(rows: pl.DataFrame, above: float = SHARE) -> pl.DataFrame:
    """Of an answer by BY, as `Drift` has it: models whose amounts differ by more than that share."""
    told = rows.select(
        *BY,
        "requests",
        (pl.col("listed_cost_nano_usd") + pl.col("drift_nano_usd")).alias("reported"),
        pl.col("listed_cost_nano_usd").alias("computed"),
        pl.col("drift_nano_usd").alias("drift"),
        "drift_share",
    )
    # Where the list says 0 and the client does not, no share can be told, and yet they disagree.
    differs = (pl.col("drift_share").abs() > above) | (pl.col("drift_share").is_null() & (pl.col("drift") != 0))
    return told.filter(differs).sort(pl.col("drift").abs(), *BY, descending=[True, False, False])
