"""Whether a workspace keeps prompts and responses, for how long, and the way to be rid of them: the part of the
settings that is for owners alone."""

from functools import partial
from typing import Any

import streamlit as st

from app import formats, request_log
from app.changes import changing
from app.components import asking, done, markup
from app.opened import opened
from app.sessions import Visit
from models import contents
from models.accounts import workspaces
from models.accounts.workspaces import MAX_CONTENT_DAYS, WorkspaceInfo
from models.periods import now_us
from models.seal import NO_KEY

DELETE = "delete-content"
SAYS = (
    "Off, prompts and responses end where an event is read, and are never on disk. On, those of LiteLLM’s events are "
    "kept beside them, encrypted. Admins and owners can read them on the page of a request; each look stands on the "
    "audit log. The API never hands them out."
)


def draw(visit: Visit) -> None:
    markup.draw("part", title="Prompts and responses", says=SAYS)
    if visit.may("owner"):
        change(visit)
        forget(visit)
    else:
        markup.draw("facts", fields=facts(visit.workspace))
        markup.draw("note", text="Owners of the workspace change this.")


def facts(workspace: WorkspaceInfo) -> list[tuple[str, str]]:
    return [
        ("Kept", "yes" if workspace.capture_content else "no"),
        ("For", f"{formats.count(workspace.content_days)} days"),
    ]


def change(visit: Visit) -> None:
    workspace, able = visit.workspace, opened().seal is not None
    with st.form("capture"):
        on = st.toggle(
            "Keep prompts and responses of LiteLLM events", workspace.capture_content, key=f"capture-{workspace}",
            disabled=not able and not workspace.capture_content,
        )  # fmt: skip
        days = st.number_input(
            "Delete them after so many days", 1, MAX_CONTENT_DAYS, workspace.content_days,
            key=f"content-days-{workspace}",
        )  # fmt: skip
        if not able:
            markup.draw("note", text=f"{NO_KEY}.")
        saves = st.form_submit_button("Save", key="save-capture")
    said = {"capture_content": on, "content_days": days}
    wanted = {field: value for field, value in said.items() if value != getattr(workspace, field)}
    if saves and wanted and asking.attempt(partial(save, visit, wanted)):
        done.say("capture", "Saved")
        st.rerun()
    done.draw("capture")


def forget(visit: Visit) -> None:
    """Switching off keeps what is there for its days: who wants it gone says so."""
    kept = request_log.kept(visit.workspace)
    if not kept:
        return
    of = f"{formats.count(kept)} request{'s' if kept != 1 else ''}"
    with st.container(horizontal=True, vertical_alignment="center", key="acts-content"):
        markup.draw("note", text=f"Of {of} they are kept now.")
        st.button("Delete now", key="ask-delete-content", on_click=asking.ask, args=[DELETE])
    asking.confirm(
        DELETE, "Delete what is kept?",
        f"Prompts and responses of {of} are deleted for good. The requests themselves stay, with tokens and costs."
        + (" Those of requests that come from now on are kept." if visit.workspace.capture_content else ""),
        "Yes, delete them", partial(delete, visit), danger=True,
    )  # fmt: skip


def save(visit: Visit, wanted: dict[str, Any]) -> None:
    contents.require_key(wanted, opened().seal)
    with changing(visit, "owner") as (connection, author):
        workspaces.change(connection, workspaces.by_id(connection, visit.workspace.id), wanted, author)


def delete(visit: Visit) -> None:
    """It is recorded first: what is there is deleted piece by piece, while events come in."""
    with changing(visit, "owner") as (connection, author):
        contents.tell_deletion(connection, visit.workspace.id, visit.workspace.name, author)
    contents.delete_before(opened().installation.database, visit.workspace.id, now_us())
