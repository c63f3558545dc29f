"""The hour that is rolling, minute by minute, beside the hour before it. It goes on while the page stands still."""

import streamlit as st

from app import data, formats, glance
from app.components import live, markup
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
        "last_hour", now=now, before=before, bars=bars(spend),
        change=formats.moved(now["cost_nano_usd"], before["cost_nano_usd"], True),
        requests=formats.change(now["requests"], before["requests"]),
    )  # fmt: skip


def bars(spend: Spend) -> list[tuple[float, float, str]]:
    """Of each minute its height and that of the same minute an hour earlier, of the highest, and what it says."""
    now, before = by_minute(spend), by_minute(spend.previous)
    most = max([1, *now, *before])
    start = spend.period.start_us // MINUTE * MINUTE
    return [
        (amount / most, earlier / most, said(start + place * MINUTE, amount, spend.period))
        for place, (amount, earlier) in enumerate(zip(now, before, strict=True))
    ]


def by_minute(spend: Spend | None) -> list[int]:
    if spend is None:
        return [0] * MINUTES
    start = spend.period.start_us // MINUTE
    found = {minute // MINUTE - start: int(cost) for minute, cost in spend.rows.select(PERIOD, "cost_nano_usd").rows()}
    return [found.get(place, 0) for place in range(MINUTES)]


def said(minute: int, amount: int, period: Period) -> str:
    at = periods.from_us(minute).astimezone(periods.zone(period.timezone))
    return f"{at:%H:%M}: {formats.exact(amount)}"
