"""Overview: what did it cost, is that more than before, and who spent it."""

import polars as pl
import streamlit as st

from app import charts, colours, data
from app.components import chart, connecting, headline, hidden, live, shares, states, unpriced
from app.components.shares import Row
from app.data import Overview, Seen
from app.sessions import Visit
from app.views import View
from models.accounts.workspaces import WorkspaceInfo
from models.spend.table import Spend


def page(visit: Visit) -> None:
    workspace = visit.workspace
    seen = data.seen(workspace)
    live.pulse(visit, seen)
    if data.newest(workspace, seen) is None:
        hidden.draw(visit, seen)
        states.first_event(visit)
        return
    connecting.unfinished(visit)
    shown = data.overview(workspace, seen)
    headline.draw(shown.trend)
    hidden.draw(visit, seen)
    unpriced.draw(shown.trend.totals["unpriced_requests"], shown.unpriced)
    spend(shown.trend, workspace, seen)
    lists(shown)


def spend(trend: Spend, workspace: WorkspaceInfo, seen: Seen) -> None:
    """Day by day, and by provider, in the same colours."""
    providers = by_provider(trend)
    wide, narrow = st.columns([2, 1], gap="large")
    with wide:
        series = {row.name: row.colour.on(chart.theme()) for row in providers if row.colour}
        by_day = charts.trend_of(trend, "provider", series, seen.today)
        chart.draw("Spend by day", charts.trend(by_day), workspace.timezone, by_day.compares)
    with narrow:
        shares.draw("By provider", "last 30 days", providers, "Provider")


def by_provider(trend: Spend) -> list[Row]:
    sums = pl.col("cost_nano_usd", "requests", "unpriced_requests").sum()
    rows = trend.rows.group_by("provider").agg(sums)
    rows = rows.sort("cost_nano_usd", "requests", "provider", descending=[True, True, False], nulls_last=True)
    found = shares.rows_of(rows, "provider", trend.totals["cost_nano_usd"])
    return shares.coloured(shares.fold(found, colours.MAX_SERIES))


def lists(shown: Overview) -> None:
    for column, title, answer in zip(
        st.columns(2, gap="large"), ("endpoint", "token"), (shown.endpoints, shown.tokens), strict=True
    ):
        with column:
            rows = shares.rows_of(answer.rows, title, answer.totals["cost_nano_usd"])
            shares.draw(f"Top {title}s", "last 7 days", rows, title.capitalize())


VIEW = View("", "Overview", page, order=0)
