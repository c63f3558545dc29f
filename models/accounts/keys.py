"""Keys: a workspace's names for who sends and who reads. The secret is shown once and stored as its digest."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from models import audit, identity, periods
from models.accounts import control, secrets
from models.accounts.sources import ANYTHING, Source
from models.accounts.sources import shown as shown_sources
from models.audit import Author
from models.errors import BadField, Conflict, NotFound
from models.tables import ApiKey, KeySource, table
from models.usage.text import LABEL_CHARACTERS, label

KEYS = table(ApiKey)
SOURCES = table(KeySource)

SCOPES = ("ingest", "read", "admin")
ATTRIBUTES = [
    "team",
    "project",
    "feature",
    "env",
    "department",
    "agent",
    "endpoint",
    "prompt",
    "user",
    "end_user",
    "token",
]  # what a key may fill in where an event has none


@dataclass(frozen=True)
class Key:
    """One secret's key, as the doors know it."""

    id: str
    workspace_id: str
    name: str
    scope: str
    active: bool
    revoked_us: int | None
    attributes: dict[str, str]
    tags: tuple[str, ...]

    def state(self, now_us: int) -> str:
        if self.revoked_us is not None and self.revoked_us <= now_us:
            return "revoked"
        return "active" if self.active else "inactive"


@dataclass(frozen=True)
class NewKey:
    """What is asked for; checked already."""

    name: str
    scope: str
    sources: tuple[Source, ...] = (ANYTHING,)
    attributes: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()


def key_of(row: RowMapping) -> Key:
    return Key(
        row["id"], row["workspace_id"], row["name"], row["scope"], row["active"], row["revoked_us"],
        dict(row["attributes"]), tuple(row["tags"]),
    )  # fmt: skip


def read_name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LABEL_CHARACTERS or label(value) != value:
        raise BadField("name", value, f"a name of 1 to {LABEL_CHARACTERS} characters")
    return value


def read_scope(value: Any) -> str:
    if value not in SCOPES:
        raise BadField("scope", value, "ingest, read or admin")
    return str(value)


def read_attributes(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise BadField("attributes", value, "an object")
    for name, each in value.items():
        if name not in ATTRIBUTES:
            raise BadField(f"attributes.{name}"[:80], each, f"one of {', '.join(ATTRIBUTES)}", show=False)
        if not isinstance(each, str):
            raise BadField(f"attributes.{name}", each, "a string")
    return tuple((name, cut) for name, each in value.items() if (cut := label(each)) is not None)


def read_tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadField("tags", value, "an array of strings")
    return tuple(dict.fromkeys(cut for each in value if (cut := label(each)) is not None))


def create(connection: Connection, workspace_id: str, wanted: NewKey, author: Author) -> tuple[str, str]:
    """A new logical key; its id and its secret, which nothing can tell again."""
    taken = select(KEYS.c.id).where(KEYS.c.workspace_id == workspace_id, KEYS.c.name == wanted.name)
    if connection.execute(taken).first():
        raise BadField("name", wanted.name, "a name that no key of this workspace has or had")
    define(connection, workspace_id, wanted.name, wanted.sources)
    key_id, secret = insert_secret(connection, workspace_id, wanted, author.at_us)
    tell(connection, author, "key.create", row_of(connection, workspace_id, key_id))
    return key_id, secret


def insert_secret(
    connection: Connection, workspace_id: str, wanted: NewKey, now_us: int, active: bool = True
) -> tuple[str, str]:
    key_id, secret = identity.new_id("key"), secrets.new_secret()
    connection.execute(
        insert(KEYS).values(
            id=key_id, workspace_id=workspace_id, name=wanted.name, scope=wanted.scope, active=active, revoked_us=None,
            digest=secrets.digest(secret), prefix=secret[: secrets.SHOWN], attributes=dict(wanted.attributes),
            tags=list(wanted.tags), created_us=now_us,
        )
    )  # fmt: skip
    control.changed(connection)
    return key_id, secret


def rotate(
    connection: Connection, workspace_id: str, key_id: str, grace_seconds: int, author: Author
) -> tuple[str, str]:
    """A new secret for the same logical key; the old one is revoked when the grace is over."""
    row = row_of(connection, workspace_id, key_id)
    if key_of(row).state(author.at_us) == "revoked":
        raise Conflict("A revoked key can't be rotated: make a new one")
    revoke_at(connection, row, author.at_us + grace_seconds * periods.SECOND)
    wanted = NewKey(row["name"], row["scope"], (), tuple(row["attributes"].items()), tuple(row["tags"]))
    new_id, secret = insert_secret(connection, workspace_id, wanted, author.at_us, row["active"])
    tell(connection, author, "key.rotate", row, new_id=new_id, grace_seconds=grace_seconds)
    return new_id, secret


def revoke(connection: Connection, workspace_id: str, key_id: str, author: Author) -> None:
    """For good, from now on."""
    row = row_of(connection, workspace_id, key_id)
    revoke_at(connection, row, author.at_us)
    tell(connection, author, "key.revoke", row)


def revoke_at(connection: Connection, row: RowMapping, at_us: int) -> None:
    """From that instant on; an earlier revocation stays."""
    earliest = at_us if row["revoked_us"] is None else min(at_us, row["revoked_us"])
    connection.execute(update(KEYS).where(KEYS.c.id == row["id"]).values(revoked_us=earliest))
    control.changed(connection)


def set_active(connection: Connection, workspace_id: str, key_id: str, active: bool, author: Author) -> None:
    row = row_of(connection, workspace_id, key_id)
    if key_of(row).state(author.at_us) == "revoked":
        raise Conflict("A revoked key stays revoked: make a new one")
    connection.execute(update(KEYS).where(KEYS.c.id == key_id).values(active=active))
    control.changed(connection)
    tell(connection, author, "key.activate" if active else "key.deactivate", row)


def put_sources(
    connection: Connection, workspace_id: str, key_id: str, definitions: tuple[Source, ...], author: Author
) -> None:
    """Replace all definitions of that key's name: those of a secret that it was rotated from, too."""
    row = row_of(connection, workspace_id, key_id)
    define(connection, workspace_id, row["name"], definitions)
    tell(connection, author, "key.sources", row, sources=shown_sources(definitions))


def tell(connection: Connection, author: Author, action: str, row: RowMapping, **details: Any) -> None:
    said = {"name": row["name"], "scope": row["scope"], "prefix": row["prefix"], **details}
    audit.record(connection, author, row["workspace_id"], action, row["id"], said)


def define(connection: Connection, workspace_id: str, name: str, definitions: tuple[Source, ...]) -> None:
    connection.execute(delete(SOURCES).where(SOURCES.c.workspace_id == workspace_id, SOURCES.c.key == name))
    rows = [{"workspace_id": workspace_id, "key": name, **each.shown()} for each in definitions]
    if rows:
        connection.execute(insert(SOURCES), rows)
    control.changed(connection)


def row_of(connection: Connection, workspace_id: str, key_id: str) -> RowMapping:
    query = select(KEYS).where(KEYS.c.workspace_id == workspace_id, KEYS.c.id == key_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("No such key in this workspace")
    return row


def shown(connection: Connection, workspace_id: str, key_id: str, now_us: int) -> dict[str, Any]:
    return shown_row(connection, row_of(connection, workspace_id, key_id), now_us)


def shown_all(connection: Connection, workspace_id: str, now_us: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(KEYS).where(KEYS.c.workspace_id == workspace_id).order_by(KEYS.c.created_us, KEYS.c.id)
    ).mappings()
    return [shown_row(connection, row, now_us) for row in rows.all()]


def shown_row(connection: Connection, row: RowMapping, now_us: int) -> dict[str, Any]:
    """A key as anyone may see it: never the secret, never its digest."""
    definitions = connection.execute(
        select(SOURCES.c.provider, SOURCES.c.model, SOURCES.c.feature)
        .where(SOURCES.c.workspace_id == row["workspace_id"], SOURCES.c.key == row["name"])
        .order_by(SOURCES.c.id)
    )
    return {
        "id": row["id"],
        "name": row["name"],
        "scope": row["scope"],
        "state": key_of(row).state(now_us),
        "prefix": row["prefix"],
        "attributes": row["attributes"],
        "tags": row["tags"],
        "sources": shown_sources(Source(*each) for each in definitions),
        "created_at": periods.iso(row["created_us"]),
        "revoked_at": periods.iso(row["revoked_us"]),
    }
