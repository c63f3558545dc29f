"""Workspaces: one tenant each, with a plan, a reporting time zone and everything that belongs to it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models import allowance, audit, identity, periods
from models.accounts import control
from models.audit import Author
from models.errors import BadField, Conflict, Forbidden, NotFound
from models.spend import held, progress
from models.tables import EventRow, Workspace, table
from models.usage.text import LABEL_CHARACTERS, label

WORKSPACES = table(Workspace)
EVENTS = table(EventRow)

PLANS = ("free", "paid")
OVERAGES = ("allow", "block")
OF_PLAN = {"plan", "monthly_events", "overage"}
FREE_MONTHLY_EVENTS = 10_000
MAX_CONTENT_DAYS = 365  # prompts and responses are kept for looking into what happened lately, and for nothing else
BY_OWNERS = (
    "An admin key can't have prompts and responses kept, or kept for longer. An owner of the workspace does it on "
    "/settings, or whoever runs this server with the master key"
)


@dataclass(frozen=True)
class WorkspaceInfo:
    """A workspace as the rest of the code sees it."""

    id: str
    name: str
    plan: str
    timezone: str
    monthly_events: int | None
    overage: str
    retention_days: int
    created_us: int
    next_timezone: str | None = None  # asked for, and being built
    generation: int = 0  # of its rollup files
    files_exact: bool = True  # whether a glob over them adds up: not while two generations lie there
    capture_content: bool = False  # prompts and responses of its LiteLLM events are kept
    content_days: int = 7  # for so long


def create(connection: Connection, name: str, plan: str, retention_days: int, author: Author) -> WorkspaceInfo:
    name = read_name(name)
    if connection.execute(select(WORKSPACES.c.id).where(WORKSPACES.c.name == name)).first():
        raise Conflict(f"A workspace named {name!r} exists already")
    if plan not in PLANS:
        raise BadField("plan", plan, "free or paid")
    values: dict[str, Any] = {
        "id": identity.new_id("ws"),
        "name": name,
        "plan": plan,
        "timezone": "UTC",
        "monthly_events": FREE_MONTHLY_EVENTS if plan == "free" else None,
        "overage": "block" if plan == "free" else "allow",
        "retention_days": retention_days,
        "created_us": author.at_us,
        "next_timezone": None,
        "generation": 0,
        "files_exact": True,
    }
    connection.execute(insert(WORKSPACES).values(values))
    control.changed(connection)
    audit.record(connection, author, values["id"], "workspace.create", name, {"plan": plan})
    return WorkspaceInfo(**values)


def read_name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LABEL_CHARACTERS or label(value) != value:
        raise BadField("name", value, f"a name of 1 to {LABEL_CHARACTERS} characters")
    return value


def all_workspaces(connection: Connection) -> list[WorkspaceInfo]:
    """Every workspace, the oldest first."""
    rows = connection.execute(select(WORKSPACES).order_by(WORKSPACES.c.created_us, WORKSPACES.c.id))
    return [WorkspaceInfo(**row) for row in rows.mappings()]


def named(connection: Connection, name: str) -> WorkspaceInfo:
    row = connection.execute(select(WORKSPACES).where(WORKSPACES.c.name == name)).mappings().first()
    if row is None:
        raise NotFound(f"No workspace is named {name[:LABEL_CHARACTERS]!r}")
    return WorkspaceInfo(**row)


def named_or_oldest(connection: Connection, name: str | None) -> WorkspaceInfo:
    if name:
        return named(connection, name)
    oldest = next(iter(all_workspaces(connection)), None)
    if oldest is None:
        raise NotFound("There is no workspace yet: run `farthing init`")
    return oldest


def by_id(connection: Connection, workspace_id: str) -> WorkspaceInfo:
    return WorkspaceInfo(
        **connection.execute(select(WORKSPACES).where(WORKSPACES.c.id == workspace_id)).mappings().one()
    )


def change(
    connection: Connection, workspace: WorkspaceInfo, wanted: dict[str, Any], author: Author, by_operator: bool = False
) -> None:
    """Apply a PATCH. Plan, allowance and overage are the operator's to change."""
    readers = {
        "name": change_name,
        "timezone": change_timezone,
        "retention_days": change_retention,
        "capture_content": change_capture,
        "content_days": change_content_days,
    }
    operators = {"plan": change_plan, "monthly_events": change_allowance, "overage": change_overage}
    known = readers | (operators if by_operator else {})
    for field, value in wanted.items():
        if field in operators and not by_operator:
            raise Forbidden(f"{field} is changed with the master key only")
        if field not in known:
            raise BadField(field[:LABEL_CHARACTERS], value, f"one of {', '.join(known)}", show=False)
    values: dict[str, Any] = {}
    for field in [each for each in known if each in wanted]:  # a plan first, and then what is said of it
        values |= known[field](connection, workspace, wanted[field])
    if values.get("plan", workspace.plan) == "free":
        values["overage"] = "block"  # free always blocks
    if not values:
        return
    connection.execute(update(WORKSPACES).where(WORKSPACES.c.id == workspace.id).values(values))
    control.changed(connection)
    tell(connection, workspace, values, author)


def tell(connection: Connection, workspace: WorkspaceInfo, values: dict[str, Any], author: Author) -> None:
    """A change of the plan is a record of its own: it is the operator's, and another question. So is the switch of
    prompts and responses, which people look for."""
    changed = {name: value for name, value in values.items() if value != getattr(workspace, name)}
    if "capture_content" in changed:
        tell_capture(connection, workspace, changed.pop("capture_content"), author)
    for action, fields in (("plan.change", changed.keys() & OF_PLAN), ("workspace.change", changed.keys() - OF_PLAN)):
        if fields:
            before = {name: getattr(workspace, name) for name in sorted(fields)}
            after = {name: changed[name] for name in sorted(fields)}
            audit.record(connection, author, workspace.id, action, workspace.name, {"before": before, "after": after})


def tell_capture(connection: Connection, workspace: WorkspaceInfo, on: bool, author: Author) -> None:
    audit.record(connection, author, workspace.id, "content.on" if on else "content.off", workspace.name)


def change_name(connection: Connection, workspace: WorkspaceInfo, value: Any) -> dict[str, Any]:
    name = read_name(value)
    others = select(WORKSPACES.c.id).where(WORKSPACES.c.name == name, WORKSPACES.c.id != workspace.id)
    if connection.execute(others).first():
        raise Conflict(f"A workspace named {name!r} exists already")
    return {"name": name}


def change_timezone(connection: Connection, workspace: WorkspaceInfo, value: Any) -> dict[str, Any]:
    """At once where nothing is counted yet; else it waits until `jobs/zones.py` has built the files of its days."""
    zone = read_timezone(value)
    if zone == workspace.timezone:
        return {"next_timezone": None} if workspace.next_timezone else {}
    if not has_events(connection, workspace.id) and not progress.furthest(connection, workspace):
        return {"timezone": zone, "next_timezone": None, "generation": workspace.generation + 1}
    return {"next_timezone": zone}


def require_owner(workspace: WorkspaceInfo, wanted: dict[str, Any]) -> None:
    """Forbidden where a change would have prompts and responses kept, or kept for longer: not for a key to decide."""
    on = wanted.get("capture_content") is True and not workspace.capture_content
    days = wanted.get("content_days")
    if on or (isinstance(days, int) and days > workspace.content_days):
        raise Forbidden(BY_OWNERS)


def require_told(connection: Connection, workspace: WorkspaceInfo, wanted: dict[str, Any]) -> None:
    """Conflict where another zone is asked for and days can't be told anew by it. It reads much: it is asked before the
    transaction that changes anything, for others wait for that one; the work itself asks again."""
    zone = wanted.get("timezone", workspace.timezone)
    if zone != workspace.timezone and (day := untold(connection, workspace)):
        raise Conflict(f"The time zone can't be changed: the events of {day} are no longer in the ledger")


def read_timezone(value: Any) -> str:
    try:
        return periods.zone(value if isinstance(value, str) else "").key
    except ValueError as problem:
        raise BadField("timezone", value, f"an IANA time zone such as Europe/Berlin ({problem})") from None


def has_events(connection: Connection, workspace_id: str) -> bool:
    query = select(EVENTS.c.seq).where(EVENTS.c.workspace_id == workspace_id).limit(1)
    return connection.execute(query).first() is not None


def untold(connection: Connection, workspace: WorkspaceInfo) -> date | None:
    """The first day of which the ledger has no longer all that was counted: no other days can be told from it."""
    for day, counted in sorted(progress.furthest(connection, workspace).items()):
        if not held.whole(connection, workspace.id, workspace.timezone, day, counted):
            return day
    return None


def change_retention(_: Connection, __: WorkspaceInfo, value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_500:
        raise BadField("retention_days", value, "a number of days from 1 to 36500")
    return {"retention_days": value}


def change_capture(_: Connection, __: WorkspaceInfo, value: Any) -> dict[str, Any]:
    if not isinstance(value, bool):
        raise BadField("capture_content", value, "true or false")
    return {"capture_content": value}


def change_content_days(_: Connection, __: WorkspaceInfo, value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CONTENT_DAYS:
        raise BadField("content_days", value, f"a number of days from 1 to {MAX_CONTENT_DAYS}")
    return {"content_days": value}


def change_plan(_: Connection, workspace: WorkspaceInfo, value: Any) -> dict[str, Any]:
    """Another plan brings its own allowance and overage; what the same PATCH says of them comes after."""
    if value not in PLANS:
        raise BadField("plan", value, "free or paid")
    if value == workspace.plan:
        return {}
    free = value == "free"
    return {"plan": value, "monthly_events": FREE_MONTHLY_EVENTS if free else None, "overage": "allow"}


def change_allowance(_: Connection, __: WorkspaceInfo, value: Any) -> dict[str, Any]:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12):
        raise BadField("monthly_events", value, "a number of events, or null for no limit")
    return {"monthly_events": value}


def change_overage(_: Connection, __: WorkspaceInfo, value: Any) -> dict[str, Any]:
    if value not in OVERAGES:
        raise BadField("overage", value, "allow or block")
    return {"overage": value}


def shown(connection: Connection, workspace: WorkspaceInfo, now_us: int) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "name": workspace.name,
        "plan": workspace.plan,
        "monthly_events": workspace.monthly_events,
        "overage": workspace.overage,
        "timezone": workspace.timezone,
        "next_timezone": workspace.next_timezone,
        "files_exact": workspace.files_exact,
        "retention_days": workspace.retention_days,
        "capture_content": workspace.capture_content,
        "content_days": workspace.content_days,
        "events_this_month": allowance.used_in(connection, workspace.id, workspace.timezone, now_us),
        "created_at": periods.iso(workspace.created_us),
    }
