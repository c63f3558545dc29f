"""Requests: the log, newest first, and one request in full: what it was, what it cost and why, and what was said in it
where the workspace keeps that."""

from typing import Any

import streamlit as st

from app import data, explaining, exploration, figures, formats, questions, request_log
from app.address import Address, can_name
from app.changes import changing
from app.components import asking, conversation, filters, hidden, live, markup, states
from app.data import Seen
from app.opened import opened
from app.sessions import Visit
from app.views import View
from models import contents
from models.errors import EventsGone, FarthingError, NotFound
from models.periods import parse_time
from models.spend.facts import HOUR
from models.spend.log import Page
from models.usage.content import Content

PATH = "requests"
ID, CURSOR, SEARCH = "id", "cursor", "search"  # of the address, beside the filters
TRAIL = "requests_trail"  # by the cursor of a page, that of the page which led to it
MAX_TRAIL = 500
COUNT = "requests"  # the measure
SEARCH_WIDTH = 460  # pixels


def page(visit: Visit) -> None:
    event_id = st.query_params.get(ID)
    if event_id:
        one(visit, event_id)
    else:
        log(visit)


# -- the log ------------------------------------------------------------------------------------------------------


def log(visit: Visit) -> None:
    """The first page moves with what happens; nobody is moved away from what they read on the others."""
    seen, cursor = data.seen(visit.workspace), st.query_params.get(CURSOR)
    if cursor:
        live.attend(visit, data.control())
    else:
        live.pulse(visit, seen)
    if data.newest(visit.workspace, seen) is None:
        hidden.draw(visit, seen)
        states.first_event(visit)
        return
    markup.draw("title", title="Requests", says=f"Newest first. Times are of {visit.workspace.timezone}.")
    here = filters.draw(visit, seen, PATH, SEARCH, compares=False)
    search(here)
    hidden.draw(visit, seen)
    found = request_log.page(visit.workspace, seen, here, cursor)
    if found.rows:
        markup.draw("requests", rows=[told(row, here.put(cursor=cursor), visit) for row in found.rows])
    said = says(found, cursor, visit, None if cursor else number(visit, seen, here))
    markup.draw("turning", says=said, ways=ways(found, here, cursor))


def search(here: Address) -> None:
    st.text_input(
        "Search", key=filters.shown(SEARCH, here.get(SEARCH)), placeholder="Id, request id, error text or user",
        width=SEARCH_WIDTH, label_visibility="collapsed", on_change=searched, args=[here],
    )  # fmt: skip


def searched(here: Address) -> None:
    filters.write(here.put(search=st.session_state[SEARCH].strip()))


def told(row: dict[str, Any], here: Address, visit: Visit) -> dict[str, Any]:
    """One line of the log."""
    latency, timezone = row["latency_ms"], visit.workspace.timezone
    return {
        "href": here.put(id=row["id"]).href, "utc": row["started_at"],
        "moment": explaining.moment(row["started_at"], timezone),
        "time": formats.short_moment(parse_time(row["started_at"]), timezone),
        "model": figures.member(row["model"]), "provider": row["provider"] or "",
        "endpoint": figures.member(row["endpoint"]), "team": figures.member(row["team"]), "token": row["token"] or "",
        "input": formats.compact_count(row["input_tokens"]), "output": formats.compact_count(row["output_tokens"]),
        "latency": formats.UNKNOWN if latency is None else figures.duration(latency),
        "status": row["status"], "cached": row["cache_hit"],
        "failed": (row["error_type"] or "failure") if row["status"] == "failure" else "",
        "error": row["error_str"] or "", "unpriced": row["cost_nano_usd"] is None,
        "cost": formats.money(row["cost_nano_usd"]), "exact": formats.exact(row["cost_nano_usd"]),
    }  # fmt: skip


def number(visit: Visit, seen: Seen, here: Address) -> int | None:
    """Of all requests of the period that fit; None where only reading each of them would tell, or nobody can."""
    parts = () if questions.period(visit.workspace, here).days else (HOUR,)
    if here.get(SEARCH) or not exploration.rolled_up(here, (COUNT,), *parts):
        return None
    try:
        return int(questions.spend(visit.workspace, seen, questions.asked(here, measures=COUNT)).totals[COUNT])
    except EventsGone:
        return None


def says(found: Page, cursor: str | None, visit: Visit, of: int | None) -> str:
    """What is shown, and how far it was looked where that is not all."""
    if found.by_id:
        return "The request of that id, whatever the period and the filters."
    if found.back_to_us is not None:
        until = formats.moment(found.back_to_us, visit.workspace.timezone)
        return f"Looked through everything back to {until}. There may be more before that."
    if not found.rows:
        return "No more requests." if cursor else "No requests in this period that fit."
    requests = f"{len(found.rows)} request{'s' if len(found.rows) != 1 else ''} on this page"
    return f"{requests}." if of in (None, len(found.rows)) else f"{requests}, of {of:,} that fit."


def ways(found: Page, here: Address, cursor: str | None) -> list[tuple[str, str]]:
    """To newer and older requests; nowhere is no link."""
    trail: dict[str, str | None] = st.session_state.setdefault(TRAIL, {})
    if found.next_cursor:
        trail[found.next_cursor] = cursor
        while len(trail) > MAX_TRAIL:
            trail.pop(next(iter(trail)))
    newer = here.put(cursor=trail[cursor]).href if cursor in trail else ""
    return [
        ("Newest", here.href if cursor else ""),
        ("Newer", newer if cursor else ""),
        ("Older", here.put(cursor=found.next_cursor).href if found.next_cursor else ""),
    ]


# -- one request --------------------------------------------------------------------------------------------------


def one(visit: Visit, event_id: str) -> None:
    live.attend(visit, data.control())
    here = filters.read(PATH, (ID, SEARCH, CURSOR)).put(id=None)
    try:
        event = request_log.one(visit.workspace, data.seen(visit.workspace), event_id)
    except NotFound:
        markup.draw("no_request", id=event_id, back=here.href)
        return
    head(visit, event, here)
    left, right = st.columns([3, 2], gap="large")
    with left:
        for bill in explaining.bills(event):
            markup.draw("bill", **vars(bill))
        if event["corrections"]:
            markup.draw("corrections", corrections=explaining.corrections(event, visit.workspace.timezone))
        said(visit, event_id)
    with right:
        facts(visit, event, here)


def head(visit: Visit, event: dict[str, Any], here: Address) -> None:
    latency = event["latency_ms"]
    failed = event["status"] == "failure"
    error = ": ".join(filter(None, [event["error_type"], event["error_str"]]))
    markup.draw(
        "request", back=here.href, model=figures.member(event["model"]), provider=event["provider"] or "",
        utc=event["started_at"], moment=explaining.moment(event["started_at"], visit.workspace.timezone),
        status="failed" if failed else "answered by a response cache" if event["cache_hit"] else "succeeded",
        latency="" if latency is None else figures.duration(latency),
        cost="unpriced" if event["cost_nano_usd"] is None else formats.money(event["cost_nano_usd"]),
        exact=formats.exact(event["cost_nano_usd"]), error=error,
    )  # fmt: skip


def leads(log: Address, dimension: str, value: object) -> str:
    """Nowhere where no filter means that value alone."""
    return log.only(dimension, value).href if can_name(dimension, value) else ""


def facts(visit: Visit, event: dict[str, Any], here: Address) -> None:
    """Each attribute leads to the requests that share it."""
    log = Address(PATH, here.asked("last", "from", "to", "workspace"))
    shared = [
        (figures.label(dimension), figures.member(each), leads(log, dimension, each))
        for name, value in explaining.attributes(event)
        for dimension, each in ([("tag", tag) for tag in value] if name == "tags" else [(name, value)])
    ]
    ids = [(label, event[name], "") for name, label in explaining.IDENTITY.items() if event[name]]
    markup.draw(
        "linked", title="Attributes", fields=[*ids, *shared, *((*each, "") for each in explaining.others(event))]
    )
    if sent := explaining.as_sent(event):
        markup.draw("linked", title="As it was sent", fields=[(*each, "") for each in sent])
    markup.draw("linked", title="Tokens", fields=[(*each, "") for each in explaining.tokens(event)])
    moments = explaining.moments(event, visit.workspace.timezone)
    markup.draw("linked", title="When", fields=[(*each, "") for each in moments])


# -- what was said in it ------------------------------------------------------------------------------------------


@st.fragment
def said(visit: Visit, event_id: str) -> None:
    """Shown to those who may, when they ask for it, and each time it is recorded that they did."""
    live.still(visit)
    if not visit.may("admin"):
        if visit.workspace.capture_content:
            markup.draw("part", title="Prompt and response", says="Admins and owners of the workspace can read them.")
        return
    kept = request_log.is_kept(visit.workspace, event_id)
    markup.draw("part", title="Prompt and response", says=about(visit, kept))
    if kept and st.button("Show prompt and response", key="look"):
        try:
            content = look(visit, event_id)
        except FarthingError as problem:
            markup.draw("problem", text=asking.in_words(problem))
        else:
            conversation.draw(content)


def about(visit: Visit, kept: bool) -> str:
    if kept:
        return "They are kept encrypted. That you looked is recorded on the audit log."
    if visit.workspace.capture_content:
        return (
            "Nothing is kept of them: they were not sent, came another way than from LiteLLM, or their days are over."
        )
    return "Nothing is kept of them: this workspace keeps no prompts and responses."


def look(visit: Visit, event_id: str) -> Content:
    with changing(visit, "admin") as (connection, author):
        return contents.look(connection, visit.workspace.id, event_id, opened().seal, author)


VIEW = View(PATH, "Requests", page, order=45, filtered=True)
