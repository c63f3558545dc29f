"""Keys, scopes and the workspace, through a real server."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx2
import pytest

from tests.servers import PATIENCE, Farthing

DAY = timedelta(days=1)


def make(server: Farthing, name: str, **wanted: Any) -> dict[str, Any]:
    answer = server.post("/api/v1/keys", {"name": name} | wanted, key=server.master_key)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def send(server: Farthing, key: str, **values: Any) -> httpx2.Response:
    event = {"model": "gpt-4o", "provider": "openai", "startTime": datetime.now(UTC).isoformat(), "response_cost": 1}
    return server.post("/api/v1/ingest", event | values, key=key)


def act(server: Farthing, key_id: str, action: str, **body: Any) -> httpx2.Response:
    return server.post(f"/api/v1/keys/{key_id}/{action}", body, key=server.master_key)


def test_a_key_is_shown_once_and_works_at_once(shared: Farthing) -> None:
    made = make(shared, "once", scope="ingest")
    assert made["key"].startswith("fth_live_")
    assert (len(made["key"]), made["prefix"], made["state"]) == (47, made["key"][:13], "active")
    assert send(shared, made["key"]).status_code == 202
    listed = shared.get("/api/v1/keys", key=shared.master_key)["keys"]
    assert made["key"] not in str(listed)
    assert made["id"] in [each["id"] for each in listed]


def test_states(shared: Farthing) -> None:
    made = make(shared, "states")
    assert act(shared, made["id"], "deactivate").json()["state"] == "inactive"
    assert send(shared, made["key"]).json() == {"error": "Inactive API key"}
    assert act(shared, made["id"], "activate").json()["state"] == "active"
    assert send(shared, made["key"]).status_code == 202
    headers = {"Authorization": f"Bearer {shared.master_key}"}
    assert httpx2.delete(f"{shared.url}/api/v1/keys/{made['id']}", headers=headers).status_code == 204
    refused = send(shared, made["key"])
    assert (refused.status_code, refused.json()) == (401, {"error": "Revoked API key"})
    assert act(shared, made["id"], "activate").status_code == 409


def test_an_old_secret_is_not_rotated_again_and_no_grace_is_for_ever(shared: Farthing) -> None:
    made = make(shared, "graced")
    assert act(shared, made["id"], "rotate", grace_seconds=31 * 86_400).status_code == 400
    assert act(shared, made["id"], "rotate", grace_seconds=3_600).status_code == 200
    refused = act(shared, made["id"], "rotate")
    assert (refused.status_code, "rotated already" in refused.json()["error"]) == (409, True)
    assert send(shared, made["key"]).status_code == 202


def test_rotation(shared: Farthing) -> None:
    made = make(shared, "rotated", attributes={"team": "kept"}, tags=["t"], sources=[{"model": "gpt-4o"}])
    fresh = act(shared, made["id"], "rotate").json()
    assert fresh["id"] != made["id"]
    assert {name: fresh[name] for name in ("name", "scope", "attributes", "tags", "sources")} == {
        "name": "rotated", "scope": "ingest", "attributes": {"team": "kept"}, "tags": ["t"],
        "sources": [{"provider": None, "model": "gpt-4o", "feature": None}],
    }  # fmt: skip
    assert send(shared, made["key"]).json() == {"error": "Revoked API key"}
    assert send(shared, fresh["key"]).status_code == 202
    graced = act(shared, fresh["id"], "rotate", grace_seconds=3600).json()
    assert send(shared, fresh["key"]).status_code == send(shared, graced["key"]).status_code == 202


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": 5}, "name"), ({"name": "default"}, "name"), ({"name": "x" * 300}, "name"),
        ({"name": "n1", "scope": "all"}, "scope"), ({"name": "n2", "sources": {}}, "sources"), ({"name": "n3", "sources": [5]}, "sources[0]"),
        ({"name": "n4", "sources": [{"model": 5}]}, "sources[0].model"), ({"name": "n5", "attributes": {"colour": "x"}}, "attributes.colour"),
        ({"name": "n6", "attributes": []}, "attributes"), ({"name": "n7", "tags": "x"}, "tags"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_refused_by_field(shared: Farthing, wanted: dict[str, Any], field: str) -> None:
    answer = shared.post("/api/v1/keys", wanted, key=shared.master_key)
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == field


def test_scopes(shared: Farthing) -> None:
    admin = make(shared, "an admin", scope="admin")["key"]
    assert send(shared, admin).status_code == send(shared, shared.read_key).status_code == 403
    assert shared.get("/api/v1/keys", key=admin)["keys"]
    assert shared.get("/api/v1/spend", key=admin)["totals"]
    for key in (shared.read_key, shared.ingest_key):
        assert httpx2.get(f"{shared.url}/api/v1/keys", headers={"x-api-key": key}).status_code == 403
    assert httpx2.get(f"{shared.url}/api/v1/keys").json() == {"error": "Missing API key"}


def test_an_id_of_another_workspace_is_404(shared: Farthing) -> None:
    made = make(shared, "here")
    shared.run("init", "--workspace", "elsewhere", "--json")
    path = f"{shared.url}/api/v1/keys/{made['id']}/rotate"
    headers = {"Authorization": f"Bearer {shared.master_key}", "X-Farthing-Workspace": "elsewhere"}
    for _ in range(2):
        assert httpx2.post(path, headers=headers).status_code == 404
    assert httpx2.post(path, headers=headers | {"X-Farthing-Workspace": "nowhere"}).status_code == 404


def test_keys_of_the_command_line_work_on_a_running_server(shared: Farthing) -> None:
    secret = shared.run("keys", "create", "by-hand").stdout.strip()
    assert send(shared, secret).status_code == 202
    key_id = next(
        line.split()[0] for line in shared.run("keys", "list").stdout.splitlines() if line.endswith("by-hand")
    )
    assert shared.run("keys", "revoke", key_id).stdout == "revoked\n"
    assert shared.run("keys", "create", "by-hand", check=False).returncode == 1, "the name is taken for good"


# -- how long, and how much ---------------------------------------------------------------------------------------


def listed(server: Farthing, key_id: str) -> dict[str, Any]:
    keys = server.get("/api/v1/keys", key=server.master_key)["keys"]
    return next(each for each in keys if each["id"] == key_id)


def test_an_expiry_and_a_reminder(shared: Farthing) -> None:
    soon = (datetime.now(UTC) + DAY).isoformat()
    made = make(shared, "with an end", expires_at=soon, rotate_after_days=30)
    assert datetime.fromisoformat(made["expires_at"]) == datetime.fromisoformat(soon)
    assert (made["rotate_after_days"], made["rotation_due"], made["age_days"]) == (30, False, 0)
    fresh = act(shared, made["id"], "rotate").json()
    assert datetime.fromisoformat(fresh["expires_at"]) > datetime.fromisoformat(soon), "the same life, begun anew"
    for wrong in (
        {"expires_at": "2020-01-01"},
        {"expires_in_days": 0},
        {"expires_in_days": 1, "expires_at": soon},
        {"rotate_after_days": "x"},
    ):
        answer = shared.post("/api/v1/keys", {"name": "never made"} | wrong, key=shared.master_key)
        assert (answer.status_code, answer.json()["details"]["field"] in wrong) == (400, True), wrong


def test_an_expired_key_is_refused_with_the_time_at_which_it_expired(shared: Farthing) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    made = make(shared, "at its end", expires_at=end.isoformat())
    while datetime.now(UTC) < end:
        time.sleep(0.1)
    refused = send(shared, made["key"])
    assert (refused.status_code, refused.json()["error"]) == (401, "Revoked API key")
    assert made["expires_at"] in refused.json()["details"]["hint"]
    assert (listed(shared, made["id"])["state"], listed(shared, made["id"])["expires_at"]) == (
        "revoked",
        made["expires_at"],
    )
    assert send(shared, act(shared, made["id"], "rotate").json()["key"]).status_code == 202, "its name goes on"


def test_the_list_says_what_each_name_has_sent_and_when_each_secret_was_used(shared: Farthing) -> None:
    made, idle = make(shared, "busy"), make(shared, "idle")
    assert (listed(shared, made["id"])["last_used_at"], listed(shared, made["id"])["events_30d"]) == (None, 0)
    for _ in range(3):
        send(shared, made["key"])
    send(shared, made["key"], startTime=(datetime.now(UTC) - 40 * DAY).isoformat())
    fresh = act(shared, made["id"], "rotate").json()
    send(shared, fresh["key"])
    assert [listed(shared, each["id"])["events_30d"] for each in (made, fresh, idle)] == [4, 4, 0]
    used = wait_for(lambda: listed(shared, fresh["id"])["last_used_at"])
    assert listed(shared, made["id"])["last_used_at"] <= used <= datetime.now(UTC).isoformat()
    assert listed(shared, idle["id"])["last_used_at"] is None


def test_reading_and_managing_are_uses_too_and_a_stop_loses_none(server: Farthing) -> None:
    admin = make(server, "boss", scope="admin")
    server.get("/api/v1/workspace", key=admin["key"])
    server.get("/api/v1/spend")
    server.stop()
    keys = json.loads(server.run("keys", "list", "--json").stdout)["keys"]
    assert {each["name"]: bool(each["last_used_at"]) for each in keys} == {"default": False, "read": True, "boss": True}


def wait_for(found: Callable[[], Any]) -> Any:
    for _ in range(PATIENCE * 5):
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError("it did not come")


def test_the_command_line_makes_what_the_route_makes(shared: Farthing) -> None:
    shared.run(
        "keys", "create", "cli", "--expires-in-days", "7", "--rotate-after-days", "3", "--source", "provider=OpenAI,model=gpt-4o",
        "--source", "feature=chat", "--attribute", "team=search", "--attribute", "env=a=b", "--tag", "nightly",
    )  # fmt: skip
    made = next(each for each in shared.get("/api/v1/keys", key=shared.master_key)["keys"] if each["name"] == "cli")
    assert {name: made[name] for name in ("attributes", "tags", "rotate_after_days", "sources")} == {
        "attributes": {"team": "search", "env": "a=b"}, "tags": ["nightly"], "rotate_after_days": 3,
        "sources": [{"provider": "openai", "model": "gpt-4o", "feature": None}, {"provider": None, "model": None, "feature": "chat"}],
    }  # fmt: skip
    line = next(each for each in shared.run("keys", "list").stdout.splitlines() if each.endswith("  cli"))
    assert f"0 days old · never used · 0 calls in 30 days · expires {made['expires_at'][:10]}" in line
    for wrong in (
        ["--source", "provider"],
        ["--source", "colour=red"],
        ["--attribute", "team"],
        ["--expires-in-days", "0"],
    ):
        assert shared.run("keys", "create", "wrong", *wrong, check=False).returncode in (1, 2), wrong


# -- the workspace ------------------------------------------------------------------------------------------------


def patch(server: Farthing, body: Any, key: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key or server.master_key}"}
    return httpx2.patch(f"{server.url}/api/v1/workspace", json=body, headers=headers)


def test_the_workspace(server: Farthing) -> None:
    seen = server.get("/api/v1/workspace", key=server.master_key)
    assert (seen["name"], seen["plan"], seen["monthly_events"], seen["overage"], seen["timezone"], seen["retention_days"]) == (
        "default", "paid", None, "allow", "UTC", 90,
    )  # fmt: skip
    assert patch(server, {}).status_code == 200
    assert patch(server, {"timezone": "Asia/Kathmandu"}).json()["timezone"] == "Asia/Kathmandu"
    for wrong in ("Mars/Olympus", 5, None, "../etc/passwd"):
        assert patch(server, {"timezone": wrong}).status_code == 400
    assert send(server, server.ingest_key).status_code == 202
    assert patch(server, {"timezone": "UTC"}).json()["next_timezone"] == "UTC", "once its files are built"
    assert patch(server, {"timezone": "Asia/Kathmandu"}).status_code == 200, "nothing changes"
    admin = make(server, "boss", scope="admin")["key"]
    assert patch(server, {"name": "renamed", "retention_days": 400}, key=admin).json()["name"] == "renamed"
    assert patch(server, {"plan": "free"}, key=admin).status_code == 403, "the operator's to change"
    assert patch(server, {"colour": "red"}).status_code == 400
    freed = patch(server, {"plan": "free"}).json()
    assert (freed["plan"], freed["monthly_events"], freed["overage"]) == ("free", 10_000, "block")


@pytest.mark.parametrize("fields", list(permutations(["plan", "monthly_events", "overage"])))
def test_a_plan_and_what_is_said_of_it_come_in_any_order(shared: Farthing, fields: tuple[str, ...]) -> None:
    name = "-".join(fields)
    shared.run("init", "--workspace", name, "--plan", "free", "--json")
    wanted = {"plan": "paid", "monthly_events": 500, "overage": "block"}
    headers = {"Authorization": f"Bearer {shared.master_key}", "X-Farthing-Workspace": name}
    body = json.dumps({field: wanted[field] for field in fields})
    told = httpx2.patch(f"{shared.url}/api/v1/workspace", content=body, headers=headers, timeout=60).json()
    assert {field: told[field] for field in wanted} == wanted


def test_the_free_plan_follows_its_definitions_at_once(server: Farthing) -> None:
    key = make(server, "defined", sources=[{"provider": "OpenAI", "model": "openai/gpt-4o", "feature": None}])
    bare = make(server, "undefined")
    assert send(server, key["key"]).status_code == send(server, bare["key"]).status_code == 202
    assert send(server, key["key"], model="gpt-4o-mini").status_code == 202

    def seen() -> tuple[int, int]:
        by_spend = server.get("/api/v1/spend", last="1d")["totals"]["requests"]
        return by_spend, len(server.events())

    assert seen() == (3, 3)
    patch(server, {"plan": "free"})
    assert seen() == (1, 1)
    rotated = act(server, key["id"], "rotate").json()
    assert seen() == (1, 1), "rotation keeps what the old secret sent"
    headers = {"Authorization": f"Bearer {server.master_key}"}
    path = f"{server.url}/api/v1/keys/{rotated['id']}"
    assert httpx2.put(f"{path}/sources", json={"sources": [{}]}, headers=headers).status_code == 200
    assert seen() == (2, 2)
    assert httpx2.delete(path, headers=headers).status_code == 204
    assert seen() == (2, 2), "revocation keeps the definitions"
    patch(server, {"plan": "paid"})
    assert seen() == (3, 3)


def test_a_new_workspace_can_be_named_at_once(shared: Farthing) -> None:
    shared.run("init", "--workspace", "büro", "--json")
    headers = [(b"authorization", f"Bearer {shared.master_key}".encode()), (b"x-farthing-workspace", "büro".encode())]
    assert httpx2.get(f"{shared.url}/api/v1/workspace", headers=headers).json()["name"] == "büro"


def test_rotation_keeps_a_key_inactive(shared: Farthing) -> None:
    made = make(shared, "asleep")
    act(shared, made["id"], "deactivate")
    assert act(shared, made["id"], "rotate").json()["state"] == "inactive"


def test_definitions_are_normalised_like_events(shared: Farthing) -> None:
    wanted = [{"model": "openai/gpt-4o"}, {"provider": "OpenAI", "model": "OpenAI/gpt-4o"}]
    seen = make(shared, "normalised", sources=wanted)["sources"]
    assert [each["model"] for each in seen] == ["gpt-4o", "gpt-4o"]
    answer = shared.post("/api/v1/keys", {"name": "typo", "sources": [{"modle": "x"}]}, key=shared.master_key)
    assert answer.json()["details"]["field"] == "sources[0].modle"
