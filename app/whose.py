"""Whose a browser's page is. Streamlit hands a page that comes back the state that it had, whoever is signed in by
then: what one person typed, was asked or was shown is not the next one's, nor one workspace's another's."""

import streamlit as st

from app.components.sidebar import CHOSEN

SESSION, WORKSPACE = "whose_session", "whose_workspace"
SURVIVES = {"workspace", CHOSEN, SESSION}  # a change of workspace: which one it is


def settle(session: str) -> None:
    """Everything is forgotten where another session looks."""
    if st.session_state.get(SESSION, session) != session:
        forget(keep=set())
    st.session_state[SESSION] = session


def settle_in(workspace_id: str) -> None:
    """Questions, drafts and secrets are forgotten where another workspace is looked at."""
    if st.session_state.get(WORKSPACE, workspace_id) != workspace_id:
        forget(keep=SURVIVES)
    st.session_state[WORKSPACE] = workspace_id


def forget(keep: set[str]) -> None:
    for name in [name for name in st.session_state if name not in keep]:
        del st.session_state[name]
