"""From nothing to the first event: the light, a key, and a snippet that carries it."""

import streamlit as st

from app import data
from app.components import arrival, chosen_snippet, markup, sending_key
from app.sessions import Visit
from app.snippets import Values
from models.periods import now_us

WIDTH = 860  # pixels: a line of code that needs no more


def draw(visit: Visit) -> None:
    with st.container(key="connecting", width=WIDTH):
        arrival.draw(visit)
        markup.draw("step", title="A key")
        key = sending_key.draw(visit)
        markup.draw("step", title="A snippet")
        chosen_snippet.draw(Values(data.api_address(), key, now_us()))


def unfinished(visit: Visit) -> None:
    """A key that was made here and is not kept yet stays in sight when figures take this page's place."""
    if sending_key.is_shown(visit.workspace):
        arrival.draw(visit, linked=False)
        sending_key.draw(visit)
