"""The block of the cost page that people know, from events that a client sends: the same figures, whoever is asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from models.accounts import keys
from models.accounts.keys import NewKey
from models.accounts.sources import ANYTHING
from tests.app.conftest import Dashboard, Page
from tests.factories import AUTHOR

PROVIDERS = {"openai": "1402.10", "anthropic": "312.60", "google": "98.40", "mistral": "34.10"}
BEFORE = "1632.90"
SPARED = 72_960_000  # tokens of input to gpt-4o, at $2.50 a million: $182.40


@pytest.fixture
def api(dashboard: Dashboard) -> Iterator[TestClient]:
    """With a key that may send, and may look."""
    workspace = dashboard.workspace()
    with dashboard.installation.database.write() as connection:
        secrets = {
            scope: keys.create(connection, workspace.id, NewKey(scope, scope, (ANYTHING,)), AUTHOR)[1]
            for scope in ("ingest", "read")
        }
    with TestClient(create_app(dashboard.installation.settings)) as client:
        client.headers = {"x-api-key": secrets["ingest"]}
        answer = client.post("/api/v1/ingest/batch", json={"events": [*events()]})
        assert (answer.status_code, "rejected" in answer.json()) == (202, False)
        client.headers = {"x-api-key": secrets["read"]}
        yield client


def events() -> Iterator[dict[str, Any]]:
    """Several calls of each provider, a call that a cache answered, and what was spent in the 30 days before."""
    for provider, dollars in PROVIDERS.items():
        yield call(5, provider=provider, response_cost=f"{float(dollars) - 10:.2f}")
        yield call(2, provider=provider, response_cost=7.5)
        yield call(1, provider=provider, response_cost=2.5)
    yield call(3, provider="openai", model="gpt-4o", cache_hit=True, prompt_tokens=SPARED, completion_tokens=0)
    yield call(40, provider="openai", response_cost=BEFORE)


def call(days_ago: int, **values: Any) -> dict[str, Any]:
    started = datetime.now(UTC) - timedelta(days=days_ago)
    return {"model": "a-model", "startTime": started.isoformat()} | values


@pytest.fixture
def overview(dashboard: Dashboard, api: TestClient) -> Page:
    dashboard.sign_in()
    return dashboard.open()


def test_the_query_api_says_it_to_the_nano_dollar(api: TestClient) -> None:
    asked = "/api/v1/spend?last=30d&compare=previous&group_by=provider&measures=cost,saved,saved_share"
    body = api.get(asked).json()
    totals, before = body["totals"], body["previous"]["totals"]
    assert (totals["cost_nano_usd"], totals["saved_nano_usd"]) == (1_847_200_000_000, 182_400_000_000)
    assert round(totals["saved_share"], 3) == 0.099
    assert totals["cost_nano_usd"] - before["cost_nano_usd"] == 214_300_000_000
    assert round(214.3 / before["cost_usd"], 3) == 0.131
    shares = [(row["provider"], row["cost_nano_usd"] // 10**7, round(row["cost_usd"] / 18.472)) for row in body["rows"]]
    assert shares == [("openai", 140_210, 76), ("anthropic", 31_260, 17), ("google", 9_840, 5), ("mistral", 3_410, 2)]


def test_the_overview_prints_it(overview: Page) -> None:
    assert "Spend, last 30 days $1,847.20 +$214.30 (13.1 %) against $1,632.90 in the 30 days before" in overview.text
    assert "Saved by response cache $182.40 9.9 % of spend" in overview.text
    assert "openai 76 % $1,402.10 anthropic 17 % $312.60 google 5 % $98.40 mistral 2 % $34.10" in overview.text


def test_what_is_printed_says_all_of_itself(overview: Page) -> None:
    for amount in ("1,847.20", "214.30", "182.40", "1,632.90", "1,402.10", "312.60", "98.40", "34.10"):
        assert f'title="${amount}"' in overview.source


def test_what_moved_adds_up_to_the_change(overview: Page) -> None:
    assert "All of it +$214.30 (13.1 %) volume +$" in overview.text
