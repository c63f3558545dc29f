"""Invitations: a link that lets one person into a workspace, once, within a week. Its word is told once; whoever holds
it may join under the e-mail that it names, and no other."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from models import audit, identity, periods
from models.accounts import control, members, users, words
from models.accounts.workspaces import WORKSPACES
from models.audit import Author
from models.errors import Conflict, NotFound
from models.tables import Invitation, table

INVITATIONS = table(Invitation)

LIFE = 7 * periods.DAY
OPERATOR = "the operator"


@dataclass(frozen=True)
class Invited:
    """Somebody who may join."""

    id: str
    workspace_id: str
    workspace: str
    email: str
    role: str
    invited_by: str
    expires_us: int


def invite(
    connection: Connection, workspace_id: str, email: str, role: str, author: Author, by: str | None = None
) -> str:
    """The word of the link. One that this e-mail has already is taken back: the newest counts."""
    members.require_reach(members.standing(connection, workspace_id, by), role)
    if members.role_of(connection, email, workspace_id):
        raise Conflict(f"{email} is a member of this workspace already")
    word, invitation_id = words.new(), identity.new_id("inv")
    before = (INVITATIONS.c.workspace_id == workspace_id, INVITATIONS.c.email == email)
    connection.execute(delete(INVITATIONS).where(*before, INVITATIONS.c.accepted_us.is_(None)))
    connection.execute(
        insert(INVITATIONS).values(
            id=invitation_id, digest=words.digest(word), workspace_id=workspace_id, email=email, role=role,
            invited_by=by or OPERATOR, created_us=author.at_us, expires_us=author.at_us + LIFE,
        )
    )  # fmt: skip
    control.changed(connection)
    audit.record(connection, author, workspace_id, "user.invite", email, {"role": role})
    return word


def withdraw(
    connection: Connection, workspace_id: str, invitation_id: str, author: Author, by: str | None = None
) -> None:
    ours = (INVITATIONS.c.workspace_id == workspace_id, INVITATIONS.c.id == invitation_id)
    query = select(INVITATIONS.c.email, INVITATIONS.c.role).where(*ours, INVITATIONS.c.accepted_us.is_(None))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("That invitation is not open any more")
    members.require_reach(members.standing(connection, workspace_id, by), row.role)
    connection.execute(delete(INVITATIONS).where(*ours))
    control.changed(connection)
    audit.record(connection, author, workspace_id, "user.withdraw", row.email, {"role": row.role})


def pending(connection: Connection, workspace_id: str, now_us: int) -> list[Invited]:
    """Those that can still be used, by e-mail."""
    query = is_open(now_us).where(INVITATIONS.c.workspace_id == workspace_id).order_by(INVITATIONS.c.email)
    return [invited(row) for row in connection.execute(query).mappings()]


def find(connection: Connection, word: str, now_us: int) -> Invited:
    """What a link invites to. Used, withdrawn, expired and never there are one and the same to who holds it."""
    row = connection.execute(is_open(now_us).where(INVITATIONS.c.digest == words.digest(word))).mappings().first()
    if row is None:
        raise NotFound("This invitation can't be used: it was used before, was taken back or is older than a week")
    return invited(row)


def accept(connection: Connection, word: str, author: Author) -> str:
    """Let in the user of the e-mail that it names, whose id this is. Of two at once the first uses it up."""
    return admit(connection, find(connection, word, author.at_us), author)


def open_for(connection: Connection, email: str, now_us: int) -> list[Invited]:
    """What that e-mail is invited to, wherever."""
    return [invited(row) for row in connection.execute(is_open(now_us).where(INVITATIONS.c.email == email)).mappings()]


def admit(connection: Connection, found: Invited, author: Author) -> str:
    user_id = users.named(connection, found.email)
    connection.execute(update(INVITATIONS).where(INVITATIONS.c.id == found.id).values(accepted_us=author.at_us))
    members.join(connection, user_id, found.workspace_id, found.role, author, f"invitation of {found.invited_by}")
    return user_id


def is_open(now_us: int) -> Select[Any]:
    query = select(INVITATIONS, WORKSPACES.c.name.label("workspace"))
    query = query.join(WORKSPACES, WORKSPACES.c.id == INVITATIONS.c.workspace_id)
    return query.where(INVITATIONS.c.accepted_us.is_(None), INVITATIONS.c.expires_us > now_us)


def invited(row: RowMapping) -> Invited:
    return Invited(**{name: row[name] for name in Invited.__dataclass_fields__})
