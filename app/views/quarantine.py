"""Quarantine: which events were bad, why, and the way back in.

The decoders are in API processes. What is asked for here waits as a wish; an API process carries it out a moment later,
and the page shows what came of it by itself.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import streamlit as st
from sqlalchemy import RowMapping

from app import data, formats
from app.changes import changing
from app.components import asking, fields, live, markup
from app.sessions import Visit
from app.views import View
from models import quarantine
from models.accounts.workspaces import WorkspaceInfo
from models.periods import iso, now_us
from models.quarantine import Problem, Which

PAGE = 25  # events drawn at once
HANDLE = 4  # last characters of an id, which tell one row from another
HINT = "A number, true, false, null or text, as JSON has it. Left empty, the event is sent again as it is."


def page(visit: Visit) -> None:
    tide, problems = data.held_tide(visit.workspace), data.held_problems(visit.workspace)
    markup.draw("title", title="Quarantine", says=says(sum(each.events for each in problems)))
    rows = worked_on(visit, problems) if problems else ()
    ids = tuple(row["id"] for row in rows)
    live.watch(visit, partial(data.held_glance, visit.workspace, ids), (tide, quarantine.states(rows, now_us())))


def worked_on(visit: Visit, problems: list[Problem]) -> Sequence[RowMapping]:
    """Those that are shown, with what may be done about them."""
    which = chosen(problems)
    events = data.held_events(visit.workspace, which)
    if visit.may("admin"):
        replay_all(visit, which, events)
    return listed(visit, which, events)


def says(events: int) -> str:
    if not events:
        return "No bad events: everything that came in could be stored."
    waits = "bad event waits" if events == 1 else "bad events wait"
    return f"{amount(events)} {waits} here, counted nowhere. A replay that is stored counts as sent when it first came."


def amount(events: int) -> str:
    """The list ends at its bound: there may be more, and they come up when these have left."""
    return f"{'The newest ' if events == quarantine.BOUND else ''}{events:,}"


def chosen(problems: list[Problem]) -> Which:
    """What is wrong with those that are shown: any of it, or one field, or one reason."""
    fields, reasons = st.columns([1, 2])
    named = list(dict.fromkeys(each.field for each in problems))
    with fields:
        field = st.selectbox(
            "Field", named, None, lambda name: name or "(none)", key="held-field", placeholder="Any field"
        )
    of_field = dict.fromkeys(each.reason for each in problems if field in (None, each.field))
    with reasons:
        reason = st.selectbox("Reason", list(of_field), None, key="held-reason", placeholder="Any reason")
    return Which(field, reason)


# -- the list -----------------------------------------------------------------------------------------------------


def listed(visit: Visit, which: Which, events: int) -> Sequence[RowMapping]:
    """One page of them; which, is chosen below it."""
    place, pages = st.container(), max(1, -(-events // PAGE))
    number = st.pagination(pages, key=f"held-page-{which}") if pages > 1 else 1
    rows = data.held_page(visit.workspace, which, (number - 1) * PAGE, PAGE)
    with place:
        for row in rows:
            draw(visit, row)
    return rows


def draw(visit: Visit, row: RowMapping) -> None:
    with st.container(border=True, horizontal=True, key=row["id"]):
        with st.container(key=f"told-{row['id']}"):
            markup.draw("held", **told(row, visit.workspace, now_us()))
        if visit.may("admin"):
            delete = f"delete-{row['id']}"
            st.button(f"Replay {handle(row)}", key=f"replay-{row['id']}", on_click=asking.ask, args=[row["id"]])
            st.button(f"Delete {handle(row)}", key=f"ask-{delete}", on_click=asking.ask, args=[delete])
    if visit.may("admin"):
        replay(visit, row)
        discard(visit, row)


def told(row: RowMapping, workspace: WorkspaceInfo, now: int) -> dict[str, Any]:
    details, at, refused = row["details"], row["received_us"], row["refused_us"]
    known = "expected" in details
    return {
        "field": details.get("field") if known else None, "value": details.get("value"),
        "expected": details.get("expected"), "error": row["error"],
        "at": f"{formats.moment(at, workspace.timezone)} ({workspace.timezone})", "utc": iso(at),
        "dialect": row["dialect"], "key": row["key"], "handle": handle(row),
        "waits": row["asked_us"] is not None, "stuck": quarantine.stuck(row["asked_us"], now),
        "refused": formats.moment(refused, workspace.timezone) if refused else None,
        "fields": fields.flat(row["kept"]) if row["kept"] else [],
    }  # fmt: skip


def handle(row: RowMapping) -> str:
    return str(row["id"][-HANDLE:])


# -- what may be done ---------------------------------------------------------------------------------------------


def replay_all(visit: Visit, which: Which, events: int) -> None:
    st.button(f"Replay all {events:,}", key="replay-all", on_click=asking.ask, args=["all"])
    asking.confirm(
        "all",
        "Replay all of them?",
        f"{amount(events)} bad event{'s' if events > 1 else ''} will be sent again, as kept. What can be stored now "
        "counts, and leaves; what is still bad stays, with its reason.",
        f"Yes, replay {events:,}",
        partial(wish_all, visit, which),
    )


def replay(visit: Visit, row: RowMapping) -> None:
    """The open question of how it is replayed, if it is about this one."""
    if not asking.is_asked(row["id"]):
        return

    @st.dialog("Replay this event", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=row["error"])
        names = fields_of(row)
        field = st.selectbox("Field to replace", names, key=f"field-{row['id']}", accept_new_options=True)
        value = st.text_input("New value", key=f"value-{row['id']}")
        markup.draw("note", text=HINT)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key=f"cancel-{row['id']}")
            done = st.button("Replay", key=f"confirm-{row['id']}", type="primary")
        changes = {field: read(value)} if field and value.strip() else {}
        if back or (done and asking.attempt(partial(wish, visit, row["id"], changes))):
            asking.forget()
            st.rerun()

    shown()


def fields_of(row: RowMapping) -> list[str]:
    """What may be replaced: what was wrong first, then what was kept."""
    wrong = row["details"].get("field")
    return list(dict.fromkeys([*([wrong] if wrong else []), *(name for name, _ in fields.leaves(row["kept"], ""))]))


def read(value: str) -> Any:
    """As JSON where it is JSON, else as the text that it is."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return value.strip()


def discard(visit: Visit, row: RowMapping) -> None:
    asking.confirm(
        f"delete-{row['id']}",
        "Delete this event?",
        "It is deleted for good. It was never counted, and never will be.",
        "Yes, delete it",
        partial(forget, visit, row["id"]),
        danger=True,
    )


def wish(visit: Visit, held_id: str, changes: dict[str, Any]) -> None:
    with changing(visit, "admin") as (connection, author):
        quarantine.ask(connection, visit.workspace.id, held_id, changes, author)


def wish_all(visit: Visit, which: Which) -> None:
    with changing(visit, "admin") as (connection, author):
        quarantine.ask_all(connection, visit.workspace.id, which, author)


def forget(visit: Visit, held_id: str) -> None:
    with changing(visit, "admin") as (connection, author):
        quarantine.discard(connection, visit.workspace.id, held_id, author)


VIEW = View("quarantine", "Quarantine", page, order=50)
