"""Past calls priced anew: which ones, what that would change, and then, after a question, the act. Jobs work it out.
What they were asked waits in the database, so that a page which is closed and opened again shows where things stand."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from app import deeds, formats, pricing
from app.changes import changing
from app.components import asking, live, markup, repriced
from app.data import Seen
from app.pricing import Calls
from app.sessions import Visit
from models import acts, repricing_orders
from models.acts import MAX_REASON
from models.errors import StoreUnavailable
from models.periods import now_us
from models.repricing_orders import Asked, Order
from models.usage.text import LABEL_CHARACTERS

DAYS = 30  # that are offered at first, today included
EARLIEST = date(2000, 1, 1)
ACT, UNDO = "carry-out", "take-back"  # the questions
WAITS = "Waiting for the jobs to take it up."
BUSY = "Another re-pricing is being carried out on this server: this one follows it."
STUCK = "Waiting for farthing jobs: is it running? The order stays, and one is carried out at a time."
SILENT = "Nothing was heard of it for a minute: is farthing jobs running? It goes on where it was."


def ask(visit: Visit, asked: Asked) -> None:
    with changing(visit, "admin") as (connection, author):
        repricing_orders.ask(connection, visit.workspace.id, asked, author)


def drop(visit: Visit, order: Order) -> None:
    with changing(visit, "admin") as (connection, author):
        repricing_orders.withdraw(connection, visit.workspace.id, order.id, author)


def attempt(visit: Visit, asked: Asked) -> None:
    """Ask it from a button that stands in the page; the page is drawn with it."""
    if asking.attempt(partial(ask, visit, asked)):
        st.rerun()


def preview_of(calls: list[Calls]) -> Asked:
    """Of all the days of these calls; of one model where they are of one."""
    names = {each.model for each in calls}
    first, last = min(each.first for each in calls), max(each.last for each in calls)
    return Asked("try", first.isoformat(), last.isoformat(), next(iter(names)) if len(names) == 1 else None)


# -- which calls --------------------------------------------------------------------------------------------------


def form(visit: Visit, seen: Seen, busy: bool) -> None:
    with st.form("reprice", border=True):
        first, last, model = st.columns([1, 1, 2])
        since = first.date_input("From", seen.today - timedelta(DAYS - 1), EARLIEST, seen.today, key="reprice-from")
        until = last.date_input("To (included)", seen.today, EARLIEST, seen.today, key="reprice-to")
        names = pricing.models(visit.workspace, seen)
        which = model.selectbox("Model", names, None, key="reprice-model", placeholder="All", accept_new_options=True)
        reason = st.text_input("Reason", key="reprice-reason", placeholder=acts.REPRICED, max_chars=MAX_REASON)
        done = st.form_submit_button("Preview", disabled=busy)
    if done:
        start, end = (each.isoformat() if each else None for each in (since, until))
        attempt(visit, Asked("try", start, end, which, reason=reason))


# -- what is being worked on --------------------------------------------------------------------------------------


@st.fragment(run_every=live.EVERY)
def in_hand(visit: Visit) -> None:
    """How far each order is. The page is drawn again when one is taken up or answered."""
    live.still(visit)
    try:
        waiting = [each for each in pricing.orders(visit.workspace) if each.finished_us is None]
        busy = bool(waiting) and pricing.are_busy()
    except StoreUnavailable:
        return
    for order in waiting:
        with st.container(border=True, key=f"order-{order.id}", gap="small"):
            markup.draw("order", **told(order, now_us(), busy))
            may_drop = not order.asked.changes or order.begun_us is None
            if visit.may("admin") and may_drop and st.button("Withdraw", key=f"drop-{order.id}", type="tertiary"):
                asking.attempt(partial(drop, visit, order))
                st.rerun()


def told(order: Order, now: int, busy: bool) -> dict[str, Any]:
    """`busy`: whether the jobs carry out an order, this or another."""
    share, waits = round(100 * order.progress), order.begun_us is None
    stuck = order.is_stuck(now) and not (waits and busy)
    if stuck:
        says = STUCK if waits else SILENT
    elif waits:
        says = BUSY if busy else WAITS
    else:
        says = f"{share}\u202f% of the calls are looked at."
    return {"title": title(order.asked), "who": deeds.who(order.author), "ago": formats.ago(order.asked_us, now),
            "share": share, "says": says, "stuck": stuck}  # fmt: skip


def title(asked: Asked) -> str:
    match asked.does:
        case "try":
            return f"Preview of {days(asked)}"
        case "reprice":
            return f"Re-pricing “{asked.name}”"
        case "try undo":
            return f"Preview of taking back “{asked.name}”"
        case _:
            return f"Taking back “{asked.name}”"


def days(asked: Asked) -> str:
    return f"{asked.first} to {asked.last}, {asked.model or 'all models'}"


# -- what was answered --------------------------------------------------------------------------------------------


def answer(visit: Visit, order: Order, busy: bool) -> None:
    with st.container(border=True, key=f"answer-{order.id}"):
        if order.answer is None:
            markup.draw("part", title=title(order.asked), says="It was not done.")
            markup.draw("problem", text=order.error or "")
        else:
            repriced.draw(heading(order), notes(order), order.answer)
        if visit.may("admin"):
            onwards(visit, order, busy)


def heading(order: Order) -> str:
    match order.asked.does:
        case "try":
            return "What re-pricing would change"
        case "try undo":
            return f"What taking back “{order.asked.name}” would change"
        case "reprice":
            return f"Re-priced: “{order.asked.name}”"
        case _:
            return f"Taken back: “{order.asked.name}”"


def notes(order: Order) -> list[str]:
    found = [] if order.asked.undoes else [days(order.asked)]
    return found if order.asked.changes else [*found, "nothing is changed yet"]


def onwards(visit: Visit, order: Order, busy: bool) -> None:
    events = order.answer["totals"]["events"] if order.answer else 0
    undoes = order.asked.undoes
    with st.container(horizontal=True):
        if events and not order.asked.changes:
            label = f"Take back {events:,}" if undoes else f"Re-price {events:,}"
            question = UNDO if undoes else ACT
            st.button(f"{label} call{'s' if events != 1 else ''}", key=f"{question}-ask", type="primary", disabled=busy,
                      on_click=asking.ask, args=[question])  # fmt: skip
        if st.button("Not now" if events and not order.asked.changes else "Close", key=f"close-{order.id}"):
            asking.attempt(partial(drop, visit, order))
            st.rerun()
    if order.answer:
        carry_out(visit, order) if not undoes else take_back(visit, order)


# -- the questions ------------------------------------------------------------------------------------------------


def carry_out(visit: Visit, order: Order) -> None:
    if not asking.is_asked(ACT):
        return

    @st.dialog("Re-price these calls?", on_dismiss=asking.forget)
    def shown() -> None:
        asked, totals = order.asked, (order.answer or {})["totals"]
        markup.draw(
            "says",
            text=f"{totals['events']:,} calls of {days(asked)} are told anew: {repriced.signed(totals)}. What has come "
            "in since the preview is judged, too. No row is changed; it can be taken back as a whole.",
        )
        name = st.text_input(
            "Name", key="reprice-name", placeholder="made up from days and model", max_chars=LABEL_CHARACTERS
        )
        reason = st.text_input("Reason", asked.reason, key="reprice-why", max_chars=MAX_REASON)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key="carry-out-cancel")
            done = st.button("Re-price", key="carry-out-confirm", type="primary")
        act = Asked("reprice", asked.first, asked.last, asked.model, name, reason)
        if back or (done and asking.attempt(partial(ask, visit, act))):
            asking.forget()
            st.rerun()

    shown()


def take_back(visit: Visit, order: Order) -> None:
    if not asking.is_asked(UNDO):
        return

    @st.dialog("Take it back?", on_dismiss=asking.forget)
    def shown() -> None:
        name, totals = order.asked.name, (order.answer or {})["totals"]
        markup.draw(
            "says",
            text=f"{totals['events']:,} calls count as they did before “{name}”: {repriced.signed(totals)}. What was "
            "taken back stays so; to do it after all takes another name.",
        )
        reason = st.text_input("Reason", key="undo-why", placeholder=acts.UNDONE, max_chars=MAX_REASON)
        with st.container(horizontal=True, horizontal_alignment="right", key="danger-take-back"):
            back = st.button("Cancel", key="take-back-cancel")
            done = st.button("Take it back", key="take-back-confirm", type="primary")
        undo = Asked("undo", name=name, reason=reason)
        if back or (done and asking.attempt(partial(ask, visit, undo))):
            asking.forget()
            st.rerun()

    shown()
