"""A secret that is shown once: with a button that copies it, until its reader says that it is kept, or leaves."""

import streamlit as st

from app.components import markup

SHOWN = "secrets_shown"  # by the name of the page that shows them


def show(page: str, title: str, secret: str, note: str) -> None:
    """Have the page show it from its next run on."""
    st.session_state.setdefault(SHOWN, {})[page] = (title, secret, note)


def draw(page: str) -> None:
    """What that page has to show, if anything."""
    shown = st.session_state.get(SHOWN, {}).get(page)
    if not shown:
        return
    title, secret, note = shown
    with st.container(key=f"secret-{page}", border=True):
        markup.draw("secret", title=title, note=note)
        st.code(secret, language=None, wrap_lines=True)
        st.button("I have kept it", key=f"{page}-kept", on_click=forget, args=[page])


def current(page: str) -> str | None:
    """The secret that this page shows now: it may be filled in elsewhere on it."""
    shown = st.session_state.get(SHOWN, {}).get(page)
    return shown[1] if shown else None


def forget(page: str) -> None:
    st.session_state.get(SHOWN, {}).pop(page, None)
