"""The dashboard's ASGI application: Streamlit behind a guard, with routes of our own for signing in and out.

One process, started by `farthing app` from any folder. Streamlit's options stand here, and not in a file that would
have to lie in the folder it is started from.
"""

import gc
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.web import bootstrap

from app import entrance, lasting
from app.guard import Guard
from app.opened import opened
from app.shell import Shell
from models import addresses
from models.accounts import passwords
from models.settings import Settings

MAIN = Path(__file__).parent / "main.py"

OPTIONS: dict[str, object] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "runner.magicEnabled": False,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,  # MB: no page takes a file yet
}

THEMES = {
    "light": {
        "primaryColor": "#2f6fdb", "backgroundColor": "#ffffff", "secondaryBackgroundColor": "#f5f6f8",
        "textColor": "#15181d",
    },
    "dark": {
        "primaryColor": "#2f6fdb", "backgroundColor": "#0e1116", "secondaryBackgroundColor": "#171b22",
        "textColor": "#e8eaee",
    },
}  # fmt: skip


def serve(settings: Settings, port: int) -> None:
    """Run until it is told to end."""
    configure(settings, port)
    application = create_app()
    addresses.tell(settings, port)
    warm_up()
    uvicorn.run(
        application, host=settings.host, port=port, access_log=False, log_config=None, log_level="warning",
        ws="websockets-sansio", timeout_graceful_shutdown=5, server_header=False,
    )  # fmt: skip


def configure(settings: Settings, port: int) -> None:
    look = {f"theme.{name}.{option}": value for name, theme in THEMES.items() for option, value in theme.items()}
    bootstrap.load_config_options(OPTIONS | look | {"server.port": port, "server.address": settings.host})


def create_app() -> st.App:
    """Opens the installation, so that what is wrong with it is said at the start."""
    here = opened()
    routes = [*entrance.routes(here), *lasting.routes(), Route("/healthz", healthz, methods=["GET"])]
    guard = Middleware(Guard, sessions=here.sessions, public_url=here.installation.settings.public_url)
    return st.App(MAIN, routes=routes, middleware=[guard, Middleware(Shell)])


async def healthz(_: Request) -> Response:
    """The process is up."""
    return JSONResponse({"status": "ok"})


def warm_up() -> None:
    """What is slow the first time is done before somebody waits for it.

    Streamlit collects garbage after every run, once a second for each open page: what is here already is not garbage,
    and looking through it took two thirds of the process's time.
    """
    passwords.of_nobody()
    go.Figure(go.Bar(x=[0], y=[0])).to_json()
    gc.collect()
    gc.freeze()
