"""A program that makes teams, users and keys with LiteLLM's own management client, and reads what is answered with
LiteLLM's own models; run in LiteLLM's own venv.

    FARTHING_URL=… MASTER_KEY=… python manage_with_litellm.py

Prints the answers as those models have them.
"""

import json
import os

import requests
from litellm.proxy._types import (
    GenerateKeyResponse,
    LiteLLM_TeamTable,
    LiteLLM_VerificationToken,
    NewUserResponse,
    TeamInfoResponseObjectTeamTable,
    UserInfoResponse,
)
from litellm.proxy.client.keys import KeysManagementClient
from litellm.proxy.client.users import UsersManagementClient

URL, MASTER_KEY = os.environ["FARTHING_URL"], os.environ["MASTER_KEY"]
keys, users = KeysManagementClient(URL, MASTER_KEY), UsersManagementClient(URL, MASTER_KEY)


def call(method, path, **sent):
    """What LiteLLM's client has no function for."""
    answer = requests.request(method, URL + path, headers={"Authorization": f"Bearer {MASTER_KEY}"}, timeout=30, **sent)
    answer.raise_for_status()
    return answer.json()


def read(model, answer):
    return model.model_validate(answer).model_dump(mode="json")


said = {"team_alias": "frontend-team", "max_budget": 100.5, "budget_duration": "30d", "metadata": {"floor": 3}}
team = call("POST", "/team/new", json=said)
user = users.create_user({"user_id": "ada", "team_id": "frontend-team", "max_budget": 10, "user_role": "internal_user"})
key = keys.generate(key_alias="ada-laptop", user_id="ada", team_id="frontend-team", duration="30d", models=["gpt-4o"])
found = {
    "team": read(LiteLLM_TeamTable, team),
    "user": read(NewUserResponse, user),
    "key": read(GenerateKeyResponse, dict(key)) | {"key": key["key"]},
    "key info": read(LiteLLM_VerificationToken, keys.info(key["token"])["info"]),
    "user info": read(UserInfoResponse, users.get_user("ada")),
    "team info": read(
        TeamInfoResponseObjectTeamTable, call("GET", "/team/info", params={"team_id": team["team_id"]})["team_info"]
    ),
    "blocked": read(LiteLLM_VerificationToken, call("POST", "/key/block", json={"key": key["key"]})),
    "unblocked": read(LiteLLM_VerificationToken, call("POST", "/key/unblock", json={"key": key["key"]})),
    "regenerated": read(
        GenerateKeyResponse, call("POST", "/key/regenerate", json={"key": key["key"], "max_budget": 5})
    ),
    "deleted": keys.delete(key_aliases=["ada-laptop"]),
}
print(json.dumps(found))
