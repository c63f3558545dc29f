"""What the Overview asks. A few questions of many dimensions, each asked once; what the page shows is told from them
here and kept under what it depends on, as `app/data.py` says, so that a draw where nothing has moved costs nothing.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from app import grains
from app.caching import uncached
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.opened import opened
from app.questions import Asked, parse, told
from models import insights, periods
from models.accounts.workspaces import WorkspaceInfo
from models.errors import EventsGone
from models.forecast import HISTORY, Forecast, forecast
from models.insights import Figures, Insight
from models.periods import now_us
from models.spend import movers
from models.spend.movers import Movers
from models.spend.query import Period, Query
from models.spend.table import PERIOD, Spend

TOP = 5  # rows of a list
UNPRICED = 3  # models that are named beside the total
MOVERS = 5
INSIGHTS = 5
LENSES = ("endpoint", "token", "model")  # whose members are listed; providers stand beside the days, caches apart
MOVING = ("endpoint", "model", "provider", "token", "team")  # what movers are told by
HOURLY = ("endpoint", "model", "provider", "team")  # of these what is rolled up by the hour
LIST = ("cost", "requests", "unpriced_requests")
TREND = (*LIST, "saved", "saved_share", "prompt_cache_saved")
CACHED = ("saved_nano_usd", "prompt_cache_saved_nano_usd")
STEP = 10 * 60 * periods.SECOND  # of the day that is over: a forecast that moves with every look is none
FRESH = 10 * periods.SECOND  # how old the last hour may be where nothing has moved


@dataclass(frozen=True)
class Glance:
    """`trend` is by provider along the time, beside the period before. `lists` are the members with the most spend, by
    dimension; `cached` those endpoints for which caches spared most, with that as `cost_nano_usd`, of `spared` in all
    (but for those for which they cost more than they spared). `forecast` is of
    this month, where there is history enough."""

    trend: Spend
    lists: dict[str, pl.DataFrame]
    cached: pl.DataFrame
    spared: int
    unpriced: pl.DataFrame
    forecast: Forecast | None
    insights: tuple[Insight, ...]


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def glance(workspace: WorkspaceInfo, seen: Seen, asked: Asked) -> Glance:
    """BadRequest names what can't be asked."""
    now = now_us()
    calls = called(workspace, seen, asked)
    cached, grain = saving(calls.rows), grains.automatic(calls.period)
    return Glance(
        trend=answer(workspace, asked, now, group_by=("provider",), granularity=grain, measures=TREND,
                     compare=True),
        lists={name: largest(calls.rows, [name], "cost_nano_usd", TOP) for name in LENSES},
        cached=largest(cached, ["endpoint"], "cost_nano_usd", TOP),
        spared=int(cached["cost_nano_usd"].sum()),
        unpriced=largest(unpriced(calls.rows), ["provider", "model"], "unpriced_requests", UNPRICED),
        forecast=month(workspace, asked, seen.today, now),
        insights=insights.insights(figures(workspace, seen, asked, calls, now), INSIGHTS),
    )  # fmt: skip


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def called(workspace: WorkspaceInfo, seen: Seen, asked: Asked) -> Spend:  # noqa: ARG001 - part of the key
    """All calls by all that this page tells them by, and those of the period before."""
    return answer(workspace, asked, now_us(), group_by=insights.BY, measures=insights.MEASURES, compare=True)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def moved(workspace: WorkspaceInfo, seen: Seen, asked: Asked, dimension: str) -> Movers | None:
    """Since the period before; None where that can't be told any more."""
    calls = called(workspace, seen, asked)
    return movers.movers(calls.rows, calls.previous.rows, dimension, MOVERS) if calls.previous else None


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def moved_since_monday(workspace: WorkspaceInfo, seen: Seen, asked: Asked, dimension: str) -> Movers:  # noqa: ARG001
    now = now_us()
    by = tuple(dict.fromkeys((dimension, *movers.WITHIN)))
    rows, before = (
        answer(workspace, asked, now, period=period, group_by=by, measures=movers.MEASURES).rows
        for period in movers.since_monday(now, workspace.timezone)
    )
    return movers.movers(rows, before, dimension, MOVERS)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def last_hour(workspace: WorkspaceInfo, seen: Seen, asked: Asked, moment: int) -> Spend:  # noqa: ARG001
    """Minute by minute, beside the hour before. `moment` grows by one every ten seconds: the hour rolls on."""
    now = now_us()
    hour = Period(now + 1 - periods.HOUR, now + 1, workspace.timezone)
    return answer(workspace, asked, now, period=hour, granularity="minute",
                  measures=("cost", "requests", "errors", "unpriced_requests"), compare=True)  # fmt: skip


def moment() -> int:
    return now_us() // FRESH


# -- questions ----------------------------------------------------------------------------------------------------


def answer(workspace: WorkspaceInfo, asked: Asked, now: int, period: Period | None = None, **more: object) -> Spend:
    """About the events that an address names; of another period where there is one."""
    named = parse(workspace, asked, now)
    query = Query(period or named.period, where=named.where, **more)  # type: ignore[arg-type]
    return told(opened().spend(workspace), [query], now)[0]


def month(workspace: WorkspaceInfo, asked: Asked, today: date, now: int) -> Forecast | None:
    """Where this month will end, under the same filters; None where too little can be told for that."""
    days = Period.of_days(*lookback(today), workspace.timezone)
    try:
        spent = answer(workspace, asked, now, period=days, granularity="day", measures=("cost",)).rows
    except EventsGone:
        return None
    start, end = periods.day_span(today, workspace.timezone)
    elapsed = (now - start) // STEP * STEP / (end - start)
    by_day = {day: int(cost) for day, cost in spent.select(PERIOD, "cost_nano_usd").iter_rows()}
    return forecast(by_day, today, elapsed)


def lookback(today: date) -> tuple[date, date]:
    """Far enough for the forecast, which is never less than the month so far."""
    return date.fromordinal(today.toordinal() - HISTORY), date.fromordinal(today.toordinal() + 1)


def figures(workspace: WorkspaceInfo, seen: Seen, asked: Asked, calls: Spend, now: int) -> Figures:
    before = calls.previous or calls  # what can't be told any more has not moved
    by_env = answer(workspace, asked, now, group_by=("env",), granularity="day", measures=("cost",)).rows
    days = calls.period.days_so_far(now)
    return Figures(calls.rows, before.rows, by_env, days, uncached(workspace, seen, asked))


# -- from answers -------------------------------------------------------------------------------------------------


def largest(rows: pl.DataFrame, by: list[str], order: str, most: int) -> pl.DataFrame:
    """The first members by that column, with what lists show; ties as the query layer has them."""
    sums = [pl.col(name).cast(pl.Int128).sum() for name in ("cost_nano_usd", "requests", "unpriced_requests")]
    found = rows.group_by(by).agg(sums)
    return found.sort(order, *by, descending=[True, *(False for _ in by)], nulls_last=True).head(most)


def saving(rows: pl.DataFrame) -> pl.DataFrame:
    """What caches spared, in the place of what was spent; those for which they did."""
    whole = rows.group_by("endpoint").agg(
        pl.sum_horizontal(pl.col(CACHED).cast(pl.Int128).sum()).alias("cost_nano_usd"),
        pl.col("requests", "unpriced_requests").sum(),
    )
    return whole.filter(pl.col("cost_nano_usd") > 0)


def unpriced(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("unpriced_requests") > 0)
