"""Settings: what the workspace is called, which days it counts in, how long events are kept, what its plan includes.

Plan, allowance and overage are the operator's: they are shown, and changed with the master key only.
"""

import json
import shlex
from functools import partial
from typing import Any

import streamlit as st

from app import data, formats, zones
from app.changes import changing
from app.components import asking, capture, done, live, markup
from app.sessions import Visit
from app.views import View
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo

ZONE = "zone"  # the question whether the time zone is to be changed
WANTED = "settings_wanted"  # what it is about
MAX_DAYS = 36_500
WIDTH = 760  # pixels: forms are read, not spread


def page(visit: Visit) -> None:
    live.attend(visit, data.control())
    markup.draw("title", title="Settings", says=f"Of the workspace {visit.workspace.name}.")
    with st.container(width=WIDTH):
        plan(visit.workspace)
        pending(visit)
        if visit.may("admin"):
            change(visit)
        else:
            read(visit.workspace)
        capture.draw(visit)
        addresses(visit.workspace)


# -- the plan -----------------------------------------------------------------------------------------------------


def plan(workspace: WorkspaceInfo) -> None:
    used, allowed = data.events_this_month(workspace), workspace.monthly_events
    share = 100.0 if not allowed else min(100.0, 100 * used / allowed)
    with st.container(border=True):
        markup.draw(
            "plan", plan=f"{workspace.plan.capitalize()} plan", used=used, allowed=allowed, share=share,
            beyond=beyond(workspace), timezone=workspace.timezone,
        )  # fmt: skip


def beyond(workspace: WorkspaceInfo) -> str:
    """What happens when the allowance is used up."""
    if workspace.plan == "free":
        return "Beyond that, events are refused with 402 “Free plan quota exceeded” until the next month begins."
    if workspace.monthly_events is None:
        return "Every event is stored."
    if workspace.overage == "block":
        return "Beyond that, events are refused with 402 “Usage limit reached” until the next month begins."
    return "Beyond that, events are stored and answered with consumption_source “overage”."


# -- what people change -------------------------------------------------------------------------------------------


def change(visit: Visit) -> None:
    workspace = visit.workspace
    with st.form("settings"):
        name = st.text_input("Name", workspace.name, key=f"name-{workspace}")
        names = list(dict.fromkeys([workspace.timezone, *zones.offered()]))
        zone = st.selectbox("Reporting time zone", names, key=f"zone-{workspace}")
        markup.draw("note", text="Days, weeks and months begin by its clocks. A change tells past days anew.")
        days = st.number_input(
            "Keep events for so many days", 1, MAX_DAYS, workspace.retention_days, key=f"days-{workspace}"
        )
        markup.draw("note", text="In this version no event is deleted: the number is kept for when they are.")
        saves = st.form_submit_button("Save changes", type="primary")
    said = {"name": name, "timezone": zone, "retention_days": days}
    wanted = {field: value for field, value in said.items() if value != getattr(workspace, field)}
    if saves:
        submit(visit, wanted)
    zone = st.session_state.get(WANTED, {}).get("timezone")
    asking.confirm(
        ZONE,
        "Change the time zone?",
        f"Days, weeks and months of {visit.workspace.name} will be those of {zone}. Past days are told anew, from the "
        "events; until that is done, everything stays as it is.",
        "Yes, change it",
        partial(save, visit),
    )
    done.draw("settings")


def submit(visit: Visit, wanted: dict[str, Any]) -> None:
    """Another time zone is asked about first, with all that is saved with it."""
    st.session_state[WANTED] = wanted
    if "timezone" in wanted:
        asking.ask(ZONE)
    elif wanted:
        submit_at_once(visit, wanted)


def submit_at_once(visit: Visit, wanted: dict[str, Any]) -> None:
    st.session_state[WANTED] = wanted
    if asking.attempt(partial(save, visit)):
        st.rerun()


def save(visit: Visit) -> None:
    """All of it, or nothing."""
    wanted = st.session_state[WANTED]
    data.require_told(visit.workspace, wanted)
    with changing(visit, "admin") as (connection, author):
        workspaces.change(connection, workspaces.by_id(connection, visit.workspace.id), wanted, author)
    done.say("settings", "Saved")


def pending(visit: Visit) -> None:
    workspace = visit.workspace
    if not workspace.files_exact:
        markup.draw("in_motion", workspace=workspace)
    if not workspace.next_timezone:
        return
    markup.draw("pending", wanted=workspace.next_timezone, now=workspace.timezone)
    if visit.may("admin") and st.button(f"Stay with {workspace.timezone}", key="stay"):
        submit_at_once(visit, {"timezone": workspace.timezone})


# -- what is only read --------------------------------------------------------------------------------------------


def read(workspace: WorkspaceInfo) -> None:
    facts = [
        ("Name", workspace.name),
        ("Reporting time zone", workspace.timezone),
        ("Events are kept for", f"{formats.count(workspace.retention_days)} days; none is deleted in this version"),
    ]
    markup.draw("facts", fields=facts)
    markup.draw("says", text="Admins and owners of the workspace change these.")


def addresses(workspace: WorkspaceInfo) -> None:
    markup.draw("part", title="Workspace id", says="")
    st.code(workspace.id, language=None)
    markup.draw("part", title="API address", says="")
    st.code(data.api_address(), language=None)
    says = "By whoever runs this server, with the master key:"
    markup.draw("part", title="How plan and allowance are changed", says=says)
    st.code(for_the_operator(workspace, data.api_address()), language="bash", wrap_lines=True)


def for_the_operator(workspace: WorkspaceInfo, address: str) -> str:
    body = json.dumps({"plan": "paid", "monthly_events": 100_000, "overage": "allow"})
    return (
        f"curl -sS -X PATCH {address}/api/v1/workspace \\\n"
        '  -H "Authorization: Bearer $FARTHING_MASTER_KEY" \\\n'
        f"  -H {shlex.quote(f'X-Farthing-Workspace: {workspace.name}')} \\\n"
        f"  -d {shlex.quote(body)}"
    )


VIEW = View("settings", "Settings", page, order=80, group="Workspace")
