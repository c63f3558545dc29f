"""The key that snippets are filled in with: made here and shown once, or pasted. It stays in this browser session; it
is stored nowhere, logged nowhere, and never part of an address."""

from dataclasses import dataclass
from itertools import count

import streamlit as st

from app import data
from app.changes import changing
from app.components import asking, markup, secret
from app.sessions import Visit
from models.accounts import keys, secrets
from models.accounts.keys import NewKey
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.usage.text import LABEL_CHARACTERS

FIRST_NAME = "my-app"
AWAITED = "awaited"  # by workspace
NOTE = "Nobody can show it again, so keep it now. Until then the snippets on Connect carry it."


@dataclass(frozen=True)
class Awaited:
    """A key whose first event is waited for, and from when on."""

    key: str
    since_us: int


def place(workspace: WorkspaceInfo) -> str:
    """Where its secret is shown: never beside another workspace's snippets."""
    return f"connect-{workspace.id}"


def is_shown(workspace: WorkspaceInfo) -> bool:
    return secret.current(place(workspace)) is not None


def awaited(workspace: WorkspaceInfo) -> Awaited | None:
    found = st.session_state.get(AWAITED, {}).get(workspace.id)
    return found if isinstance(found, Awaited) else None


def wait_for(workspace: WorkspaceInfo, key: str) -> None:
    st.session_state.setdefault(AWAITED, {})[workspace.id] = Awaited(key, now_us())


def draw(visit: Visit) -> str | None:
    """The secret to fill in, where there is one."""
    if made := secret.current(place(visit.workspace)):
        secret.draw(place(visit.workspace))
        return made
    with st.container(key="sending-key", border=True):
        if visit.may("admin"):
            offer(visit)
        else:
            markup.draw("ask_for_key", owners=data.owners(visit.workspace))
        return paste(visit.workspace)


def offer(visit: Visit) -> None:
    """A name and a button."""
    free = free_name(data.key_names(visit.workspace))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the key", free, key=f"name-{free}", max_chars=LABEL_CHARACTERS, width=280)
        asked = st.button("Make a key", key="make-key", type="primary")
    if asked and asking.attempt(lambda: make(visit, name)):
        st.rerun()


def free_name(taken: frozenset[str]) -> str:
    later = (f"{FIRST_NAME}-{number}" for number in count(2))
    return FIRST_NAME if FIRST_NAME not in taken else next(name for name in later if name not in taken)


def make(visit: Visit, name: str) -> None:
    """An ingest key that shows all its calls on the free plan, too."""
    wanted = NewKey(keys.read_name(name.strip()), "ingest")
    with changing(visit, "admin") as (connection, author):
        _, made = keys.create(connection, visit.workspace.id, wanted, author)
    secret.show(place(visit.workspace), f"Your new key, {wanted.name}", made, NOTE)
    wait_for(visit.workspace, wanted.name)


def paste(workspace: WorkspaceInfo) -> str | None:
    """A key that somebody has already, where it is one that sends."""
    with st.expander("Use a key that you have"):
        field = f"pasted-{workspace.id}"
        pasted = st.text_input(
            "Ingest key", key=field, type="password", autocomplete="off", placeholder=f"{secrets.PREFIX}…",
            help="It is filled in below, and stays in this window.", max_chars=4 * secrets.LENGTH,
        ).strip()  # fmt: skip
        if not pasted:
            return None
        if wrong := problem(workspace, pasted):
            markup.draw("problem", text=wrong)
            return None
    found = data.key_of(workspace, pasted)
    now_awaited = awaited(workspace)
    if found and (now_awaited is None or now_awaited.key != found.name):
        wait_for(workspace, found.name)
    return pasted


def problem(workspace: WorkspaceInfo, pasted: str) -> str | None:
    """What is wrong with it, in words that do not repeat it."""
    if not secrets.well_formed(pasted):
        return secrets.hint(pasted) or f"This is no key of Farthing's: they begin with {secrets.PREFIX}"
    found = data.key_of(workspace, pasted)
    if found is None:
        return f"{workspace.name} has no such key"
    if found.scope != "ingest":
        return f"The key {found.name} has the scope {found.scope}: sending takes one with the scope ingest"
    state = found.state(now_us())
    return None if state == "active" else f"The key {found.name} is {state}"
