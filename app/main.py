"""Navigation only: who may come in, where they look, and which page that is."""

from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import data, whose
from app.components import links, sidebar, states
from app.sessions import Viewer, Visit
from app.views import View, account, views
from models.errors import StoreUnavailable

ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    st.set_page_config("Farthing", ASSETS / "coin.png", "wide")
    try:
        enter(data.viewer())
    except StoreUnavailable as problem:
        states.trouble(problem)


def enter(viewer: Viewer | None) -> None:
    if viewer is None:
        states.signed_out()
    elif not viewer.workspaces:
        states.no_workspace(viewer)
        account.own(viewer)
    else:
        navigate(viewer)


def navigate(viewer: Viewer) -> None:
    whose.settle(data.own_session())
    st.logo(ASSETS / "farthing.svg", icon_image=ASSETS / "coin.svg", size="large")
    unseen = sidebar.unseen(viewer)
    visit = sidebar.draw(viewer)
    whose.settle_in(visit.workspace.id)
    pages = {view: page(view, visit) for view in views()}
    here = st.navigation(list(pages.values()), position="hidden")
    sidebar.menu(visit, views(), next(view for view in pages if pages[view] == here))
    sidebar.account(viewer, [pages[view] for view in pages if not view.shown])
    links.draw()
    if unseen:
        sidebar.forget()
        states.unseen(unseen, viewer)
    else:
        here.run()


def page(view: View, visit: Visit) -> StreamlitPage:
    """Streamlit wants an address of the first page too, where it never shows."""
    address, may = view.path or view.title.lower(), visit.may(view.least)
    draw = partial(states.answered, view, visit) if may else partial(states.forbidden, visit, view)
    visibility: Literal["visible", "hidden"] = "visible" if view.shown and may else "hidden"
    return st.Page(draw, title=view.title, url_path=address, default=not view.path, visibility=visibility)


main()
