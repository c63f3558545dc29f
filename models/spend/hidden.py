"""What the free plan hides of a period, why, and which source definitions would show it.

Hidden is what the same filter that every other question obeys lets not through: shown and hidden are one reading's
rows, parted, so they add up to all of it. The names in here are the workspace's own: whoever may see the workspace may
know what it does not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from models.accounts.sources import PARTS, Source
from models.spend.answer import WorkspaceSpend
from models.spend.cubes import VISIBILITY
from models.spend.filters import matches
from models.spend.query import Period, Query

MEASURES = ("cost", "requests", "unpriced_requests")
SUMS = ("requests", "cost_nano_usd", "unpriced_requests")
UNKNOWN = "unknown"  # the feature of calls of which nobody said it: nothing to define a source by, where more is known


@dataclass(frozen=True)
class Amount:
    """`cost_nano_usd` is of the requests whose price is known."""

    requests: int
    cost_nano_usd: int
    unpriced_requests: int

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Amount":
        return cls(*(int(rows[name].sum()) for name in SUMS))


@dataclass(frozen=True)
class Suggestion:
    """A definition, and what it would show if it were added to that key. Without a key it is for calls that came
    without one, which a definition of any key shows."""

    key: str | None
    source: Source
    amount: Amount


@dataclass(frozen=True)
class Hidden:
    """`groups`: key, provider, model, feature and their sums, the largest first."""

    period: Period
    amount: Amount
    groups: pl.DataFrame

    @cached_property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """They show every group. Worked out when somebody asks: that takes longer than to say how much is hidden."""
        return tuple(suggested(self.groups))


def hidden(spend: WorkspaceSpend, period: Period, now_us: int) -> Hidden | None:
    """None where nothing of the period is hidden."""
    if spend.visibility is None:
        return None
    asked = Query(period, MEASURES, VISIBILITY)
    groups = spend.whole().as_sent().answer(asked, now_us).rows.filter(~spend.visibility.polars())
    if groups.is_empty():
        return None
    largest = groups.sort(*SUMS, *VISIBILITY, descending=[True] * 3 + [False] * 4, nulls_last=True)
    return Hidden(period, Amount.of(groups), largest)


def suggested(groups: pl.DataFrame) -> Iterator[Suggestion]:
    """Key by key, the one with most hidden calls first. Together they show every group."""
    keyless, keyed = groups.filter(pl.col("key").is_null()), groups.filter(pl.col("key").is_not_null())
    left = keyless
    for key in by_requests(keyed, "key"):
        own = keyed.filter(pl.col("key") == key)
        for source in cover(own):
            yield Suggestion(key, source, Amount.of(pl.concat([own, keyless]).filter(matches(source))))
            left = left.filter(~matches(source))
    for source in cover(left):
        yield Suggestion(None, source, Amount.of(keyless.filter(matches(source))))


def cover(groups: pl.DataFrame) -> list[Source]:
    """As few definitions as show these groups by naming one part each: all by providers, all by models or all by
    features; where no part is known of every group, each by the first that is."""
    named = [part for part in PARTS if groups.filter(is_named(part)).height == groups.height]
    if named:
        fewest = min(named, key=lambda part: groups[part].n_unique())
        return [Source(**{fewest: value}) for value in by_requests(groups, fewest)]
    rows = groups.select(PARTS).unique(maintain_order=True).iter_rows(named=True)
    return without_idle(list(dict.fromkeys(by_first_name(row) for row in rows)), groups)


def is_named(part: str) -> pl.Expr:
    stated = pl.col(part).is_not_null()
    return stated & (pl.col(part) != UNKNOWN) if part == "feature" else stated


def by_requests(groups: pl.DataFrame, name: str) -> list[str]:
    """The values of that column, the one with the most calls first."""
    sums = groups.group_by(name).agg(pl.col("requests").sum()).sort("requests", name, descending=[True, False])
    return [str(value) for value in sums[name]]


def by_first_name(row: dict[str, Any]) -> Source:
    part = next((part for part in ("provider", "model") if row[part] is not None), "feature")
    return Source(**{part: row[part]})


def without_idle(sources: list[Source], groups: pl.DataFrame) -> list[Source]:
    """What the others show together needs no definition of its own."""
    for source in reversed(sources):
        others = [each for each in sources if each != source]
        if others and groups.filter(~pl.any_horizontal(map(matches, others))).is_empty():
            sources = others
    return sources
