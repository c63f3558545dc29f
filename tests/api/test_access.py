"""Who may what over HTTP: every route under every sort of key, in one table. A route that is new must be entered here."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from api.dialects import dialects
from api.main import create_app
from models.settings import Settings
from tests.servers import HTTP, MASTER_KEY, Farthing

INGEST, QUERY, MANAGE, OPEN = {"ingest"}, {"read", "admin"}, {"admin", "elsewhere", "master"}, None

# Which keys each route takes; what is open takes anybody.
MAY: dict[str, set[str] | None] = {
    "POST /api/v1/ingest": INGEST,
    "POST /api/v1/ingest/batch": INGEST,
    "POST /api/v1/ingest/litellm": INGEST,
    "POST /api/v1/ingest/response": INGEST,
    "POST /api/ingest": INGEST,
    "POST /api/litellm/callback": OPEN,  # each event's own key decides: tests/api/test_doors.py
    "GET /api/v1/spend": QUERY | {"elsewhere"},
    "GET /api/v1/events": QUERY | {"elsewhere"},
    "GET /api/v1/events/{event_id}": QUERY | {"elsewhere"},
    "GET /api/v1/drift": QUERY | {"elsewhere"},
    "GET /api/v1/workspace": MANAGE,
    "PATCH /api/v1/workspace": MANAGE,
    "GET /api/v1/keys": MANAGE,
    "POST /api/v1/keys": MANAGE,
    "POST /api/v1/keys/{key_id}/rotate": MANAGE,
    "POST /api/v1/keys/{key_id}/deactivate": MANAGE,
    "POST /api/v1/keys/{key_id}/activate": MANAGE,
    "DELETE /api/v1/keys/{key_id}": MANAGE,
    "PUT /api/v1/keys/{key_id}/sources": MANAGE,
    "GET /api/v1/prices": MANAGE,
    "POST /api/v1/prices": MANAGE,
    "DELETE /api/v1/prices/{price_id}": MANAGE,
    "GET /api/v1/names": MANAGE,
    "POST /api/v1/names": MANAGE,
    "DELETE /api/v1/names/{name_id}": MANAGE,
    "GET /api/v1/quarantine": MANAGE,
    "POST /api/v1/quarantine/{held_id}/replay": MANAGE,
    "DELETE /api/v1/quarantine/{held_id}": MANAGE,
    "GET /api/v1/audit": MANAGE,
    "POST /team/new": MANAGE,
    "GET /team/info": MANAGE,
    "POST /user/new": MANAGE,
    "GET /user/info": MANAGE,
    "POST /key/generate": MANAGE,
    "POST /key/regenerate": MANAGE,
    "POST /key/{key}/regenerate": MANAGE,
    "POST /key/block": MANAGE,
    "POST /key/unblock": MANAGE,
    "POST /key/delete": MANAGE,
    "GET /key/info": MANAGE,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /openapi.json": OPEN,
    "GET /integrations/farthing_callback.py": OPEN,
}

# What is wrong with a key that nobody takes, as the answer says it.
REFUSED = {
    "none": "Missing API key",
    "mistyped": "Invalid API key",
    "unknown": "Invalid API key",
    "of a provider": "Invalid API key",
    "revoked": "Revoked API key",
    "expired": "Revoked API key",
    "inactive": "Inactive API key",
}
SCOPES = ("ingest", "read", "admin", "elsewhere", "master")
PROVIDERS_KEY = "sk-ant-" + "0123456789" * 4


def described() -> set[str]:
    """Every route that there is."""
    document = create_app(Settings(_env_file=None)).app.openapi()  # type: ignore[call-arg, attr-defined]
    said = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    return said | {f"POST {path}" for path in dialects()} | {"GET /openapi.json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    with Farthing.start(tmp_path_factory.mktemp("access")) as started:
        yield started


@pytest.fixture(scope="module")
def secrets(server: Farthing) -> dict[str, str | None]:
    """One secret of each sort; of the good ones one for each scope, and one of an admin of another workspace."""
    server.run("init", "--workspace", "elsewhere", "--json")
    made = {scope: make(server, scope, scope=scope) for scope in ("ingest", "read", "admin")}
    bad = {name: make(server, name) for name in ("revoked", "inactive", "unknown")}
    bad["expired"] = make(server, "expired", expires_in_days=30)
    server.client(MASTER_KEY).delete(f"/api/v1/keys/{bad['revoked']['id']}").raise_for_status()
    server.client(MASTER_KEY).post(f"/api/v1/keys/{bad['inactive']['id']}/deactivate").raise_for_status()
    expire(server, bad["expired"]["id"])
    forget(server, bad["unknown"]["id"])
    good = made["ingest"]["key"]
    mistyped = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    elsewhere = make(server, "elsewhere", scope="admin", workspace="elsewhere")["key"]
    known = {name: each["key"] for name, each in (made | bad).items()}
    return {**known, "none": None, "mistyped": mistyped, "of a provider": PROVIDERS_KEY, "elsewhere": elsewhere,
            "master": MASTER_KEY}  # fmt: skip


def make(server: Farthing, name: str, workspace: str = "default", **wanted: Any) -> dict[str, Any]:
    headers = {"X-Farthing-Workspace": workspace}
    answer = server.client(MASTER_KEY).post("/api/v1/keys", json={"name": f"{name} key"} | wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def expire(server: Farthing, key_id: str) -> None:
    change(server, "UPDATE api_keys SET expires_us = 1 WHERE id = ?", key_id)


def forget(server: Farthing, key_id: str) -> None:
    """Well made, and nobody knows it."""
    change(server, "DELETE FROM api_keys WHERE id = ?", key_id)


def change(server: Farthing, statement: str, value: str) -> None:
    with sqlite3.connect(server.data_dir / "farthing.db", timeout=30) as connection:
        connection.execute(statement, (value,))
        connection.execute("UPDATE control SET version = version + 1")
    connection.close()


def ask(server: Farthing, route: str, secret: str | None, how: Callable[[str], dict[str, str]]) -> httpx2.Response:
    method, path = route.split()
    path = path.replace("{event_id}", "nope").replace("{key_id}", "nope").replace("{price_id}", "nope")
    path = path.replace("{name_id}", "nope")
    path = path.replace("{held_id}", "nope").replace("{key}", "nope")
    sends = {"content": b"{}"} if method in ("POST", "PUT", "PATCH") else {}
    return HTTP.request(method, server.url + path, headers=how(secret) if secret else {}, timeout=60, **sends)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def header(secret: str) -> dict[str, str]:
    return {"x-api-key": secret}


def test_every_route_stands_in_the_table() -> None:
    assert described() == set(MAY)


@pytest.mark.parametrize("how", [bearer, header])
@pytest.mark.parametrize("route", MAY)
def test_access(
    server: Farthing, secrets: dict[str, str | None], route: str, how: Callable[[str], dict[str, str]]
) -> None:
    """Two seconds after the last change every process knows of it: the first of these tests waits for that."""
    taken = MAY[route]
    settle(server, secrets)
    for who in (*REFUSED, *SCOPES):
        answer = ask(server, route, secrets[who], how)
        if taken is None or who in taken:
            assert answer.status_code not in (401, 403), (who, answer.text)
        elif who in REFUSED or (who == "master" and taken in (INGEST, QUERY | {"elsewhere"})):
            assert answer.status_code == 401, (who, answer.text)
            assert answer.json()["error"] == REFUSED.get(who, "Invalid API key")
        else:
            assert answer.status_code == 403, (who, answer.text)
        assert answer.status_code < 500
        assert answer.status_code < 400 or set(answer.json()) <= {"error", "details"}
        assert not secrets[who] or secrets[who] not in answer.text


def test_a_providers_key_is_named_as_what_it_is(server: Farthing, secrets: dict[str, str | None]) -> None:
    for route in (each for each in MAY if MAY[each] is not None):
        assert "Anthropic" in ask(server, route, secrets["of a provider"], bearer).json()["details"]["hint"]
    assert PROVIDERS_KEY not in server.log_path.read_text()


def settle(server: Farthing, secrets: dict[str, str | None]) -> None:
    """Until the changes that were made behind the server's back hold."""
    for sort in ("expired", "unknown"):
        for _ in range(200):
            if ask(server, "POST /api/v1/ingest", secrets[sort], bearer).status_code == 401:
                break
            time.sleep(0.05)
