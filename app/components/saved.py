"""Saved views: open one, keep the question of this page under a name, take one away. All members share them."""

from functools import partial

import streamlit as st

from app import data
from app.address import WORKSPACE, Address
from app.changes import changing, role_of
from app.components import asking, listing, markup
from app.sessions import Visit
from models import saved_views
from models.accounts import roles
from models.saved_views import SavedView

ROOM = 260  # pixels: of more views the list scrolls


def draw(visit: Visit, here: Address) -> None:
    """Read when somebody opens it."""
    found = data.saved_views(visit.workspace)
    with st.popover("Saved views", key="saved-views", help="Questions under a name, for everybody in this workspace"):
        listed(visit, found)
        keep(visit, here)
    for view in found:
        asking.confirm(
            f"view-{view.id}", "Delete this view?",
            f"“{view.name}” goes from everybody's list. Links to it that were sent still work.", "Delete",
            partial(remove, visit, view), danger=True,
        )  # fmt: skip


def listed(visit: Visit, found: list[SavedView]) -> None:
    if not found:
        markup.draw("nothing", text="Nothing is saved yet.")
        return
    with st.container(height=ROOM if len(found) > 5 else "content", border=False, key="saved-list"):
        for view in found:
            with st.container(horizontal=True, vertical_alignment="center", key=f"acts-{view.id}"):
                markup.draw("saved_view", name=view.name, href=href(visit, view), author=by(view))
                if view.author == f"user {visit.viewer.email}" or visit.may("admin"):
                    st.button(
                        listing.verb("Delete", view.name), key=f"delete-{view.id}", type="tertiary",
                        on_click=asking.ask, args=[f"view-{view.id}"],
                    )  # fmt: skip


def href(visit: Visit, view: SavedView) -> str:
    """Of this workspace, whichever others somebody has."""
    several = len(visit.viewer.workspaces) > 1
    saved = Address.read(f"{view.path}?{view.query}")
    return saved.put(**{WORKSPACE: visit.workspace.name if several else None}).href


def by(view: SavedView) -> str:
    return view.author.removeprefix("user ")


def keep(visit: Visit, here: Address) -> None:
    with st.form("save-view", clear_on_submit=True, border=False):
        name = st.text_input("Save this view as", key="view-name", max_chars=saved_views.MAX_NAME)
        if st.form_submit_button("Save") and asking.attempt(lambda: save(visit, here, name)):
            st.rerun()


def save(visit: Visit, here: Address, name: str) -> None:
    query = here.put(**{WORKSPACE: None}).href.partition("?")[2]
    with changing(visit, "viewer") as (connection, author):
        saved_views.save(connection, visit.workspace.id, name, here.path, query, author)


def remove(visit: Visit, view: SavedView) -> None:
    with changing(visit, "viewer") as (connection, author):
        is_admin = roles.may(role_of(connection, visit), "admin")
        saved_views.remove(connection, visit.workspace.id, view.id, author, any_author=is_admin)
