"""Keys as gateways manage them: ingest keys, made and named in LiteLLM's words.

A key is named by its secret, by the digest that was answered as its `token`, or by its id. What was said of it beside
what any key has belongs to the logical key, so that its next secret keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from models import budgets, durations, identity, periods
from models.accounts import details, keys, secrets, teams
from models.accounts.keys import KEYS, NewKey
from models.accounts.lifetimes import Lifetime
from models.accounts.teams import Team
from models.audit import Author
from models.budgets import Cap
from models.errors import BadField, NotFound
from models.tables import GatewayKey as GatewayKeyRow
from models.tables import table
from models.usage.text import clean

TOLD = table(GatewayKeyRow)

FIELDS: details.Fields = details.OF_ALL | {
    "aliases": "object",
    "config": "object",
    "permissions": "object",
    "model_max_budget": "object",
    "allowed_cache_controls": "array",
    "duration": "string",
}
MADE_HERE = f"nothing: secrets are made here, and begin with {secrets.PREFIX}"
NEVER_CHANGED = "what it is, or nothing: make a new key instead"
STATUS = {"active": "active", "inactive": "revoked", "revoked": "deleted"}  # as LiteLLM says it


@dataclass(frozen=True)
class Wanted:
    """What is asked for; checked already, but for its team and whether its alias is free."""

    alias: str | None
    user: str | None
    team: str | None  # by its id or its alias
    tags: tuple[str, ...]
    blocked: bool
    expires_us: int | None
    cap: Cap
    details: dict[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any], now_us: int) -> "Wanted":
        details.refuse(said, ("new_key", "new_master_key"), MADE_HERE)
        duration = durations.read(said.get("duration"), "duration")
        return cls(
            alias=details.name(said, "key_alias"),
            user=details.name(said, "user_id"),
            team=details.name(said, "team_id"),
            tags=keys.read_tags(said["tags"]) if said.get("tags") is not None else (),
            blocked=details.flag(said, "blocked"),
            expires_us=duration.after(now_us) if duration else None,
            cap=Cap.of(said),
            details=details.read(said, FIELDS),
        )


def generate(connection: Connection, workspace_id: str, wanted: Wanted, author: Author) -> tuple[str, str]:
    """A new key; its id, and its secret, which nothing can tell again."""
    name = wanted.alias or identity.new_id("generated")
    if keys.taken(connection, workspace_id, name):
        raise BadField("key_alias", name, "a name that no key of this workspace has or had")
    attributes = {"user": wanted.user, "team": alias_of(connection, workspace_id, wanted.team)}
    stated = tuple((each, value) for each, value in attributes.items() if value)
    new = NewKey(name, "ingest", attributes=stated, tags=wanted.tags, lifetime=Lifetime(wanted.expires_us))
    key_id, secret = keys.create(connection, workspace_id, new, author)
    finish(connection, workspace_id, key_id, name, wanted, author)
    return key_id, secret


def alias_of(connection: Connection, workspace_id: str, team: str | None) -> str | None:
    """A team that nobody has made is taken as it is named, as LiteLLM does it: it may be made later."""
    found = teams.find(connection, workspace_id, team) if team else None
    return found.alias if found else team


def regenerate(
    connection: Connection, row: RowMapping, wanted: Wanted, grace_seconds: int, author: Author
) -> tuple[str, str]:
    """Another secret for the same key, which keeps what nothing else is said of."""
    require_same(connection, row, wanted)
    new_id, secret = keys.rotate(connection, row["workspace_id"], row["id"], grace_seconds, author)
    said = {"expires_us": wanted.expires_us, "tags": list(wanted.tags)}
    if changes := {name: value for name, value in said.items() if value}:
        connection.execute(update(KEYS).where(KEYS.c.id == new_id).values(changes))
        keys.tell(connection, author, "key.change", keys.row_of(connection, row["workspace_id"], new_id), **changes)
    finish(connection, row["workspace_id"], new_id, row["name"], wanted, author)
    return new_id, secret


def finish(connection: Connection, workspace_id: str, key_id: str, name: str, wanted: Wanted, author: Author) -> None:
    if wanted.blocked:
        keys.set_active(connection, workspace_id, key_id, active=False, author=author)
    tell(connection, workspace_id, name, wanted, author)


def require_same(connection: Connection, row: RowMapping, wanted: Wanted) -> None:
    had = {"key_alias": row["name"], "user_id": row["attributes"].get("user"), "team_id": row["attributes"].get("team")}
    for field, value in {"key_alias": wanted.alias, "user_id": wanted.user, "team_id": wanted.team}.items():
        same = value == had[field] or (field == "team_id" and same_team(connection, row, value, had[field]))
        if value and not same:
            raise BadField(field, value, NEVER_CHANGED)


def same_team(connection: Connection, row: RowMapping, one: str | None, other: str | None) -> bool:
    aliases = {alias_of(connection, row["workspace_id"], each) for each in (one, other)}
    return len(aliases) == 1


# -- what was told of a logical key -------------------------------------------------------------------------------


def tell(connection: Connection, workspace_id: str, name: str, wanted: Wanted, author: Author) -> None:
    """Keep what was said, over what had been said before; its budget with it."""
    before = told(connection, workspace_id, name)
    budget_id = budgets.put(
        connection, workspace_id, (before or {}).get("budget_id"), {"key": name}, wanted.cap, author
    )
    now = (before or {}) | wanted.details | wanted.cap.noted(budget_id)
    if before is None:
        connection.execute(insert(TOLD).values(workspace_id=workspace_id, name=name, details=now))
    else:
        connection.execute(update(TOLD).where(*of_key(workspace_id, name)).values(details=now))


def told(connection: Connection, workspace_id: str, name: str) -> dict[str, Any] | None:
    row = connection.execute(select(TOLD.c.details).where(*of_key(workspace_id, name))).first()
    return None if row is None else dict(row.details)


def of_key(workspace_id: str, name: str) -> tuple[Any, ...]:
    return TOLD.c.workspace_id == workspace_id, TOLD.c.name == name


# -- which keys ---------------------------------------------------------------------------------------------------


def named(connection: Connection, workspace_id: str, name: str) -> RowMapping:
    name = clean(name)
    ways = or_(KEYS.c.digest.in_([name, secrets.digest(name)]), KEYS.c.id == name)
    return keys.found(connection.execute(keys.rows_of(workspace_id).where(ways)).mappings().first())


def with_alias(connection: Connection, workspace_id: str, alias: str, now_us: int) -> list[RowMapping]:
    """Its secrets that are not revoked: several while a rotation has grace."""
    rows = working(connection, workspace_id, now_us, KEYS.c.name == clean(alias))
    if not rows:
        raise NotFound("No such key in this workspace")
    return rows


def of_team(connection: Connection, workspace_id: str, team: Team, now_us: int) -> list[RowMapping]:
    named = KEYS.c.attributes["team"].as_string().in_([team.alias, team.team_id])
    return working(connection, workspace_id, now_us, named)


def of_user(connection: Connection, workspace_id: str, user_id: str, now_us: int) -> list[RowMapping]:
    return working(connection, workspace_id, now_us, KEYS.c.attributes["user"].as_string() == user_id)


def working(connection: Connection, workspace_id: str, now_us: int, which: Any) -> list[RowMapping]:
    unrevoked = or_(KEYS.c.revoked_us.is_(None), KEYS.c.revoked_us > now_us)
    ours = keys.rows_of(workspace_id).where(which, unrevoked).order_by(KEYS.c.created_us, KEYS.c.id)
    return list(connection.execute(ours).mappings())


def shown(connection: Connection, row: RowMapping, now_us: int) -> dict[str, Any]:
    """In LiteLLM's words."""
    key, workspace_id = keys.key_of(row), row["workspace_id"]
    team = teams.find(connection, workspace_id, key.attributes["team"]) if "team" in key.attributes else None
    said = told(connection, workspace_id, key.name) or {}
    return {
        "token": row["digest"],
        "token_id": row["digest"],
        "key_name": f"{row['prefix']}...",
        "key_alias": key.name,
        "user_id": key.attributes.get("user"),
        "team_id": team.team_id if team else key.attributes.get("team"),
        "team_alias": team.alias if team else None,
        "tags": list(key.tags),
        "status": "expired" if key.expired(now_us) else STATUS[key.state(now_us)],
        "blocked": not key.active,
        "expires": periods.iso(key.lifetime.expires_us),
        **details.shown(said, FIELDS),
        **budgets.noted(connection, workspace_id, said, now_us),
        "created_at": periods.iso(row["created_us"]),
    }
