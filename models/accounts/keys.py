"""Keys: a workspace's names for who sends and who reads. The secret is shown once and stored as its digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from models import audit, identity, periods
from models.accounts import control, secrets
from models.accounts.lifetimes import FOREVER, Lifetime, age_days
from models.accounts.sources import ANYTHING, MAX_SOURCES, Source
from models.accounts.sources import shown as shown_sources
from models.accounts.uses import USES
from models.audit import Author
from models.errors import BadField, Conflict, NotFound
from models.tables import ApiKey, KeySource, table
from models.usage.text import LABEL_CHARACTERS, label

KEYS = table(ApiKey)
SOURCES = table(KeySource)

MAX_GRACE = 30 * 86_400  # seconds in which an old secret still works
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
    lifetime: Lifetime = FOREVER

    def revoked(self, now_us: int) -> bool:
        return self.revoked_us is not None and self.revoked_us <= now_us

    def expired(self, now_us: int) -> bool:
        """Nobody revoked it: its time was over."""
        return self.lifetime.expired(now_us) and not self.revoked(now_us)

    def state(self, now_us: int) -> str:
        if self.revoked(now_us) or self.expired(now_us):
            return "revoked"
        return "active" if self.active else "inactive"

    def hint(self, now_us: int) -> str | None:
        """What its sender could not know."""
        if not self.expired(now_us):
            return None
        return f"This key expired at {periods.iso(self.lifetime.expires_us)}: have it rotated, or use another one"


@dataclass(frozen=True)
class NewKey:
    """What is asked for; checked already."""

    name: str
    scope: str
    sources: tuple[Source, ...] = (ANYTHING,)
    attributes: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    lifetime: Lifetime = FOREVER


def key_of(row: RowMapping) -> Key:
    return Key(
        row["id"], row["workspace_id"], row["name"], row["scope"], row["active"], row["revoked_us"],
        dict(row["attributes"]), tuple(row["tags"]), Lifetime(row["expires_us"], row["rotate_after_days"]),
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
    if taken(connection, workspace_id, wanted.name):
        raise BadField("name", wanted.name, "a name that no key of this workspace has or had")
    define(connection, workspace_id, wanted.name, wanted.sources)
    key_id, secret = insert_secret(connection, workspace_id, wanted, author.at_us)
    tell(connection, author, "key.create", row_of(connection, workspace_id, key_id))
    return key_id, secret


def taken(connection: Connection, workspace_id: str, name: str) -> bool:
    """Whether a key of the workspace has that name, or had it: revoked keys keep theirs."""
    return connection.execute(rows_of(workspace_id).where(KEYS.c.name == name)).first() is not None


def insert_secret(
    connection: Connection, workspace_id: str, wanted: NewKey, now_us: int, active: bool = True
) -> tuple[str, str]:
    key_id, secret = identity.new_id("key"), secrets.new_secret()
    connection.execute(
        insert(KEYS).values(
            id=key_id, workspace_id=workspace_id, name=wanted.name, scope=wanted.scope, active=active, revoked_us=None,
            digest=secrets.digest(secret), prefix=secret[: secrets.SHOWN], attributes=dict(wanted.attributes),
            tags=list(wanted.tags), created_us=now_us, expires_us=wanted.lifetime.expires_us,
            rotate_after_days=wanted.lifetime.rotate_after_days,
        )
    )  # fmt: skip
    control.changed(connection)
    return key_id, secret


def rotate(
    connection: Connection, workspace_id: str, key_id: str, grace_seconds: int, author: Author
) -> tuple[str, str]:
    """A new secret for the same logical key; the old one is revoked when the grace is over. What has an end begins
    anew; one that has expired may be rotated, too."""
    row = row_of(connection, workspace_id, key_id)
    old = key_of(row)
    if old.revoked(author.at_us):
        raise Conflict("A revoked key can't be rotated: make a new one")
    if old.revoked_us is not None:
        raise Conflict("This secret was rotated already, and works until its grace is over: rotate the newest one")
    if grace_seconds > MAX_GRACE:
        raise BadField("grace_seconds", grace_seconds, f"at most {MAX_GRACE} seconds, which is 30 days")
    revoke_at(connection, row, author.at_us + grace_seconds * periods.SECOND)
    lifetime = old.lifetime.renewed(row["created_us"], author.at_us)
    wanted = NewKey(old.name, old.scope, (), tuple(old.attributes.items()), old.tags, lifetime)
    new_id, secret = insert_secret(connection, workspace_id, wanted, author.at_us, old.active)
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
    if key_of(row).expired(author.at_us):
        raise Conflict("An expired key can't be switched: rotate it, or make a new one")
    if key_of(row).revoked(author.at_us):
        raise Conflict("A revoked key stays revoked: make a new one")
    connection.execute(update(KEYS).where(KEYS.c.id == key_id).values(active=active))
    control.changed(connection)
    tell(connection, author, "key.activate" if active else "key.deactivate", row)


def put_sources(
    connection: Connection, workspace_id: str, key_id: str, stated: tuple[Source, ...], author: Author
) -> None:
    """Replace all definitions of that key's name: those of a secret that it was rotated from, too."""
    row = row_of(connection, workspace_id, key_id)
    define(connection, workspace_id, row["name"], stated)
    tell(connection, author, "key.sources", row, sources=shown_sources(stated))


def add_source(connection: Connection, workspace_id: str, name: str, definition: Source, author: Author) -> None:
    """One more definition of the key of that name, beside whatever it has by now."""
    row = newest_named(connection, workspace_id, name)
    stated = definitions_of(connection, workspace_id, name)
    if definition in stated:
        return
    if len(stated) >= MAX_SOURCES:
        raise BadField("sources", [*stated, definition], f"at most {MAX_SOURCES} source definitions")
    put_sources(connection, workspace_id, row["id"], (*stated, definition), author)


def tell(connection: Connection, author: Author, action: str, row: RowMapping, **details: Any) -> None:
    said = {"name": row["name"], "scope": row["scope"], "prefix": row["prefix"], **details}
    audit.record(connection, author, row["workspace_id"], action, row["id"], said)


def define(connection: Connection, workspace_id: str, name: str, stated: tuple[Source, ...]) -> None:
    connection.execute(delete(SOURCES).where(SOURCES.c.workspace_id == workspace_id, SOURCES.c.key == name))
    rows = [{"workspace_id": workspace_id, "key": name, **each.shown()} for each in stated]
    if rows:
        connection.execute(insert(SOURCES), rows)
    control.changed(connection)


def row_of(connection: Connection, workspace_id: str, key_id: str) -> RowMapping:
    return found(connection.execute(rows_of(workspace_id).where(KEYS.c.id == key_id)).mappings().first())


def newest_named(connection: Connection, workspace_id: str, name: str) -> RowMapping:
    """The last secret of that logical key."""
    named = rows_of(workspace_id).where(KEYS.c.name == name).order_by(KEYS.c.created_us.desc(), KEYS.c.id.desc())
    return found(connection.execute(named).mappings().first())


def found(row: RowMapping | None) -> RowMapping:
    if row is None:
        raise NotFound("No such key in this workspace")
    return row


def rows_of(workspace_id: str) -> Select[Any]:
    """Secrets, each with when it was last used."""
    used = select(KEYS, USES.c.used_us).join_from(KEYS, USES, USES.c.key_id == KEYS.c.id, isouter=True)
    return used.where(KEYS.c.workspace_id == workspace_id)


def definitions_of(connection: Connection, workspace_id: str, name: str) -> tuple[Source, ...]:
    rows = connection.execute(definitions(workspace_id).where(SOURCES.c.key == name))
    return tuple(Source(*each) for _, *each in rows)


def all_definitions(connection: Connection, workspace_id: str) -> dict[str, list[Source]]:
    """By the name of the key, in one question: gateways make keys by the thousand."""
    found: dict[str, list[Source]] = {}
    for name, *each in connection.execute(definitions(workspace_id)):
        found.setdefault(name, []).append(Source(*each))
    return found


def definitions(workspace_id: str) -> Select[Any]:
    parts = (SOURCES.c.key, SOURCES.c.provider, SOURCES.c.model, SOURCES.c.feature)
    return select(*parts).where(SOURCES.c.workspace_id == workspace_id).order_by(SOURCES.c.id)


def shown(connection: Connection, workspace_id: str, key_id: str, now_us: int) -> dict[str, Any]:
    row = row_of(connection, workspace_id, key_id)
    return shown_row(row, definitions_of(connection, workspace_id, row["name"]), now_us)


def shown_all(connection: Connection, workspace_id: str, now_us: int) -> list[dict[str, Any]]:
    rows = connection.execute(rows_of(workspace_id).order_by(KEYS.c.created_us, KEYS.c.id)).mappings().all()
    defined = all_definitions(connection, workspace_id)
    return [shown_row(row, defined.get(row["name"], ()), now_us) for row in rows]


def shown_row(row: RowMapping, stated: Iterable[Source], now_us: int) -> dict[str, Any]:
    """A key as anyone may see it: never the secret, never its digest."""
    key, created_us = key_of(row), row["created_us"]
    state = key.state(now_us)
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "state": state,
        "prefix": row["prefix"],
        "attributes": key.attributes,
        "tags": list(key.tags),
        "sources": shown_sources(stated),
        "created_at": periods.iso(created_us),
        "revoked_at": periods.iso(key.revoked_us),
        "expires_at": periods.iso(key.lifetime.expires_us),
        "age_days": age_days(created_us, now_us),
        "rotate_after_days": key.lifetime.rotate_after_days,
        "rotation_due": key.revoked_us is None and state != "revoked" and key.lifetime.rotation_due(created_us, now_us),
        "last_used_at": periods.iso(row["used_us"]),
    }
