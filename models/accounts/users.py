"""People: an e-mail and an argon2 password. An e-mail is what somebody is called here; nothing proves that it is
theirs, but the word of whoever invited them."""

from sqlalchemy import Connection, delete, insert, select, update

from models import audit, identity
from models.accounts import members, passwords, sessions
from models.audit import Author
from models.errors import BadRequest, Conflict, NotFound
from models.tables import PasswordReset, User, table

USERS = table(User)
RESETS = table(PasswordReset)

EMAIL_CHARACTERS = 254  # that mail can be sent to


def read_email(value: str) -> str:
    """An e-mail as it is kept: lower-cased, without what a keyboard adds around it."""
    email = value.strip().lower()
    name, _, host = email.rpartition("@")
    plain = email.isprintable() and not any(each.isspace() for each in email)
    if not name or not host or "@" in name or not plain or len(email) > EMAIL_CHARACTERS:
        raise BadRequest("That is no e-mail address")
    return email


def ensure(connection: Connection, email: str, password: str, now_us: int) -> str:
    """The user of that e-mail, made by the operator with this password where there is none."""
    return id_of(connection, email) or create(connection, email, passwords.hashed(password), now_us, proven=True)


def create(connection: Connection, email: str, hashed: str, now_us: int, proven: bool = False) -> str:
    """A new account. Conflict where there is one, whoever was faster. `proven` says that the e-mail is theirs by the
    operator's word, or a sign-in provider's."""
    if exists(connection, email):
        raise Conflict("An account with this e-mail exists already: sign in")
    user_id = identity.new_id("user")
    connection.execute(
        insert(USERS).values(id=user_id, email=email.lower(), password=hashed, created_us=now_us, proven=proven)
    )
    return user_id


def id_of(connection: Connection, email: str) -> str | None:
    found = connection.execute(select(USERS.c.id).where(USERS.c.email == email.lower())).scalar()
    return None if found is None else str(found)


def exists(connection: Connection, email: str) -> bool:
    return id_of(connection, email) is not None


def named(connection: Connection, email: str) -> str:
    user_id = id_of(connection, email)
    if user_id is None:
        raise NotFound(f"Nobody has an account as {email[:EMAIL_CHARACTERS]}")
    return user_id


def known(connection: Connection, email: str, password: str) -> str | None:
    """The user whom e-mail and password belong to. It takes its time: on a connection that only reads, nobody waits."""
    row = connection.execute(select(USERS.c.id, USERS.c.password).where(USERS.c.email == email.strip().lower())).first()
    good = passwords.match(password, row.password if row else None)
    return str(row.id) if row and good else None


def set_password(connection: Connection, user_id: str, hashed: str, author: Author, keep: str | None = None) -> None:
    """Links for a new password lose their use, and every session ends but for the one with the digest to keep."""
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(password=hashed))
    connection.execute(delete(RESETS).where(RESETS.c.user_id == user_id))
    ended = sessions.end_all(connection, user_id, keep)
    tell(connection, author, "user.password", user_id, sessions_ended=ended)


def prove(connection: Connection, user_id: str, hashed: str, author: Author) -> bool:
    """Whose e-mail it is has come, by the operator's word or a provider's. Whoever made the account in their name is
    out: another password, no session. Whether anybody had."""
    unproven = select(USERS.c.id).where(USERS.c.id == user_id, USERS.c.proven.is_(False))
    if connection.execute(unproven).first() is None:
        return False
    set_password(connection, user_id, hashed, author)
    vouch(connection, user_id)
    return True


def vouch(connection: Connection, user_id: str) -> None:
    """The operator says that the account is its e-mail's."""
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(proven=True))


def sign_out_everywhere(connection: Connection, user_id: str, author: Author) -> int:
    """How many sessions there were."""
    ended = sessions.end_all(connection, user_id)
    tell(connection, author, "user.sign_out", user_id, sessions_ended=ended)
    return ended


def tell(connection: Connection, author: Author, action: str, user_id: str, **details: object) -> None:
    """On the log of each workspace that the account opens; where it opens none, on the installation's."""
    email = connection.execute(select(USERS.c.email).where(USERS.c.id == user_id)).scalar_one()
    workspaces: list[str | None] = [*members.workspaces_of(connection, user_id)]
    for workspace_id in workspaces or [None]:
        audit.record(connection, author, workspace_id, action, email, details)
