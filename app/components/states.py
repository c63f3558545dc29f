"""What a page shows when there is nothing to show: signed out, no workspace, no events yet, a store that is away."""

import streamlit as st

from app import data
from app.components import connecting, live, markup
from app.sessions import Viewer, Visit
from app.views import View
from models.errors import BadRequest, EventsGone, StoreUnavailable


def answered(view: View, visit: Visit) -> None:
    """The page; what can't be asked like that, or answered any more, is said in its place, with the way on."""
    try:
        view.draw(visit)
    except (BadRequest, EventsGone) as problem:
        markup.draw("no_answer", title=view.title, message=problem.message, path=live.address_of(visit, view.path))


def signed_out() -> None:
    markup.draw("signed_out")


def no_workspace(viewer: Viewer) -> None:
    """Whoever is let in somewhere sees it at once."""
    markup.draw("no_workspace", email=viewer.email)
    markup.draw("sign_out")
    let_in(viewer)


def forbidden(visit: Visit, view: View) -> None:
    """The address is good, for others; whoever gets the role sees the page at once."""
    live.attend(visit, data.control())
    markup.draw("forbidden", title=view.title, role=visit.role, least=view.least, owners=data.owners(visit.workspace))


def unseen(name: str, viewer: Viewer) -> None:
    """The address names a workspace that is not theirs, or is none: another one's figures would be taken for its own.
    Whoever is let in sees it at once."""
    markup.draw("unseen", name=name, email=viewer.email)
    let_in(viewer)


@st.fragment(run_every=live.EVERY)
def let_in(viewer: Viewer) -> None:
    try:
        moved = data.viewer() != viewer
    except StoreUnavailable:
        return
    if moved:
        st.rerun()


def trouble(problem: StoreUnavailable) -> None:
    markup.draw("trouble", message=problem.message)
    live.retry()


def first_event(visit: Visit) -> None:
    """What to do next in a new workspace: what the Connect page shows, ready to paste."""
    markup.draw("first_event", workspace=visit.workspace)
    connecting.draw(visit)
    markup.draw("no_key", workspace=visit.workspace)
