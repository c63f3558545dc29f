"""Which columns a question takes of each row, and what it keeps of them. Cubes are chosen, files are read and rows are
thinned out by this, so that none of them carries what nobody asked for."""

from dataclasses import dataclass

import polars as pl

from models.spend import dimensions, events, latency
from models.spend.facts import DAY, HOUR, added, facts
from models.spend.filters import Filter
from models.spend.query import Query


@dataclass(frozen=True)
class Columns:
    """`keys` to group by, `decisive` for the filter, `sums` to add up."""

    keys: list[str]
    decisive: set[str]
    sums: list[str]

    @classmethod
    def of(cls, query: Query, wanted: Filter) -> "Columns":
        grouped = {column for name in query.group_by if (column := dimensions.column_of(name))}
        grain = {"minute": ["started_us"], "hour": [HOUR], "total": []}.get(query.granularity, [DAY])
        histogram = [latency.BUCKET] if any(measure.quantile for measure in query.asked) else []
        return cls(sorted({*grouped, *grain, *histogram}), wanted.columns, query.sums)

    @property
    def named(self) -> list[str]:
        """What a cube must have; every cube has the sums."""
        return sorted({*self.keys, *self.decisive})

    @property
    def kept(self) -> list[str]:
        """What is left once the filter has decided."""
        return [*self.keys, *self.sums]

    def stored(self, *more: str) -> list[str]:
        """What is read of a file, with these beside it; its day is in its path."""
        return sorted({*self.named, *self.sums, *more} - {DAY})

    def none(self, timezone: str) -> pl.DataFrame:
        return facts(events.none(), timezone).select(self.kept)

    def reduced(self, part: pl.DataFrame, wanted: Filter, workspace: str) -> pl.DataFrame:
        """What the filter lets through of a part; summed where it came event by event, so that memory has a bound."""
        kept = wanted.through(part, workspace, self.kept)
        if "seq" not in part.columns:
            return kept
        sums = added(kept, self.sums)
        return kept.group_by(self.keys).agg(sums) if self.keys else kept.select(sums)
