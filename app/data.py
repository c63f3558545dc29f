"""All that pages ask. Every query of the dashboard is here, through models, cached with a bound, and with everything
that its answer depends on among its arguments: the workspace first of all, then how far it has moved (`Seen`).

An answer that was cached under a `Seen` holds at least what had been committed then; the moment anything is
committed, the next `Seen` is another, and asks anew. So nothing is ever stale, and nothing is computed twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import streamlit as st
from sqlalchemy import RowMapping

from app.opened import opened
from app.sessions import COOKIE, Viewer, Visit
from models import audit, periods, quarantine
from models import saved_views as saved
from models.accounts import invitations, keys, members, roles, secrets, sessions, users, words, workspaces
from models.accounts.invitations import Invited
from models.accounts.keys import Key
from models.accounts.members import Person
from models.accounts.sessions import SignedIn
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Forbidden
from models.periods import now_us
from models.saved_views import SavedView
from models.spend import by_key, log
from models.spend import hidden as hiding
from models.spend.filters import Predicate
from models.spend.hidden import Hidden
from models.spend.query import DEFAULT_LAST, MAX_DAYS, Period, parse_last

MAX_SECONDS = 60  # that an answer is kept where nothing has moved; for memory's sake only
MAX_ENTRIES = 64  # answers of one kind; one is some 100 kB at most


# -- who, and how far things have moved ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """How far a workspace has moved: another one means that answers may be others, too."""

    events: int
    control: int  # version of keys, workspaces and source definitions
    today: date


def viewer() -> Viewer | None:
    """Who is looking at the page that is being drawn; None where their session is over."""
    return opened().sessions.viewer(cookie(), now_us())


def cookie() -> str | None:
    """That of the browser which the page is drawn for."""
    return st.context.cookies.get(COOKIE)


def require(visit: Visit, least: str, cookie: str | None) -> WorkspaceInfo:
    """The workspace as it is now; Forbidden where the holder of that cookie may not (any more) do what takes that role
    there."""
    found = opened().sessions.viewer(cookie, now_us())
    held = {each.workspace.id: each for each in found.memberships} if found else {}
    if not found or found.email != visit.viewer.email or visit.workspace.id not in held:
        raise Forbidden("You may not look at this workspace any more")
    now = held[visit.workspace.id]
    roles.require(now.role, least)
    return now.workspace


def seen(workspace: WorkspaceInfo) -> Seen:
    """Never cached: two small reads."""
    here, now = opened(), now_us()
    here.directory.check(now)
    with here.installation.database.read() as connection:
        events = here.pulse.of(connection, workspace.id)
    return Seen(events, here.directory.view.version, periods.day_of(now, workspace.timezone))


def control() -> int:
    """The version of all control data, as it is now."""
    here = opened()
    here.directory.check(now_us())
    return here.directory.view.version


def held(workspace: WorkspaceInfo) -> int:
    """How many bad events wait in quarantine; of many only that they are many. Never cached: one small read."""
    with opened().installation.database.read() as connection:
        return quarantine.count(connection, workspace.id, bound=quarantine.GLANCED + 1)


def api_address() -> str:
    return opened().installation.settings.api_address()


def require_told(workspace: WorkspaceInfo, wanted: Mapping[str, Any]) -> None:
    """Conflict where days can't be told anew by the time zone that is wanted."""
    with opened().installation.database.read() as connection:
        workspaces.require_told(connection, workspaces.by_id(connection, workspace.id), dict(wanted))


def app_address() -> str:
    """Where people reach this dashboard: what links begin with."""
    return opened().installation.settings.app_address(int(st.get_option("server.port")))


def key_names(workspace: WorkspaceInfo) -> frozenset[str]:
    """Of all keys that there are or were."""
    keys = opened().directory.view.keys.values()
    return frozenset(key.name for key in keys if key.workspace_id == workspace.id)


def people(workspace: WorkspaceInfo) -> list[Person]:
    """Who may look at it. Never cached: a small read."""
    with opened().installation.database.read() as connection:
        return members.people(connection, workspace.id)


def owners(workspace: WorkspaceInfo) -> list[str]:
    """Their e-mails."""
    return [each.email for each in people(workspace) if each.role == "owner"]


def invited(workspace: WorkspaceInfo) -> list[Invited]:
    """Who may join it."""
    with opened().installation.database.read() as connection:
        return invitations.pending(connection, workspace.id, now_us())


def own_sessions(viewer: Viewer) -> list[SignedIn]:
    """The browsers that somebody is signed in with."""
    with opened().installation.database.read() as connection:
        return sessions.of_user(connection, users.named(connection, viewer.email), now_us())


def own_session() -> str:
    """The digest of the session of the page that is being drawn."""
    return words.digest(cookie() or "")


def key_of(workspace: WorkspaceInfo, secret: str) -> Key | None:
    """The key of that secret, None where this workspace has none."""
    digest = secrets.digest(secret) if secrets.well_formed(secret) else None  # not remembered: it is somebody's
    found = opened().directory.view.keys.get(digest) if digest else None
    return found if found and found.workspace_id == workspace.id else None


# -- answers ------------------------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def newest(workspace: WorkspaceInfo, seen: Seen) -> dict[str, Any] | None:  # noqa: ARG001 - part of the key
    """The newest call that this workspace may see; None where it has none."""
    ever = parse_last(f"{MAX_DAYS}d", workspace.timezone, now_us())
    rows = log.page(opened().spend(workspace), ever, (), 1, None).rows
    return rows[0] if rows else None


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def newest_of(
    workspace: WorkspaceInfo,
    seen: Seen,  # noqa: ARG001 - part of the key
    key: str,
    since_us: int,
) -> dict[str, Any] | None:
    """The newest call with that key that began since then; None where there is none yet."""
    since = Period(since_us, now_us() + periods.DAY, workspace.timezone)
    rows = log.page(opened().spend(workspace).as_sent(), since, (Predicate("key", (key,)),), 1, None).rows
    return rows[0] if rows else None


# -- keys, and what they hide -------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def hidden(workspace: WorkspaceInfo, seen: Seen) -> Hidden | None:  # noqa: ARG001 - part of the key
    """What the free plan hides of the last 30 days; None where it hides nothing."""
    now = now_us()
    return hiding.hidden(opened().spend(workspace), parse_last(DEFAULT_LAST, workspace.timezone, now), now)


def keys_of(workspace: WorkspaceInfo, seen: Seen) -> list[dict[str, Any]]:
    """Every secret of the workspace, as it is now, with what its name has sent in 30 days."""
    with opened().installation.database.read() as connection:
        found = keys.shown_all(connection, workspace.id, now_us())
    sent = calls_by_key(workspace, seen)
    return [each | {"events_30d": by_key.of(sent, each["name"])} for each in found]


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def calls_by_key(workspace: WorkspaceInfo, seen: Seen) -> dict[str, int] | None:  # noqa: ARG001 - part of the key
    return by_key.calls(opened().spend(workspace), now_us())


# -- quarantine ---------------------------------------------------------------------------------------------------


def held_problems(workspace: WorkspaceInfo) -> list[quarantine.Problem]:
    with opened().installation.database.read() as connection:
        return quarantine.problems(connection, workspace.id)


def held_events(workspace: WorkspaceInfo, which: quarantine.Which) -> int:
    with opened().installation.database.read() as connection:
        return quarantine.count(connection, workspace.id, which)


def held_page(workspace: WorkspaceInfo, which: quarantine.Which, offset: int, limit: int) -> Sequence[RowMapping]:
    with opened().installation.database.read() as connection:
        return quarantine.page(connection, workspace.id, which, offset, limit)


def held_tide(workspace: WorkspaceInfo) -> object:
    """The part of a glance that tells of all of them: asked before anything else is, so that nothing is missed."""
    with opened().installation.database.read() as connection:
        return quarantine.tide(connection, workspace.id)


def held_glance(workspace: WorkspaceInfo, ids: tuple[str, ...]) -> object:
    """Another one when anything has happened to these, or when one of them waits for longer than it should."""
    with opened().installation.database.read() as connection:
        return quarantine.glance(connection, workspace.id, ids, now_us())


# -- the audit log ------------------------------------------------------------------------------------------------


def audit_page(workspace: WorkspaceInfo, which: audit.Which, limit: int, cursor: str | None) -> audit.Page:
    with opened().installation.database.read() as connection:
        return audit.listed(connection, workspace.id, limit, cursor, which=which)


def audit_records(workspace: WorkspaceInfo, which: audit.Which) -> list[dict[str, Any]]:
    with opened().installation.database.read() as connection:
        return list(islice(audit.everything(connection, workspace.id, which), audit.MAX_TAKEN))


def audit_actors(workspace: WorkspaceInfo) -> list[str]:
    with opened().installation.database.read() as connection:
        return audit.actors(connection, workspace.id)


def audit_newest(workspace: WorkspaceInfo) -> int | None:
    with opened().installation.database.read() as connection:
        return audit.newest(connection, workspace.id)


# -- saved views --------------------------------------------------------------------------------------------------


def saved_views(workspace: WorkspaceInfo) -> list[SavedView]:
    """By name. Never cached: a small read."""
    with opened().installation.database.read() as connection:
        return saved.of_workspace(connection, workspace.id)


# -- settings -----------------------------------------------------------------------------------------------------


def events_this_month(workspace: WorkspaceInfo) -> int:
    with opened().installation.database.read() as connection:
        return int(workspaces.shown(connection, workspace, now_us())["events_this_month"])
