"""What stands beside every page: whose figures these are, and the way out."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.address import WORKSPACE, Address
from app.components import filters, live, markup
from app.sessions import Viewer, Visit
from app.views import View
from models.accounts.workspaces import WorkspaceInfo

NAMING = ("where", "search", "id", "cursor")  # of an address: what another workspace hardly has
CHOSEN = "workspace_id"  # of the workspace that was looked at last


def draw(viewer: Viewer) -> Visit:
    """The workspace that was chosen: the oldest, unless the address or the viewer says otherwise."""
    with st.sidebar:
        return viewer.visit(choose(viewer.workspaces))


def menu(visit: Visit, views: Sequence[View], here: View) -> None:
    """The pages that they may open, by their headings. Streamlit's own list is none that can be read out. Filters go
    along in its links, so that each address says all of its page, and the way back leads where one was."""
    may = [view for view in views if view.shown and visit.may(view.least)]
    groups = [(group, [view for view in may if view.group == group]) for group in dict.fromkeys(v.group for v in may)]
    taken = filters.carried(visit, here.filtered).parameters
    with st.sidebar:
        markup.draw("menu", groups=groups, here=here, href=partial(leads, visit, taken))


def leads(visit: Visit, taken: tuple[tuple[str, str], ...], view: View) -> str:
    there = Address.read(live.address_of(visit, view.path))
    return Address(there.path, there.parameters + taken).href if view.filtered else there.href


def account(viewer: Viewer, pages: Sequence[StreamlitPage]) -> None:
    """Who is signed in, the pages about them, and the way out."""
    with st.sidebar, st.container(key="account", gap="small"):
        markup.draw("signed_in", email=viewer.email)
        for page in pages:
            st.page_link(page, width="stretch")
        markup.draw("sign_out")


def choose(workspaces: tuple[WorkspaceInfo, ...]) -> WorkspaceInfo:
    if len(workspaces) == 1:
        markup.draw("workspace", name=workspaces[0].name)
        return workspaces[0]
    by_name = {each.name: each for each in workspaces}
    st.session_state[WORKSPACE] = current(by_name)
    chosen = by_name[st.selectbox("Workspace", list(by_name), key=WORKSPACE, on_change=switch)]
    st.session_state[CHOSEN] = chosen.id
    return chosen


def current(by_name: dict[str, WorkspaceInfo]) -> str:
    """The one that the address names; else, and where it was renamed, the one that was looked at last. Streamlit's own
    binding to the address would let nobody else write to it, and links and filters do."""
    before = st.session_state.get(CHOSEN)
    last = next((name for name, each in by_name.items() if each.id == before), next(iter(by_name)))
    stated = st.query_params.get(WORKSPACE, "")
    return stated if stated in by_name else last


def unseen(viewer: Viewer) -> str:
    """The workspace that the address names, where this viewer has none of that name, and looked at none that had it:
    a link from somebody else, or from before they were taken out of it. Nothing where all is well."""
    stated = st.query_params.get(WORKSPACE, "")
    theirs = {each.id for each in viewer.workspaces}
    renamed = st.session_state.get(CHOSEN) in theirs
    return "" if renamed or stated in {each.name for each in viewer.workspaces} else stated


def forget() -> None:
    """What stands in the menu was nobody's choice."""
    st.session_state.pop(CHOSEN, None)


def switch() -> None:
    """To the same page and period there; what names something here is left behind."""
    for name in NAMING:
        st.query_params.pop(name, None)
    if filters.REMEMBERED in st.session_state:
        st.session_state[filters.REMEMBERED] = st.session_state[filters.REMEMBERED].put(where=None)
    st.query_params[WORKSPACE] = st.session_state[WORKSPACE]
