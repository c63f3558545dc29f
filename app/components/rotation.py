"""The question before a key is rotated: how long the old secret still works, and what that means for who sends."""

from typing import Any

import streamlit as st

from app.changes import changing
from app.components import asking, markup, secret
from app.components.new_key import ONCE
from app.sessions import Visit
from models.accounts import keys

GRACES = {  # seconds
    "At once": 0,
    "After 1 hour": 3_600,
    "After 24 hours": 86_400,
    "After 7 days": 7 * 86_400,
}
GRACE = 2  # the one that is chosen unless another is: no call is lost by it
AT_ONCE = (
    "Whoever still sends with the old secret is refused within 2 seconds, until it has the new one. "
    "For a key that has leaked, and whose senders can be changed now."
)
LATER = (
    "Both work until then: put the new secret in place, look here that the old one is no longer used, "
    "and no call is lost."
)
KEEPS = "Name, scope, sources, attributes and tags stay, and so does all that was sent. The old secret stays listed."


def question(key: dict[str, Any]) -> str:
    return f"rotate-{key['id']}"


def draw(visit: Visit, key: dict[str, Any], page: str) -> None:
    """The open question about this key, if it is."""
    if not asking.is_asked(question(key)):
        return

    @st.dialog("Rotate a key", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=f"{key['name']} gets a new secret. {KEEPS}")
        chosen = st.radio("The old secret stops working", list(GRACES), GRACE, key=f"{question(key)}-grace")
        markup.draw("note", text=LATER if GRACES[chosen] else AT_ONCE)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key=f"{question(key)}-cancel")
            done = st.button("Rotate", key=f"{question(key)}-confirm", type="primary")
        if back or (done and asking.attempt(lambda: rotate(visit, key, GRACES[chosen], page))):
            asking.forget()
            st.rerun()

    shown()


def rotate(visit: Visit, key: dict[str, Any], grace_seconds: int, page: str) -> None:
    with changing(visit, "admin") as (connection, author):
        _, made = keys.rotate(connection, visit.workspace.id, key["id"], grace_seconds, author)
    secret.show(page, f"The new secret of {key['name']}", made, ONCE)
