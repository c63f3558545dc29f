"""The one way from the ledger's rows to something that can be summed: used by rollup, rebuild, tail and live reads,
so that none of them can count differently."""

import polars as pl

from models import periods
from models.spend import latency
from models.spend.dimensions import COLUMN_NAMES
from models.spend.measures import SUMS

DAY = "day"  # local date
HOUR = "hour"  # the instant (microseconds, UTC) at which the local hour starts
SUM_NAMES = list(SUMS)


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
        pl.col("tags").str.json_decode(pl.List(pl.String)).list.sort().alias("tags"),
        latency.bucket(pl.col("latency_us")).alias(latency.BUCKET),
        *(value.alias(name) for name, value in SUMS.items()),
    )
