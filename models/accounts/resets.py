"""Links for a new password: made by the operator for somebody who has lost theirs, good for a day, and once."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from models import periods
from models.accounts import users, words
from models.accounts.users import RESETS, USERS
from models.audit import Author
from models.errors import NotFound

LIFE = periods.DAY


@dataclass(frozen=True)
class Reset:
    user_id: str
    email: str


def make(connection: Connection, email: str, author: Author) -> str:
    """The word of the link; one that was made before loses its use."""
    user_id, word = users.named(connection, email), words.new()
    connection.execute(delete(RESETS).where((RESETS.c.user_id == user_id) | (RESETS.c.expires_us <= author.at_us)))
    connection.execute(
        insert(RESETS).values(
            digest=words.digest(word), user_id=user_id, created_us=author.at_us, expires_us=author.at_us + LIFE
        )
    )
    users.tell(connection, author, "user.reset", user_id)
    return word


def find(connection: Connection, word: str, now_us: int) -> Reset:
    """Whose password a link sets. Used, replaced, expired and never there are one and the same."""
    query = select(USERS.c.id, USERS.c.email).join(RESETS, RESETS.c.user_id == USERS.c.id)
    row = connection.execute(query.where(RESETS.c.digest == words.digest(word), RESETS.c.expires_us > now_us)).first()
    if row is None:
        raise NotFound("This link can't be used: it was used before, was replaced or is older than a day")
    return Reset(row.id, row.email)


def use(connection: Connection, word: str, hashed: str, author: Author) -> Reset:
    """Set the password; the link is used up, and every session of that user ends."""
    found = find(connection, word, author.at_us)
    users.set_password(connection, found.user_id, hashed, author)
    users.vouch(connection, found.user_id)
    return found
