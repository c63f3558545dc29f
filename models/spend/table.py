"""From partly summed rows to the answer: grouping, tags, measures, order, limit. The same for every source of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from models import periods
from models.money import usd
from models.spend import dimensions, latency
from models.spend.facts import DAY, HOUR, added
from models.spend.filters import values_of_key
from models.spend.measures import MINUTES, Measure
from models.spend.query import Period, Query

Timed = Callable[[pl.DataFrame], pl.DataFrame]

PERIOD = "period"
OTHER = "other"  # whether a row stands for all groups beyond the limit
ROW = "row"  # a row's number before it was put into several groups
MINUTE = 60 * periods.SECOND


@dataclass
class Spend:
    """An answer. `rows`: PERIOD (unless the granularity is total), the dimensions asked for, OTHER (where it was asked
    for), the measures' columns. `totals` counts each event once, always. Money is nano-US-dollars."""

    query: Query
    period: Period
    rows: pl.DataFrame
    totals: dict[str, Any]
    as_of_us: int
    previous: "Spend | None" = None

    @property
    def compared(self) -> pl.DataFrame | None:
        """The groups that the period before is compared by; None is all of them."""
        if self.query.limit is None or not self.query.group_by:
            return None
        kept = self.rows.filter(~pl.col(OTHER)) if self.query.folds else self.rows
        return kept.select(self.query.group_by).unique()

    def shown(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        body = self.period.shown() | {
            "timezone": self.period.timezone,
            "granularity": self.query.granularity,
            "group_by": list(self.query.group_by),
            **self.figures(),
            "as_of": periods.iso(self.as_of_us),
        }
        if self.previous:
            body["previous"] = self.previous.period.shown() | self.previous.figures()
        return body

    def figures(self) -> dict[str, Any]:
        return {
            "rows": self.shown_rows(self.rows.to_dict(as_series=False)),
            "totals": self.shown_rows({name: [value] for name, value in self.totals.items()})[0],
        }

    def shown_rows(self, columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
        """Made column by column: an answer may have thousands of rows."""
        money = {measure.column: f"{measure.name}_usd" for measure in self.query.asked if measure.money}
        shown: dict[str, list[Any]] = {}
        for name, values in columns.items():
            shown[name] = [shown_period(value) for value in values] if name == PERIOD else values
            if name in money:
                shown[money[name]] = [usd(value) for value in values]
        return [dict(zip(shown, row, strict=True)) for row in zip(*shown.values(), strict=True)]


def exported(spend: Spend) -> pl.DataFrame:
    """The rows as a file has them: times as times, sets of tags as text, integers of 64 bits."""
    rows = spend.rows
    if spend.query.granularity in ("minute", "hour"):
        rows = rows.with_columns(pl.col(PERIOD).cast(pl.Datetime("us", "UTC")))
    texts = [pl.col(name).list.join(", ") for name, dtype in rows.schema.items() if dtype == pl.List]
    wide = [pl.col(name).cast(pl.Int64) for name, dtype in rows.schema.items() if dtype == pl.Int128]
    return rows.with_columns(*texts, *wide)


def shown_period(start: int | date) -> str | None:
    return periods.iso(start) if isinstance(start, int) else start.isoformat()


def tabulate(
    rows: pl.DataFrame, query: Query, period: Period, now_us: int, workspace: str, groups: pl.DataFrame | None = None
) -> Spend:
    """`groups` are those to keep instead of the first ones: those of the period that this one is compared with."""
    until = min(period.end_us, now_us)
    totals = measured(rows, [], query, lambda frame: frame.with_columns(minutes_between(period.start_us, until)))
    parts = [PERIOD] if query.granularity != "total" else []
    keys = [*parts, *query.group_by, *([OTHER] if query.folds else [])]
    placed = limited(place(with_period(rows, query), query, workspace), query, groups)
    table = measured(placed, keys, query, lambda frame: with_minutes(frame, query, period, until))
    table = ordered(table, query, keys)
    shown = [measure.column for measure in query.asked if measure.name in query.measures]
    first = totals.select(shown).row(0, named=True)
    return Spend(query, period, table.select(*keys, *shown), first, now_us)


# -- grouping -----------------------------------------------------------------------------------------------------


def with_period(rows: pl.DataFrame, query: Query) -> pl.DataFrame:
    starts = {
        "minute": pl.col("started_us") // MINUTE * MINUTE if "started_us" in rows.columns else None,
        "hour": pl.col(HOUR) if HOUR in rows.columns else None,
        "day": pl.col(DAY) if DAY in rows.columns else None,
        "week": pl.col(DAY).dt.truncate("1w") if DAY in rows.columns else None,
        "month": pl.col(DAY).dt.truncate("1mo") if DAY in rows.columns else None,
    }
    start = starts.get(query.granularity)
    return rows if start is None else rows.with_columns(start.alias(PERIOD))


def place(rows: pl.DataFrame, query: Query, workspace: str) -> pl.DataFrame:
    """Put each row where its dimensions say: in each of its tags' rows where it is grouped by tag."""
    rows = rows.with_columns(dimension_value(name, workspace).alias(name) for name in query.group_by if name != "tags")
    many = [name for name in query.group_by if name == "tag" or dimensions.is_tag_key(name)]
    rows = rows.with_row_index(ROW) if many and query.folds else rows
    for name in many:
        rows = rows.explode(name, empty_as_null=True)
    return rows


def dimension_value(name: str, workspace: str) -> pl.Expr:
    if name == dimensions.WORKSPACE.name:
        return pl.lit(workspace)
    if dimensions.is_tag_key(name):
        return values_of_key(name).list.unique(maintain_order=True)
    return pl.col(dimensions.column_of(name) or name)


def measured(rows: pl.DataFrame, keys: list[str], query: Query, timed: Timed) -> pl.DataFrame:
    """Keys and the columns of all measures asked for."""
    table = timed(sums(rows, keys, query.sums))
    wanted = {measure.column: measure.quantile for measure in query.asked if measure.quantile is not None}
    if wanted:
        table = joined(table, latency.quantiles(buckets(rows, keys), keys, wanted), keys)
    return table.select(*keys, *(column_of(measure) for measure in query.asked))


def joined(table: pl.DataFrame, more: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    if not keys:
        return pl.concat([table, more], how="horizontal")
    return table.join(more, on=keys, how="left", nulls_equal=True)


def sums(rows: pl.DataFrame, keys: list[str], names: list[str]) -> pl.DataFrame:
    """Exact, beyond 64 bits too."""
    if not keys:
        return rows.select(added(rows, names))
    return rows.group_by(keys).agg(added(rows, names)).filter(pl.col("requests") != 0)


def buckets(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return rows.group_by([*keys, latency.BUCKET]).agg(pl.col("latency_count").sum())


def column_of(measure: Measure) -> pl.Expr:
    return measure.value.alias(measure.column)


# -- time ---------------------------------------------------------------------------------------------------------


def minutes_between(start_us: int, end_us: int) -> pl.Expr:
    return pl.lit(max(0, end_us - start_us) / MINUTE).alias(MINUTES)


def with_minutes(table: pl.DataFrame, query: Query, period: Period, until: int) -> pl.DataFrame:
    """How many minutes of the period, up to now, each row stands for."""
    if query.granularity == "total":
        return table.with_columns(minutes_between(period.start_us, until))
    starts = table[PERIOD].unique().to_list()
    spans = [span(start, query.granularity, period.timezone) for start in starts]
    minutes = [max(0, min(end, until) - max(start, period.start_us)) / MINUTE for start, end in spans]
    lengths = pl.DataFrame(
        {PERIOD: starts, MINUTES: minutes}, schema={PERIOD: table.schema[PERIOD], MINUTES: pl.Float64}
    )
    return table.join(lengths, on=PERIOD, how="left")


def span(start: Any, granularity: str, timezone: str) -> tuple[int, int]:
    """The instants between which a period lies."""
    if granularity in ("minute", "hour"):
        return start, start + (MINUTE if granularity == "minute" else periods.HOUR)
    following = periods.following(start, granularity)
    return periods.day_start(start, timezone), periods.day_start(following, timezone)


# -- order --------------------------------------------------------------------------------------------------------


def limited(placed: pl.DataFrame, query: Query, groups: pl.DataFrame | None) -> pl.DataFrame:
    """The rows of the first `limit` groups of the whole period, or of the groups that are given; what lies beyond them
    is left out, or one group of its own."""
    by = list(query.group_by)
    if not by:
        return placed
    if groups is None and query.limit is not None:
        groups = first_groups(placed, query, by)
    if query.folds:
        return with_other(placed, by, groups)
    return placed if groups is None else placed.join(groups, on=by, how="semi", nulls_equal=True)


def first_groups(placed: pl.DataFrame, query: Query, by: list[str]) -> pl.DataFrame:
    whole = measured(placed, by, query, lambda frame: frame.with_columns(pl.lit(1.0).alias(MINUTES)))
    return ordered(whole, query, by).head(query.limit or whole.height).select(by)


def with_other(placed: pl.DataFrame, by: list[str], groups: pl.DataFrame | None) -> pl.DataFrame:
    """A call that stands in several groups beyond them is in the one for all of them once."""
    if groups is None:
        return placed.with_columns(pl.lit(False).alias(OTHER))
    kept = groups.with_columns(pl.lit(False).alias(OTHER))
    marked = placed.join(kept, on=by, how="left", nulls_equal=True).with_columns(pl.col(OTHER).fill_null(True))
    named = (pl.when(~pl.col(OTHER)).then(pl.col(name)).alias(name) for name in by)
    if ROW in marked.columns:
        marked = marked.filter(~pl.col(OTHER) | pl.struct(ROW, OTHER).is_first_distinct())
    return marked.with_columns(named)


def ordered(table: pl.DataFrame, query: Query, keys: list[str]) -> pl.DataFrame:
    """By period first, then by the order asked for, what is beyond the limit last; ties stand in the order of their
    names."""
    asked = next((measure.column for measure in query.asked if measure.name == query.order_name), query.order_name)
    parts = [name for name in (PERIOD, OTHER) if name in keys]
    ties = [name for name in keys if name not in (PERIOD, OTHER, asked)]
    by = [*parts, *([asked] if asked in table.columns else []), *ties]
    sortable = [pl.col(name).list.join("\x00") if table.schema[name] == pl.List else pl.col(name) for name in by]
    descending = [name == asked and query.order.startswith("-") for name in by]
    return table.sort(sortable, descending=descending, nulls_last=True, maintain_order=True) if by else table
