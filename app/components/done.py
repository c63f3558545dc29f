"""What has been done is said where it was asked for, and is still said when the page is drawn anew at once, as it is
where others look at the same things."""

import streamlit as st

from app.components import markup
from models.periods import SECOND, now_us

SAID = "done"  # where, what and when: the last thing only
LONG = 10 * SECOND


def say(place: str, text: str) -> None:
    st.session_state[SAID] = (place, text, now_us())


def draw(place: str) -> None:
    where, text, at_us = st.session_state.get(SAID, ("", "", 0))
    if where == place and now_us() - at_us < LONG:
        markup.draw("done", text=text)
