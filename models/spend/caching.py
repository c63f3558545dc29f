"""Where caches could spare more. Rollups don't tell one question from another, nor does the ledger: prompts are never
stored. What can be counted is calls of the same size, and input that no prompt cache was asked for; what an amount
assumes beyond that is said with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl
from sqlalchemy import select

from models import insights, periods
from models.money import divide_half_up
from models.pricing.cards import Card
from models.pricing.prices import Prices
from models.spend import events
from models.spend.answer import WorkspaceSpend
from models.spend.events import EVENTS
from models.spend.facts import facts
from models.spend.filters import Filter, Predicate
from models.spend.query import Period

BY = ("endpoint", "provider", "model")
SIZE = "input_tokens"
COUNTED = (*BY, SIZE, "requests", "cache_hits", "cost_nano_usd")

LOOKED_AT = 50_000  # calls at most: half a second of reading
LOOKED_BACK = 7 * periods.DAY
OFTEN = 10  # calls of one size, before they count as repeated
ABOVE_CHANCE = 4  # times as many as sizes around it have: inputs are as long as others by chance, too
AROUND = 8  # sizes to either side

# -- response caches ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recent:
    """The newest calls of a period that a question is about: how many, since when."""

    calls: pl.DataFrame
    since_us: int

    @property
    def requests(self) -> int:
        return int(self.calls["requests"].sum())


@dataclass(frozen=True)
class Repeated:
    """Calls of one endpoint and model whose size came again and again, and no cache answered. `spared_nano_usd` is the
    cost of all of each size but one."""

    endpoint: str | None
    provider: str | None
    model: str | None
    requests: int  # all of the endpoint's
    repeats: int
    sizes: int
    spared_nano_usd: int


def recent(
    spend: WorkspaceSpend, period: Period, where: tuple[Predicate, ...], now_us: int, most: int = LOOKED_AT
) -> Recent:
    """As the plan shows them and their names are told."""
    wanted = Filter(where, spend.visibility, spend.names)
    ours, started = EVENTS.c.workspace_id == spend.workspace.id, EVENTS.c.started_us
    end = min(period.end_us, now_us + 1)
    start = max(period.start_us, end - LOOKED_BACK)
    beyond = select(started).where(ours, started >= start, started < end).order_by(started.desc()).limit(1).offset(most)
    with spend.store.database.read() as connection:
        last_left_out = connection.execute(beyond).scalar()
        since = start if last_left_out is None else last_left_out + 1
        pieces = events.during(connection, spend.workspace.id, since, end, wanted.sql(EVENTS))
        rows = [facts(piece, spend.workspace.timezone) for piece in pieces]
    kept = [wanted.through(each, spend.workspace.name, list(COUNTED)) for each in rows]
    nothing = facts(events.none(), spend.workspace.timezone).select(COUNTED)
    return Recent(pl.concat([nothing, *kept]), since)


def repeated(calls: pl.DataFrame) -> list[Repeated]:
    """What a response cache could spare most at comes first."""
    whole = calls.group_by(BY).agg(pl.col("requests").sum().alias("all"), pl.col("cache_hits").sum())
    sizes = (
        calls.filter(pl.col(SIZE) != 0)
        .group_by(*BY, pl.col(SIZE).abs())  # a correction takes back its size, too
        .agg(pl.col("requests").sum(), pl.col("cost_nano_usd").sum())
        .join(whole.filter(pl.col("cache_hits") == 0), on=BY, nulls_equal=True)
    )
    of_size = standing_out(sizes).with_columns(
        spared=pl.col("cost_nano_usd") - pl.col("cost_nano_usd") // pl.col("requests")
    )
    found = of_size.group_by(BY).agg(
        pl.col("all").first(), (pl.col("requests") - 1).sum(), pl.len().alias("sizes"), pl.col("spared").sum()
    )
    rows = (Repeated(*row) for row in found.select(*BY, "all", "requests", "sizes", "spared").iter_rows())
    return sorted((each for each in rows if each.spared_nano_usd > 0), key=lambda each: -each.spared_nano_usd)


def standing_out(sizes: pl.DataFrame) -> pl.DataFrame:
    """Those that come far more often than the sizes around them."""
    often = sizes.filter(pl.col("requests") >= OFTEN)
    steps = pl.DataFrame({"step": [step for step in range(-AROUND, AROUND + 1) if step]}, schema={"step": pl.Int64})
    around = (
        often.join(steps, how="cross")
        .with_columns(near=pl.col(SIZE) + pl.col("step"))
        .join(sizes.select(*BY, near=SIZE, others="requests"), on=[*BY, "near"], nulls_equal=True)
        .group_by(*BY, SIZE)
        .agg(pl.col("others").sum())
    )
    compared = often.join(around, on=[*BY, SIZE], how="left", nulls_equal=True).fill_null(0)
    return compared.filter(pl.col("requests") * 2 * AROUND >= ABOVE_CHANCE * pl.col("others"))


# -- prompt caches ------------------------------------------------------------------------------------------------

REPEATS = Fraction(insights.REPEATS)  # of the input that is assumed to be read: pages and insights say the same
# What the query layer is asked for, by BY. What a response cache answered was never sent.
MEASURES = ("requests", "input_tokens", "cache_read_tokens", "cost")
WHERE = ("cost_source!:cached",)


@dataclass(frozen=True)
class Uncached:
    """Calls of one endpoint and model whose long input no prompt cache was asked for, though the model has a price for
    reading. `spared_nano_usd` is what reading so much of it would have cost less."""

    endpoint: str | None
    provider: str | None
    model: str | None
    requests: int
    input_tokens: int
    spared_nano_usd: int

    @property
    def mean_input(self) -> int:
        return self.input_tokens // self.requests


def uncached(rows: Iterable[Mapping[str, Any]], prices: Prices, days: int, now_us: int) -> list[Uncached]:
    """What a prompt cache could spare most at comes first."""
    found = (each for row in rows if insights.is_uncached(row, days) for each in candidate(row, prices, now_us))
    return sorted(found, key=lambda each: -each.spared_nano_usd)


def candidate(row: Mapping[str, Any], prices: Prices, now_us: int) -> Iterator[Uncached]:
    card = prices.card(row["provider"], row["model"] or "", now_us)
    if isinstance(card, Card) and (spared := less(int(row["input_tokens"]), card)) > 0:
        counts = int(row["requests"]), int(row["input_tokens"])
        yield Uncached(row["endpoint"], row["provider"], row["model"], *counts, spared)


def less(tokens: int, card: Card) -> int:
    """0 where there is no price for either."""
    if card.input is None or card.cache_read is None:
        return 0
    share = REPEATS * tokens * (card.input - card.cache_read) / card.scale
    return divide_half_up(share.numerator, share.denominator)
