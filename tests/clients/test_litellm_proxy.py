"""A LiteLLM proxy without a database, called with the openai package, reports to the callback door.

All calls are made once; each test then looks at what the server stored of some of them. The proxy's own key is named
`gateway`; a caller that brings a tracking token is known by that token's name instead.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients import expected, programs
from tests.clients.expected import UNATTRIBUTED, assert_stored
from tests.clients.farthing_client import FarthingClient, places_of
from tests.clients.programs import LiteLLMProxy
from tests.clients.provider import Provider
from tests.servers import Farthing

pytestmark = [pytest.mark.client, pytest.mark.xdist_group("litellm-proxy")]

MARKER = "hush-proxy-77ad"
PROXY_KEY = "sk-the-proxys-master-key"
PROVIDER_KEY = "sk-the-providers-key"
WRONG_TOKEN = "fth_live_nobody-made-this-one"

SHARED_CALLS = [f"shared {number}" for number in range(24)]  # the router draws lots: both deployments get some
USED = {"input": 1200, "output": 300, "cache_read": 1024, "reasoning": 64}  # as provider.py says
MINI = expected.success("gpt-4o-mini", **USED)
LARGE = expected.success("gpt-4o", **USED)
EMBEDDING = expected.success("text-embedding-3-small", input=512, output=0)

DEPLOYMENTS = {"small": MINI, "large": LARGE}

# `default_user_id` is LiteLLM's name for whoever uses its master key.
GATEWAY = UNATTRIBUTED | {"key": "gateway", "token": "gateway", "user": "default_user_id"}
REVIEWS = GATEWAY | {
    "key": "reviews",
    "token": "reviews",
    "team": "platform",
    "department": "Engineering",
    "agent": "code-reviewer",
}


def calls(token: str) -> dict[str, Any]:
    """What the callers of the proxy send, by the name that a test asks for it with."""
    headers = {"X-Department": "Engineering", "X-Team": "platform", "X-Agent": "code-reviewer"}
    known = {"X-Cloudidr-Token": token, **headers}
    metadata = {"team": "helpdesk", "feature": "triage", "env": "prod", "project": "apollo", "tags": ["p1"]}
    return {
        "wrong token": {"model": "gpt-4o-mini", "extra_headers": {"X-Cloudidr-Token": WRONG_TOKEN}},
        "plain": {"model": "gpt-4o-mini"},
        "headers": {"model": "gpt-4o-mini", "extra_headers": headers},
        "token and headers": {"model": "gpt-4o-mini", "extra_headers": known},
        "tags in the body": {"model": "gpt-4o-mini", "extra_body": {"tags": ["nightly", "batch:7"]}},
        "tags in a header": {"model": "gpt-4o-mini", "extra_headers": {"x-litellm-tags": "nightly,batch:7"}},
        "metadata": {
            "model": "gpt-4o-mini",
            "user": "customer-42",
            "extra_headers": known,
            "extra_body": {"metadata": metadata},
        },
        "stream": {"model": "gpt-4o-mini", "stream": True, "extra_headers": known},
        "embedding": {"model": "embedding", "extra_headers": known},
        "fallback": {"model": "fragile", "extra_headers": known},
        "failure": {"model": "busy", "extra_headers": known},
        "unknown model": {"model": "no-such-model", "extra_headers": known},
    } | {name: {"model": "shared"} for name in SHARED_CALLS}


ANSWERED_BY_MINI = [
    "plain",
    "headers",
    "token and headers",
    "tags in the body",
    "tags in a header",
    "metadata",
    "stream",
    "fallback",
]
SENT = len(calls("any")) + 1  # the fallback's call is two events
EVENTS = SENT - 1  # and that with a wrong token is stored nowhere


@dataclass(frozen=True)
class Called:
    """What the callers saw of their calls, the token they brought, and what the server stored."""

    outcomes: dict[str, dict[str, Any]]
    token: str
    gateway_key: str
    rows: list[dict[str, Any]]

    def row(self, name: str) -> dict[str, Any]:
        """The event of a call: LiteLLM names it by the response where there is one with an id, else by the call."""
        outcome = self.outcomes[name]
        return self.event(outcome.get("id", outcome["call_id"]))

    def deployment(self, name: str) -> str:
        return self.outcomes[name]["deployment"]

    def event(self, event_id: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows if row["id"] == event_id]
        return row


@pytest.fixture(scope="module")
def called(litellm_python: Path, client: FarthingClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    token, gateway_key = client.new_key("reviews"), client.new_key("gateway")
    log = tmp_path_factory.mktemp("proxy") / "proxy.log"
    with Provider(says=f"{MARKER}: nothing.") as provider:
        settings = {
            "FARTHING_ENDPOINT": f"{client.url}/api/litellm/callback",
            "FARTHING_API_KEY": gateway_key,
            "LITELLM_MASTER_KEY": PROXY_KEY,
            "PROVIDER_KEY": PROVIDER_KEY,
            "PROVIDER_URL": provider.url("up"),
            "FAILING_PROVIDER_URL": provider.url("down"),
            "BUSY_PROVIDER_URL": provider.url("busy"),
            # All events in one batch, once they are there: LiteLLM forgets what it queues while a batch is under way.
            "DEFAULT_BATCH_SIZE": str(SENT),
            "DEFAULT_FLUSH_INTERVAL_SECONDS": "45",
        }
        with LiteLLMProxy(litellm_python, log, **settings) as proxy:
            outcomes = call_all(litellm_python, proxy, calls(token))
            yield Called(outcomes, token, gateway_key, client.wait_for_events(EVENTS))


def call_all(litellm_python: Path, proxy: LiteLLMProxy, calls: dict[str, Any]) -> dict[str, dict[str, Any]]:
    environment = {"PROXY_URL": proxy.url, "PROXY_KEY": PROXY_KEY, "MARKER": MARKER}
    return programs.run(litellm_python, "call_proxy.py", stdin=json.dumps(calls), **environment)


def test_each_attempt_at_a_provider_is_one_event(called: Called) -> None:
    assert len(called.rows) == EVENTS
    assert len({row["id"] for row in called.rows}) == EVENTS


def test_a_call_without_headers_belongs_to_the_proxys_key(called: Called) -> None:
    assert_stored(called.row("plain"), GATEWAY | MINI | {"model_group": "gpt-4o-mini"})


def test_headers_attribute_a_call(called: Called) -> None:
    assert_stored(
        called.row("headers"),
        GATEWAY | MINI | {"team": "platform", "department": "Engineering", "agent": "code-reviewer"},
    )


def test_a_tracking_token_decides_the_key(called: Called) -> None:
    assert_stored(called.row("token and headers"), REVIEWS | MINI)


def test_a_wrong_tracking_token_is_not_taken_for_the_proxys_key(called: Called) -> None:
    ids = {row["id"] for row in called.rows}
    assert called.outcomes["wrong token"]["id"] not in ids


@pytest.mark.parametrize("name", ["tags in the body", "tags in a header"])
def test_tags_are_the_callers_own(called: Called, name: str) -> None:
    """LiteLLM adds its `User-Agent:` entries to them; and tags are never a team."""
    assert_stored(called.row(name), GATEWAY | MINI | {"tags": ["batch:7", "nightly"]})


def test_metadata_goes_before_headers(called: Called) -> None:
    said = {
        "team": "helpdesk",
        "feature": "triage",
        "env": "prod",
        "project": "apollo",
        "end_user": "customer-42",
        "tags": ["p1"],
    }
    assert_stored(called.row("metadata"), REVIEWS | MINI | said)


def test_a_stream_counts_the_usage_of_its_last_frame(called: Called) -> None:
    assert_stored(called.row("stream"), REVIEWS | MINI)


def test_an_embedding_is_priced_by_its_input(called: Called) -> None:
    assert_stored(called.row("embedding"), REVIEWS | EMBEDDING | {"model_group": "embedding"})


def test_each_deployment_of_a_group_costs_its_own_price(called: Called) -> None:
    assert {called.deployment(name) for name in SHARED_CALLS} == set(DEPLOYMENTS)
    for name in SHARED_CALLS:
        assert_stored(called.row(name), GATEWAY | DEPLOYMENTS[called.deployment(name)] | {"model_group": "shared"})


def test_a_fallback_is_a_free_failure_and_a_paid_success(called: Called) -> None:
    failed = expected.failure("gpt-4o", "openai", "InternalServerError", "500")
    assert_stored(called.event(called.outcomes["fallback"]["call_id"]), REVIEWS | failed | {"model_group": "fragile"})
    assert_stored(called.row("fallback"), REVIEWS | MINI | {"model_group": "gpt-4o-mini"})


def test_a_refusal_of_the_provider_is_a_failure(called: Called) -> None:
    assert called.outcomes["failure"]["error"] == "RateLimitError"
    failed = expected.failure("gpt-4o", "openai", "RateLimitError", "429")
    assert_stored(called.row("failure"), REVIEWS | failed | {"model_group": "busy"})


def test_a_refusal_of_the_proxy_is_a_failure(called: Called) -> None:
    assert called.outcomes["unknown model"]["error"] == "BadRequestError"
    failed = expected.failure("no-such-model", None, "ProxyModelNotFoundError", "400")
    assert_stored(called.row("unknown model"), REVIEWS | failed)


def test_spend_counts_the_cost_of_each_call_once(called: Called, client: FarthingClient) -> None:
    shared = [DEPLOYMENTS[called.deployment(name)] for name in SHARED_CALLS]
    paid = [EMBEDDING, *(MINI for _ in ANSWERED_BY_MINI), *shared]
    totals = client.totals("cost,requests,errors,unpriced_requests")
    wanted = {
        "cost_nano_usd": sum(call["cost_nano_usd"] for call in paid),
        "requests": EVENTS,
        "errors": len(["fallback", "failure", "unknown model"]),
        "unpriced_requests": 0,
    }
    assert {name: totals[name] for name in wanted} == wanted


def test_no_prompt_answer_key_or_traceback_reaches_the_disk(called: Called, farthing: Farthing) -> None:
    secrets = [MARKER, PROXY_KEY, PROVIDER_KEY, WRONG_TOKEN, called.token, called.gateway_key, "site-packages/litellm"]
    found = {secret: list(places_of(secret, farthing.data_dir)) for secret in secrets}
    assert not any(found.values()), found
