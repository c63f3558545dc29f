"""Audit: who did what to keys, users, plans, prices, budgets and settings, when and from where."""

import csv
import io
import json
from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from app import data, deeds, formats
from app.components import fields, live, markup
from app.sessions import Visit
from app.views import View
from models import audit, formulas, periods
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Which
from models.periods import now_us, parse_time

PAGE = 50  # records drawn at once
PLACES = "audit_places"  # the cursors that led to this page, by what was searched for
PERIODS = {"Today": 1, "Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90}  # local days, today included
COLUMNS = ("at", "actor", "action", "subject", "address", "details")


def page(visit: Visit) -> None:
    workspace = visit.workspace
    live.watch(visit, partial(data.audit_newest, workspace), data.audit_newest(workspace))
    says = f"What was done here, newest first. Nobody can change what stands here. Times are of {workspace.timezone}."
    markup.draw("title", title="Audit log", says=says)
    which = chosen(workspace)
    cursors = st.session_state.setdefault(PLACES, {}).setdefault((workspace.id, which), [None])
    found = data.audit_page(workspace, which, PAGE, cursors[-1])
    nothing = "Nothing was done." if which == Which() else "Nothing was done that fits."
    markup.draw("deeds", deeds=[told(each, workspace) for each in found.records], nothing=nothing)
    with st.container(horizontal=True):
        turn(cursors, found)
        download(visit, which)


# -- what is asked for --------------------------------------------------------------------------------------------


def chosen(workspace: WorkspaceInfo) -> Which:
    actor, group, period = st.columns(3)
    with actor:
        by = st.selectbox("Who", data.audit_actors(workspace), None, deeds.who, key="actor", placeholder="Anybody")
    with group:
        what = st.selectbox("What", list(deeds.GROUPS), None, key="group", placeholder="Anything")
    with period:
        when = st.selectbox("When", list(PERIODS), None, key="period", placeholder="At any time")
    from_us = since(when, periods.day_of(now_us(), workspace.timezone), workspace) if when else None
    return Which(by, nouns=deeds.GROUPS[what] if what else (), from_us=from_us)


def since(period: str, today: date, workspace: WorkspaceInfo) -> int:
    return periods.day_start(today - timedelta(days=PERIODS[period] - 1), workspace.timezone)


def turn(cursors: list[str | None], found: audit.Page) -> None:
    """To what was done before, and back."""
    st.button("Newer", key="newer", disabled=len(cursors) == 1, on_click=back, args=[cursors])
    st.button(
        "Older", key="older", disabled=found.next_cursor is None, on_click=cursors.append, args=[found.next_cursor]
    )


def back(cursors: list[str | None]) -> None:
    cursors.pop()


# -- how it is told -----------------------------------------------------------------------------------------------


def told(record: dict[str, Any], workspace: WorkspaceInfo) -> dict[str, Any]:
    more = {"action": record["action"], "subject": record["subject"]} | record["details"]
    return {
        "who": deeds.who(record["actor"]), "did": deeds.did(record), "address": record["address"],
        "at": formats.moment(parse_time(record["at"]), workspace.timezone), "utc": record["at"],
        "fields": fields.flat(more),
    }  # fmt: skip


def download(visit: Visit, which: Which) -> None:
    """All that fits, not this page alone; made when somebody wants it."""
    name = f"audit-{visit.workspace.name}.csv"
    make = partial(as_csv, visit, which, data.cookie())
    st.download_button("Download CSV", make, name, "text/csv", on_click="ignore")


def as_csv(visit: Visit, which: Which, cookie: str | None) -> str:
    """Made apart from the page, perhaps long after it was drawn: it asks anew who wants it."""
    workspace, text = data.require(visit, "admin", cookie), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for record in data.audit_records(workspace, which):
        said = record | {"details": json.dumps(record["details"], ensure_ascii=False)}
        writer.writerow([formulas.as_text(said[column] or "") for column in COLUMNS])
    return text.getvalue()


VIEW = View("audit", "Audit", page, order=85, group="Workspace", least="admin")
