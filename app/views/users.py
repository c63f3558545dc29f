"""Users: who may look at a workspace and as what, who is invited, and the changes to both."""

from functools import partial

import streamlit as st

from app import data
from app.changes import changing
from app.components import asking, listing, live, markup, secret
from app.sessions import Visit
from app.views import View
from models import periods
from models.accounts import invitations, members, roles, users
from models.accounts.invitations import Invited
from models.accounts.members import Person

PAGE = "users"
MADE = "invitations-made"  # in this visit: the form is a new one after each
SAYS = "A viewer looks at figures, keys and settings. An admin manages them, and people. An owner also makes owners."


def page(visit: Visit) -> None:
    live.attend(visit, data.control())
    markup.draw("title", title="Users", says=SAYS)
    invite(visit)
    secret.draw(PAGE)
    everybody = data.people(visit.workspace)
    for person in listing.shown("users", everybody, lambda each: f"{each.email} {each.role}"):
        member(visit, person)
    waiting = data.invited(visit.workspace)
    if waiting:
        markup.draw("part", title="Invited", says="Each has a link that lets them in once.")
    for each in listing.shown("invitations", waiting, lambda each: f"{each.email} {each.role}"):
        invited(visit, each)


# -- members ------------------------------------------------------------------------------------------------------


def member(visit: Visit, person: Person) -> None:
    own = person.email == visit.viewer.email
    with st.container(border=True, key=f"member-{person.email}", gap="small"):
        markup.draw("person", name=person.email, role=person.role, says="you" if own else "")
        if visit.may(person.role):
            buttons(visit.workspace.name, person, own)
            questions(visit, person, own)


def buttons(workspace: str, person: Person, own: bool) -> None:
    with st.container(horizontal=True, gap="small", key=f"acts-{person.email}"):
        act("Change role", person.email, f"role-{person.email}")
        act("Leave" if own else "Remove", workspace if own else person.email, f"remove-{person.email}")


def act(does: str, subject: str, question: str) -> None:
    label = listing.verb(does, subject)
    st.button(label, key=f"{question}-button", type="tertiary", on_click=asking.ask, args=[question])


def questions(visit: Visit, person: Person, own: bool) -> None:
    change_role(visit, person)
    workspace, email = visit.workspace.name, person.email
    title, says, label = (
        ("Leave this workspace?", f"You will not see {workspace} any more, until somebody invites you again.", "Leave")
        if own
        else (
            "Remove a user?",
            f"{email} will not see {workspace} any more: open pages close within 2 seconds. Keys that they know go on "
            "working until you rotate or revoke them.",
            "Remove",
        )
    )
    asking.confirm(f"remove-{email}", title, says, label, lambda: remove(visit, email), danger=True)


def change_role(visit: Visit, person: Person) -> None:
    question = f"role-{person.email}"
    if not asking.is_asked(question):
        return

    @st.dialog("Change a role", on_dismiss=asking.forget)
    def shown() -> None:
        markup.draw("says", text=f"What {person.email} may do in {visit.workspace.name}.")
        given = role_of_choice(visit, question, person.role)
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.button("Cancel", key=f"{question}-cancel")
            done = st.button("Change role", key=f"{question}-confirm", type="primary")
        if back or (done and asking.attempt(lambda: set_role(visit, person.email, given))):
            asking.forget()
            st.rerun()

    shown()


def role_of_choice(visit: Visit, name: str, chosen: str = "viewer") -> str:
    """One that this visitor may give."""
    offered = [role for role in roles.ROLES if visit.may(role)]
    return str(st.selectbox("Role", offered, index=offered.index(chosen), key=f"{name}-role", format_func=str.title))


def set_role(visit: Visit, email: str, role: str) -> None:
    with changing(visit, "admin") as (connection, author):
        members.change_role(connection, visit.workspace.id, email, role, author, visit.viewer.email)


def remove(visit: Visit, email: str) -> None:
    with changing(visit, "viewer") as (connection, author):
        members.remove(connection, visit.workspace.id, email, author, visit.viewer.email)


# -- invitations --------------------------------------------------------------------------------------------------


def invite(visit: Visit) -> None:
    """A form that keeps what was typed until it has made a link."""
    number = st.session_state.get(MADE, 0)
    with st.form("invite"):
        wide, narrow = st.columns([3, 1])
        with wide:
            email = st.text_input("E-mail", key=f"invite-email-{number}", placeholder="colleague@example.com")
        with narrow:
            role = role_of_choice(visit, "invite")
        wanted = st.form_submit_button("Invite", type="primary")
        if wanted and asking.attempt(partial(make_link, visit, email or "", role)):
            st.session_state[MADE] = number + 1
            st.rerun()


def make_link(visit: Visit, typed: str, role: str) -> None:
    email = users.read_email(typed)
    with changing(visit, "admin") as (connection, author):
        word = invitations.invite(connection, visit.workspace.id, email, role, author, visit.viewer.email)
    note = f"Send this link to {email}: it lets them in once, within 7 days. It is shown this once."
    secret.show(PAGE, f"Invitation to {visit.workspace.name}", f"{data.app_address()}/join?invitation={word}", note)


def invited(visit: Visit, each: Invited) -> None:
    question = f"withdraw-{each.id}"
    until = periods.day_of(each.expires_us, visit.workspace.timezone)
    with st.container(border=True, key=f"invited-{each.id}", gap="small"):
        markup.draw("person", name=each.email, role=each.role, says=f"by {each.invited_by}, until {until}")
        if visit.may(each.role):
            with st.container(horizontal=True, gap="small", key=f"acts-{each.id}"):
                act("Withdraw", each.email, question)
            asking.confirm(
                question, "Withdraw an invitation?", f"The link of {each.email} will not work any more.", "Withdraw",
                lambda: withdraw(visit, each),
            )  # fmt: skip


def withdraw(visit: Visit, each: Invited) -> None:
    with changing(visit, "admin") as (connection, author):
        invitations.withdraw(connection, visit.workspace.id, each.id, author, visit.viewer.email)


VIEW = View("users", "Users", page, order=72, group="Workspace", least="admin")
