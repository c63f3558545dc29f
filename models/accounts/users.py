"""People: an e-mail, an argon2 password, sessions as rows. A cookie is a random word stored as its digest."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from pwdlib import PasswordHash
from sqlalchemy import Connection, delete, insert, select

from models import identity, periods
from models.accounts.workspaces import WORKSPACES, WorkspaceInfo
from models.tables import Member, Session, User, table

USERS = table(User)
MEMBERS = table(Member)
SESSIONS = table(Session)

SESSION_LIFE = 30 * periods.DAY
HASHER = PasswordHash.recommended()
NOBODY = HASHER.hash(secrets.token_urlsafe(16))  # checked for unknown e-mails, so that they take as long as known ones


def ensure(connection: Connection, email: str, password: str, now_us: int) -> str:
    """The user of that e-mail, made with this password where there is none."""
    existing = connection.execute(select(USERS.c.id).where(USERS.c.email == email.lower())).scalar()
    if existing:
        return str(existing)
    user_id = identity.new_id("user")
    connection.execute(
        insert(USERS).values(id=user_id, email=email.lower(), password=HASHER.hash(password), created_us=now_us)
    )
    return user_id


def exists(connection: Connection, email: str) -> bool:
    return connection.execute(select(USERS.c.id).where(USERS.c.email == email.lower())).first() is not None


def add_owner(connection: Connection, user_id: str, workspace_id: str) -> None:
    connection.execute(insert(MEMBERS).values(user_id=user_id, workspace_id=workspace_id, role="owner"))


def sign_in(connection: Connection, email: str, password: str, now_us: int) -> str | None:
    """A new session's cookie, None where e-mail and password do not belong together."""
    user_id = known(connection, email, password)
    return begin_session(connection, user_id, now_us) if user_id else None


def known(connection: Connection, email: str, password: str) -> str | None:
    """The user whom e-mail and password belong to. It takes its time: on a connection that only reads, nobody waits."""
    row = connection.execute(select(USERS.c.id, USERS.c.password).where(USERS.c.email == email.strip().lower())).first()
    good = HASHER.verify(password, row.password if row else NOBODY)
    return str(row.id) if row and good else None


def begin_session(connection: Connection, user_id: str, now_us: int) -> str:
    """A new session's cookie, which nothing can tell again; sessions that are over are swept out."""
    cookie = secrets.token_urlsafe(32)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_us <= now_us))
    connection.execute(
        insert(SESSIONS).values(
            digest=digest(cookie), user_id=user_id, created_us=now_us, expires_us=now_us + SESSION_LIFE
        )
    )
    return cookie


def sign_out(connection: Connection, cookie: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest(cookie)))


def signed_in(connection: Connection, cookie: str | None, now_us: int) -> str | None:
    """The e-mail behind a cookie, None where its session is over or never was."""
    if not cookie:
        return None
    query = (
        select(USERS.c.email)
        .join(SESSIONS, SESSIONS.c.user_id == USERS.c.id)
        .where(SESSIONS.c.digest == digest(cookie), SESSIONS.c.expires_us > now_us)
    )
    email = connection.execute(query).scalar()
    return None if email is None else str(email)


@dataclass(frozen=True)
class Membership:
    """A workspace that somebody may look at, and as what."""

    workspace: WorkspaceInfo
    role: str


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


def role_of(connection: Connection, email: str, workspace_id: str) -> str | None:
    """As it is this moment; None where that user is no member (any more)."""
    query = select(MEMBERS.c.role).join(USERS, USERS.c.id == MEMBERS.c.user_id)
    return connection.execute(query.where(USERS.c.email == email, MEMBERS.c.workspace_id == workspace_id)).scalar()


def digest(cookie: str) -> str:
    return sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()
