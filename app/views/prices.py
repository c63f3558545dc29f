"""Prices: what calls cost here, which have no price, and past calls priced anew."""

from functools import partial

import streamlit as st

from app import data, deeds, pricing
from app.components import acts, listing, live, markup, price_form, price_list, price_sheet, repricing
from app.data import Seen
from app.pricing import Calls
from app.sessions import Visit
from app.views import View
from models.accounts.workspaces import WorkspaceInfo
from models.pricing.overrides import Override
from models.repricing_orders import Order
from models.spend.dimensions import NONE

SAYS = "What calls cost in this workspace, and past calls priced anew."
UNPRICED = "Calls of the last 30 days that are in no amount, until their price is known and they are priced anew."
OWN = "What you pay where it is not what is published. It holds for calls from now on."
SHEET = "The price in force now, by your own prices, too."
PAST = (
    "Past calls by the prices that are known now, as an act with a name, which can be taken back. Reported costs stay."
)
HISTORY = "Every act, and every undo, the newest first. All of it is on the audit log, too."
KNOWN = "A price is known now. What stays unpriced then lacks its usage."
UNKNOWN = "No price is known."
STORED = "They keep the cost that they came in with until you price them anew."
NAMELESS = "No model was sent, so no price can be known."


def page(visit: Visit) -> None:
    look = partial(pricing.glance, visit.workspace)
    live.watch(visit, look, look())
    control, seen, orders = data.control(), data.seen(visit.workspace), pricing.orders(visit.workspace)
    busy = any(order.finished_us is None for order in orders)
    markup.draw("title", title="Prices", says=SAYS)
    arrive(visit)
    if visit.may("admin"):
        st.button("Set a price", key="new-price", type="primary", icon=":material/add:", on_click=price_form.begin)
        price_form.draw(visit)
    if busy:
        repricing.in_hand(visit)
    for order in answered(visit, orders):
        repricing.answer(visit, order, busy)
    unpriced(visit, control, seen, busy)
    own(visit, control, seen, busy)
    markup.draw("part", title="What a model costs", says=SHEET)
    price_sheet.draw(visit, control)
    if visit.may("admin"):
        markup.draw("part", title="Price past calls anew", says=PAST)
        repricing.form(visit, seen, busy)
    markup.draw("part", title="Re-pricings", says=HISTORY)
    acts.draw(visit, busy)


def arrive(visit: Visit) -> None:
    """An address that names a model is told of it, and has the form filled in, once."""
    provider, model = (st.query_params.pop(name, "") for name in ("provider", "model"))
    if model:
        price_sheet.look_up(provider, model)
        if visit.may("admin"):
            price_form.begin(provider, model)


def answered(visit: Visit, orders: list[Order]) -> list[Order]:
    """What the jobs have said to this person."""
    me = f"{deeds.PEOPLE}{visit.viewer.email}"
    return [each for each in orders if each.finished_us is not None and each.author == me]


# -- unpriced -----------------------------------------------------------------------------------------------------


def unpriced(visit: Visit, control: int, seen: Seen, busy: bool) -> None:
    found = pricing.unpriced(visit.workspace, seen)
    if not found:
        return
    markup.draw("part", title="Unpriced models", says=UNPRICED)
    for calls in listing.shown("models", found, named):
        with listing.row(f"unpriced-{key(calls)}"):
            unpriced_model(visit, calls, control, busy)


def unpriced_model(visit: Visit, calls: Calls, control: int, busy: bool) -> None:
    known = is_known(visit.workspace, control, calls)
    says = NAMELESS if calls.model is None else KNOWN if known else UNKNOWN
    name = key(calls)
    with listing.told(f"unpriced-{name}"):
        markup.draw("unpriced_model", name=named(calls), calls=calls, days=days(calls), says=says)
    if not visit.may("admin") or calls.model is None:
        return
    with listing.verbs(f"unpriced-{name}"):
        if known:
            label = listing.verb("Preview re-pricing", f"of {named(calls)}")
            if st.button(label, key=f"try-{name}", type="tertiary", disabled=busy):
                repricing.attempt(visit, repricing.preview_of([calls]))
        else:
            st.button(listing.verb("Set a price", f"of {named(calls)}"), key=f"set-{name}", type="tertiary",
                      on_click=price_form.begin, args=[calls.provider, calls.model])  # fmt: skip


def is_known(workspace: WorkspaceInfo, control: int, calls: Calls) -> bool:
    return bool(calls.model) and pricing.sheet(workspace, control, calls.provider, str(calls.model)).reason is None


def key(calls: Calls) -> str:
    return repr((calls.provider, calls.model))


def named(calls: Calls) -> str:
    return f"{calls.provider or NONE} / {calls.model or NONE}"


def days(calls: Calls) -> str:
    return f"{calls.first}" if calls.first == calls.last else f"{calls.first} to {calls.last}"


# -- one's own ----------------------------------------------------------------------------------------------------


def own(visit: Visit, control: int, seen: Seen, busy: bool) -> None:
    markup.draw("part", title="Your prices", says=OWN)
    made = st.session_state.get(price_form.MADE)
    new = next((each for each in pricing.overrides(visit.workspace, control) if each.id == made), None)
    if new:
        offer(visit, new, seen, busy)
    price_list.draw(visit, control)


def offer(visit: Visit, made: Override, seen: Seen, busy: bool) -> None:
    """The days that have such calls, to be priced by what was just said."""
    calls = pricing.concerned(visit.workspace, seen, made)
    if not calls or busy:
        return
    asked, total = repricing.preview_of(calls), sum(each.requests for each in calls)
    with st.container(border=True, key="past-calls"):
        calls_named = f"{total:,} stored call{'s' if total != 1 else ''}"
        markup.draw(
            "says",
            text=f"{calls_named} from {asked.first} to {asked.last} would be priced by what was just set. {STORED}",
        )
        with st.container(horizontal=True):
            if st.button("Preview re-pricing them", key="past-calls-try", type="primary"):
                st.session_state.pop(price_form.MADE)
                repricing.attempt(visit, asked)
            if st.button("Leave them", key="past-calls-leave"):
                st.session_state.pop(price_form.MADE)
                st.rerun()


VIEW = View("prices", "Prices", page, order=55)
