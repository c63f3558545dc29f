"""Spend along the time, by provider, on the Overview: with the period before, and by the day what is expected."""

import polars as pl

from app import members, timeline
from app.colours import OTHER
from app.components import chart
from app.components.shares import Row
from app.explored import during, untimed
from app.glance import Glance
from app.timeline import Timeline
from models import periods
from models.forecast import Expected
from models.spend.dimensions import NONE
from models.spend.measures import MEASURES
from models.spend.table import Spend

COST = MEASURES["cost"]
HEIGHT = 300  # pixels


def draw(shown: Glance, providers: list[Row]) -> None:
    """In the colours of these rows, and leading where they lead."""
    answer = shown.trend
    grain, period, until = answer.query.granularity, answer.period, answer.as_of_us
    starts = timeline.starts_of(period, grain, until)
    series = {row.name: row.colour.on(chart.theme()) for row in providers if row.colour}
    sums = by_series(answer, [*series])
    drawn = Timeline(
        starts,
        {name: timeline.values_of(sums.filter(pl.col("provider") == name), COST, starts) for name in series},
        series, "nano_usd", grain, period.timezone, members.before(answer, COST, grain, len(starts)),
        timeline.unfinished(starts, grain, period, until), ahead(shown),
        leads={row.name: untimed(row.href) for row in providers if row.href},
        spans=[during(start, period, grain) for start in starts],
    )  # fmt: skip
    chart.along(f"Spend by {grain}", drawn, "spend", height=HEIGHT)


def by_series(answer: Spend, names: list[str]) -> pl.DataFrame:
    """What is in no series is `other`."""
    name = pl.col("provider").fill_null(NONE)
    named = pl.when(name.is_in(names)).then(name).otherwise(pl.lit(OTHER)).alias("provider")
    return timeline.summed(answer.rows.with_columns(named), COST, "provider")


def ahead(shown: Glance) -> tuple[Expected, ...]:
    """What is expected of the days from today on, where they are drawn one by one up to today."""
    answer = shown.trend
    today = periods.day_of(answer.as_of_us, answer.period.timezone)
    daily = answer.query.granularity == "day" and answer.period.days and answer.period.days[1] > today
    return shown.forecast.path if shown.forecast and daily else ()
