"""Take the question of a page elsewhere: as a call of the API, as Python for a notebook."""

import streamlit as st

from app import copied, data
from app.components import markup
from app.questions import Asked


def draw(asked: Asked) -> None:
    with st.popover("Copy as", key="copy-as", help="The same question as a call of the API, or for a notebook"):
        api = data.api_address()
        markup.draw("says", text=f"Put a key with scope read into the environment variable {copied.KEY}.")
        st.code(copied.curl(api, asked), language="bash", wrap_lines=True)
        st.code(copied.python(api, asked), language="python", wrap_lines=True)
