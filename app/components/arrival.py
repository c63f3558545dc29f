"""The light: grey until an event arrives, green with what arrived. It looks once a second, without drawing the page
again, and only where something has moved does it ask what."""

from typing import Any

import streamlit as st

from app import data, formats
from app.address import Address
from app.components import live, markup, sending_key
from app.sessions import Visit
from models.errors import StoreUnavailable
from models.periods import SECOND, now_us, parse_time

LINK = "See it on the Overview"
RUN_IT = "Run a snippet: this turns green within two seconds."
NOT_LONG_AGO = 10 * 60 * SECOND  # by which a sender's clock may be behind ours


@st.fragment(run_every=live.EVERY)
def draw(visit: Visit, linked: bool = True) -> None:
    """With a link to the event, unless it is drawn on that page."""
    try:
        live.still(visit)
        row, awaited = newest(visit)
    except StoreUnavailable as problem:
        markup.draw("light", row=None, title="The figures can't be read right now", note=problem.message)
        return
    if row is None:
        markup.draw("light", row=None, title=waiting(awaited), note=RUN_IT)
    else:
        arrived(visit, row, awaited, linked)


def newest(visit: Visit) -> tuple[dict[str, Any] | None, str | None]:
    """The newest event: of the key that is waited for, where one is; else of any."""
    workspace, seen = visit.workspace, data.seen(visit.workspace)
    awaited = sending_key.awaited(workspace)
    if awaited is None:
        return data.newest(workspace, seen), None
    return data.newest_of(workspace, seen, awaited.key, awaited.since_us - NOT_LONG_AGO), awaited.key


def waiting(awaited: str | None) -> str:
    return f"Waiting for the first event of the key {awaited}" if awaited else "Waiting for the first event"


def arrived(visit: Visit, row: dict[str, Any], awaited: str | None, linked: bool) -> None:
    title = f"The key {awaited} sends events" if awaited else "Events arrive"
    with st.container(key="light", horizontal=True, vertical_alignment="center", gap="medium"):
        markup.draw("light", row=row, title=title, note=said(row))
        if linked:
            overview(visit)


def said(row: dict[str, Any]) -> str:
    cost = formats.money(row["cost_nano_usd"]) if row["cost_nano_usd"] is not None else "no known price"
    return f"{row['model'] or 'no model'}, {cost}, {formats.ago(parse_time(row['received_at']), now_us())}"


def overview(visit: Visit) -> None:
    """Within the session, so that a secret which is shown here is not lost on the way."""
    page = st.Page(lambda: None, title="Overview", default=True, url_path="overview")
    st.page_link(page, label=LINK, query_params=Address.read(live.address_of(visit, "")).query)
