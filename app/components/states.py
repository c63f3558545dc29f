"""What a page shows when there is nothing to show: signed out, no workspace, no events yet, a store that is away."""

import json

import streamlit as st

from app.components import live, markup
from app.sessions import Viewer
from models.accounts.workspaces import WorkspaceInfo
from models.errors import StoreUnavailable
from models.periods import SECOND, iso, now_us


def signed_out() -> None:
    markup.draw("signed_out")


def no_workspace(viewer: Viewer) -> None:
    markup.draw("no_workspace", email=viewer.email)


def trouble(problem: StoreUnavailable) -> None:
    markup.draw("trouble", message=problem.message)
    live.retry()


def first_event(workspace: WorkspaceInfo, api_address: str) -> None:
    """What to do next in a new workspace, ready to paste."""
    with st.container(key="first-event", width=760, gap="small"):
        markup.draw("first_event", workspace=workspace)
        st.code(curl(api_address), language="bash", wrap_lines=True)
        markup.draw("no_key", workspace=workspace)


def curl(api_address: str) -> str:
    started = iso(now_us() // SECOND * SECOND)
    event = {
        "model": "gpt-4o", "startTime": started, "prompt_tokens": 1200, "completion_tokens": 300,
        "endpoint": "/chat", "metadata": {"team": "search"},
    }  # fmt: skip
    return (
        f"curl -sS {api_address}/api/v1/ingest \\\n"
        f"  -H 'Authorization: Bearer YOUR_INGEST_KEY' \\\n"
        f"  -d '{json.dumps(event)}'"
    )
