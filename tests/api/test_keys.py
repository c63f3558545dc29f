"""Keys, scopes and the workspace, through a real server."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.servers import Farthing


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
    assert patch(server, {"timezone": "UTC"}).status_code == 409
    assert patch(server, {"timezone": "Asia/Kathmandu"}).status_code == 200, "nothing changes"
    admin = make(server, "boss", scope="admin")["key"]
    assert patch(server, {"name": "renamed", "retention_days": 400}, key=admin).json()["name"] == "renamed"
    assert patch(server, {"plan": "free"}, key=admin).status_code == 403, "the operator's to change"
    assert patch(server, {"colour": "red"}).status_code == 400
    freed = patch(server, {"plan": "free"}).json()
    assert (freed["plan"], freed["monthly_events"], freed["overage"]) == ("free", 10_000, "block")


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
