"""LiteLLM's management calls: teams, users and keys with budgets, as its own pages make them."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from models.database import Database
from models.tables import Budget, table
from tests.servers import Farthing

BUDGETS = table(Budget)
GENERATE = "/key/generate"


def call(server: Farthing, path: str, body: Any, workspace: str | None = None) -> httpx2.Response:
    headers = {"X-Farthing-Workspace": workspace} if workspace else {}
    return server.post(path, body, key=server.master_key, **headers)


def done(server: Farthing, path: str, body: Any = None, workspace: str | None = None) -> dict[str, Any]:
    answer = call(server, path, {} if body is None else body, workspace)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def info(server: Farthing, path: str, workspace: str | None = None, **named: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {server.master_key}"} | (
        {"X-Farthing-Workspace": workspace} if workspace else {}
    )
    return httpx2.get(server.url + path, params=named, headers=headers, timeout=60)


def told(server: Farthing, path: str, workspace: str | None = None, **named: str) -> dict[str, Any]:
    answer = info(server, path, workspace, **named)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def send(server: Farthing, key: str, cost: float = 1, **values: Any) -> httpx2.Response:
    event = {"model": "gpt-4o", "provider": "openai", "startTime": datetime.now(UTC).isoformat(), "response_cost": cost}
    return server.post("/api/v1/ingest", event | values, key=key)


def budgets_of(server: Farthing, **where: str) -> list[dict[str, Any]]:
    """Rows as they are kept."""
    database = Database(server.data_dir / "farthing.db")
    with database.read() as connection:
        rows = [dict(row) for row in connection.execute(BUDGETS.select()).mappings() if row["where"] == where]
    database.close()
    return rows


def audited(server: Farthing, subject: str, workspace: str | None = None) -> list[str]:
    records = told(server, "/api/v1/audit", workspace, limit="1000")["records"]
    return [record["action"] for record in records if subject in (record["subject"], record["details"].get("name"))]


# -- the calls of LiteLLM's pages ---------------------------------------------------------------------------------

PAGES = [
    ("/team/new", {"team_alias": "my-new-team_4", "members_with_roles": [{"role": "admin", "user_id": "5c4a0aa3"}], "rpm_limit": 99}),
    ("/team/new", {"team_alias": "QA Prod Bot", "max_budget": 0.000000001, "budget_duration": "1d"}),
    ("/team/new", {"max_budget": 10, "budget_duration": "30s"}),
    ("/team/new", {"team_id": "my-prod-team", "max_parallel_requests": 10, "tpm_limit": 20, "rpm_limit": 4}),
    ("/team/new", {"team_id": "my-team-2", "model_rpm_limit": {"gpt-4": 100}, "model_tpm_limit": {"gpt-4": 10_000}}),
    ("/user/new", {"username": "new_user", "email": "new_user@example.com"}),
    ("/user/new", {"user_id": "ishaan"}),
    ("/user/new", {"models": ["azure-models"], "max_budget": 0, "user_id": "krrish3@berri.ai"}),
    ("/user/new", {"max_budget": 10, "budget_duration": "30s"}),
    ("/user/new", {"user_id": "krrish@berri.ai", "max_parallel_requests": 10, "tpm_limit": 20, "rpm_limit": 4}),
    ("/user/new", {"user_id": "ishaan1", "user_email": "ishaan@litellm.ai", "user_role": "admin", "max_budget": 20, "budget_duration": "1h"}),
    (GENERATE, {}),
    (GENERATE, {"models": ["gpt-3.5-turbo", "gpt-4"], "metadata": {"user": "ishaan@berri.ai"}}),
    (GENERATE, {"models": ["gpt-3.5-turbo", "gpt-4", "claude-2"], "duration": "20m", "metadata": {"user": "ishaan@berri.ai"}, "team_id": "core-infra", "max_budget": 10}),
    (GENERATE, {"models": ["my-free-tier"], "aliases": {"gpt-3.5-turbo": "my-free-tier"}, "duration": "30min"}),
    (GENERATE, {"models": ["azure-models"], "aliases": {"mistral-7b": "gpt-3.5-turbo"}, "duration": None}),
    (GENERATE, {"models": ["azure-models"], "user_id": "krrish3@berri.ai"}),
    (GENERATE, {"permissions": {"allow_pii_controls": True}}),
    (GENERATE, {"model_max_budget": {"gpt-4o": {"budget_limit": "0.0000001", "time_period": "1d"}}}),
    (GENERATE, {"max_parallel_requests": 10, "tpm_limit": 20, "rpm_limit": 4}),
    (GENERATE, {"max_budget": 0.0000001}),
    (GENERATE, {"max_budget": 10, "budget_duration": "30s"}),
    (GENERATE, {"tags": ["tag1", "tag2"], "key_alias": "tagged", "soft_budget": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), PAGES, ids=lambda each: each if isinstance(each, str) else " ".join(each))
def test_the_calls_of_litellm_s_pages_run_unchanged(shared: Farthing, path: str, body: dict[str, Any]) -> None:
    answer = done(shared, path, body)
    echoed = {
        name: body[name]
        for name in body
        if name in answer and name not in ("duration", "metadata", "members_with_roles")
    }
    assert {name: answer[name] for name in echoed} == echoed
    if path != "/team/new":
        assert send(shared, answer["key"]).status_code == 202


def test_a_team_by_its_alias_from_team_to_event(server: Farthing) -> None:
    team = done(server, "/team/new", {"team_alias": "frontend-team", "max_budget": 100, "budget_duration": "30d"})
    user = done(server, "/user/new", {"user_id": "ada", "team_id": "frontend-team", "max_budget": 25})
    key = done(
        server, GENERATE, {"user_id": "ada", "team_id": "frontend-team", "key_alias": "ada-laptop", "max_budget": 5}
    )
    assert (team["team_alias"], team["max_budget"], team["budget_duration"], team["spend"]) == (
        "frontend-team",
        100,
        "30d",
        0,
    )
    assert (user["user_id"], user["teams"], user["team_id"], user["max_budget"]) == (
        "ada",
        [team["team_id"]],
        team["team_id"],
        25,
    )
    assert (key["key_alias"], key["user_id"], key["team_id"], key["max_budget"]) == (
        "ada-laptop",
        "ada",
        team["team_id"],
        5,
    )
    assert key["key"].startswith("fth_live_")
    assert send(server, key["key"], 0.0002832).status_code == 202
    assert send(server, user["key"], 1.5).status_code == 202
    newest, _ = sorted(server.events(), key=lambda row: row["cost_nano_usd"])
    assert [newest[name] for name in ("team", "user", "key", "token")] == [
        "frontend-team",
        "ada",
        "ada-laptop",
        "ada-laptop",
    ]
    of_team = told(server, "/team/info", team_id="frontend-team")
    assert of_team["team_id"] == team["team_id"]
    assert (of_team["team_info"]["spend"], of_team["team_info"]["spend_nano_usd"]) == (1.5002832, 1_500_283_200)
    assert of_team["team_info"]["members_with_roles"] == [{"user_id": "ada", "role": "user"}]
    assert {each["key_alias"]: each["spend"] for each in of_team["keys"]} == {
        "ada-laptop": 0.0002832,
        user["key_alias"]: 1.5,
    }
    of_user = told(server, "/user/info", user_id="ada")
    assert (of_user["user_info"]["spend_nano_usd"], len(of_user["keys"])) == (1_500_283_200, 2)
    assert [each["team_alias"] for each in of_user["teams"]] == ["frontend-team"]
    of_key = told(server, "/key/info", key=key["key"])
    assert (of_key["key"], of_key["info"]["spend"], of_key["info"]["key_alias"]) == (
        key["key"],
        0.0002832,
        "ada-laptop",
    )


def test_spend_is_all_that_was_ever_spent_rolled_up_or_not_whatever_the_plan_shows(server: Farthing) -> None:
    done(server, "/team/new", {"team_alias": "old", "team_id": "t-old"})
    key = done(server, GENERATE, {"team_id": "t-old", "key_alias": "k"})["key"]
    for days in (0, 1, 400, 5_000):
        assert send(server, key, 2, startTime=(datetime.now(UTC) - timedelta(days=days)).isoformat()).status_code == 202
    assert send(server, key, 2, startTime="2000-01-01T00:00:00Z").status_code == 202
    assert send(server, key, 2, startTime=(datetime.now(UTC) + timedelta(hours=23)).isoformat()).status_code == 202
    assert told(server, "/team/info", team_id="old")["team_info"]["spend"] == 12
    server.run("rollup")
    assert send(server, key, 0.5).status_code == 202
    headers = {"Authorization": f"Bearer {server.master_key}"}
    key_id = next(each["id"] for each in server.get("/api/v1/keys", server.master_key)["keys"] if each["name"] == "k")
    httpx2.put(f"{server.url}/api/v1/keys/{key_id}/sources", json={"sources": []}, headers=headers)
    httpx2.patch(f"{server.url}/api/v1/workspace", json={"plan": "free"}, headers=headers)
    assert server.events() == []
    for path, named, member in (("/team/info", "team_id", "team_info"), ("/key/info", "key", "info")):
        value = {"team_id": "t-old", "key": key}[named]
        assert told(server, path, **{named: value})[member]["spend"] == 12.5


# -- budgets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "nano"),
    [(100, 100 * 10**9), (0, 0), (0.1, 10**8), ("0.30", 3 * 10**8), (0.0002832, 283_200), (1e-9, 1), (5e-10, 1), (4e-10, 0),
     (10**9, 10**18), ("999999999.999999999", 999_999_999_999_999_999)],
)  # fmt: skip
def test_a_max_budget_is_kept_to_the_nano_dollar(shared: Farthing, sent: Any, nano: int) -> None:
    alias = f"exactly {sent!r}"
    done(shared, "/team/new", {"team_alias": alias, "max_budget": sent})
    (budget,) = budgets_of(shared, team=alias)
    assert (budget["amount_nano_usd"], budget["period"], budget["action"]) == (nano, "total", "block")
    assert budget["thresholds"] == [0.5, 0.8, 1.0]


def test_a_number_is_read_as_it_is_written_however_long(shared: Farthing) -> None:
    done(shared, "/team/new", '{"team_alias": "long", "max_budget": 123456789.1234567891}')
    assert [row["amount_nano_usd"] for row in budgets_of(shared, team="long")] == [123_456_789_123_456_789]


def test_each_is_on_its_own_dimension(shared: Farthing) -> None:
    done(shared, "/team/new", {"team_alias": "b-team", "team_id": "b-id", "max_budget": 3, "budget_duration": "7d"})
    done(
        shared,
        "/user/new",
        {"user_id": "b-user", "max_budget": 2, "budget_duration": "1mo", "key_alias": "b-key-of-user"},
    )
    done(shared, GENERATE, {"key_alias": "b-key", "max_budget": 1, "budget_duration": "24h"})
    kept = {
        name: budgets_of(shared, **{name: value})
        for name, value in {"team": "b-team", "user": "b-user", "key": "b-key"}.items()
    }
    assert {name: [(row["amount_nano_usd"], row["period"]) for row in rows] for name, rows in kept.items()} == {
        "team": [(3 * 10**9, "7d")], "user": [(2 * 10**9, "1mo")], "key": [(10**9, "24h")],
    }  # fmt: skip
    assert budgets_of(shared, team="b-id") == budgets_of(shared, key="b-key-of-user") == []
    assert "budget.create" in audited(shared, "team b-team")


def test_a_duration_alone_makes_no_budget_and_is_told_again(shared: Farthing) -> None:
    answer = done(shared, "/team/new", {"team_alias": "no amount", "budget_duration": "30s"})
    assert (answer["max_budget"], answer["budget_duration"], answer["budget_reset_at"]) == (None, "30s", None)
    assert budgets_of(shared, team="no amount") == []


def test_a_budget_is_told_with_when_it_starts_anew(shared: Farthing) -> None:
    answer = done(shared, "/team/new", {"team_alias": "resets", "max_budget": 1, "budget_duration": "7d"})
    made, reset = (datetime.fromisoformat(answer[name]) for name in ("created_at", "budget_reset_at"))
    assert reset - made == timedelta(days=7)
    assert told(shared, "/team/info", team_id="resets")["team_info"]["budget_reset_at"] == answer["budget_reset_at"]


# -- refusals -----------------------------------------------------------------------------------------------------

WRONG_EVERYWHERE = [
    ({"max_budget": -1}, "max_budget"), ({"max_budget": "NaN"}, "max_budget"), ({"max_budget": "much"}, "max_budget"),
    ({"max_budget": True}, "max_budget"), ({"max_budget": "Infinity"}, "max_budget"), ({"max_budget": 1e10}, "max_budget"),
    ({"max_budget": [5]}, "max_budget"), ({"budget_duration": "soon"}, "budget_duration"), ({"budget_duration": "0d"}, "budget_duration"),
    ({"budget_duration": 30}, "budget_duration"), ({"budget_duration": "-1d"}, "budget_duration"), ({"budget_duration": "30"}, "budget_duration"),
    ({"budget_duration": "1y"}, "budget_duration"), ({"budget_duration": "99999d"}, "budget_duration"), ({"metadata": "x"}, "metadata"),
    ({"models": "gpt-4"}, "models"), ({"tpm_limit": "x"}, "tpm_limit"), ({"rpm_limit": True}, "rpm_limit"), ({"metadata": {"n": 2**64}}, "metadata"),
]  # fmt: skip
WRONG = [
    ("/team/new", {"team_alias": 5}, "team_alias"), ("/team/new", {"team_alias": "x" * 257}, "team_alias"),
    ("/team/new", {"team_id": "a\x00b"}, "team_id"), ("/team/new", {"team_id": ["x"]}, "team_id"), ("/team/new", {"blocked": "no"}, "blocked"),
    ("/user/new", {"user_id": 5}, "user_id"), ("/user/new", {"team_id": "nobody's"}, "team_id"), ("/user/new", {"teams": "x"}, "teams"),
    ("/user/new", {"teams": [5]}, "team_id"), ("/user/new", {"teams": ["nobody's"]}, "team_id"), ("/user/new", {"auto_create_key": "no"}, "auto_create_key"),
    ("/user/new", {"password": "hunter2hunter2"}, "password"), ("/user/new", {"duration": "x"}, "duration"),
    (GENERATE, {"key_alias": "default"}, "key_alias"), (GENERATE, {"key_alias": 5}, "key_alias"), (GENERATE, {"team_id": {}}, "team_id"),
    (GENERATE, {"key": "sk-of-my-own-choice"}, "key"), (GENERATE, {"duration": "for ever"}, "duration"), (GENERATE, {"tags": "x"}, "tags"),
    (GENERATE, {"blocked": 1}, "blocked"), ("/key/regenerate", {}, "key"), ("/key/regenerate", {"key": 5}, "key"),
    ("/key/block", {}, "key"), ("/key/block", {"key": ["x"]}, "key"), ("/key/unblock", {"key": None}, "key"),
    ("/key/delete", {}, "keys"), ("/key/delete", {"keys": []}, "keys"), ("/key/delete", {"keys": "x"}, "keys"), ("/key/delete", {"key_aliases": [5]}, "key_aliases"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        *WRONG,
        *((path, body, field) for path in ("/team/new", "/user/new", GENERATE) for body, field in WRONG_EVERYWHERE),
    ],
)
def test_what_is_wrong_is_refused_by_field_and_makes_nothing(
    shared: Farthing, path: str, body: Any, field: str
) -> None:
    newest = told(shared, "/api/v1/audit", limit="1")["records"][0]["id"]
    answer = call(shared, path, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"]["field"] == field
    assert answer.json()["details"]["expected"]
    assert told(shared, "/api/v1/audit", limit="1")["records"][0]["id"] == newest


def test_a_refused_amount_is_named_as_it_was_sent(shared: Farthing) -> None:
    assert call(shared, "/team/new", {"max_budget": -5}).json() == {
        "error": "Invalid payload",
        "details": {"field": "max_budget", "value": -5, "expected": "US dollars from 0 to 1000000000"},
    }
    assert call(shared, "/team/new", '{"max_budget": NaN}').status_code == 400


def test_nobody_is_made_twice(shared: Farthing) -> None:
    made = done(shared, "/team/new", {"team_alias": "twice", "team_id": "t-twice", "max_budget": 1})
    done(shared, "/user/new", {"user_id": "u-twice", "user_email": "Twice@example.com", "key_alias": "k-twice"})
    for body in (
        {"team_alias": "twice"},
        {"team_id": "t-twice"},
        {"team_alias": "t-twice"},
        {"team_id": "twice", "team_alias": "else"},
    ):
        assert call(shared, "/team/new", body | {"max_budget": 9}).status_code == 400
    for body in ({"user_id": "u-twice"}, {"user_email": "twice@EXAMPLE.com"}):
        assert call(shared, "/user/new", body).status_code == 409
    for path in (GENERATE, "/user/new"):
        refused = call(shared, path, {"key_alias": "k-twice", "user_id": "u-after"})
        assert (refused.status_code, refused.json()["details"]["field"]) == (400, "key_alias")
    assert info(shared, "/user/info", user_id="u-after").status_code == 404, "what was refused in part is not there"
    assert len(budgets_of(shared, team="twice")) == 1
    assert told(shared, "/team/info", team_id="twice")["team_info"]["max_budget"] == made["max_budget"] == 1


def test_what_nobody_made_is_not_found(shared: Farthing) -> None:
    for path, name in (("/team/info", "team_id"), ("/user/info", "user_id"), ("/key/info", "key")):
        assert info(shared, path, **{name: "nobody-s"}).status_code == 404
        missing = info(shared, path)
        assert (missing.status_code, missing.json()["details"]["field"]) == (400, name)
    for path, body in (
        ("/key/block", {"key": "nobody-s"}), ("/key/unblock", {"key": "0" * 64}), ("/key/regenerate", {"key": "x"}),
        ("/key/delete", {"keys": ["x"]}), ("/key/delete", {"key_aliases": ["x"]}), ("/key/x/regenerate", {}),
    ):  # fmt: skip
        assert call(shared, path, body).status_code == 404


def test_only_admins_may(shared: Farthing) -> None:
    admin = shared.post("/api/v1/keys", {"name": "gw-admin", "scope": "admin"}, key=shared.master_key).json()["key"]
    generated = done(shared, GENERATE, {"key_alias": "gw-nobody"})["key"]
    paths = [
        "/team/new",
        "/user/new",
        GENERATE,
        "/key/regenerate",
        "/key/block",
        "/key/unblock",
        "/key/delete",
        "/key/x/regenerate",
    ]
    for path in paths:
        for key, status in ((shared.read_key, 403), (shared.ingest_key, 403), (generated, 403), ("sk-1234", 401)):
            refused = shared.post(path, {}, key=key)
            assert (refused.status_code, next(iter(refused.json()))) == (status, "error")
        assert httpx2.post(shared.url + path, json={}).status_code == 401
    for path in ("/team/info", "/user/info", "/key/info"):
        for key, status in ((shared.read_key, 403), (generated, 403), ("x", 401)):
            assert shared.client(key).get(path).status_code == status
    assert shared.post("/team/new", {"team_alias": "by an admin"}, key=admin).status_code == 200
    by_header = httpx2.post(
        shared.url + "/team/new", json={"team_alias": "by x-api-key"}, headers={"x-api-key": shared.master_key}
    )
    assert by_header.status_code == 200


def test_odd_bodies_are_refused_and_odd_labels_kept(shared: Farthing) -> None:
    deep = '{"a":' * 50 + "1" + "}" * 50
    for odd in (deep, '{"n": 1e300}', '{"n": 1e-2000}', '{"n": ' + "9" * 5_000 + "}", '{"n": Infinity}'):
        for path in ("/team/new", "/user/new", GENERATE):
            assert call(shared, path, f'{{"metadata": {odd}}}').status_code == 400, odd[:20]
    for body in ("[]", "null", "not json", '{"max_budget": 1e999}'):
        assert call(shared, "/team/new", body).status_code == 400
    kept = done(shared, "/team/new", '{"metadata": {"half an emoji": "\\ud83d", "nul": "\\u0000", "rate": 0.25}}')
    assert kept["metadata"] == {"half an emoji": "\ufffd", "nul": "\ufffd", "rate": 0.25}
    for path in ("/key/block", "/key/regenerate"):
        assert call(shared, path, '{"key": "\\ud83d"}').status_code == 404
    for named in ("keys", "key_aliases"):
        assert call(shared, "/key/delete", f'{{"{named}": ["\\ud83d\\u0000"]}}').status_code == 404


# -- keys ---------------------------------------------------------------------------------------------------------


def test_a_key_without_an_alias_gets_a_name_of_its_own(shared: Farthing) -> None:
    one, other = (done(shared, GENERATE) for _ in range(2))
    assert one["key_alias"] != other["key_alias"]
    send(shared, one["key"], id="unnamed")
    (row,) = [each for each in shared.events() if each["id"] == "unnamed"]
    assert row["key"] == row["token"] == one["key_alias"]


def test_members_are_those_that_were_named_and_those_that_were_made(shared: Farthing) -> None:
    said = [{"role": "admin", "user_id": "m-1"}, {"role": "user", "user_id": ["odd"]}, "odd"]
    done(shared, "/team/new", {"team_alias": "members", "members_with_roles": said})
    for user_id in ("m-1", "m-2"):
        done(shared, "/user/new", {"user_id": user_id, "teams": [{"team_id": "members"}, "members"]})
    listed = told(shared, "/team/info", team_id="members")["team_info"]["members_with_roles"]
    assert listed == [*said, {"user_id": "m-2", "role": "user"}]


def test_a_user_may_be_made_without_a_key(shared: Farthing) -> None:
    answer = done(shared, "/user/new", {"user_id": "keyless", "auto_create_key": False})
    assert "key" not in answer
    assert told(shared, "/user/info", user_id="keyless")["keys"] == []


def test_a_generated_key_shows_everything_on_the_free_plan(shared: Farthing) -> None:
    done(shared, GENERATE, {"key_alias": "anything"})
    listed = shared.get("/api/v1/keys", shared.master_key)["keys"]
    (key,) = [each for each in listed if each["name"] == "anything"]
    assert (key["scope"], key["sources"]) == ("ingest", [{"provider": None, "model": None, "feature": None}])


def test_a_key_expires_when_its_duration_is_over(shared: Farthing) -> None:
    made = done(shared, GENERATE, {"duration": "30d", "key_alias": "expires"})
    assert datetime.fromisoformat(made["expires"]) - datetime.fromisoformat(made["created_at"]) == timedelta(days=30)
    assert told(shared, "/key/info", key=made["token"])["info"]["expires"] == made["expires"]
    assert done(shared, GENERATE)["expires"] is None


def test_a_key_is_named_by_its_secret_its_token_or_its_id(shared: Farthing) -> None:
    made = done(
        shared, GENERATE, {"key_alias": "three-names", "metadata": {"app": "x"}, "models": ["gpt-4o"], "tags": ["t"]}
    )
    assert made["token"] == made["token_id"] == sha256(made["key"].encode()).hexdigest(), "as LiteLLM makes it"
    listed = shared.get("/api/v1/keys", shared.master_key)["keys"]
    key_id = next(each["id"] for each in listed if each["name"] == "three-names")
    found = [told(shared, "/key/info", key=name)["info"] for name in (made["key"], made["token"], key_id)]
    assert found[0] == found[1] == found[2]
    assert (found[0]["metadata"], found[0]["models"], found[0]["tags"]) == ({"app": "x"}, ["gpt-4o"], ["t"])


def test_block_and_unblock(shared: Farthing) -> None:
    made = done(shared, GENERATE, {"key_alias": "blocked"})
    blocked = done(shared, "/key/block", {"key": made["key"]})
    assert (blocked["blocked"], blocked["status"]) == (True, "revoked")
    assert send(shared, made["key"]).json() == {"error": "Inactive API key"}
    assert done(shared, "/key/unblock", {"key": made["token"]})["blocked"] is False
    assert send(shared, made["key"]).status_code == 202
    assert audited(shared, "blocked") == ["key.activate", "key.deactivate", "key.create"]
    assert send(shared, done(shared, GENERATE, {"blocked": True})["key"]).json() == {"error": "Inactive API key"}


def test_a_blocked_key_is_blocked_with_the_secret_that_has_grace(shared: Farthing) -> None:
    old = done(shared, GENERATE, {"key_alias": "graced-and-blocked"})
    assert call(shared, "/key/regenerate", {"key": old["key"], "grace_period": "36500d"}).status_code == 400
    new = done(shared, "/key/regenerate", {"key": old["key"], "grace_period": "1h"})
    assert [send(shared, each["key"]).status_code for each in (old, new)] == [202, 202]
    done(shared, "/key/block", {"key": new["key"]})
    assert [send(shared, each["key"]).json()["error"] for each in (old, new)] == ["Inactive API key"] * 2
    done(shared, "/key/unblock", {"key": new["key"]})
    assert [send(shared, each["key"]).status_code for each in (old, new)] == [202, 202]


def test_a_change_is_answered_whatever_state_the_figures_are_in(server: Farthing) -> None:
    """A secret is told this once: a day that is damaged beyond repair must not cost it."""
    known = done(server, GENERATE, {"key_alias": "known"})
    assert send(server, known["key"]).status_code == 202
    server.run("rollup")
    database = Database(server.data_dir / "farthing.db")
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events")
    database.close()
    for file in (server.data_dir / "lake" / "rollups").rglob("*.parquet"):
        file.unlink()
    assert call(server, "/team/new", {"team_alias": "late"}).json()["spend"] is None
    assert done(server, "/user/new", {"user_id": "late"})["key"].startswith("fth_live_")
    another = done(server, "/key/regenerate", {"key": known["key"]})
    assert another["spend"] is None
    assert send(server, another["key"]).status_code == 202
    assert done(server, "/key/block", {"key": another["key"]})["blocked"] is True


def test_another_secret_keeps_name_attributes_and_budget(shared: Farthing) -> None:
    done(shared, "/team/new", {"team_alias": "regenerators"})
    said = {
        "key_alias": "again",
        "user_id": "u-again",
        "team_id": "regenerators",
        "max_budget": 7,
        "budget_duration": "30d",
        "metadata": {"a": 1},
    }
    made = done(shared, GENERATE, said)
    send(shared, made["key"], 3)
    fresh = done(shared, "/key/regenerate", {"key": made["key"]})
    kept = ("key_alias", "user_id", "team_id", "max_budget", "budget_duration", "budget_id", "metadata")
    assert {name: fresh[name] for name in kept} == {name: made[name] for name in kept}
    assert (fresh["spend"], fresh["token"]) == (3, sha256(fresh["key"].encode()).hexdigest())
    assert send(shared, made["key"]).json() == {"error": "Revoked API key"}
    assert send(shared, fresh["key"]).status_code == 202
    assert len(budgets_of(shared, key="again")) == 1
    assert told(shared, "/key/info", key=made["token"])["info"]["status"] == "deleted"


def test_another_secret_with_other_terms(shared: Farthing) -> None:
    """LiteLLM's own example, with the key in the path."""
    made = done(shared, GENERATE, {"key_alias": "terms", "models": ["gpt-4"]})
    said = {"max_budget": 100, "metadata": {"team": "core-infra"}, "models": ["gpt-4", "gpt-3.5-turbo"]}
    fresh = done(
        shared, f"/key/{made['key']}/regenerate", said | {"grace_period": "24h", "duration": "1h", "tags": ["t"]}
    )
    assert {name: fresh[name] for name in said} == said
    assert fresh["expires"]
    assert fresh["tags"] == ["t"]
    assert send(shared, made["key"]).status_code == send(shared, fresh["key"]).status_code == 202
    again = done(shared, "/key/regenerate", {"key": fresh["token"], "max_budget": 50})
    assert (again["max_budget"], again["budget_id"]) == (50, fresh["budget_id"])
    assert [row["amount_nano_usd"] for row in budgets_of(shared, key="terms")] == [50 * 10**9]
    assert "budget.change" in audited(shared, "key terms")
    asleep = done(shared, "/key/regenerate", {"key": again["key"], "blocked": True})
    assert send(shared, asleep["key"]).json() == {"error": "Inactive API key"}


@pytest.mark.parametrize(
    "other", [{"key_alias": "new"}, {"user_id": "new"}, {"team_id": "new"}, {"new_key": "sk-my-own-secret"}]
)
def test_another_secret_is_the_same_key_s(shared: Farthing, other: dict[str, str]) -> None:
    made = done(shared, GENERATE, {"user_id": "same"})
    refused = call(shared, "/key/regenerate", {"key": made["key"]} | other)
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, next(iter(other)))
    assert "sk-my" not in refused.text
    assert send(shared, made["key"]).status_code == 202, "it still works"
    assert done(shared, "/key/regenerate", {"key": made["key"], "user_id": "same", "key_alias": made["key_alias"]})


def test_delete_by_key_token_and_alias_all_or_none(shared: Farthing) -> None:
    made = [done(shared, GENERATE, {"key_alias": f"gone-{number}"}) for number in range(4)]
    one, two, three, four = made
    assert call(shared, "/key/delete", {"keys": [one["key"], "nobody-s"]}).status_code == 404
    assert send(shared, one["key"]).status_code == 202
    assert done(shared, "/key/delete", {"keys": [one["key"], two["token"]]}) == {
        "deleted_keys": [one["key"], two["token"]]
    }
    assert done(shared, "/key/delete", {"key_aliases": ["gone-2"]}) == {"deleted_keys": ["gone-2"]}
    states = [send(shared, each["key"]).status_code for each in made]
    assert states == [401, 401, 401, 202]
    assert audited(shared, "gone-0")[0] == "key.revoke"
    assert call(shared, "/key/unblock", {"key": three["key"]}).status_code == 409
    assert call(shared, GENERATE, {"key_alias": "gone-0"}).status_code == 400, "its events keep the name"
    assert done(shared, "/key/block", {"key": four["key"]})["blocked"]


# -- teams of events ----------------------------------------------------------------------------------------------


def payload(**values: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "startTime": datetime.now(UTC).timestamp(), "response_cost": 1} | values


def response(**values: Any) -> dict[str, Any]:
    return {
        "provider": "openai",
        "startTime": datetime.now(UTC).isoformat(),
        "response": {"model": "gpt-4o", "usage": {}},
    } | values


def llmtrack(**values: Any) -> dict[str, Any]:
    return {
        "provider": "openai",
        "model": "gpt-4o",
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "latency_ms": 1,
        "status": "success",
    } | values


WAYS = [
    ({"metadata": {"team": "NAME"}}, {}),
    ({"metadata": {"team_id": "NAME"}}, {}),
    ({"metadata": {"requester_metadata": {"team_id": "NAME"}}}, {}),
    ({"metadata": {"user_api_key_team_id": "NAME"}}, {}),
    ({"metadata": {"user_api_key_team_alias": "NAME", "user_api_key_team_id": "another"}}, {}),
    ({}, {"X-Team": "NAME"}),
]
DOORS = {
    "/api/v1/ingest": lambda event: payload(**event),
    "/api/v1/ingest/batch": lambda event: {"events": [payload(**event)]},
    "/api/v1/ingest/litellm": lambda event: [payload(**event)],
    "/api/litellm/callback": lambda event: payload(**event),
    "/api/ingest": lambda event: llmtrack(**event),
    "/api/v1/ingest/response": lambda event: response(**event),
}


@pytest.fixture(scope="module")
def door_team(shared: Farthing) -> dict[str, Any]:
    return done(shared, "/team/new", {"team_alias": "platform", "team_id": "team-4711"})


@pytest.mark.parametrize("named", ["team-4711", "platform"])
@pytest.mark.parametrize("path", DOORS)
def test_events_that_name_a_team_are_stored_under_its_alias(
    shared: Farthing, door_team: dict[str, Any], path: str, named: str
) -> None:
    own = done(shared, GENERATE)
    for event, headers in WAYS:
        body = json.loads(json.dumps(DOORS[path](event)).replace("NAME", named))
        spoken = {name: value.replace("NAME", named) for name, value in headers.items()}
        if "litellm" in path and headers:
            body = with_custom_headers(body, spoken)
        answer = shared.post(path, body, own["key"], **({} if "litellm" in path else spoken))
        assert answer.is_success, answer.text
    rows = [row for row in shared.events() if row["key"] == own["key_alias"]]
    assert [row["team"] for row in rows] == [door_team["team_alias"]] * len(WAYS)


def with_custom_headers(body: Any, headers: dict[str, str]) -> Any:
    said = {name.lower(): value for name, value in headers.items()}
    if isinstance(body, list):
        return [with_custom_headers(each, headers) for each in body]
    return body | {"metadata": {"requester_custom_headers": said}}


def test_a_key_s_own_team_is_stored_under_the_alias_too(shared: Farthing, door_team: dict[str, Any]) -> None:
    wanted = {"name": "by-id", "attributes": {"team": door_team["team_id"]}}
    key = shared.post("/api/v1/keys", wanted, key=shared.master_key).json()["key"]
    assert send(shared, key).status_code == 202
    assert {row["team"] for row in shared.events() if row["key"] == "by-id"} == {"platform"}


def test_a_key_may_name_a_team_that_is_made_later(shared: Farthing) -> None:
    early = done(shared, GENERATE, {"team_id": "later-id", "key_alias": "early"})
    assert (early["team_id"], early["team_alias"]) == ("later-id", None)
    send(shared, early["key"])
    done(shared, "/team/new", {"team_id": "later-id", "team_alias": "later"})
    send(shared, early["key"])
    assert [row["team"] for row in shared.events() if row["key"] == "early"] == ["later", "later-id"]
    assert [each["key_alias"] for each in told(shared, "/team/info", team_id="later")["keys"]] == ["early"]
    for named in ("later", "later-id"):
        early = done(shared, "/key/regenerate", {"key": early["key"], "team_id": named})
    assert early["team_alias"] == "later"


def test_a_bad_event_that_is_replayed_finds_its_team(shared: Farthing, door_team: dict[str, Any]) -> None:
    bad = payload(id="replayed-team", metadata={"team_id": "team-4711"}, startTime="soon")
    assert shared.post("/api/v1/ingest", bad).status_code == 400
    held = next(each["id"] for each in shared.get("/api/v1/quarantine", shared.master_key)["events"])
    fixed = {"event": {"startTime": datetime.now(UTC).isoformat()}}
    assert shared.post(f"/api/v1/quarantine/{held}/replay", fixed, shared.master_key).status_code == 200
    assert [row["team"] for row in shared.events() if row["id"] == "replayed-team"] == ["platform"]


def test_two_workspaces_with_the_same_names_never_meet(shared: Farthing) -> None:
    shared.run("init", "--workspace", "next-door", "--json")
    ours = done(shared, "/team/new", {"team_alias": "twin", "team_id": "twin-id", "max_budget": 1})
    theirs = done(shared, "/team/new", {"team_alias": "twin", "team_id": "other-id", "max_budget": 2}, "next-door")
    done(shared, "/user/new", {"user_id": "twin-user", "max_budget": 1, "team_id": "twin-id"})
    assert call(shared, "/user/new", {"user_id": "twin-user", "team_id": "twin-id"}, "next-door").status_code == 400
    done(shared, "/user/new", {"user_id": "twin-user", "max_budget": 2, "team_id": "twin"}, "next-door")
    here = done(shared, GENERATE, {"key_alias": "twin-key", "team_id": "twin"})
    there = done(shared, GENERATE, {"key_alias": "twin-key", "team_id": "twin"}, "next-door")
    for key, cost in ((here["key"], 1), (there["key"], 10)):
        for named in ("twin-id", "other-id"):
            assert send(shared, key, cost, metadata={"team": named}).status_code == 202
    assert [
        told(shared, "/team/info", place, team_id="twin")["team_info"]["spend"] for place in (None, "next-door")
    ] == [1, 10]
    assert [
        told(shared, "/key/info", place, key=key["key"])["info"]["spend"]
        for place, key in ((None, here), ("next-door", there))
    ] == [2, 20]
    assert [len(told(shared, "/team/info", place, team_id="twin")["keys"]) for place in (None, "next-door")] == [2, 2]
    for place, key, team in ((None, there, theirs), ("next-door", here, ours)):
        assert info(shared, "/key/info", place, key=key["token"]).status_code == 404
        assert info(shared, "/team/info", place, team_id=team["team_id"]).status_code == 404
        for path in ("/key/block", "/key/unblock", "/key/regenerate"):
            assert call(shared, path, {"key": key["key"]}, place).status_code == 404
        assert call(shared, "/key/delete", {"keys": [key["key"]]}, place).status_code == 404
    assert done(shared, "/key/delete", {"key_aliases": ["twin-key"]}, "next-door")
    assert send(shared, here["key"]).status_code == 202


# -- secrets ------------------------------------------------------------------------------------------------------


def test_no_secret_stands_anywhere_in_clear(server: Farthing) -> None:
    planted = ["hunter2-of-a-user", "sk-of-my-own-0123456789", "sk-lf-callback-0123456789"]
    answers = [
        call(server, "/user/new", {"user_id": "u", "password": planted[0]}),
        call(server, GENERATE, {"key": planted[1]}),
        call(server, "/key/block", {"key": planted[1]}),
        info(server, "/key/info", key=planted[1]),
    ]
    made = done(server, GENERATE, {"metadata": {"logging": [{"secret": planted[2]}], planted[2]: 1}, "key_alias": "k"})
    assert planted[2] not in json.dumps(made)
    fresh = done(server, "/key/regenerate", {"key": made["key"]})
    done(server, "/key/block", {"key": fresh["key"]})
    told(server, "/key/info", key=fresh["key"])
    answers += [
        call(server, "/key/regenerate", {"key": fresh["key"], "new_key": planted[1]}),
        call(server, f"/key/{made['key']}/regenerate", {}),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 404, 404, 400, 409]
    secrets = [*planted, made["key"], fresh["key"], server.master_key]
    assert [answer.text for answer in answers if any(secret in answer.text for secret in secrets)] == []
    assert [
        record
        for record in told(server, "/api/v1/audit", limit="1000")["records"]
        if any(each in str(record) for each in secrets)
    ] == []
    assert [
        path.name
        for path in files(server.data_dir.parent)
        if any(each.encode() in path.read_bytes() for each in secrets)
    ] == []


def files(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert {"farthing.db", "processes.log"} <= {path.name for path in found}
    return found


def test_each_call_is_on_the_audit_log(server: Farthing) -> None:
    team = done(server, "/team/new", {"team_alias": "a", "max_budget": 1})
    done(server, "/user/new", {"user_id": "u", "team_id": "a", "key_alias": "k"})
    done(server, "/key/delete", {"key_aliases": ["k"]})
    records = told(server, "/api/v1/audit", limit="5")["records"]
    assert [record["action"] for record in records] == [
        "key.revoke", "key.create", "gateway_user.create", "team.create", "budget.create",
    ]  # fmt: skip
    assert {record["actor"] for record in records} == {"master key"}
    assert (records[3]["subject"], records[3]["details"]) == (team["team_id"], {"team_alias": "a"})
    assert records[4]["details"] == {
        "name": "team a",
        "where": {"team": "a"},
        "period": "total",
        "action": "block",
        "amount_usd": "1.00",
    }
