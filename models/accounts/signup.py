"""Open sign-up: an account with a free workspace of its own and the key that it starts with, all or nothing."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select

from models.accounts import keys, members, users, workspaces
from models.accounts.keys import NewKey
from models.accounts.workspaces import WORKSPACES, WorkspaceInfo
from models.audit import Author
from models.errors import BadRequest
from models.usage.text import LABEL_CHARACTERS, label

FIRST_KEY = "default"
SUFFIX_BYTES = 3  # behind a made-up name that is taken


@dataclass(frozen=True)
class SignedUp:
    """What was made; the key is told once."""

    user_id: str
    workspace: WorkspaceInfo
    ingest_key: str


def sign_up(
    connection: Connection, email: str, hashed: str, wanted: str, retention_days: int, author: Author
) -> SignedUp:
    """`wanted` is a name for the workspace; without one it is made up from the e-mail."""
    user_id = users.create(connection, email, hashed, author.at_us)
    name = wanted or free_name(connection, email)
    workspace = workspaces.create(connection, name, "free", retention_days, author)
    members.join(connection, user_id, workspace.id, "owner", author, "sign-up")
    _, secret = keys.create(connection, workspace.id, NewKey(FIRST_KEY, "ingest"), author)
    return SignedUp(user_id, workspace, secret)


def read_workspace_name(value: str) -> str:
    """Empty where none is wanted."""
    name = value.strip()
    if name and (len(name) > LABEL_CHARACTERS or label(name) != name):
        raise BadRequest(f"Choose a workspace name of at most {LABEL_CHARACTERS} characters, or none")
    return name


def free_name(connection: Connection, email: str) -> str:
    name = email.partition("@")[0]
    taken = connection.execute(select(WORKSPACES.c.id).where(WORKSPACES.c.name == name)).first()
    return f"{name}-{secrets.token_hex(SUFFIX_BYTES)}" if taken else name
