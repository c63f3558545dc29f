"""Keys in LiteLLM's words: `/key/generate` and what may become of a key."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, RowMapping

from api.deps import Admin, Author, ExactObject, Parameters, Principal, ServiceDep, WholeSpend
from api.documentation import ERRORS, taking
from api.routes.gateway import BUDGET, DURATION, FLAG, NAME, TAGS, asked, keys_shown, naming
from models import durations, periods
from models.accounts import details, gateway_keys, keys
from models.accounts.gateway_keys import MADE_HERE, Wanted
from models.errors import BadField
from models.periods import now_us

router = APIRouter(prefix="/key", tags=["management"], responses=ERRORS)

A_KEY = "a key, or its token as /key/generate answered it"
ONE = {"type": "string", "minLength": 1, "description": A_KEY}
SOME = {"type": ["array", "null"], "items": {"type": "string"}}
SAID = {
    "key_alias": NAME,
    "user_id": NAME,
    "team_id": NAME | {"description": "a team's id or its alias"},
    "duration": DURATION | {"description": f"{durations.A_DURATION}: the key expires after it"},
    "tags": TAGS,
    "blocked": FLAG,
    **BUDGET,
    **details.schema(gateway_keys.FIELDS),
}
GRACE = DURATION | {"description": f"{durations.A_DURATION}, in which the old secret works too"}


@router.post("/generate", openapi_extra=taking(**SAID))
def generate_key(
    who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend
) -> dict[str, Any]:
    """A new ingest key, named by its alias; its secret stands in this answer only; LiteLLM's call."""
    details.refuse(body, ("key",), MADE_HERE)
    wanted = Wanted.of(body, author.at_us)
    with service.change() as connection:
        key_id, secret = gateway_keys.generate(connection, who.workspace.id, wanted, author)
    return one(service, who, key_id, spend, author.at_us) | {"key": secret}


@router.post("/regenerate", openapi_extra=taking("key", **{**SAID, "key": ONE, "grace_period": GRACE}))
def regenerate_key(
    who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend
) -> dict[str, Any]:
    """Another secret for the same key; the old one works until the grace is over; LiteLLM's call."""
    return regenerate_named(read_key(body), who, service, body, author, spend)


@router.post("/{key}/regenerate", openapi_extra=taking(**{**SAID, "grace_period": GRACE}))
def regenerate_named(
    key: str, who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend
) -> dict[str, Any]:
    """The same, with the key in the path."""
    wanted, grace = Wanted.of(body, author.at_us), read_grace(body, author.at_us)
    with service.change() as connection:
        row = gateway_keys.named(connection, who.workspace.id, key)
        new_id, secret = gateway_keys.regenerate(connection, row, wanted, grace, author)
    return one(service, who, new_id, spend, author.at_us) | {"key": secret}


@router.post("/block", openapi_extra=taking("key", key=ONE))
def block_key(who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend) -> dict[str, Any]:
    """Refuse this key until it is unblocked; LiteLLM's call."""
    return switch(who, service, body, author, spend, active=False)


@router.post("/unblock", openapi_extra=taking("key", key=ONE))
def unblock_key(
    who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend
) -> dict[str, Any]:
    """Take this key again; LiteLLM's call."""
    return switch(who, service, body, author, spend, active=True)


def switch(
    who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend, active: bool
) -> dict[str, Any]:
    """Every secret of that name: LiteLLM knows only one."""
    named, ours = read_key(body), who.workspace.id
    with service.change() as connection:
        row = gateway_keys.named(connection, ours, named)
        keys.set_active(connection, ours, row["id"], active, author)
        for other in gateway_keys.with_alias(connection, ours, row["name"], author.at_us):
            if other["active"] != active:
                keys.set_active(connection, ours, other["id"], active, author)
    return one(service, who, row["id"], spend, author.at_us)


@router.post("/delete", openapi_extra=taking(keys=SOME, key_aliases=SOME))
def delete_keys(who: Admin, service: ServiceDep, body: ExactObject, author: Author) -> dict[str, Any]:
    """Revoke these keys for good: all of them, or none where one is not known; LiteLLM's call."""
    named, aliases = read_names(body, "keys"), read_names(body, "key_aliases")
    if not named and not aliases:
        raise BadField("keys", body.get("keys"), "keys, or key_aliases", show=False)
    with service.change() as connection:
        for row in rows_of(connection, who.workspace.id, named, aliases, author.at_us):
            keys.revoke(connection, who.workspace.id, row["id"], author)
    return {"deleted_keys": [*named, *aliases]}


def rows_of(
    connection: Connection, workspace_id: str, named: Sequence[str], aliases: Sequence[str], now: int
) -> list[RowMapping]:
    of_aliases = [gateway_keys.with_alias(connection, workspace_id, each, now) for each in aliases]
    rows = [gateway_keys.named(connection, workspace_id, each) for each in named]
    return [*rows, *(row for some in of_aliases for row in some)]


@router.get("/info", openapi_extra=naming("key", A_KEY))
def key_info(who: Admin, service: ServiceDep, parameters: Parameters, spend: WholeSpend) -> dict[str, Any]:
    """A key, and what it has ever spent, whatever its secret was; LiteLLM's call."""
    named = asked(parameters, "key", A_KEY)
    return {"key": named, "info": one(service, who, named, spend, now_us())}


def one(service: ServiceDep, who: Principal, named: str, spend: WholeSpend, now: int) -> dict[str, Any]:
    with service.installation.database.read() as connection:
        row = gateway_keys.named(connection, who.workspace.id, named)
        return keys_shown(connection, [row], spend, now)[0]


# -- bodies -------------------------------------------------------------------------------------------------------


def read_key(body: Mapping[str, Any]) -> str:
    value = body.get("key")
    if not isinstance(value, str) or not value:
        raise BadField("key", value, A_KEY, show=False)
    return value


def read_names(body: Mapping[str, Any], field: str) -> list[str]:
    value = body.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadField(field, value, "an array of strings", show=False)
    return value


def read_grace(body: Mapping[str, Any], now: int) -> int:
    """Seconds."""
    duration = durations.read(body.get("grace_period"), "grace_period")
    seconds = (duration.after(now) - now) // periods.SECOND if duration else 0
    if seconds > keys.MAX_GRACE:
        raise BadField("grace_period", body["grace_period"], "at most 30d")
    return seconds
