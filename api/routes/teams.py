"""Teams in LiteLLM's words: `/team/new`, `/team/info`."""

from typing import Any

from fastapi import APIRouter

from api.deps import Admin, Author, ExactObject, Parameters, ServiceDep, WholeSpend
from api.documentation import ERRORS, taking
from api.routes.gateway import BUDGET, NAME, asked, keys_shown, naming, with_spend
from models.accounts import details, gateway_keys, gateway_users, teams
from models.accounts.teams import NewTeam
from models.periods import now_us

router = APIRouter(prefix="/team", tags=["management"], responses=ERRORS)

TEAM = taking(
    team_alias=NAME | {"description": "what events are stored under; without it the id"},
    team_id=NAME | {"description": "made up where it is missing"},
    **BUDGET,
    **details.schema(teams.FIELDS),
)
ID_OR_ALIAS = "the team's id or its alias"


@router.post("/new", openapi_extra=TEAM)
def make_team(who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend) -> dict[str, Any]:
    """A new team, and a budget on it where one is named; LiteLLM's call."""
    wanted = NewTeam.of(body)
    with service.change() as connection:
        made = teams.create(connection, who.workspace.id, wanted, author)
        shown = teams.shown(connection, who.workspace.id, made, author.at_us)
    return with_spend(shown, spend, "team", made.alias, author.at_us)


@router.get("/info", openapi_extra=naming("team_id", ID_OR_ALIAS))
def team_info(who: Admin, service: ServiceDep, parameters: Parameters, spend: WholeSpend) -> dict[str, Any]:
    """A team, its keys, and what it has ever spent; LiteLLM's call."""
    wanted, now, ours = asked(parameters, "team_id", ID_OR_ALIAS), now_us(), who.workspace.id
    with service.installation.database.read() as connection:
        team = teams.named(connection, ours, wanted)
        members = gateway_users.members_of(connection, ours, team)
        shown = teams.shown(connection, ours, team, now) | {"members_with_roles": members}
        keys = keys_shown(connection, gateway_keys.of_team(connection, ours, team, now), spend, now)
    info = with_spend(shown, spend, "team", team.alias, now)
    return {"team_id": team.team_id, "team_info": info, "keys": keys, "team_memberships": []}
