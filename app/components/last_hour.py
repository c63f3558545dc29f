"""The hour that is rolling, minute by minute, beside the hour before it. It goes on while the page stands still."""

import streamlit as st

from app import data, figures, formats, glance
from app.components import headline, live, markup
from app.questions import Asked
from app.sessions import Visit
from models import periods
from models.errors import StoreUnavailable
from models.spend.query import Period
from models.spend.table import MINUTE, PERIOD, Spend

EVERY = glance.FRESH / periods.SECOND  # seconds
MINUTES = 61  # that an hour touches


@st.fragment(run_every=EVERY)
def draw(visit: Visit, asked: Asked) -> None:
    live.still(visit)
    try:
        spend = glance.last_hour(visit.workspace, data.seen(visit.workspace), asked, glance.moment())
    except StoreUnavailable:
        st.rerun()  # the whole page says so
    now, before = spend.totals, spend.previous.totals if spend.previous else {}
    markup.draw(
        "last_hour", now=now, before=before, cost=headline.cost(now), bars=bars(spend),
        change=figures.moved("cost", headline.cost(now), headline.cost(before)),
        requests=formats.change(now["requests"], before.get("requests", 0)),
    )  # fmt: skip


def bars(spend: Spend) -> list[tuple[float, float, str]]:
    """Of each minute its height and that of the same minute an hour earlier, of the highest, and what it says."""
    now, before = by_minute(spend), by_minute(spend.previous)
    most = max([1, *(amount or 0 for amount in (*now, *before))])
    start = spend.period.start_us // MINUTE * MINUTE
    return [
        ((amount or 0) / most, (earlier or 0) / most, said(start + place * MINUTE, amount, spend.period))
        for place, (amount, earlier) in enumerate(zip(now, before, strict=True))
    ]


def by_minute(spend: Spend | None) -> list[int | None]:
    """None of a minute whose calls have no known price."""
    if spend is None:
        return [0] * MINUTES
    start = spend.period.start_us // MINUTE
    found = {row[PERIOD] // MINUTE - start: headline.cost(row) for row in spend.rows.iter_rows(named=True)}
    return [found.get(place, 0) for place in range(MINUTES)]


def said(minute: int, amount: int | None, period: Period) -> str:
    at = periods.from_us(minute).astimezone(periods.zone(period.timezone))
    return f"{at:%H:%M}: {formats.exact(amount)}"
