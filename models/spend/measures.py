"""What is measured. A measure says whether it adds up: sums are columns of every rollup, everything else is made
from sums after summing. The API's lists, the rollups' columns and docs/measures.md are derived from here.

Sums of nothing known are 0; a ratio over nothing is null and uses its own counts, those of events that have both.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Unit = Literal["nano_usd", "count", "tokens", "ratio", "ms", "per_minute"]

PER_1K = 1_000
MICROSECONDS_PER_MS = 1_000
MINUTES = "minutes"  # the column that the query layer adds: how long a row's period is

# -- sums: a column of every rollup, and how it is read off the ledger's rows ------------------------------------


def known(column: str) -> pl.Expr:
    return pl.col(column).fill_null(0)


def when(condition: pl.Expr, value: pl.Expr | int = 1) -> pl.Expr:
    return pl.when(condition).then(value).otherwise(0).cast(pl.Int64)


PRICED = pl.col("cost_nano_usd").is_not_null()
PRICED_WITH_TOKENS = PRICED & pl.col("total_tokens").is_not_null()
BOTH_COSTS = pl.col("reported_cost_nano_usd").is_not_null() & pl.col("computed_cost_nano_usd").is_not_null()

SUMS: dict[str, pl.Expr] = {
    "requests": pl.lit(1, pl.Int64),
    "cost_nano_usd": known("cost_nano_usd"),
    "input_cost_nano_usd": known("input_cost_nano_usd"),
    "output_cost_nano_usd": known("output_cost_nano_usd"),
    "saved_nano_usd": pl.col("saved_nano_usd"),
    "prompt_cache_saved_nano_usd": pl.col("prompt_cache_saved_nano_usd"),
    "drift_nano_usd": when(BOTH_COSTS, pl.col("reported_cost_nano_usd") - pl.col("computed_cost_nano_usd")),
    "drift_computed_nano_usd": when(BOTH_COSTS, pl.col("computed_cost_nano_usd")),
    "errors": when(pl.col("status") == "failure"),
    "cache_hits": when(pl.col("cache_hit")),
    "unpriced_requests": when(pl.col("cost_source") == "unpriced"),
    "priced_requests": when(PRICED),
    "priced_tokens": when(PRICED_WITH_TOKENS, pl.col("total_tokens")),
    "priced_tokens_cost_nano_usd": when(PRICED_WITH_TOKENS, pl.col("cost_nano_usd")),
    "input_tokens": known("input_tokens"),
    "output_tokens": known("output_tokens"),
    "cache_read_tokens": known("cache_read_tokens"),
    "cache_write_tokens": known("cache_write_tokens"),
    "reasoning_tokens": known("reasoning_tokens"),
    "total_tokens": known("total_tokens"),
    "tokens_avoided": pl.col("tokens_avoided"),
    "latency_count": when(pl.col("latency_us").is_not_null()),
    "latency_sum_us": known("latency_us"),
}

# -- measures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """`value` makes the measure from summed columns (Float64 or integer); `quantile` asks for the histogram."""

    name: str
    meaning: str
    unit: Unit
    value: pl.Expr
    additive: bool = True
    quantile: float | None = None

    @property
    def money(self) -> bool:
        return self.unit == "nano_usd"

    @property
    def needs(self) -> set[str]:
        """The sums it is made of."""
        return {"latency_count"} if self.quantile else set(self.value.meta.root_names()) & set(SUMS)

    @property
    def column(self) -> str:
        """Its name in frames and answers; money says its unit."""
        return f"{self.name}_nano_usd" if self.money else self.name


def total(name: str, meaning: str, unit: Unit = "count", column: str | None = None) -> Measure:
    return Measure(name, meaning, unit, pl.col(column or (f"{name}_nano_usd" if unit == "nano_usd" else name)))


def ratio(name: str, meaning: str, over: str, under: str, unit: Unit = "ratio", scale: int = 1) -> Measure:
    quotient = pl.col(over).cast(pl.Float64) * scale / pl.col(under).cast(pl.Float64)
    value = pl.when(pl.col(under) != 0).then(quotient).otherwise(None)
    if unit == "nano_usd":
        value = (value + 0.5).floor().cast(pl.Int64)
    return Measure(name, meaning, unit, value, additive=False)


def rate(name: str, meaning: str, of: str) -> Measure:
    value = pl.when(pl.col(MINUTES) > 0).then(pl.col(of).cast(pl.Float64) / pl.col(MINUTES))
    return Measure(name, meaning, "per_minute", value, additive=False)


def quantile(name: str, meaning: str, q: float) -> Measure:
    return Measure(name, meaning, "ms", pl.col(name), additive=False, quantile=q)


MEAN_LATENCY = pl.when(pl.col("latency_count") != 0).then(
    pl.col("latency_sum_us").cast(pl.Float64) / pl.col("latency_count").cast(pl.Float64) / MICROSECONDS_PER_MS
)

BOTH_SAVED = pl.col("saved_nano_usd") + pl.col("prompt_cache_saved_nano_usd")

MEASURES: dict[str, Measure] = {
    each.name: each
    for each in (
        total("cost", "what was spent", "nano_usd"),
        total("input_cost", "of which input, where the split is known", "nano_usd"),
        total("output_cost", "of which output, where the split is known", "nano_usd"),
        total("known_tokens_cost", "of calls whose tokens are known", "nano_usd", "priced_tokens_cost_nano_usd"),
        total("saved", "what response caching spared: calls not made", "nano_usd"),
        total("prompt_cache_saved", "discount on cached input minus premium for cache writes", "nano_usd"),
        Measure("cache_saved", "saved + prompt_cache_saved", "nano_usd", BOTH_SAVED),
        ratio("saved_share", "saved ÷ cost", "saved_nano_usd", "cost_nano_usd"),
        total("requests", "calls"),
        total("errors", "calls that failed"),
        ratio("error_rate", "errors ÷ requests", "errors", "requests"),
        total("cache_hits", "calls that a response cache answered"),
        ratio("cache_hit_rate", "cache hits ÷ requests", "cache_hits", "requests"),
        total("input_tokens", "all input, cache reads and writes inside", "tokens"),
        total("output_tokens", "all output, reasoning inside", "tokens"),
        total("cache_read_tokens", "input read from a prompt cache", "tokens"),
        total("cache_write_tokens", "input written to a prompt cache", "tokens"),
        total("reasoning_tokens", "reasoning within output", "tokens"),
        total("total_tokens", "input and output", "tokens"),
        total("tokens_avoided", "tokens of cache hits", "tokens"),
        total("unpriced_requests", "calls whose cost is not known; they are in no cost"),
        Measure("latency_avg", "mean latency", "ms", MEAN_LATENCY, additive=False),
        quantile("latency_p50", "median latency, within 2 %", 0.50),
        quantile("latency_p95", "95th percentile of latency, within 2 %", 0.95),
        ratio("cost_per_request", "over priced calls only", "cost_nano_usd", "priced_requests", "nano_usd"),
        ratio(
            "cost_per_1k_tokens", "over priced calls whose tokens are known",
            "priced_tokens_cost_nano_usd", "priced_tokens", "nano_usd", PER_1K,
        ),
        rate("requests_per_minute", "calls a minute over the row's period", "requests"),
        rate("tokens_per_minute", "tokens a minute over the row's period", "total_tokens"),
        total("drift", "reported minus computed, where both are known", "nano_usd"),
        total("listed_cost", "computed, where a cost was reported too", "nano_usd", "drift_computed_nano_usd"),
        ratio("drift_share", "drift ÷ computed, where both are known", "drift_nano_usd", "drift_computed_nano_usd"),
    )
}  # fmt: skip


def listed() -> str:
    return ", ".join(MEASURES)
