"""What there is to know of models beyond their spend, one question at a time: only what is looked at is asked for."""

from collections.abc import Callable

import streamlit as st

from app.address import Address
from app.components import markup
from app.components.filters import change, shown
from app.data import Seen
from app.parts import models_compare, models_health, models_routing, models_what_if
from app.sessions import Visit

SHOW = "show"  # of the address
SECTIONS: dict[str, tuple[str, Callable[[Visit, Seen, Address], None]]] = {
    "compare": ("Compare", models_compare.draw),
    "health": ("Health and errors", models_health.draw),
    "routing": ("Requested and served", models_routing.draw),
    "what_if": ("What if", models_what_if.draw),
}
OWN = (SHOW, models_what_if.OF, models_what_if.TO)


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    show = chosen(here)
    markup.draw("part", title="Model by model", says="")
    st.segmented_control(
        "Show", list(SECTIONS), format_func=lambda name: SECTIONS[name][0], key=shown("models-show", show),
        required=True, label_visibility="collapsed",
        on_change=lambda: change(here, with_show, st.session_state["models-show"]),
    )  # fmt: skip
    SECTIONS[show][1](visit, seen, here)


def chosen(here: Address) -> str:
    """A link that says what to move to needs to say no more."""
    default = "what_if" if here.get(models_what_if.TO) else next(iter(SECTIONS))
    return here.get(SHOW) if here.get(SHOW) in SECTIONS else default


def with_show(here: Address, show: str) -> Address:
    return here.put(**{SHOW: show})
