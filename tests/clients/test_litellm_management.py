"""LiteLLM's own management client makes teams, users and keys, and LiteLLM's own models read the answers."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients import programs
from tests.servers import Farthing

pytestmark = [pytest.mark.client, pytest.mark.xdist_group("litellm-management")]


@pytest.fixture(scope="module")
def found(farthing: Farthing, litellm_python: Path) -> dict[str, Any]:
    """One run of the program, which every test looks at."""
    answers: dict[str, Any] = programs.run(
        litellm_python, "manage_with_litellm.py", FARTHING_URL=farthing.url, MASTER_KEY=farthing.master_key
    )
    return answers


def of(answer: dict[str, Any], *names: str) -> list[Any]:
    return [answer[name] for name in names]


def test_a_team(found: dict[str, Any]) -> None:
    for answer in (found["team"], found["team info"]):
        assert of(answer, "team_alias", "max_budget", "budget_duration", "metadata") == [
            "frontend-team",
            100.5,
            "30d",
            {"floor": 3},
        ]
        assert answer["budget_reset_at"]
    assert [(each["user_id"], each["role"]) for each in found["team info"]["members_with_roles"]] == [("ada", "user")]


def test_a_user_with_a_key(found: dict[str, Any]) -> None:
    user, info = found["user"], found["user info"]
    assert of(user, "user_id", "max_budget", "user_role", "teams") == [
        "ada",
        10,
        "internal_user",
        [found["team"]["team_id"]],
    ]
    assert user["key"].startswith("fth_live_")
    assert of(info["user_info"], "max_budget", "spend") == [10, 0]
    assert [each["key_alias"] for each in info["keys"]] == [user["key_alias"], "ada-laptop"]
    assert [each["team_alias"] for each in info["teams"]] == ["frontend-team"]


def test_a_key(found: dict[str, Any]) -> None:
    key, info = found["key"], found["key info"]
    named = ("key_alias", "user_id", "team_id", "models")
    assert of(key, *named) == of(info, *named) == ["ada-laptop", "ada", found["team"]["team_id"], ["gpt-4o"]]
    assert key["key"].startswith("fth_live_")
    assert key["expires"]
    assert of(info, "spend", "blocked") == [0, False]


def test_what_became_of_the_key(found: dict[str, Any]) -> None:
    assert (found["blocked"]["blocked"], found["unblocked"]["blocked"]) == (True, False)
    assert of(found["regenerated"], "key_alias", "models", "max_budget") == ["ada-laptop", ["gpt-4o"], 5]
    assert found["regenerated"]["token"] != found["key"]["token"]
    assert found["deleted"] == {"deleted_keys": ["ada-laptop"]}
