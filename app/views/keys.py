"""Keys & Sources: who may send and who may read, how each key is doing, and what the free plan shows of its calls."""

from typing import Any

import streamlit as st

from app import data
from app.changes import changing
from app.components import asking, definitions, key_row, listing, live, markup, new_key, rotation, secret
from app.sessions import Visit
from app.views import View
from models.accounts import keys, sources
from models.periods import now_us

PAGE = "keys"
SAYS = "Who may send and who may read. A secret is shown once, when it is made; what is kept of it opens nothing."
FREE = "On the free plan a call shows where it matches a source definition of the key that sent it."
PAID = "On the paid plan every call shows, whatever the source definitions say."

Key = dict[str, Any]


def page(visit: Visit) -> None:
    live.attend(visit, data.control())
    markup.draw("title", title="Keys & Sources", says=SAYS)
    markup.draw("note", text=FREE if visit.workspace.plan == "free" else PAID)
    manages = visit.may("admin")
    if manages:
        st.button("New key", key="new-key", type="primary", icon=":material/add:", on_click=new_key.begin)
        new_key.draw(visit, PAGE)
        secret.draw(PAGE)
    every = sorted(data.keys_of(visit.workspace, data.seen(visit.workspace)), key=by_name)
    living = [key for key in every if key["state"] != "revoked"]
    rows("keys", living, visit, manages)
    ended = [key for key in every if key["state"] == "revoked"]
    if ended:
        with st.expander(f"{len(ended):,} that no longer work{'s' if len(ended) == 1 else ''}"):
            rows("old keys", ended, visit, manages)


def by_name(key: Key) -> tuple[str, str]:
    """What is called the same stands together."""
    return key["name"].casefold(), key["created_at"]


def rows(name: str, found: list[Key], visit: Visit, manages: bool) -> None:
    for key in listing.shown(name, found, searchable):
        with st.container(border=True, key=f"key-{key['id']}", gap="small"):
            key_row.draw(key, visit.workspace.timezone, now_us())
            if manages:
                buttons(key)
                questions(visit, key)


def searchable(key: Key) -> str:
    return " ".join([key["name"], key["scope"], key["state"], key["prefix"], *key["attributes"].values(), *key["tags"]])


def buttons(key: Key) -> None:
    """What may be done to it now; those of keys that have ended still decide what shows of their calls."""
    expired = key["state"] == "revoked" and key["revoked_at"] is None
    ends = key["state"] != "revoked"
    switch = "Deactivate" if key["state"] == "active" else "Activate"
    with st.container(horizontal=True, gap="small", key=f"acts-{key['id']}"):
        if ends or expired:
            act("Rotate", key, rotation.question(key))
        if key["scope"] == "ingest":
            st.button(listing.verb("Edit sources", f"of {key['name']}"), key=f"sources-{key['id']}", type="tertiary",
                      on_click=edit_sources, args=[key])  # fmt: skip
        if ends:
            act(switch, key, f"{switch}-{key['id']}")
            act("Revoke", key, f"Revoke-{key['id']}")


def act(does: str, key: Key, question: str) -> None:
    st.button(listing.verb(does, key["name"]), key=f"{does}-{key['id']}-button", type="tertiary",
              on_click=asking.ask, args=[question])  # fmt: skip


# -- questions ----------------------------------------------------------------------------------------------------


def questions(visit: Visit, key: Key) -> None:
    rotation.draw(visit, key, PAGE)
    draw_sources(visit, key)
    name = key["name"]
    asking.confirm(
        f"Deactivate-{key['id']}", "Deactivate a key",
        f"{name}: whoever sends or reads with it is refused within 2 seconds, until it is activated again.",
        "Deactivate", lambda: switch(visit, key, active=False),
    )  # fmt: skip
    asking.confirm(
        f"Activate-{key['id']}", "Activate a key", f"{name}: whoever has its secret may use it again.",
        "Activate", lambda: switch(visit, key, active=True),
    )  # fmt: skip
    asking.confirm(
        f"Revoke-{key['id']}", "Revoke a key", end(key), "Revoke for good", lambda: revoke(visit, key), danger=True
    )


def end(key: Key) -> str:
    """What revoking means, and for whom."""
    used = key_row.used(key["last_used_at"], now_us())
    return (
        f"{key['name']} stops working within 2 seconds, for good: it can't be activated again, and its name stays "
        f"taken. It was {used}; its name has sent {key_row.sent(key['events_30d'])}. What it has sent stays. "
        "To replace the secret and keep the name, rotate it."
    )


def switch(visit: Visit, key: Key, active: bool) -> None:
    with changing(visit, "admin") as (connection, author):
        keys.set_active(connection, visit.workspace.id, key["id"], active, author)


def revoke(visit: Visit, key: Key) -> None:
    with changing(visit, "admin") as (connection, author):
        keys.revoke(connection, visit.workspace.id, key["id"], author)


# -- source definitions -------------------------------------------------------------------------------------------


def edited(key: Key) -> str:
    return f"defined-{key['id']}"


def edit_sources(key: Key) -> None:
    definitions.begin(edited(key), key["sources"])
    asking.ask(edited(key))


def draw_sources(visit: Visit, key: Key) -> None:
    if not asking.is_asked(edited(key)):
        return

    @st.dialog("Source definitions", width="medium", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=f"What the free plan shows of the calls of {key['name']}:")
        stated = definitions.draw(edited(key), visit.workspace.plan)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key=f"{edited(key)}-cancel")
            done = st.button("Save sources", key=f"{edited(key)}-confirm", type="primary")
        if back or (done and asking.attempt(lambda: put_sources(visit, key, stated))):
            asking.forget()
            st.rerun()

    shown()


def put_sources(visit: Visit, key: Key, stated: list[definitions.Definition]) -> None:
    wanted = tuple(sources.sources(stated))
    with changing(visit, "admin") as (connection, author):
        keys.put_sources(connection, visit.workspace.id, key["id"], wanted, author)


VIEW = View("keys", "Keys & Sources", page, order=70, group="Workspace")
