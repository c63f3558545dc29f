"""The LiteLLM SDK sends through its own `GenericAPILogger`, in each of its formats and to both doors.

Every batch is delivered twice, as LiteLLM does after a time-out, so each test also says that an event counts once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clients import expected, programs
from tests.clients.expected import UNATTRIBUTED, assert_stored
from tests.clients.farthing_client import FarthingClient, places_of
from tests.servers import Farthing

pytestmark = [pytest.mark.client, pytest.mark.xdist_group("litellm-sdk")]

MARKER = "hush-sdk-4c1f"
DOORS = {
    "json_array": "/api/v1/ingest/litellm",
    "ndjson": "/api/litellm/callback",
    "single": "/api/v1/ingest/litellm/",
}
STORED = {
    "success": UNATTRIBUTED
    | expected.success("gpt-4o-mini", input=1200, output=300, cache_read=1024)
    | {
        "feature": "success",
        "team": "search",
        "env": "prod",
        "department": "Engineering",
        "agent": "summariser",
        "project": "apollo",
        "endpoint": "/summaries",
        "prompt": "summary-v3",
        "user": "ana",
        "end_user": "customer-42",
        "tags": ["batch:7", "nightly"],
    },
    "anthropic": UNATTRIBUTED
    | expected.success(
        "claude-haiku-4-5-20251001", "anthropic", input=2550, output=80, cache_read=2000, cache_write=500
    )
    | {"feature": "anthropic", "team": "team-9", "token": "svc-key"},
    "failure": UNATTRIBUTED
    | expected.failure("gpt-4o", "openai", "RateLimitError", "429")
    | {"feature": "failure", "team": "search"},
    "stream": UNATTRIBUTED | expected.success("gpt-4o", input=500, output=250, reasoning=100) | {"feature": "stream"},
    # LiteLLM's own mock embedding says 10 tokens in and a total of 0; what was sent and what was meant are both right.
    "embedding": UNATTRIBUTED
    | expected.success("text-embedding-3-small", input=10, output=0)
    | {"feature": "embedding", "total_tokens": expected.OneOf(0, 10)},
    "unpriced": UNATTRIBUTED
    | expected.unpriced("nobody-knows-this-model", input=10, output=20)
    | {"feature": "unpriced"},
    "miss": UNATTRIBUTED | expected.success("gpt-4o", input=1000, output=500) | {"feature": "miss"},
    "hit": UNATTRIBUTED | expected.cache_hit("gpt-4o", input=1000, output=500) | {"feature": "hit"},
}


@dataclass(frozen=True)
class Sent:
    """One run of the script, and what the server stored of it."""

    key: str
    started: datetime
    ended: datetime
    ids: dict[str, str | None]
    rows: list[dict[str, Any]]

    def row(self, feature: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows if row["feature"] == feature]
        return row


@pytest.fixture(scope="module", params=DOORS)
def sent(request: pytest.FixtureRequest, litellm_python: Path, client: FarthingClient) -> Sent:
    """A 2xx means that the events can be read at once: nothing waits here."""
    key = f"sdk-{request.param}"
    environment = {"FARTHING_ENDPOINT": client.url + DOORS[request.param], "FARTHING_KEY": client.new_key(key)}
    started = datetime.now(UTC)
    ids = programs.run(litellm_python, "send_with_sdk.py", request.param, MARKER=MARKER, **environment)
    return Sent(key, started, datetime.now(UTC), ids, client.events(f"key:{key}"))


def test_each_call_is_one_event(sent: Sent) -> None:
    assert sorted(row["feature"] for row in sent.rows) == sorted(STORED)


def test_no_two_events_share_an_id(sent: Sent) -> None:
    assert len({row["id"] for row in sent.rows}) == len(STORED)


@pytest.mark.parametrize("feature", STORED)
def test_every_attribute_arrives(sent: Sent, feature: str) -> None:
    assert_stored(sent.row(feature), {"key": sent.key, "token": sent.key} | STORED[feature])


@pytest.mark.parametrize("feature", ["success", "anthropic", "stream", "unpriced", "miss"])
def test_an_event_keeps_the_id_that_its_caller_saw(sent: Sent, feature: str) -> None:
    assert sent.row(feature)["id"] == sent.ids[feature]


def test_a_cache_hit_is_an_event_beside_the_call_whose_answer_it_repeats(sent: Sent) -> None:
    assert sent.ids["hit"] == sent.ids["miss"]
    assert sent.row("hit")["id"].startswith(f"{sent.row('miss')['id']}_cache_hit")


@pytest.mark.parametrize("feature", STORED)
def test_times_are_those_of_the_call(sent: Sent, feature: str) -> None:
    row = sent.row(feature)
    called, ended = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
    assert sent.started <= called <= ended <= sent.ended
    assert row["latency_ms"] == pytest.approx((ended - called) / timedelta(milliseconds=1), abs=1)


def test_a_failure_says_why(sent: Sent) -> None:
    assert "RateLimitError" in sent.row("failure")["error_str"]


def test_spend_adds_up_to_the_price_lists(sent: Sent, client: FarthingClient) -> None:
    measures = "cost,saved,requests,errors,cache_hits,unpriced_requests"
    totals = client.totals(measures, f"key:{sent.key}")
    wanted = {
        "cost_nano_usd": sum(row["cost_nano_usd"] or 0 for row in STORED.values()),
        "saved_nano_usd": STORED["hit"]["saved_nano_usd"],
        "requests": len(STORED),
        "errors": 1,
        "cache_hits": 1,
        "unpriced_requests": 1,
    }
    assert {name: totals[name] for name in wanted} == wanted


@pytest.mark.parametrize("secret", [MARKER, "site-packages/litellm"])
def test_no_prompt_answer_or_traceback_reaches_the_disk(sent: Sent, farthing: Farthing, secret: str) -> None:
    assert list(places_of(secret, farthing.data_dir)) == []
