"""How hard models work: calls and tokens a minute, in the busiest hour and in its busiest minute.

Pure. Rollups count by the hour, so the peak of a long period is that of an hour; a minute's is asked of the ledger for
that one hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from models import periods
from models.spend.table import PERIOD

MINUTES = 60  # of an hour
MEASURES = ("requests", "total_tokens")


@dataclass(frozen=True)
class Peak:
    """The hour with the most calls, and the means a minute of the hours with the most calls and with the most tokens;
    both may be different ones."""

    start_us: int
    requests_per_minute: float
    tokens_per_minute: float

    @property
    def end_us(self) -> int:
        return self.start_us + periods.HOUR


def peak(rows: pl.DataFrame) -> Peak | None:
    """Of an answer by the hour, whatever it is grouped by; None where nothing was called."""
    hours = rows.group_by(PERIOD).agg(pl.col(MEASURES).cast(pl.Int128).sum()).sort(PERIOD)
    if hours.is_empty():
        return None
    calls, tokens = hours["requests"].max(), hours["total_tokens"].max()
    start = hours.filter(pl.col("requests") == calls)[PERIOD][0]
    return Peak(int(start), int(calls) / MINUTES, int(tokens) / MINUTES)  # type: ignore[arg-type]


def peaks(rows: pl.DataFrame, keys: Sequence[str]) -> dict[tuple[Any, ...], Peak]:
    """Of each group of an answer by the hour."""
    parts = rows.partition_by(list(keys), as_dict=True)
    return {key: found for key, part in parts.items() if (found := peak(part))}


def busiest_minute(rows: pl.DataFrame) -> int:
    """Calls in one minute, of an answer by the minute."""
    return int(rows["requests"].max() or 0)  # type: ignore[arg-type]
