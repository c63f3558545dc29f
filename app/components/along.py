"""Spend along the time, by provider, on the Overview: days with the period before as a ghost and what is expected, and
other spans as bars alone."""

import plotly.graph_objects as go
import polars as pl

from app import charts, spans, timeline
from app.colours import OTHER
from app.components import chart
from app.components.shares import Row
from app.glance import Glance
from models import periods
from models.spend.dimensions import NONE
from models.spend.measures import MEASURES
from models.spend.table import PERIOD, Spend


def draw(shown: Glance, providers: list[Row]) -> None:
    """In the colours of these rows."""
    answer = shown.trend
    series = {row.name: row.colour.on(chart.theme()) for row in providers if row.colour}
    if answer.period.days is None or answer.query.granularity != "day":
        title = f"Spend by {answer.query.granularity}"
        chart.draw(title, bars(answer, series), answer.period.timezone, compared=False)
        return
    today = periods.day_of(answer.as_of_us, answer.period.timezone)
    ahead = shown.forecast.path if shown.forecast and answer.period.days[1] > today else ()
    days = charts.trend_of(answer, "provider", series, today, ahead)
    figure, before = charts.trend(days), spans.before(answer.period)
    chart.draw("Spend by day", figure, answer.period.timezone, days.compares, before, bool(ahead))


def bars(answer: Spend, series: dict[str, str]) -> go.Figure:
    """Minutes, hours and weeks, as the other pages draw them."""
    grain = answer.query.granularity
    starts = timeline.starts_of(answer.period, grain, answer.as_of_us)
    sums = by_series(answer, [*series])
    values = {
        name: timeline.values_of(sums.filter(pl.col("provider") == name), MEASURES["cost"], starts) for name in series
    }
    unfinished = timeline.unfinished(starts, grain, answer.period, answer.as_of_us)
    zone = answer.period.timezone
    drawn = timeline.Timeline(starts, values, series, "nano_usd", grain, zone, unfinished=unfinished)
    return timeline.draw(drawn, "bars")


def by_series(answer: Spend, names: list[str]) -> pl.DataFrame:
    """What is in no series is `other`."""
    name = pl.col("provider").fill_null(NONE)
    named = pl.when(name.is_in(names)).then(name).otherwise(pl.lit(OTHER)).alias("provider")
    sums = pl.col("cost_nano_usd", "unpriced_requests").sum()
    return answer.rows.with_columns(named).group_by(PERIOD, "provider").agg(sums)
