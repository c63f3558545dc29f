"""What stands beside every page: whose figures these are, and the way out."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.components import live, markup
from app.sessions import Viewer, Visit
from app.views import View
from models.accounts.workspaces import WorkspaceInfo

CHOSEN = "workspace_id"  # of the workspace that was looked at last


def draw(viewer: Viewer) -> Visit:
    """The workspace that was chosen: the oldest, unless the address or the viewer says otherwise."""
    with st.sidebar:
        return viewer.visit(choose(viewer.workspaces))


def menu(visit: Visit, views: Sequence[View], here: View) -> None:
    """The pages that they may open, by their headings. Streamlit's own list is none that can be read out."""
    may = [view for view in views if view.shown and visit.may(view.least)]
    groups = [(group, [view for view in may if view.group == group]) for group in dict.fromkeys(v.group for v in may)]
    with st.sidebar:
        markup.draw("menu", groups=groups, here=here, href=partial(live.address_of, visit))


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
    stay(by_name)
    chosen = by_name[st.selectbox("Workspace", list(by_name), key="workspace", bind="query-params")]
    st.session_state[CHOSEN] = chosen.id
    return chosen


def stay(by_name: dict[str, WorkspaceInfo]) -> None:
    """Where the workspace was renamed, the page goes on under its new name."""
    before = st.session_state.get(CHOSEN)
    renamed = next((name for name, each in by_name.items() if each.id == before), None)
    if renamed and st.session_state.get("workspace") not in by_name:
        st.session_state["workspace"] = renamed
