"""Users as gateways manage them: accounts that own calling keys, and that events name. None of them signs in here."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from models import audit, budgets, periods
from models.accounts import details, teams
from models.accounts.teams import Team
from models.audit import Author
from models.budgets import Cap
from models.errors import BadField, Conflict, NotFound
from models.tables import GatewayUser as GatewayUserRow
from models.tables import table

USERS = table(GatewayUserRow)

FIELDS: details.Fields = details.OF_ALL | {
    "user_email": "string",
    "user_alias": "string",
    "user_role": "string",
    "blocked": "boolean",
}
NO_PASSWORD = "nothing: a gateway's user can't sign in here"  # noqa: S105 - says that there is none


@dataclass(frozen=True)
class GatewayUser:
    user_id: str
    created_us: int
    details: dict[str, Any]

    @property
    def team_ids(self) -> list[str]:
        return list(self.details.get("teams", ()))


@dataclass(frozen=True)
class NewUser:
    """What is asked for; checked already, but for its teams."""

    user_id: str
    teams: tuple[str, ...]  # each by its id or its alias
    cap: Cap
    details: dict[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "NewUser":
        details.refuse(said, ("password",), NO_PASSWORD)
        user_id = details.name(said, "user_id") or str(uuid.uuid4())
        return cls(user_id, teams_said(said), Cap.of(said), details.read(said, FIELDS))


def teams_said(said: Mapping[str, Any]) -> tuple[str, ...]:
    """`team_id`, then `teams`: names, or objects with a `team_id`."""
    listed = said.get("teams")
    if listed is not None and not isinstance(listed, list):
        raise BadField("teams", listed, "an array of teams", show=False)
    named = [each if isinstance(each, dict) else {"team_id": each} for each in listed or ()]
    found = [details.name(each, "team_id") for each in ({"team_id": said.get("team_id")}, *named)]
    return tuple(dict.fromkeys(each for each in found if each))


def create(connection: Connection, workspace_id: str, wanted: NewUser, author: Author) -> GatewayUser:
    require_new(connection, workspace_id, wanted)
    members_of = [teams.required(connection, workspace_id, each, "team_id").team_id for each in wanted.teams]
    budget_id = budgets.create(connection, workspace_id, {"user": wanted.user_id}, wanted.cap, author)
    told = wanted.details | wanted.cap.noted(budget_id) | {"teams": list(dict.fromkeys(members_of))}
    made = GatewayUser(wanted.user_id, author.at_us, told)
    connection.execute(insert(USERS).values(workspace_id=workspace_id, **vars(made)))
    audit.record(connection, author, workspace_id, "gateway_user.create", made.user_id, {"teams": made.team_ids})
    return made


def require_new(connection: Connection, workspace_id: str, wanted: NewUser) -> None:
    if find(connection, workspace_id, wanted.user_id):
        raise Conflict("A user with this id exists already: please use a different user_id")
    email = wanted.details.get("user_email")
    same = func.lower(USERS.c.details["user_email"].as_string()) == func.lower(email)
    if email and connection.execute(select(USERS.c.id).where(USERS.c.workspace_id == workspace_id, same)).first():
        raise Conflict("A user with this e-mail exists already: please use a different user_email")


def find(connection: Connection, workspace_id: str, user_id: str) -> GatewayUser | None:
    ours = (USERS.c.workspace_id == workspace_id, USERS.c.user_id == user_id)
    row = connection.execute(select(USERS).where(*ours)).mappings().first()
    return user_of(row) if row else None


def named(connection: Connection, workspace_id: str, user_id: str) -> GatewayUser:
    found = find(connection, workspace_id, user_id)
    if found is None:
        raise NotFound("No such user in this workspace")
    return found


def user_of(row: RowMapping) -> GatewayUser:
    return GatewayUser(row["user_id"], row["created_us"], dict(row["details"]))


def members_of(connection: Connection, workspace_id: str, team: Team) -> list[dict[str, Any]]:
    """As LiteLLM lists them: those that were named with the team, then those that were made as members of it."""
    named = list(team.details.get("members_with_roles", ()))
    known = [each.get("user_id") for each in named if isinstance(each, dict)]
    ours = select(USERS).where(USERS.c.workspace_id == workspace_id).order_by(USERS.c.id)
    users = [user_of(row) for row in connection.execute(ours).mappings()]
    joined = [each.user_id for each in users if team.team_id in each.team_ids and each.user_id not in known]
    return [*named, *({"user_id": each, "role": "user"} for each in joined)]


def teams_of(connection: Connection, workspace_id: str, user: GatewayUser) -> list[Team]:
    return [teams.named(connection, workspace_id, each) for each in user.team_ids]


def shown(connection: Connection, workspace_id: str, user: GatewayUser, now_us: int) -> dict[str, Any]:
    """In LiteLLM's words."""
    return {
        "user_id": user.user_id,
        **details.shown(user.details, FIELDS),
        **budgets.noted(connection, workspace_id, user.details, now_us),
        "teams": user.team_ids,
        "created_at": periods.iso(user.created_us),
    }
