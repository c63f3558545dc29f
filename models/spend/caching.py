"""Where response caches could spare more. Rollups don't tell one question from another, nor does the ledger: of prompts
it holds the number of tokens, and where some are kept, nothing reads them for this. What can be counted is calls of the
same size; what an amount assumes beyond that is said with it.
"""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import ColumnElement, Connection, select, true

from models import periods
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
    end = min(period.end_us, now_us + 1)
    start = max(period.start_us, end - LOOKED_BACK)
    with spend.store.database.read() as connection:
        since, few = newest(connection, spend.workspace.id, start, end, most)
        pieces = events.during(connection, spend.workspace.id, since, end, few, wanted.sql(EVENTS))
        rows = [facts(piece, spend.workspace.timezone) for piece in pieces]
    kept = [wanted.through(each, spend.workspace.name, list(COUNTED)) for each in rows]
    nothing = facts(events.none(), spend.workspace.timezone).select(COUNTED)
    return Recent(pl.concat([nothing, *kept]), since)


def newest(
    connection: Connection, workspace_id: str, start_us: int, end_us: int, most: int
) -> tuple[int, ColumnElement[bool]]:
    """Since when there are no more than so many rows. Where even the last instant has more, it is that instant, and
    what bounds them."""
    ours, started = EVENTS.c.workspace_id == workspace_id, EVENTS.c.started_us
    of_period = select(started).where(ours, started >= start_us, started < end_us)
    last_left_out = connection.execute(of_period.order_by(started.desc()).limit(1).offset(most)).scalar()
    if last_left_out is None:
        return start_us, true()
    if connection.execute(of_period.where(started > last_left_out).limit(1)).first():
        return last_left_out + 1, true()
    return last_left_out, first_of(connection, most, ours, started == last_left_out)


def first_of(connection: Connection, most: int, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """So many rows in the order in which they came, and one more where that would part the halves of a correction."""
    by_seq = select(EVENTS.c.seq, EVENTS.c.sign).where(*where).order_by(EVENTS.c.seq).limit(1).offset(most - 1)
    last, sign = connection.execute(by_seq).one()
    bound: ColumnElement[bool] = EVENTS.c.seq <= last + (sign == -1)
    return bound


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
