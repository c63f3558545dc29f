"""The free plan's view is one filter: what it hides is in no answer of any route, in no form, and shows at once in all of
them when the plan, or a definition of the key that sent it, says so."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import polars as pl
import pytest

from tests.servers import Farthing

MARK = "hidden-marker"
EVENT = "event-of-hidden-marker"


def spend(server: Farthing, **asked: str) -> httpx2.Response:
    return get(server, "/api/v1/spend", last="2d", **asked)


def get(server: Farthing, path: str, **asked: str) -> httpx2.Response:
    return httpx2.get(
        server.url + path, params=asked, headers={"Authorization": f"Bearer {server.read_key}"}, timeout=60
    )


def parquet(server: Farthing) -> str:
    answer = spend(server, group_by="model", format="parquet")
    return str(pl.read_parquet(io.BytesIO(answer.content)).to_dicts())


# Every route that tells of events, in every form: what it says, as text.
DOORS: dict[str, Callable[[Farthing], str]] = {
    "spend": lambda server: spend(server, group_by="model,feature,key").text,
    "spend by every dimension": lambda server: spend(server, group_by="model,end_user,token,prompt,tag").text,
    "spend by the hour": lambda server: get(server, "/api/v1/spend", last="30h", granularity="hour", group_by="model").text,
    "spend by the minute": lambda server: get(server, "/api/v1/spend", last="24h", granularity="minute", group_by="model").text,
    "spend as CSV": lambda server: spend(server, group_by="model", format="csv").text,
    "spend as Parquet": parquet,
    "spend compared": lambda server: spend(server, compare="previous", group_by="model").text,
    "drift": lambda server: get(server, "/api/v1/drift", last="2d").text,
    "events": lambda server: get(server, "/api/v1/events", last="2d").text,
    "events, filtered": lambda server: get(server, "/api/v1/events", last="2d", where=f"model:{MARK}").text.replace(f"model:{MARK}", ""),
    "one event": lambda server: get(server, f"/api/v1/events/{EVENT}").text,
}  # fmt: skip


def manage(server: Farthing, method: str, path: str, body: Any) -> Any:
    answer = httpx2.request(
        method, server.url + path, json=body, headers={"Authorization": f"Bearer {server.master_key}"}
    )
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def told(server: Farthing) -> dict[str, bool]:
    """Which of them tell of the marked event."""
    return {name: MARK in says(server) for name, says in DOORS.items()}


@pytest.mark.parametrize("rolled_up", [False, True])
def test_what_is_hidden_is_in_no_answer_and_comes_back_in_all_of_them(server: Farthing, rolled_up: bool) -> None:
    sending = manage(server, "POST", "/api/v1/keys", {"name": "sends", "sources": [{"model": "gpt-4o"}]})
    yesterday = (datetime.now(UTC) - timedelta(hours=20)).isoformat()
    event = {"model": MARK, "provider": "openai", "id": EVENT, "startTime": yesterday, "response_cost": 1}
    priced = {"input_per_million_usd": 1, "output_per_million_usd": 1}
    manage(server, "POST", "/api/v1/prices", {"model": MARK, "provider": "openai"} | priced)
    tokens = {"prompt_tokens": 10, "completion_tokens": 10}
    assert server.post("/api/v1/ingest", event | tokens, key=sending["key"]).status_code == 202
    assert (
        server.post("/api/v1/ingest", event | {"id": "seen", "model": "gpt-4o"}, key=sending["key"]).status_code == 202
    )
    if rolled_up:
        server.run("rollup")
    everywhere, nowhere = dict.fromkeys(DOORS, True), dict.fromkeys(DOORS, False)
    assert told(server) == everywhere
    manage(server, "PATCH", "/api/v1/workspace", {"plan": "free"})
    assert told(server) == nowhere
    assert spend(server).json()["totals"]["requests"] == 1
    definitions = f"/api/v1/keys/{sending['id']}/sources"
    manage(server, "PUT", definitions, {"sources": [{"model": "gpt-4o"}, {"model": MARK}]})
    assert told(server) == everywhere
    manage(server, "PUT", definitions, {"sources": []})
    assert told(server) == nowhere
    assert spend(server).json()["totals"]["requests"] == 0
    manage(server, "PATCH", "/api/v1/workspace", {"plan": "paid"})
    assert told(server) == everywhere
