"""Latency as a histogram of logarithmic buckets, so that percentiles can be merged over days and groups.

A bucket spans 4 %, a value is told from its bucket's middle: within 2 % of a latency that was there.
"""

import math

import polars as pl

GAMMA = 1.04
LOG_GAMMA = math.log(GAMMA)
BUCKET = "latency_bucket"


def bucket(latency_us: pl.Expr) -> pl.Expr:
    """The number of the bucket; null where the latency is unknown."""
    return (latency_us.clip(lower_bound=1).cast(pl.Float64).log() / LOG_GAMMA).floor().cast(pl.Int16)


def middle_ms(number: pl.Expr) -> pl.Expr:
    return (number.cast(pl.Float64) * LOG_GAMMA).exp() * (1 + GAMMA) / 2 / 1_000


def quantiles(rows: pl.DataFrame, by: list[str], wanted: dict[str, float]) -> pl.DataFrame:
    """Nearest-rank percentiles of each group: rows of (by, latency_bucket, latency_count) to (by, one column each)."""
    counted = rows.filter(pl.col(BUCKET).is_not_null() & (pl.col("latency_count") != 0)).sort(BUCKET)
    summed = pl.col("latency_count").cum_sum()
    rank = {name: (pl.col("latency_count").sum() * q).ceil().clip(lower_bound=1) for name, q in wanted.items()}
    values = [middle_ms(pl.col(BUCKET).filter(summed >= rank[name]).first()).alias(name) for name in wanted]
    if not by:
        return counted.select(values)
    return counted.group_by(by, maintain_order=True).agg(values)
