"""Navigation only: who may come in, where they look, and which page that is."""

from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import data
from app.components import markup, sidebar, states
from app.sessions import Viewer, Visit
from app.views import View, views
from models.errors import StoreUnavailable

ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    st.set_page_config("Farthing", ASSETS / "coin.png", "wide")
    markup.style()
    try:
        enter(data.viewer())
    except StoreUnavailable as problem:
        states.trouble(problem)


def enter(viewer: Viewer | None) -> None:
    if viewer is None:
        states.signed_out()
    elif not viewer.workspaces:
        states.no_workspace(viewer)
    else:
        navigate(viewer)


def navigate(viewer: Viewer) -> None:
    st.logo(ASSETS / "farthing.svg", icon_image=ASSETS / "coin.svg", size="large")
    visit = sidebar.draw(viewer)
    pages = {view: page(view, visit) for view in views() if visit.may(view.least)}
    groups = dict.fromkeys(view.group for view in pages)
    here = st.navigation({group: [pages[view] for view in pages if view.group == group] for group in groups})
    sidebar.account(viewer, [pages[view] for view in pages if not view.shown])
    here.run()


def page(view: View, visit: Visit) -> StreamlitPage:
    """Streamlit wants an address of the first page too, where it never shows."""
    address = view.path or view.title.lower()
    visibility: Literal["visible", "hidden"] = "visible" if view.shown else "hidden"
    return st.Page(
        partial(view.draw, visit), title=view.title, url_path=address, default=not view.path, visibility=visibility
    )


main()
