"""A measure over time: figures in, Plotly out. Bars, lines or areas, at any grain and in any unit.

Bars and areas are stacked and start at zero, a period without calls is a zero, one that is not over is paler, the
period before is a thin line, what is expected a dashed one within its band.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from math import ceil
from typing import Any, Literal
from urllib.parse import urlencode

import plotly.graph_objects as go
import polars as pl

from app import figures, formats, spans
from app.charts import GRID, QUIET, UNFINISHED, UNSEEN, chart_text, labels, steps
from models import periods
from models.forecast import Expected
from models.money import NANO
from models.spend.measures import Measure, Unit
from models.spend.query import Period
from models.spend.table import MINUTE, PERIOD, Spend

Kind = Literal["bars", "lines", "area"]
Value = int | float | None
HEIGHT = 340  # pixels
BAND = "rgba(128, 136, 150, 0.16)"
SHADE = "rgba(128, 136, 150, 0.2)"
TARGET_TICKS = 4
DATES = 8  # on the time axis, at most
LAST_DATE = 20  # pixels that it needs beyond the end of a line
HOVER = {"minute": "%H:%M", "hour": "%a %-d %b, %H:%M", "day": "%A, %-d %B", "week": "Week of %-d %B", "month": "%B %Y"}


@dataclass(frozen=True)
class Before:
    """The period before: its parts, each in the place of the one that it is compared with, as far as both go."""

    name: str
    starts: Sequence[date | int]
    values: list[Value]


@dataclass(frozen=True)
class Timeline:
    """`starts` are local dates, or instants (microseconds) for minutes and hours; each series has a value for each of
    them, the first series lies at the bottom. `unfinished` is the place of the period that is not over; `ahead` are
    the days from today on, where money is drawn by the day and something is expected. `leads` is where a click on a
    series leads, `spans` what a part of the time adds to that address."""

    starts: Sequence[date | int]
    series: dict[str, list[Value]]
    colours: dict[str, str]
    unit: Unit
    granularity: str
    timezone: str
    before: Before | None = None
    unfinished: int | None = None
    ahead: Sequence[Expected] = ()
    leads: Mapping[str, str] = field(default_factory=dict)
    spans: Sequence[dict[str, str]] = ()

    @property
    def times(self) -> list[date | datetime]:
        """As the zone's clocks show them."""
        return [on_clocks(each, self.timezone) for each in self.starts]

    @property
    def compares(self) -> bool:
        """Whether there is anything in the period before."""
        return bool(self.before and any(self.before.values))

    @property
    def stacked(self) -> list[Value]:
        """Of each part the sum of what is known."""
        known = [[each for each in values if each is not None] for values in zip(*self.series.values(), strict=True)]
        return [sum(values) if values else None for values in known]


def on_clocks(start: date | int, timezone: str) -> date | datetime:
    if not isinstance(start, int):
        return start
    return periods.from_us(start).astimezone(periods.zone(timezone)).replace(tzinfo=None)


# -- from answers -------------------------------------------------------------------------------------------------


def starts_of(period: Period, granularity: str, until_us: int) -> list[date | int]:
    """The start of every part of the period that has begun by then; those of a whole day are all there."""
    if granularity in ("minute", "hour"):
        return list(instants(period, granularity, until_us))
    first, last = (periods.day_of(each, period.timezone) for each in (period.start_us, period.end_us - 1))
    found: list[date | int] = []
    start = truncated(first, granularity)
    while start <= last:
        found.append(start)
        start = periods.following(start, granularity)
    return found


def instants(period: Period, granularity: str, until_us: int) -> Iterator[int]:
    until = min(period.end_us, until_us)
    if granularity == "minute":
        yield from range(period.start_us // MINUTE * MINUTE, until, MINUTE)
        return
    start = periods.hour_start(period.start_us, period.timezone)
    while start < until:
        yield start
        start = periods.hour_start(start + periods.HOUR, period.timezone)  # half an hour on, where clocks moved by one


def truncated(day: date, granularity: str) -> date:
    if granularity == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if granularity == "month" else day


def unfinished(starts: Sequence[date | int], granularity: str, period: Period, now_us: int) -> int | None:
    """The last part, where it is not over."""
    if not starts or period.end_us < now_us:
        return None
    last = starts[-1]
    if isinstance(last, int):
        end = last + (MINUTE if granularity == "minute" else periods.HOUR)
        return len(starts) - 1 if end > now_us else None
    today = periods.day_of(now_us, period.timezone)
    begun = [each for each in starts if isinstance(each, date) and each <= today]
    return len(begun) - 1 if begun and periods.following(begun[-1], granularity) > today else None


def values_of(rows: pl.DataFrame, measure: Measure, starts: Sequence[date | int]) -> list[Value]:
    """Along the time; where nothing was called a sum is 0 and a ratio is not known, nor what has no price."""
    found = {row[PERIOD]: figures.known(measure, row) for row in rows.iter_rows(named=True)}
    nothing = 0 if measure.additive else None
    return [found.get(start, nothing) for start in starts]


def before_of(earlier: Spend, rows: pl.DataFrame, measure: Measure, granularity: str, places: int) -> Before:
    """From rows of that answer, one for each part of its time."""
    starts = starts_of(earlier.period, granularity, earlier.period.end_us)[:places]
    return Before(spans.before(earlier.period), starts, values_of(rows, measure, starts))


def summed(rows: pl.DataFrame, measure: Measure, *by: str) -> pl.DataFrame:
    """Part of the time by part, of a measure that adds up; with the unpriced calls where rows tell of them."""
    columns = [measure.column, *({"unpriced_requests"} & set(rows.columns))]
    return rows.group_by(PERIOD, *by).agg(pl.col(columns).sum())


def cumulative(values: list[Value]) -> list[Value]:
    return list(accumulate(value or 0 for value in values))


def share(series: dict[str, list[Value]]) -> dict[str, list[Value]]:
    """Of each period's sum; unknown where there is none."""
    sums = [sum(value or 0 for value in values) for values in zip(*series.values(), strict=True)]
    return {
        name: [(value or 0) / whole if whole else None for value, whole in zip(values, sums, strict=True)]
        for name, values in series.items()
    }


# -- drawn --------------------------------------------------------------------------------------------------------


def draw(shown: Timeline, kind: Kind, height: int = HEIGHT) -> go.Figure:
    ghosts = [ghost(shown, shown.before)] if shown.before and shown.compares else []
    expected = [*band(shown), dashes(shown)] if shown.ahead else []
    sums = [whole(shown)] if kind != "lines" and len(shown.series) > 1 and shown.unit != "ratio" else []
    traces = [trace(shown, name, kind) for name in shown.series]
    figure = go.Figure([*traces, *sums, *ghosts, *expected], layout_template=go.layout.Template())
    figure.update_layout(layout(shown, *extent(shown, kind), height))
    return figure.update_layout(shapes=shades(shown, kind), margin_r=LAST_DATE if kind == "lines" else 0)


def extent(shown: Timeline, kind: Kind) -> tuple[float, float]:
    """The lowest and the highest that is drawn, zero among them; a loss is drawn below it."""
    places = list(zip(*shown.series.values(), strict=True))
    each = [value or 0 for values in places for value in values]
    gains = [sum(max(0, value or 0) for value in values) for values in places]
    losses = [sum(min(0, value or 0) for value in values) for values in places]
    earlier = [value or 0 for value in shown.before.values] if shown.before else []
    expected = [day.high for day in shown.ahead]
    drawn = [0, *(each if kind == "lines" else [*gains, *losses]), *earlier, *expected]
    return min(drawn), max(drawn)


def trace(shown: Timeline, name: str, kind: Kind) -> go.Bar | go.Scatter:
    values, colour = shown.series[name], shown.colours[name]
    said = {
        "name": chart_text(name), "x": shown.times, "y": [scaled(value, shown.unit) for value in values],
        "customdata": said_of(shown, values), "hovertemplate": "%{customdata[0]}", "meta": shown.leads.get(name, ""),
    }  # fmt: skip
    if kind == "bars":
        opacity = [UNFINISHED if place == shown.unfinished else 1 for place in range(len(values))]
        return go.Bar(**said, marker={"color": colour, "opacity": opacity})
    stacked: dict[str, Any] = {"stackgroup": "all", "fillcolor": colour} if kind == "area" else {}
    mode = "lines+markers" if len(values) == 1 else "lines"
    return go.Scatter(**said, **stacked, mode=mode, line={"color": colour, "width": 2 if kind == "lines" else 0.5})


def shades(shown: Timeline, kind: Kind) -> list[dict[str, Any]]:
    """Over the last stretch of lines and areas, where it leads to what is not over; a bar of that is pale itself."""
    if kind == "bars" or not shown.unfinished:
        return []
    start, end = shown.times[shown.unfinished - 1], shown.times[shown.unfinished]
    return [{"type": "rect", "yref": "paper", "x0": start, "x1": end, "y0": 0, "y1": 1, "line": {"width": 0},
             "fillcolor": SHADE}]  # fmt: skip


def said_of(shown: Timeline, values: list[Value]) -> list[list[str]]:
    """Of each mark what is read, and of what part of the time it is: links.js makes an address of it and `meta`."""
    texts = [figures.full(shown.unit, value) for value in values]
    spans = [urlencode(span) for span in shown.spans] or [""] * len(texts)
    return [[text, span] for text, span in zip(texts, spans, strict=True)]


def whole(shown: Timeline) -> go.Scatter:
    """The sum of all, for the hover text only."""
    return go.Scatter(
        name="all", x=shown.times, y=[scaled(value, shown.unit) for value in shown.stacked], mode="markers",
        marker={"size": 8, "color": UNSEEN},
        customdata=[figures.full(shown.unit, value) for value in shown.stacked],
        hovertemplate="<b>%{customdata}</b>",
    )  # fmt: skip


def ghost(shown: Timeline, before: Before) -> go.Scatter:
    said = [f"{figures.full(shown.unit, value)} ({briefly(start, shown.timezone)})"
            for start, value in zip(before.starts, before.values, strict=True)]  # fmt: skip
    return go.Scatter(
        name=before.name, x=shown.times[: len(said)], y=[scaled(value, shown.unit) for value in before.values],
        mode="lines", line={"color": QUIET, "width": 1.25}, customdata=said, hovertemplate="%{customdata}",
    )  # fmt: skip


def briefly(start: date | int, timezone: str) -> str:
    return on_clocks(start, timezone).strftime("%-d %b, %H:%M" if isinstance(start, int) else "%-d %b")


def dashes(shown: Timeline) -> go.Scatter:
    """An estimate: what it says is rounded, and how far it may be off stands beside it."""
    money = formats.money
    return go.Scatter(
        name="forecast", x=[day.day for day in shown.ahead], y=[day.expected / NANO for day in shown.ahead],
        mode="lines", line={"color": QUIET, "width": 1.75, "dash": "dash"},
        customdata=[f"{money(day.expected)} ({money(day.low)} to {money(day.high)})" for day in shown.ahead],
        hovertemplate="%{customdata}",
    )  # fmt: skip


def band(shown: Timeline) -> list[go.Scatter]:
    """Two lines that nobody sees, with what lies between them."""
    days = [day.day for day in shown.ahead]
    lines = {"low": [day.low for day in shown.ahead], "high": [day.high for day in shown.ahead]}
    return [
        go.Scatter(
            name=name, x=days, y=[amount / NANO for amount in amounts], mode="lines",
            line={"width": 0, "color": UNSEEN}, fill="tonexty" if name == "high" else None, fillcolor=BAND,
            hoverinfo="skip",
        )
        for name, amounts in lines.items()
    ]  # fmt: skip


def scaled(value: Value, unit: Unit) -> float | None:
    """Money in dollars; the chart's own numbers are for lengths, what is read stands in the text."""
    return None if value is None else value / NANO if unit == "nano_usd" else value


def layout(shown: Timeline, least: float, most: float, height: int) -> dict[str, Any]:
    below = [-tick for tick in reversed(ticks_to(-least, shown.unit)[1:])] if least < 0 else []
    ticks = [*below, *ticks_to(most, shown.unit)]
    return {
        "barmode": "relative", "bargap": 0.24, "barcornerradius": 2, "height": height, "showlegend": False,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0}, "hovermode": "x unified", "dragmode": False,
        "clickmode": "event+select",
        "paper_bgcolor": UNSEEN, "plot_bgcolor": UNSEEN,
        "xaxis": {
            "type": "date", "hoverformat": HOVER[shown.granularity], "nticks": DATES, "showgrid": False,
            "fixedrange": True, "ticks": "", "zeroline": False, "automargin": True, "tickangle": 0, "showspikes": False,
            "ticklabelstandoff": 4,
        } | dated(shown) | reaching(shown),
        "yaxis": {
            "tickvals": [scaled(tick, shown.unit) for tick in ticks],
            "ticktext": written(ticks, shown.unit),
            "range": [(scaled(ticks[0], shown.unit) or 0) * 1.02, (scaled(ticks[-1], shown.unit) or 1) * 1.02],
            "gridcolor": GRID, "fixedrange": True,
            "zeroline": True, "zerolinecolor": GRID, "automargin": True, "ticks": "",
        },
    }  # fmt: skip


def dated(shown: Timeline) -> dict[str, Any]:
    """Where the time axis is labelled, and how. Plotly's own weeks begin on Sundays."""
    if shown.granularity == "week":
        every = ceil(len(shown.starts) / DATES)
        return {"tickvals": shown.times[::every], "tickformat": "%-d %b"}
    if shown.granularity == "month":
        return {"tickformat": "%b %Y"}
    day = 24 * 60 * 60 * 1_000  # milliseconds
    return {"tickformatstops": [
        {"dtickrange": [None, day - 1], "value": "%H:%M\n%-d %b"}, {"dtickrange": [day, None], "value": "%-d %b"},
    ]}  # fmt: skip


def reaching(shown: Timeline) -> dict[str, Any]:
    """To the last day of which something is expected; a day's bar stands around its midnight."""
    if not shown.ahead:
        return {}
    days = [each for each in shown.starts if isinstance(each, date)]
    ends = min(days) - timedelta(days=1), max([*days, *(day.day for day in shown.ahead)])
    return {"range": [datetime.combine(day, time(12)) for day in ends]}


def written(ticks: Sequence[float], unit: Unit) -> list[str]:
    if unit == "nano_usd":
        return labels([int(tick) for tick in ticks])
    return [figures.short(unit, tick) for tick in ticks]


def ticks_to(most: float, unit: Unit) -> Sequence[float]:
    """Round values from zero to just above the highest."""
    if unit == "ratio":
        return [tick / 1_000_000 for tick in steps(max(1, round(most * 1_000_000)))]
    if unit == "ms" and most >= 1_000:
        size = 60_000 if most >= 120_000 else 1_000
        return [tick * size for tick in steps(ceil(most / size))]
    if unit in ("per_minute", "ms") and most < TARGET_TICKS:
        return [tick / 1_000 for tick in steps(max(1, round(most * 1_000)))]
    return steps(round(most)) if most or unit == "nano_usd" else [0, 1]
