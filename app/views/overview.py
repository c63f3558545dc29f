"""Overview: what did it cost, is that more than before, where will it end, who spent it, and what moved."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from app import data, formats, glance, palette, questions, spans
from app.address import Address
from app.colours import MAX_SERIES, Colour
from app.components import along, connecting, filters, headline, hidden, hints, last_hour, live, movers, shares, states
from app.components import unpriced as without_price
from app.components.shares import Row
from app.glance import Glance
from app.sessions import Visit
from app.views import View
from models.spend.query import DEFAULT_LAST
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
    here = filters.draw(visit, seen, "", compares=False)
    asked = here.asked(*questions.FILTERED) or (("last", DEFAULT_LAST),)
    shown = glance.glance(workspace, seen, asked)
    headline.draw(shown.trend, shown.forecast, here)
    hidden.draw(visit, seen)
    without_price.draw(shown.trend.totals["unpriced_requests"], shown.unpriced, here.to("prices").href)
    last_hour.draw(visit, asked)
    period = spans.said(shown.trend.period, shown.trend.as_of_us)
    spend(shown, here, period, palette.of(workspace, "provider", seen))
    lenses(shown, here, period)
    left, right = st.columns(2, gap="large")
    with left:
        movers.draw(visit, here, asked, spans.before(shown.trend.period))
    with right:
        hints.draw(shown.insights, here)


def spend(shown: Glance, here: Address, period: str, kept: Mapping[str, Colour]) -> None:
    """Along the time, and by provider, in the same colours."""
    providers = shares.linked(shares.coloured(by_provider(shown.trend), kept), "provider", here)
    wide, narrow = st.columns([2, 1], gap="large")
    with wide:
        along.draw(shown, providers)
    with narrow:
        shares.draw("Providers", period, providers, "Provider", here.to("providers").href)


def by_provider(trend: Spend) -> list[Row]:
    sums = pl.col("cost_nano_usd", "requests", "unpriced_requests").sum()
    rows = trend.rows.group_by("provider").agg(sums)
    rows = rows.sort("cost_nano_usd", "requests", "provider", descending=[True, True, False], nulls_last=True)
    found = shares.rows_of(rows, "provider", trend.totals["cost_nano_usd"])
    return shares.fold(found, MAX_SERIES)


def lenses(shown: Glance, here: Address, period: str) -> None:
    """The four lenses beside that of the providers."""
    endpoints, tokens = st.columns(2, gap="large")
    models, caches = st.columns(2, gap="large")
    for column, dimension in ((endpoints, "endpoint"), (tokens, "token"), (models, "model")):
        with column:
            top(shown, dimension, here, period)
    with caches:
        cache(shown, here, period)


def top(shown: Glance, dimension: str, here: Address, period: str) -> None:
    rows = shares.rows_of(shown.lists[dimension], dimension, shown.trend.totals["cost_nano_usd"])
    title, href = f"Top {dimension}s", here.to(f"{dimension}s").href
    shares.draw(title, period, shares.linked(rows, dimension, here), dimension.capitalize(), href)


def cache(shown: Glance, here: Address, period: str) -> None:
    """Of what both kinds of cache spared."""
    totals = shown.trend.totals
    saved = totals["saved_nano_usd"] + totals["prompt_cache_saved_nano_usd"]
    rows = shares.linked(shares.rows_of(shown.cached, "endpoint", shown.spared), "endpoint", here, "cache_saved")
    note = f"{formats.money(saved)} saved, {period}"
    shares.draw("Cache", note, rows, "Endpoint", here.to("cache").href, "Nothing came from a cache.")


VIEW = View("", "Overview", page, order=0, filtered=True)
