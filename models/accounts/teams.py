"""Teams as gateways manage them. A team is known by its id and by its alias, and events that name either are stored
under the alias: so no id and no alias of one team may be the other's of another."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from models import audit, budgets, periods
from models.accounts import control, details
from models.audit import Author
from models.budgets import Cap
from models.errors import BadField, BadRequest, NotFound
from models.tables import Team as TeamRow
from models.tables import table

TEAMS = table(TeamRow)

FIELDS: details.Fields = details.OF_ALL | {
    "admins": "array",
    "members": "array",
    "members_with_roles": "array",
    "organization_id": "string",
    "blocked": "boolean",
}


@dataclass(frozen=True)
class Team:
    team_id: str
    alias: str
    created_us: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewTeam:
    """What is asked for; checked already. Without an alias a team goes by its id."""

    team_id: str
    alias: str
    cap: Cap
    details: dict[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "NewTeam":
        team_id = details.name(said, "team_id") or str(uuid.uuid4())
        alias = details.name(said, "team_alias") or team_id
        return cls(team_id, alias, Cap.of(said), details.read(said, FIELDS))


def create(connection: Connection, workspace_id: str, wanted: NewTeam, author: Author) -> Team:
    require_new(connection, workspace_id, wanted)
    budget_id = budgets.create(connection, workspace_id, {"team": wanted.alias}, wanted.cap, author)
    made = Team(wanted.team_id, wanted.alias, author.at_us, wanted.details | wanted.cap.noted(budget_id))
    connection.execute(insert(TEAMS).values(workspace_id=workspace_id, **vars(made)))
    control.changed(connection)
    audit.record(connection, author, workspace_id, "team.create", made.team_id, {"team_alias": made.alias})
    return made


def require_new(connection: Connection, workspace_id: str, wanted: NewTeam) -> None:
    for said, value in {"team_id": wanted.team_id, "team_alias": wanted.alias}.items():
        if found := find(connection, workspace_id, value):
            known_by = "id" if found.team_id == value else "alias"
            raise BadRequest(
                f"A team with this {known_by} exists already: please use a different {said}",
                BadField(said, value, "neither id nor alias of another team").details,
            )


def find(connection: Connection, workspace_id: str, id_or_alias: str) -> Team | None:
    named = (TEAMS.c.team_id == id_or_alias) | (TEAMS.c.alias == id_or_alias)
    row = connection.execute(select(TEAMS).where(TEAMS.c.workspace_id == workspace_id, named)).mappings().first()
    return team_of(row) if row else None


def named(connection: Connection, workspace_id: str, id_or_alias: str) -> Team:
    found = find(connection, workspace_id, id_or_alias)
    if found is None:
        raise NotFound("No such team in this workspace")
    return found


def required(connection: Connection, workspace_id: str, id_or_alias: str, said: str) -> Team:
    """For a team that a body names in this field."""
    found = find(connection, workspace_id, id_or_alias)
    if found is None:
        raise BadField(said, id_or_alias, "the id or the alias of a team of this workspace")
    return found


def team_of(row: RowMapping) -> Team:
    return Team(row["team_id"], row["alias"], row["created_us"], dict(row["details"]))


def aliases(connection: Connection) -> dict[str, dict[str, str]]:
    """By workspace, where it has teams, the alias of each team whose id is another name."""
    found: dict[str, dict[str, str]] = {}
    query = select(TEAMS.c.workspace_id, TEAMS.c.team_id, TEAMS.c.alias).where(TEAMS.c.team_id != TEAMS.c.alias)
    for workspace_id, team_id, alias in connection.execute(query):
        found.setdefault(workspace_id, {})[team_id] = alias
    return found


def shown(connection: Connection, workspace_id: str, team: Team, now_us: int) -> dict[str, Any]:
    """In LiteLLM's words."""
    return {
        "team_id": team.team_id,
        "team_alias": team.alias,
        **details.shown(team.details, FIELDS),
        **budgets.noted(connection, workspace_id, team.details, now_us),
        "created_at": periods.iso(team.created_us),
    }
