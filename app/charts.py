"""Charts: functions of figures, from frame to Plotly figure. They know nothing of Streamlit, queries or clocks.

Bars start at zero, a day without spend is a zero, a day that is not over is paler, the period before is a thin line,
what is expected a dashed one within its band.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from math import ceil, log10

import plotly.graph_objects as go
import polars as pl

from app.colours import OTHER
from app.formats import compact_money, exact, money
from models.forecast import Expected
from models.money import NANO
from models.spend.dimensions import NONE
from models.spend.table import PERIOD, Spend

HEIGHT = 300  # pixels
QUIET = "rgba(128, 136, 150, 0.85)"  # readable on either theme
GRID = "rgba(128, 136, 150, 0.18)"
BAND = "rgba(128, 136, 150, 0.16)"
UNSEEN = "rgba(0, 0, 0, 0)"
UNFINISHED = 0.45  # opacity of a day that is not over
GRIDLINES = 4


@dataclass(frozen=True)
class Trend:
    """Nano-dollars by series and by day; days that are missing are zero. `series` says which are drawn, the first at
    the bottom, each with its colour. `before` is the period of the same length right before `first`; `ahead` are the
    days from today on, where something is expected of them."""

    spent: dict[str, dict[date, int]]
    before: dict[date, int]
    first: date
    end: date
    today: date
    series: dict[str, str]
    ahead: tuple[Expected, ...] = ()

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=index) for index in range((self.end - self.first).days)]

    @property
    def totals(self) -> list[int]:
        return [sum(spent.get(day, 0) for spent in self.spent.values()) for day in self.days]

    @property
    def compares(self) -> bool:
        """Whether there was anything in the period before."""
        return any(self.before.values())

    @property
    def shown_until(self) -> date:
        """The day after the last."""
        return max([self.end, *(day.day + timedelta(days=1) for day in self.ahead)])

    @property
    def highest(self) -> int:
        return max(0, *self.totals, *self.before.values(), *(day.high for day in self.ahead))

    def earlier(self, day: date) -> date:
        """The day of the period before that stands where this one stands."""
        return day - (self.end - self.first)


def trend_of(
    spend: Spend, dimension: str, series: dict[str, str], today: date, ahead: tuple[Expected, ...] = ()
) -> Trend:
    """From an answer by day and one dimension, compared with the period before where that can be told; what is in no
    series is `other`."""
    assert spend.period.days
    name = pl.col(dimension).fill_null(NONE)
    named = pl.when(name.is_in(list(series))).then(name).otherwise(pl.lit(OTHER))
    rows = spend.rows.select(PERIOD, "cost_nano_usd", named.alias("series"))
    spent = {name: by_day(rows.filter(pl.col("series") == name)) for name in series}
    before = by_day(spend.previous.rows) if spend.previous else {}
    return Trend(spent, before, *spend.period.days, today, series, ahead)


def by_day(rows: pl.DataFrame) -> dict[date, int]:
    summed = rows.group_by(PERIOD).agg(pl.col("cost_nano_usd").sum())
    return {day: int(nano) for day, nano in summed.iter_rows()}


def trend(shown: Trend) -> go.Figure:
    """Spend a day, stacked by series, with the period before as a ghost and what is expected as a dashed line."""
    spending = [name for name in shown.series if any(shown.spent[name].values())]
    bars = [bar(shown, name) for name in spending or [*shown.series][:1]]  # what is unpriced is no $0.00 on a bar
    sums = [whole(shown)] if len(bars) > 1 else []
    ghosts = [ghost(shown)] if shown.compares else []
    expected = [*band(shown), dashes(shown)] if shown.ahead else []
    figure = go.Figure([*bars, *sums, *ghosts, *expected], layout_template=go.layout.Template())
    return figure.update_layout(layout(shown, shown.highest))


def bar(shown: Trend, name: str) -> go.Bar:
    amounts = [shown.spent[name].get(day, 0) for day in shown.days]
    opacity = [UNFINISHED if day == shown.today else 1 for day in shown.days]
    return go.Bar(
        name=chart_text(name), x=shown.days, y=[amount / NANO for amount in amounts],
        customdata=[exact(amount) for amount in amounts], hovertemplate="%{customdata}",
        marker={"color": shown.series[name], "opacity": opacity},
    )  # fmt: skip


def whole(shown: Trend) -> go.Scatter:
    """The day's sum, for the hover text only."""
    return go.Scatter(
        name="all", x=shown.days, y=[total / NANO for total in shown.totals], mode="markers",
        marker={"size": 8, "color": UNSEEN}, customdata=[exact(total) for total in shown.totals],
        hovertemplate="<b>%{customdata}</b>",
    )  # fmt: skip


def ghost(shown: Trend) -> go.Scatter:
    days = [shown.earlier(day) for day in shown.days]
    amounts = [shown.before.get(day, 0) for day in days]
    return go.Scatter(
        name=f"{len(days)} days before", x=shown.days, y=[amount / NANO for amount in amounts], mode="lines",
        line={"color": QUIET, "width": 1.25},
        customdata=[f"{exact(amount)} ({day:%-d %b})" for amount, day in zip(amounts, days, strict=True)],
        hovertemplate="%{customdata}",
    )  # fmt: skip


def dashes(shown: Trend) -> go.Scatter:
    """An estimate: what it says is rounded, and how far it may be off stands beside it."""
    return go.Scatter(
        name="forecast", x=[day.day for day in shown.ahead], y=[day.expected / NANO for day in shown.ahead],
        mode="lines", line={"color": QUIET, "width": 1.75, "dash": "dash"},
        customdata=[f"{money(day.expected)} ({money(day.low)} to {money(day.high)})" for day in shown.ahead],
        hovertemplate="%{customdata}",
    )  # fmt: skip


def band(shown: Trend) -> list[go.Scatter]:
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


def layout(shown: Trend, highest: int) -> dict[str, object]:
    ticks = steps(highest)
    return {
        "barmode": "stack", "bargap": 0.28, "barcornerradius": 2, "height": HEIGHT, "showlegend": False,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0}, "hovermode": "x unified", "dragmode": False,
        "paper_bgcolor": UNSEEN, "plot_bgcolor": UNSEEN,
        "xaxis": {
            "type": "date", "tickformat": "%-d %b", "hoverformat": "%A, %-d %B", "nticks": 8, "showgrid": False,
            "fixedrange": True, "ticks": "", "zeroline": False, "automargin": True, "tickangle": 0,
            "showspikes": False,
            "range": [noon(shown.first - timedelta(days=1)), noon(shown.shown_until - timedelta(days=1))],
        },
        "yaxis": {
            "tickvals": [tick / NANO for tick in ticks], "ticktext": labels(ticks),
            "range": [0, ticks[-1] * 1.02 / NANO], "gridcolor": GRID, "fixedrange": True, "zeroline": True,
            "zerolinecolor": GRID, "automargin": True, "ticks": "",
        },
    }  # fmt: skip


def labels(ticks: list[int]) -> list[str]:
    """Cents only where a step has some."""
    whole = all(tick % NANO == 0 for tick in ticks)
    return [compact_money(tick).removesuffix(".00") if whole or not tick else compact_money(tick) for tick in ticks]


def chart_text(name: str) -> str:
    """A stranger's name in Plotly's own markup: quotes stand as they are, `%{…}` is no template."""
    return escape(name, quote=False).replace("%{", "%\u200d{")


def noon(day: date) -> datetime:
    """A day's bar stands around its midnight."""
    return datetime.combine(day, time(12))


def steps(highest: int) -> list[int]:
    """Round amounts from zero to just above the highest: 1, 2, 2.5 or 5 times a power of ten apart."""
    if highest <= 0:
        return [0, NANO]
    rough = highest / GRIDLINES
    power = 10 ** max(0, ceil(log10(rough)) - 1)
    step = next(step for step in (power, 2 * power, 5 * power // 2, 5 * power, 10 * power) if step >= rough)
    return list(range(0, highest + step, step))
