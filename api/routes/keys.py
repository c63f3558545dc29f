"""Keys: made, rotated, switched off and on, revoked; their source definitions."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import Admin, Author, JsonObject, ServiceDep, WholeSpend
from api.documentation import ERRORS, taking
from models.accounts import keys, lifetimes
from models.accounts.keys import NewKey
from models.accounts.sources import MAX_SOURCES, PARTS, sources
from models.errors import BadField
from models.periods import now_us
from models.spend import by_key
from models.usage.text import LABEL_CHARACTERS

router = APIRouter(prefix="/api/v1/keys", tags=["management"], responses=ERRORS)

SOURCES = {
    "type": "array",
    "maxItems": MAX_SOURCES,
    "items": {
        "type": "object",
        "properties": {part: {"type": ["string", "null"]} for part in PARTS},
        "additionalProperties": False,
    },
}
DAYS = {"type": ["integer", "null"], "minimum": 1, "maximum": lifetimes.MAX_DAYS}
GRACE = {"type": ["integer", "null"], "minimum": 0, "maximum": keys.MAX_GRACE, "description": "seconds"}
KEY = taking(
    "name",
    name={"type": "string", "minLength": 1, "maxLength": LABEL_CHARACTERS},
    scope={"enum": list(keys.SCOPES)},
    sources=SOURCES,
    attributes={
        "type": "object",
        "properties": {name: {"type": "string"} for name in keys.ATTRIBUTES},
        "additionalProperties": False,
    },
    tags={"type": "array", "items": {"type": "string"}},
    expires_at={"type": ["string", "null"], "description": "a time in the future; or expires_in_days"},
    expires_in_days=DAYS,
    rotate_after_days=DAYS | {"description": "from this age on, people are reminded to rotate it"},
)


def wanted_key(body: dict[str, Any], now_us: int) -> NewKey:
    given = {name: value for name, value in body.items() if value is not None}
    return NewKey(
        keys.read_name(given.get("name")),
        keys.read_scope(given.get("scope", "ingest")),
        tuple(sources(given["sources"])) if "sources" in given else (),
        keys.read_attributes(given.get("attributes", {})),
        keys.read_tags(given.get("tags", [])),
        lifetimes.read(given, now_us),
    )


@router.get("")
def list_keys(who: Admin, service: ServiceDep, spend: WholeSpend) -> dict[str, Any]:
    """Every key of the workspace, revoked ones too, with what its name has sent in 30 days."""
    now = now_us()
    with service.installation.database.read() as connection:
        found = keys.shown_all(connection, who.workspace.id, now)
    sent = by_key.calls(spend, now)
    return {"keys": [each | {"events_30d": by_key.of(sent, each["name"])} for each in found]}


@router.post("", status_code=201, openapi_extra=KEY)
def make_key(who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """A new key; its secret stands in this answer only."""
    with service.change() as connection:
        key_id, secret = keys.create(connection, who.workspace.id, wanted_key(body, author.at_us), author)
        return keys.shown(connection, who.workspace.id, key_id, author.at_us) | {"key": secret}


@router.post("/{key_id}/rotate", openapi_extra=taking(grace_seconds=GRACE))
def rotate_key(key_id: str, who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """A new secret for the same key; the old one works until the grace is over."""
    grace = read_grace(body.get("grace_seconds"))
    with service.change() as connection:
        new_id, secret = keys.rotate(connection, who.workspace.id, key_id, grace, author)
        return keys.shown(connection, who.workspace.id, new_id, author.at_us) | {"key": secret}


def read_grace(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= keys.MAX_GRACE:
        raise BadField("grace_seconds", value, f"a whole number of seconds from 0 to {keys.MAX_GRACE}")
    return value


@router.post("/{key_id}/deactivate")
def deactivate_key(key_id: str, who: Admin, service: ServiceDep, author: Author) -> dict[str, Any]:
    """Refuse this key until it is activated again."""
    return switch(who, service, key_id, author, active=False)


@router.post("/{key_id}/activate")
def activate_key(key_id: str, who: Admin, service: ServiceDep, author: Author) -> dict[str, Any]:
    """Take this key again."""
    return switch(who, service, key_id, author, active=True)


def switch(who: Admin, service: ServiceDep, key_id: str, author: Author, active: bool) -> dict[str, Any]:
    with service.change() as connection:
        keys.set_active(connection, who.workspace.id, key_id, active, author)
        return keys.shown(connection, who.workspace.id, key_id, author.at_us)


@router.delete("/{key_id}", status_code=204)
def revoke_key(key_id: str, who: Admin, service: ServiceDep, author: Author) -> Response:
    """Revoke it for good; it stays listed, and so do its source definitions."""
    with service.change() as connection:
        keys.revoke(connection, who.workspace.id, key_id, author)
    return Response(status_code=204)


@router.put("/{key_id}/sources", openapi_extra=taking("sources", sources=SOURCES))
def put_sources(key_id: str, who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """Replace what the free plan shows of this key's events; history follows at once."""
    definitions = tuple(sources(body.get("sources")))
    with service.change() as connection:
        keys.put_sources(connection, who.workspace.id, key_id, definitions, author)
        return keys.shown(connection, who.workspace.id, key_id, author.at_us)
