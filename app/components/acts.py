"""What was priced anew, when, by whom and why, and the way back."""

from functools import partial

import streamlit as st

from app import deeds, formats, pricing
from app.components import asking, listing, markup, repriced, repricing
from app.pricing import Told
from app.sessions import Visit
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.repricing_orders import Asked

NONE = "Nothing was priced anew."
GOES_ON = "It was cut short. It goes on by the prices that it began with, and no call is corrected twice."

Chip = tuple[str, str]


def draw(visit: Visit, busy: bool) -> None:
    found = pricing.history(visit.workspace)
    if not found:
        markup.draw("note", text=NONE)
    for told in listing.shown("acts", found, searchable):
        with listing.row(told.act.id):
            with listing.told(told.act.id):
                row(told, visit.workspace)
            if visit.may("admin") and not busy:
                buttons(visit, told)


def searchable(told: Told) -> str:
    return " ".join([told.act.called, told.act.reason, told.act.author, *facts(told.act)])


def row(told: Told, workspace: WorkspaceInfo) -> None:
    act, changed = told.act, told.did
    began = formats.moment(act.begun_us, workspace.timezone)
    markup.draw(
        "act", name=f"Undo of “{act.name}”" if act.undoes else act.name, chips=chips(told),
        amount=repriced.signed(changed) if changed else "",
        exact=repriced.exact(changed["difference_nano_usd"]) if changed else "",
        facts=[why(act), *facts(act), f"{began} ({workspace.timezone})", *calls(told)],
    )  # fmt: skip


def why(act: Act) -> str:
    return f"{act.author.removeprefix(deeds.PEOPLE)}: {act.reason}"


def facts(act: Act) -> list[str]:
    return [f"{act.terms['from']} to {act.terms['to']}", act.terms["model"] or "all models"]


def calls(told: Told) -> list[str]:
    events = told.did["events"] if told.did else None
    return [] if events is None else [f"{formats.count(events)} call{'s' if events != 1 else ''}"]


def chips(told: Told) -> list[Chip]:
    if told.act.finished_us is None and not told.taken_back:
        return [("not finished", "warn")]
    return [("taken back", "plain")] if told.taken_back else []


def buttons(visit: Visit, told: Told) -> None:
    act = told.act
    unfinished = act.finished_us is None and not told.taken_back
    if not unfinished and (act.undoes or told.taken_back):
        return
    with listing.verbs(act.id):
        if unfinished:
            st.button(listing.verb("Go on", f"with {act.called}"), key=f"ask-on-{act.id}", type="tertiary",
                      on_click=asking.ask, args=[f"on-{act.id}"])  # fmt: skip
        if not act.undoes and st.button(listing.verb("Undo", act.name), key=f"undo-{act.id}", type="tertiary"):
            repricing.attempt(visit, Asked("try undo", name=act.name))
    on = partial(repricing.ask, visit, again(act))
    asking.confirm(f"on-{act.id}", "Go on with it?", GOES_ON, "Go on", on)


def again(act: Act) -> Asked:
    if act.undoes:
        return Asked("undo", name=act.name, reason=act.reason)
    terms = act.terms
    return Asked("reprice", terms["from"], terms["to"], terms["model"], act.name, act.reason)
