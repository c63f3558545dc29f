"""Navigation only: who may come in, where they look, and which page that is."""

from functools import partial
from pathlib import Path

import streamlit as st

from app import data
from app.components import markup, sidebar, states
from app.sessions import Viewer
from app.views import overview
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
    workspace = sidebar.draw(viewer)
    pages = [st.Page(partial(overview.page, viewer, workspace), title="Overview", url_path="overview", default=True)]
    st.navigation(pages).run()


main()
