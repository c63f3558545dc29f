"""Safe hands: what can't be taken back is asked for first, saying what will happen and to what; what is wrong with an
answer is told beside it, and nothing is lost of what was typed."""

from collections.abc import Callable

import streamlit as st

from app.components import markup
from models.errors import FarthingError

ASKED = "asked"  # the question that is open, if any: one at a time


def ask(question: str) -> None:
    """Open that question; the page draws it with `confirm`."""
    st.session_state[ASKED] = question


def is_asked(question: str) -> bool:
    return bool(st.session_state.get(ASKED) == question)


def forget() -> None:
    st.session_state.pop(ASKED, None)


def confirm(question: str, title: str, says: str, label: str, act: Callable[[], object], danger: bool = False) -> None:
    """The open question of that name: what will happen, a button that does it, and the way back. A page calls it for
    each question that it may ask; most of them are not open. `danger` is what can't be taken back."""
    if not is_asked(question):
        return

    @st.dialog(title, on_dismiss=forget)
    def shown() -> None:
        markup.draw("says", text=says)
        place = f"{'danger' if danger else 'safe'}-{question}"
        with st.container(horizontal=True, horizontal_alignment="right", key=place):
            back = st.button("Cancel", key=f"{question}-cancel")
            done = st.button(label, key=f"{question}-confirm", type="primary")
        if back or (done and attempt(act)):
            forget()
            st.rerun()

    shown()


def attempt(act: Callable[[], object]) -> bool:
    """Do it; what is wrong is told right here. Whether it was done."""
    try:
        act()
    except FarthingError as problem:
        markup.draw("problem", text=in_words(problem))
        return False
    return True


def in_words(problem: FarthingError) -> str:
    """A sentence with the field and what it takes."""
    details = problem.details or {}
    return f"{details['field']}: expected {details['expected']}" if "expected" in details else problem.message
