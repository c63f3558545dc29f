"""Sessions: one row for each signed-in browser. Its cookie is a word that is told once; deleting the row ends it."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from models import periods
from models.accounts import words
from models.tables import Session, User, table

SESSIONS = table(Session)
USERS = table(User)

LIFE = 30 * periods.DAY
AGENT_CHARACTERS = 200  # of what a browser calls itself


class Browser(NamedTuple):
    """Who signs in, as far as a request tells."""

    agent: str | None = None
    address: str | None = None


UNKNOWN = Browser()


@dataclass(frozen=True)
class SignedIn:
    """A session as its owner may see it."""

    digest: str
    created_us: int
    agent: str | None
    address: str | None


def begin(connection: Connection, user_id: str, now_us: int, browser: Browser = UNKNOWN) -> str:
    """A new session's cookie, which nothing can tell again; sessions that are over are swept out."""
    cookie = words.new()
    connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_us <= now_us))
    connection.execute(
        insert(SESSIONS).values(
            digest=words.digest(cookie), user_id=user_id, created_us=now_us, expires_us=now_us + LIFE,
            agent=shortened(browser.agent), address=browser.address,
        )
    )  # fmt: skip
    return cookie


def shortened(agent: str | None) -> str | None:
    """Printable, and no longer than its place."""
    plain = "".join(each if each.isprintable() else " " for each in agent or "")
    return plain.strip()[:AGENT_CHARACTERS].strip() or None


def end(connection: Connection, cookie: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == words.digest(cookie)))


def end_one(connection: Connection, user_id: str, digest: str) -> None:
    """One of that user's; nobody ends another's."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.digest == digest))


def end_all(connection: Connection, user_id: str, keep: str | None = None) -> int:
    """Every session of that user, but for the one with the digest to keep; how many there were."""
    ours = SESSIONS.c.user_id == user_id
    wanted = ours if keep is None else ours & (SESSIONS.c.digest != keep)
    return connection.execute(delete(SESSIONS).where(wanted)).rowcount


def holder(connection: Connection, cookie: str | None, now_us: int) -> str | None:
    """The e-mail behind a cookie, None where its session is over or never was."""
    if not cookie:
        return None
    query = (
        select(USERS.c.email)
        .join(SESSIONS, SESSIONS.c.user_id == USERS.c.id)
        .where(SESSIONS.c.digest == words.digest(cookie), SESSIONS.c.expires_us > now_us)
    )
    email = connection.execute(query).scalar()
    return None if email is None else str(email)


def of_user(connection: Connection, user_id: str, now_us: int) -> list[SignedIn]:
    """The newest first."""
    columns = (SESSIONS.c.digest, SESSIONS.c.created_us, SESSIONS.c.agent, SESSIONS.c.address)
    query = select(*columns).where(SESSIONS.c.user_id == user_id, SESSIONS.c.expires_us > now_us)
    rows = connection.execute(query.order_by(SESSIONS.c.created_us.desc(), SESSIONS.c.digest)).mappings()
    return [SignedIn(**row) for row in rows]
