"""The form that makes a key: its name and scope, its sources, what it fills in, how long it lives."""

from typing import Any

import streamlit as st

from app.changes import changing
from app.components import asking, definitions, secret
from app.sessions import Visit
from models.accounts import keys, lifetimes, sources
from models.accounts.keys import NewKey
from models.accounts.sources import ANYTHING
from models.errors import BadField
from models.usage.text import LABEL_CHARACTERS

QUESTION = "new-key"
DEFINED = "new-key-sources"
SCOPES = {
    "ingest": "sends calls, and nothing else",
    "read": "reads spend and requests",
    "admin": "reads, and manages keys, prices and settings",
}
ONCE = "It is shown this once. From now on only its first 13 characters are, so that you can tell keys apart."


def begin() -> None:
    definitions.begin(DEFINED, [ANYTHING.shown()])
    asking.ask(QUESTION)


def draw(visit: Visit, page: str) -> None:
    """The open form, if it is. The page called `page` then shows the secret."""
    if not asking.is_asked(QUESTION):
        return

    @st.dialog("New key", width="medium", on_dismiss=asking.forget)
    def shown() -> None:
        asked = fields(visit.workspace.plan)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key="new-key-cancel")
            done = st.button("Create key", key="new-key-create", type="primary")
        if back or (done and asking.attempt(lambda: create(visit, page, asked))):
            asking.forget()
            st.rerun()

    shown()


def fields(plan: str) -> dict[str, Any]:
    name = st.text_input("Name", key="new-key-name", placeholder="production", max_chars=LABEL_CHARACTERS)
    scope = st.radio("It may", list(SCOPES), key="new-key-scope", format_func=str, captions=list(SCOPES.values()))
    asked: dict[str, Any] = {"name": name, "scope": scope, "sources": []}
    if scope == "ingest":
        asked |= of_sender(plan)
    left, right = st.columns(2)
    asked["expires_in_days"] = days(left, "Expires after", "never")
    asked["rotate_after_days"] = days(right, "Remind to rotate after", "no reminder")
    return asked


def days(column: Any, label: str, none: str) -> int | None:
    found: int | None = column.number_input(
        f"{label} (days)", 1, lifetimes.MAX_DAYS, value=None, placeholder=none, key=f"new-key-{none}"
    )
    return found


def of_sender(plan: str) -> dict[str, Any]:
    """What only a key that sends has."""
    with st.expander("Sources: what the free plan shows", expanded=plan == "free"):
        stated = definitions.draw(DEFINED, plan)
    with st.expander("Attributes and tags that fill in where a call has none"):
        attributes = st.text_area(
            "Attributes, one a line", key="new-key-attributes", placeholder="team=search\nenv=prod"
        )
        tags = st.text_area("Tags, one a line", key="new-key-tags", placeholder="nightly")
    return {"sources": stated, "attributes": pairs(attributes), "tags": lines(tags)}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def pairs(text: str) -> list[tuple[str, str, str]]:
    """Name, equals sign, value of each line; what is wrong with one is told when the key is made."""
    return [line.partition("=") for line in lines(text)]


def create(visit: Visit, page: str, asked: dict[str, Any]) -> None:
    with changing(visit, "admin") as (connection, author):
        _, made = keys.create(connection, visit.workspace.id, wanted(asked, author.at_us), author)
    secret.show(page, f"The new key {asked['name']}", made, ONCE)


def wanted(asked: dict[str, Any], now_us: int) -> NewKey:
    return NewKey(
        keys.read_name(asked["name"].strip()),
        keys.read_scope(asked["scope"]),
        tuple(sources.sources(asked["sources"])),
        keys.read_attributes(attributes_of(asked.get("attributes", []))),
        keys.read_tags(asked.get("tags", [])),
        lifetimes.read(asked, now_us),
    )


def attributes_of(found: list[tuple[str, str, str]]) -> dict[str, str]:
    for name, equals, _ in found:
        if not equals:
            raise BadField("Attributes", name, "lines such as team=search")
    return {name.strip(): value.strip() for name, _, value in found}
