"""The one way from the ledger's rows to something that can be summed: used by rollup, rebuild, tail and live reads,
so that none of them can count differently."""

from collections.abc import Iterator

import polars as pl

from models import periods
from models.spend import latency
from models.spend.dimensions import COLUMN_NAMES
from models.spend.measures import SUMS

DAY = "day"  # local date
HOUR = "hour"  # the instant (microseconds, UTC) at which the local hour starts
SUM_NAMES = list(SUMS)
MOST = 2**63 - 1  # what 64 bits hold


def facts(events: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """One row an event: seq, workspace, when (instant, local day and hour), dimensions, latency bucket and sums."""
    started = pl.col("started_us")
    return events.select(
        "seq",
        "workspace_id",
        "started_us",
        periods.local_day(started, timezone).alias(DAY),
        periods.local_hour(started, timezone).alias(HOUR),
        *COLUMN_NAMES,
        tag_sets(events["tags"]),
        latency.bucket(pl.col("latency_us")).alias(latency.BUCKET),
        *sums(signed=bool((events["sign"] < 0).any())),
    )


def sums(signed: bool) -> Iterator[pl.Expr]:
    """A reversal takes back what it is a copy of. Hardly ever is there one."""
    for name, value in SUMS.items():
        yield (value * pl.col("sign") if signed else value).alias(name)


def tag_sets(tags: pl.Series) -> pl.Series:
    """Sorted sets from JSON arrays. There are few different ones: each is decoded once."""
    texts = tags.unique()
    sets = pl.DataFrame([texts, texts.str.json_decode(pl.List(pl.String)).list.sort().alias("set")])
    return tags.to_frame().join(sets, on=tags.name, how="left", maintain_order="left")["set"].alias(tags.name)


def added(rows: pl.DataFrame, names: list[str]) -> pl.Expr:
    """The sums of these columns, which must be there, exact: in 64 bits where none can leave them, which is nearly
    always and twice as fast, else in 128. Nothing says how much somebody may spend."""
    largest = rows.select(pl.max_horizontal(pl.col(names).abs().max())).item() or 0
    wide = pl.Int64() if int(largest) * rows.height <= MOST else pl.Int128()
    return pl.col(names).cast(wide).sum()
