"""A gateway's users in LiteLLM's words: `/user/new`, `/user/info`. They own keys; none of them signs in."""

from typing import Any

from fastapi import APIRouter

from api.deps import Admin, Author, ExactObject, Parameters, ServiceDep, WholeSpend
from api.documentation import ERRORS, taking
from api.routes.gateway import BUDGET, DURATION, FLAG, NAME, TAGS, asked, keys_shown, naming, with_spend
from models.accounts import details, gateway_keys, gateway_users, teams
from models.accounts.gateway_keys import Wanted
from models.accounts.gateway_users import NewUser
from models.periods import now_us

router = APIRouter(prefix="/user", tags=["management"], responses=ERRORS)

USER = taking(
    user_id=NAME | {"description": "made up where it is missing"},
    team_id=NAME | {"description": "a team's id or its alias"},
    teams={"type": ["array", "null"], "items": {"type": ["string", "object"]}},
    auto_create_key=FLAG | {"description": "true where it is missing: the answer has a key of the user's"},
    key_alias=NAME,
    duration=DURATION,
    tags=TAGS,
    **BUDGET,
    **details.schema(gateway_users.FIELDS),
)
OF_THE_KEY = ("token", "token_id", "status")  # the answer is about the user: LiteLLM's has none of these


@router.post("/new", openapi_extra=USER)
def make_user(who: Admin, service: ServiceDep, body: ExactObject, author: Author, spend: WholeSpend) -> dict[str, Any]:
    """A new user, a budget on it where one is named, and a key unless `auto_create_key` is false; LiteLLM's call."""
    wanted, ours = NewUser.of(body), who.workspace.id
    wants_key = body.get("auto_create_key") is None or details.flag(body, "auto_create_key")
    of_key = Wanted.of(body | {"user_id": wanted.user_id, "max_budget": None, "budget_duration": None}, author.at_us)
    with service.change() as connection:
        user = gateway_users.create(connection, ours, wanted, author)
        shown = gateway_users.shown(connection, ours, user, author.at_us)
        if wants_key:
            key_id, secret = gateway_keys.generate(connection, ours, of_key, author)
            key = gateway_keys.shown(connection, gateway_keys.named(connection, ours, key_id), author.at_us)
            shown = {name: key[name] for name in key if name not in OF_THE_KEY} | shown | {"key": secret}
    return with_spend(shown, spend, "user", user.user_id, author.at_us)


@router.get("/info", openapi_extra=naming("user_id", "the user's id"))
def user_info(who: Admin, service: ServiceDep, parameters: Parameters, spend: WholeSpend) -> dict[str, Any]:
    """A user, its keys and teams, and what it has ever spent; LiteLLM's call."""
    wanted, now, ours = asked(parameters, "user_id", "the id of a user"), now_us(), who.workspace.id
    with service.installation.database.read() as connection:
        user = gateway_users.named(connection, ours, wanted)
        shown = gateway_users.shown(connection, ours, user, now)
        keys = keys_shown(connection, gateway_keys.of_user(connection, ours, user.user_id, now), spend, now)
        member_of = gateway_users.teams_of(connection, ours, user)
        listed = [teams.shown(connection, ours, team, now) for team in member_of]
    info = with_spend(shown, spend, "user", user.user_id, now)
    return {"user_id": user.user_id, "user_info": info, "keys": keys, "teams": listed}
