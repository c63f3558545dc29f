"""What stands beside every page: whose figures these are, and the way out."""

import streamlit as st

from app.components import markup
from app.sessions import Viewer, Visit
from models.accounts.workspaces import WorkspaceInfo


def draw(viewer: Viewer) -> Visit:
    """The workspace that was chosen: the oldest, unless the address or the viewer says otherwise."""
    with st.sidebar:
        chosen = choose(viewer.workspaces)
        with st.container(key="account"):
            markup.draw("account", email=viewer.email)
    return viewer.visit(chosen)


def choose(workspaces: tuple[WorkspaceInfo, ...]) -> WorkspaceInfo:
    if len(workspaces) == 1:
        markup.draw("workspace", name=workspaces[0].name)
        return workspaces[0]
    by_name = {each.name: each for each in workspaces}
    return by_name[st.selectbox("Workspace", list(by_name), key="workspace", bind="query-params")]
