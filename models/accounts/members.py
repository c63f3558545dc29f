"""Members: who may look at which workspace, and as what.

A workspace always has an owner: what would leave it without one is refused, in the transaction that would do it. Nobody
gives a role above their own, or changes somebody who has one. `by` is the e-mail of who does it; None is the operator,
who may all that an owner may.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from models import audit
from models.accounts import control, roles
from models.accounts.workspaces import WORKSPACES, WorkspaceInfo
from models.audit import Author
from models.errors import BadField, Conflict, Forbidden, NotFound
from models.tables import Invitation, Member, User, table

MEMBERS = table(Member)
USERS = table(User)
INVITATIONS = table(Invitation)


@dataclass(frozen=True)
class Membership:
    """A workspace that somebody may look at, and as what."""

    workspace: WorkspaceInfo
    role: str


@dataclass(frozen=True)
class Person:
    """A member as the others see them."""

    email: str
    role: str


def read_role(value: str) -> str:
    if value not in roles.ROLES:
        raise BadField("role", value, "viewer, admin or owner")
    return value


# -- looking ------------------------------------------------------------------------------------------------------


def memberships(connection: Connection, email: str) -> list[Membership]:
    """Where that user may look, the oldest first."""
    query = (
        select(WORKSPACES, MEMBERS.c.role)
        .join(MEMBERS, MEMBERS.c.workspace_id == WORKSPACES.c.id)
        .join(USERS, USERS.c.id == MEMBERS.c.user_id)
        .where(USERS.c.email == email)
        .order_by(WORKSPACES.c.created_us, WORKSPACES.c.id)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [Membership(role=row.pop("role"), workspace=WorkspaceInfo(**row)) for row in rows]


def workspaces_of(connection: Connection, user_id: str) -> list[str]:
    query = select(MEMBERS.c.workspace_id).where(MEMBERS.c.user_id == user_id).order_by(MEMBERS.c.workspace_id)
    return list(connection.execute(query).scalars())


def people(connection: Connection, workspace_id: str) -> list[Person]:
    """Everybody there, by e-mail."""
    query = select(USERS.c.email, MEMBERS.c.role).join(MEMBERS, MEMBERS.c.user_id == USERS.c.id)
    rows = connection.execute(query.where(MEMBERS.c.workspace_id == workspace_id).order_by(USERS.c.email))
    return [Person(row.email, row.role) for row in rows]


def role_of(connection: Connection, email: str, workspace_id: str) -> str | None:
    """As it is this moment; None where that user is no member (any more)."""
    query = select(MEMBERS.c.role).join(USERS, USERS.c.id == MEMBERS.c.user_id)
    return connection.execute(query.where(USERS.c.email == email, MEMBERS.c.workspace_id == workspace_id)).scalar()


def standing(connection: Connection, workspace_id: str, by: str | None) -> str:
    """The role of who manages people there, as it is this moment."""
    role = "owner" if by is None else role_of(connection, by, workspace_id)
    if role is None:
        raise Forbidden("You are no member of this workspace any more")
    roles.require(role, "admin")
    return role


# -- changing -----------------------------------------------------------------------------------------------------


def add(connection: Connection, user_id: str, workspace_id: str, role: str) -> bool:
    """Whether they are new there: a member who is there keeps their role."""
    there = select(MEMBERS.c.role).where(MEMBERS.c.user_id == user_id, MEMBERS.c.workspace_id == workspace_id)
    if connection.execute(there).first():
        return False
    connection.execute(insert(MEMBERS).values(user_id=user_id, workspace_id=workspace_id, role=role))
    control.changed(connection)
    return True


def join(connection: Connection, user_id: str, workspace_id: str, role: str, author: Author, via: str) -> bool:
    joined = add(connection, user_id, workspace_id, role)
    if joined:
        email = connection.execute(select(USERS.c.email).where(USERS.c.id == user_id)).scalar_one()
        audit.record(connection, author, workspace_id, "user.join", email, {"role": role, "by": via})
    return joined


def change_role(
    connection: Connection, workspace_id: str, email: str, role: str, author: Author, by: str | None = None
) -> None:
    control.changed(connection)  # first of all: here two changes at once wait for each other
    member = row_of(connection, workspace_id, email)
    require_reach(standing(connection, workspace_id, by), member["role"], role)
    if member["role"] == role:
        return
    if member["role"] == "owner":
        require_another_owner(connection, workspace_id)
    connection.execute(update(MEMBERS).where(*where(member)).values(role=role))
    take_back_invitations(connection, workspace_id, email, role)
    audit.record(connection, author, workspace_id, "user.role", email, {"before": member["role"], "after": role})


def remove(connection: Connection, workspace_id: str, email: str, author: Author, by: str | None = None) -> None:
    """Their account stays, and so does what it opens elsewhere. Anybody may leave, but for the last owner."""
    control.changed(connection)
    member = row_of(connection, workspace_id, email)
    if by != email:
        require_reach(standing(connection, workspace_id, by), member["role"])
    if member["role"] == "owner":
        require_another_owner(connection, workspace_id)
    connection.execute(delete(MEMBERS).where(*where(member)))
    take_back_invitations(connection, workspace_id, email)
    audit.record(connection, author, workspace_id, "user.remove", email, {"role": member["role"]})


def require_reach(own: str, *others: str) -> None:
    """Owners are made and unmade by owners only."""
    for role in others:
        if not roles.may(own, role):
            raise Forbidden(f"Your role here is {own}: only an owner makes or changes owners")


def require_another_owner(connection: Connection, workspace_id: str) -> None:
    owners = select(func.count()).where(MEMBERS.c.workspace_id == workspace_id, MEMBERS.c.role == "owner")
    if connection.execute(owners).scalar_one() < 2:
        raise Conflict("A workspace needs an owner: make somebody else owner first")


def take_back_invitations(connection: Connection, workspace_id: str, email: str, role: str = "viewer") -> None:
    """Links that they hold must not let in whom they may not (any more) invite: themselves under another e-mail."""
    beyond = [each for each in roles.ROLES if role == "viewer" or not roles.may(role, each)]
    theirs = (INVITATIONS.c.workspace_id == workspace_id, INVITATIONS.c.invited_by == email)
    connection.execute(
        delete(INVITATIONS).where(*theirs, INVITATIONS.c.role.in_(beyond), INVITATIONS.c.accepted_us.is_(None))
    )


def row_of(connection: Connection, workspace_id: str, email: str) -> RowMapping:
    query = select(MEMBERS.c.user_id, MEMBERS.c.workspace_id, MEMBERS.c.role)
    query = query.join(USERS, USERS.c.id == MEMBERS.c.user_id)
    row = (
        connection.execute(query.where(USERS.c.email == email, MEMBERS.c.workspace_id == workspace_id))
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound(f"{email} is no member of this workspace")
    return row


def where(member: RowMapping) -> tuple[ColumnElement[bool], ...]:
    return (MEMBERS.c.user_id == member["user_id"], MEMBERS.c.workspace_id == member["workspace_id"])
