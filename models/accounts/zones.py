"""What the database says of a workspace's change of its time zone: it is asked for, files of two generations lie in the
lake, the new zone is in force, one generation is left. The work on the files is `jobs/zones.py`.
"""

from dataclasses import replace

from sqlalchemy import Connection, or_, select, update

from models import audit
from models.accounts import control
from models.accounts.workspaces import WORKSPACES, WorkspaceInfo, by_id
from models.audit import Author


def unsettled(connection: Connection) -> list[WorkspaceInfo]:
    """Workspaces that wait for another zone, or whose files are in motion; the oldest first."""
    waiting = or_(WORKSPACES.c.next_timezone.is_not(None), WORKSPACES.c.files_exact.is_(False))
    rows = connection.execute(select(WORKSPACES).where(waiting).order_by(WORKSPACES.c.created_us, WORKSPACES.c.id))
    return [WorkspaceInfo(**row) for row in rows.mappings()]


def following(workspace: WorkspaceInfo) -> WorkspaceInfo:
    """The workspace as it is asked to be."""
    zone = workspace.next_timezone or workspace.timezone
    return replace(workspace, timezone=zone, next_timezone=None, generation=workspace.generation + 1)


def still_wanted(connection: Connection, workspace: WorkspaceInfo) -> bool:
    """Whether nobody has asked for something else meanwhile."""
    now = by_id(connection, workspace.id)
    return (now.next_timezone, now.generation) == (workspace.next_timezone, workspace.generation)


def say_files_are(connection: Connection, workspace: WorkspaceInfo, *, exact: bool) -> None:
    change(connection, workspace, files_exact=exact)


def switch(connection: Connection, workspace: WorkspaceInfo, author: Author) -> None:
    """From now on the zone that was asked for is in force."""
    then = following(workspace)
    change(connection, workspace, timezone=then.timezone, next_timezone=None, generation=then.generation)
    said = {"before": workspace.timezone, "after": then.timezone}
    audit.record(connection, author, workspace.id, "workspace.timezone", workspace.name, said)


def give_up(connection: Connection, workspace: WorkspaceInfo, author: Author, reason: str) -> None:
    """What was asked for can't be done any more."""
    change(connection, workspace, next_timezone=None)
    said = {"before": workspace.timezone, "refused": workspace.next_timezone, "reason": reason}
    audit.record(connection, author, workspace.id, "workspace.timezone", workspace.name, said)


def change(connection: Connection, workspace: WorkspaceInfo, **values: str | int | bool | None) -> None:
    connection.execute(update(WORKSPACES).where(WORKSPACES.c.id == workspace.id).values(values))
    control.changed(connection)
