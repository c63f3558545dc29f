"""The form that sets a price: of one model or of all whose names fit, in dollars or as a discount, from a day on."""

from datetime import date
from typing import Any

import streamlit as st

from app.changes import changing
from app.components import asking, markup
from app.sessions import Visit
from models import price_overrides
from models.errors import BadField
from models.pricing.overrides import ANY
from models.pricing.terms import TIERS, own_word
from models.usage.event import MAX_MODEL
from models.usage.text import LABEL_CHARACTERS

QUESTION = "new-price"
ABOUT = "new_price_about"  # the provider and model that it begins with
MADE = "new_price_made"  # the id of the last one: its past calls may be priced anew
PRICES, DISCOUNT = "Prices", "A discount"
CLASSES = {"input": "Input", "output": "Output", "cache_read": "Cache read", "cache_write": "Cache write"}
PER_MILLION = (
    "Dollars for a million tokens. What is left empty keeps its published price; where there is none, a call that uses "
    "it is unpriced."
)
OFF = "Percent off every published price, in every unit and length; below 0 it is a surcharge."
FROM_NOW_ON = "It holds for calls that come in from now on. What is stored keeps its cost, until you price it anew."


def begin(provider: str | None = None, model: str | None = None) -> None:
    st.session_state[ABOUT] = (provider or "", model or "")
    asking.ask(QUESTION)


def draw(visit: Visit) -> None:
    """The open form, if it is."""
    if not asking.is_asked(QUESTION):
        return

    @st.dialog("Set a price", width="medium", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=FROM_NOW_ON)
        body = fields(*st.session_state.get(ABOUT, ("", "")))
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key="new-price-cancel")
            done = st.button("Set the price", key="new-price-set", type="primary")
        if back or (done and asking.attempt(lambda: create(visit, body()))):
            asking.forget()
            st.rerun()

    shown()


def fields(provider: str, model: str) -> Any:
    """What makes the body of an override of all that was typed."""
    left, right = st.columns(2)
    who = left.text_input("Provider", provider, key="new-price-provider", placeholder="any", max_chars=LABEL_CHARACTERS)
    what = right.text_input(
        "Model", model, key="new-price-model", max_chars=MAX_MODEL, help=f"As its calls name it; {ANY} is any signs."
    )
    kind = st.radio("What it costs", [PRICES, DISCOUNT], key="new-price-kind", horizontal=True)
    terms, more, tier = priced() if kind == PRICES else discounted()
    left, right = st.columns(2)
    since = left.date_input("Holds from", None, key="new-price-from", help="Ever since, where it is left empty.")
    until = right.date_input("Until, without that day", None, key="new-price-to", help="For good, where it is empty.")
    named = {"provider": who.strip() or None, "model": what.strip(), "service_tier": tier}
    days = {"valid_from": day(since), "valid_to": day(until)}
    return lambda: named | days | terms | words(more)


def priced() -> tuple[dict[str, Any], str, str | None]:
    markup.draw("note", text=PER_MILLION)
    with st.container(key="new-price-classes"):
        columns = st.columns(4)
    typed = {
        own_word(unit): column.text_input(label, key=f"new-price-{unit}", placeholder="$")
        for (unit, label), column in zip(CLASSES.items(), columns, strict=True)
    }
    with st.expander("Other units, longer input, another tier"):
        more = st.text_area(
            "One a line, in the words of the API", key="new-price-more",
            placeholder="web_searches_per_thousand_usd=10\ninput_per_million_usd_above_200k_tokens=5",
        )  # fmt: skip
        tier = service_tier("the plain one")
    return {word: dollars(value) for word, value in typed.items() if value.strip()}, more, tier


def discounted() -> tuple[dict[str, Any], str, str | None]:
    percent = st.text_input("Percent", key="new-price-percent", placeholder="15", help=OFF)
    return {"discount_percent": percent.strip().removesuffix("%").strip()}, "", service_tier("every one")


def service_tier(otherwise: str) -> str | None:
    found: str | None = st.selectbox(
        "Service tier", list(dict.fromkeys(TIERS.values())), None, key=f"new-price-tier-{otherwise}",
        placeholder=otherwise, accept_new_options=True,
    )  # fmt: skip
    return found


def dollars(typed: str) -> str:
    return typed.strip().removeprefix("$").strip()


def day(chosen: date | None) -> str | None:
    return chosen.isoformat() if chosen else None


def words(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (line for line in lines.splitlines() if line.strip()):
        word, equals, value = line.partition("=")
        if not equals or word.strip() in found:
            raise BadField("Other units", line, "lines such as web_searches_per_thousand_usd=10, each word once")
        found[word.strip()] = dollars(value)
    return found


def create(visit: Visit, body: dict[str, Any]) -> None:
    with changing(visit, "admin") as (connection, author):
        override = price_overrides.of_body(body, visit.workspace.timezone, author.at_us)
        price_overrides.create(connection, visit.workspace, override, author)
    st.session_state[MADE] = override.id
