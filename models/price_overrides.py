"""Price overrides as they are kept: made and deleted, never changed, each time with a record on the audit log.

They hold for events that come in from then on. What is stored already keeps its cost.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from models import audit, identity, periods
from models.accounts import control
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import BadField, BadRequest, NotFound
from models.pricing import terms
from models.pricing.overrides import ANY, Override, meant
from models.tables import PriceOverride, table
from models.usage.event import MAX_MODEL
from models.usage.text import LABEL_CHARACTERS, label

OVERRIDES = table(PriceOverride)

MAX_OVERRIDES = 10_000  # of one workspace: each process holds them, some 1 KB each
MAX_PATTERNS = 200  # of those: each is tried on every name that is new
MAX_OF_ONE = 200  # for one model, one after the other: its timeline holds them all
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MADE = ("id", "created_at")
MOMENT = "a day such as 2026-06-01 or a time such as 2026-06-01T12:00:00Z, from 1970 on"


def of_body(body: Mapping[str, Any], timezone: str, now_us: int) -> Override:
    """The override that is asked for; days are those of the workspace's zone."""
    rest = {name: value for name, value in body.items() if name not in MADE}  # what was shown may be sent again
    provider, model = read_names(rest.pop("provider", None), rest.pop("model", None))
    since, until = (read_moment(name, rest.pop(name, None), timezone) for name in ("valid_from", "valid_to"))
    if until is not None and until <= (since or 0):
        raise BadField("valid_to", body["valid_to"], "a time after valid_from")
    return Override(identity.new_id("price"), provider, model, since, until, now_us, terms.terms(rest))


def read_names(provider: Any, model: Any) -> tuple[str | None, str]:
    if not isinstance(provider, str | None) or label(provider) != (provider or None):
        raise BadField("provider", provider, f"a name of at most {LABEL_CHARACTERS} characters, or null for any")
    if not isinstance(model, str) or not model.strip() or len(model) > MAX_MODEL or label(model) != model:
        raise BadField("model", model, f"a name of 1 to {MAX_MODEL} characters; {ANY} stands for any of them")
    return meant(provider, model)


def read_moment(name: str, value: Any, timezone: str) -> int | None:
    if value is None:
        return None
    try:
        day = isinstance(value, str) and DAY.fullmatch(value)
        instant = periods.day_start(date.fromisoformat(value), timezone) if day else periods.parse_time(value)
        periods.day_of(instant, timezone)
    except (ValueError, OverflowError):
        raise BadField(name, value, MOMENT) from None
    if instant < 0:
        raise BadField(name, value, MOMENT)
    return instant


def create(connection: Connection, workspace: WorkspaceInfo, override: Override, author: Author) -> None:
    add(connection, workspace, [override])
    tell(connection, workspace, "price.create", override, author)


def add(connection: Connection, workspace: WorkspaceInfo, overrides: Sequence[Override]) -> None:
    """They hold once this is committed."""
    require_room(connection, workspace, overrides)
    connection.execute(insert(OVERRIDES), [row_of(workspace, each) for each in overrides])
    control.changed(connection)


def require_room(connection: Connection, workspace: WorkspaceInfo, overrides: Sequence[Override]) -> None:
    mine = select(func.count()).where(OVERRIDES.c.workspace_id == workspace.id)
    patterns = sum(each.is_pattern for each in overrides)
    if connection.execute(mine).scalar_one() + len(overrides) > MAX_OVERRIDES:
        raise BadRequest(f"A workspace has at most {MAX_OVERRIDES} price overrides: delete some first")
    like_patterns = mine.where(OVERRIDES.c.model.contains(ANY))
    if patterns and connection.execute(like_patterns).scalar_one() + patterns > MAX_PATTERNS:
        raise BadRequest(f"A workspace has at most {MAX_PATTERNS} price overrides for patterns: delete some first")
    if len(overrides) == 1:  # an import has one for each model
        same = mine.where(OVERRIDES.c.model == overrides[0].model)
        if connection.execute(same).scalar_one() >= MAX_OF_ONE:
            raise BadRequest(f"A model has at most {MAX_OF_ONE} price overrides: delete some first")


def remove(connection: Connection, workspace: WorkspaceInfo, override_id: str, author: Author) -> None:
    mine = (OVERRIDES.c.workspace_id == workspace.id, OVERRIDES.c.id == override_id)
    row = connection.execute(select(OVERRIDES).where(*mine)).mappings().first()
    if row is None:
        raise NotFound("No such price override in this workspace")
    connection.execute(delete(OVERRIDES).where(*mine))
    control.changed(connection)
    tell(connection, workspace, "price.delete", override_of(row), author)


def tell(connection: Connection, workspace: WorkspaceInfo, action: str, override: Override, author: Author) -> None:
    details = shown(override, workspace.timezone)
    audit.record(connection, author, workspace.id, action, details.pop("id"), details)


# -- rows ---------------------------------------------------------------------------------------------------------


def row_of(workspace: WorkspaceInfo, override: Override) -> dict[str, Any]:
    return {"workspace_id": workspace.id, **msgspec.to_builtins(override)}


def override_of(row: RowMapping) -> Override:
    return msgspec.convert(dict(row), Override)


def ids(connection: Connection) -> dict[str, frozenset[str]]:
    """Of the overrides of each workspace that has some. None is ever changed: the same ids are the same overrides."""
    found: dict[str, set[str]] = {}
    for workspace_id, override_id in connection.execute(select(OVERRIDES.c.workspace_id, OVERRIDES.c.id)):
        found.setdefault(workspace_id, set()).add(override_id)
    return {workspace_id: frozenset(each) for workspace_id, each in found.items()}


def of_workspace(connection: Connection, workspace_id: str) -> list[Override]:
    """The oldest first."""
    query = select(OVERRIDES).where(OVERRIDES.c.workspace_id == workspace_id)
    return [
        override_of(row)
        for row in connection.execute(query.order_by(OVERRIDES.c.created_us, OVERRIDES.c.id)).mappings()
    ]


# -- shown --------------------------------------------------------------------------------------------------------


def shown(override: Override, timezone: str) -> dict[str, Any]:
    """As it may be sent again."""
    return {
        "id": override.id,
        "provider": override.provider,
        "model": override.model,
        "valid_from": shown_moment(override.valid_from_us, timezone),
        "valid_to": shown_moment(override.valid_to_us, timezone),
        **terms.shown(override.terms),
        "created_at": periods.iso(override.created_us),
    }


def shown_moment(instant: int | None, timezone: str) -> str | None:
    """The day that begins then, else the instant."""
    if instant is None:
        return None
    day = periods.day_of(instant, timezone)
    return day.isoformat() if periods.day_start(day, timezone) == instant else periods.iso(instant)


def line(shown: Mapping[str, Any]) -> str:
    """One override for people."""
    said = {name: value for name, value in shown.items() if name not in ("id", "provider", "model", "created_at")}
    terms = "  ".join(f"{name}={value}" for name, value in said.items() if value is not None)
    return f"{shown['id']}  {shown['provider'] or ANY}  {shown['model']}  {terms}"
