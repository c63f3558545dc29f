"""Account: what belongs to one person, whatever the workspace: their password, the browsers that they are signed in
with, and where they are a member."""

from collections.abc import Callable

import streamlit as st

from app import browsers, data, formats
from app.changes import address, changing, changing_own
from app.components import asking, done, listing, live, markup
from app.opened import opened
from app.sessions import Viewer, Visit
from app.views import View
from models.accounts import members, passwords, sessions, users
from models.accounts.members import Membership
from models.accounts.sessions import SignedIn
from models.errors import Unauthorized
from models.periods import now_us

HANDLE = 8  # characters of a digest, which tell one session from another


def page(visit: Visit) -> None:
    mine = data.own_sessions(visit.viewer)
    live.watch(visit, lambda: data.own_sessions(visit.viewer), mine)
    markup.draw("title", title="Account", says=f"You are signed in as {visit.viewer.email}.")
    password(visit.viewer)
    browsers_signed_in(visit.viewer, mine)
    workspaces(visit)


def own(viewer: Viewer) -> None:
    """What of it needs no workspace."""
    password(viewer)
    browsers_signed_in(viewer, data.own_sessions(viewer))


# -- password -----------------------------------------------------------------------------------------------------


def password(viewer: Viewer) -> None:
    markup.draw("part", title="Password", says="A new one signs you out everywhere else.")
    with st.form("password", clear_on_submit=True, width=480):
        current = st.text_input("Current password", type="password", autocomplete="current-password")
        chosen = st.text_input(
            "New password", type="password", autocomplete="new-password", max_chars=passwords.LONGEST,
            placeholder=f"At least {passwords.SHORTEST} characters",
        )  # fmt: skip
        if st.form_submit_button("Change password") and asking.attempt(
            lambda: change_password(viewer, current or "", chosen or "")
        ):
            done.say("password", "Your password is changed.")
    done.draw("password")


def change_password(viewer: Viewer, current: str, chosen: str) -> None:
    """Checked like a sign-in: who sits at somebody else's open page has no more tries than anybody."""
    passwords.read(chosen)
    here, email = opened(), viewer.email
    with here.attempts.at(email, address(), now_us()):
        user_id = here.sessions.known(email, current)
        if user_id is None:
            raise Unauthorized("The current password is not right")
    hashed = passwords.hashed(chosen)
    with changing_own(viewer) as (connection, author):
        users.set_password(connection, user_id, hashed, author, keep=data.own_session())


# -- sessions -----------------------------------------------------------------------------------------------------


def browsers_signed_in(viewer: Viewer, mine: list[SignedIn]) -> None:
    markup.draw("part", title="Browsers", says="Where you are signed in. A session lasts 30 days.")
    own = data.own_session()
    for session in listing.shown("browsers", sorted(mine, key=lambda each: each.digest != own), described):
        browser(viewer, session, session.digest == own)
    question = "sign-out-everywhere"
    st.button("Sign out everywhere", key=f"{question}-button", on_click=asking.ask, args=[question])
    asking.confirm(
        question, "Sign out everywhere?",
        "Every browser is signed out, this one too. Open pages close within 2 seconds.",
        "Sign out everywhere", lambda: sign_out_everywhere(viewer),
    )  # fmt: skip


def browser(viewer: Viewer, session: SignedIn, own: bool) -> None:
    handle = session.digest[:HANDLE]
    with st.container(border=True, key=f"session-{handle}", gap="small"):
        markup.draw(
            "session", name=browsers.name_of(session.agent), agent=session.agent or "", own=own,
            says=[session.address or "unknown address", f"signed in {formats.ago(session.created_us, now_us())}"],
        )  # fmt: skip
        if not own:
            with st.container(horizontal=True, key=f"acts-{handle}"):
                label = listing.verb("Sign out", described(session))
                st.button(label, key=f"end-{handle}", type="tertiary", on_click=lambda: end(viewer, session))


def described(session: SignedIn) -> str:
    return f"{browsers.name_of(session.agent)} {session.address or ''}".strip()


def end(viewer: Viewer, session: SignedIn) -> None:
    with changing_own(viewer) as (connection, _):
        sessions.end_one(connection, users.named(connection, viewer.email), session.digest)


def sign_out_everywhere(viewer: Viewer) -> None:
    with changing_own(viewer) as (connection, author):
        users.sign_out_everywhere(connection, users.named(connection, viewer.email), author)


# -- workspaces ---------------------------------------------------------------------------------------------------


def workspaces(visit: Visit) -> None:
    markup.draw("part", title="Workspaces", says="Where you are a member.")
    for each in listing.shown("workspaces", visit.viewer.memberships, lambda each: each.workspace.name):
        workspace(visit, each)


def workspace(visit: Visit, each: Membership) -> None:
    name, question = each.workspace.name, f"leave-{each.workspace.id}"
    with st.container(border=True, key=f"membership-{each.workspace.id}", gap="small"):
        markup.draw("person", name=name, role=each.role, says="")
        with st.container(horizontal=True, key=f"acts-{each.workspace.id}"):
            st.button(
                listing.verb("Leave", name),
                key=f"{question}-button",
                type="tertiary",
                on_click=asking.ask,
                args=[question],
            )
        asking.confirm(
            question, "Leave a workspace?", f"You will not see {name} any more, until somebody invites you again.",
            "Leave", leave(visit, each),
        )  # fmt: skip


def leave(visit: Visit, each: Membership) -> Callable[[], None]:
    def act() -> None:
        with changing(visit.viewer.visit(each.workspace), "viewer") as (connection, author):
            members.remove(connection, each.workspace.id, visit.viewer.email, author, visit.viewer.email)

    return act


VIEW = View("account", "Account", page, order=99, shown=False)
