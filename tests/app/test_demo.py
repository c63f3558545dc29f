"""The Overview on demo data: full, and telling what happened."""

from dataclasses import replace

import pytest

from jobs import rollup
from jobs.demo import seed
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard

LAST_MONTHS = range(59, -1, -1)


@pytest.fixture
def seeded(dashboard: Dashboard) -> Dashboard:
    """What the Overview asks for, of a twentieth of the demo; Ada is its owner."""
    there = dashboard.installation
    owned = there.settings.model_copy(update={"admin_email": EMAIL, "admin_password": PASSWORD})
    now = now_us()
    seed.found(replace(there, settings=owned), now)
    seed.seed(there, now, 0.05, LAST_MONTHS)
    rollup.run(there.database, there.lake)
    dashboard.sign_in()
    return dashboard


def test_the_overview_names_the_leaked_token_the_unpriced_and_what_was_saved(seeded: Dashboard) -> None:
    page = seeded.open()
    _, _, tokens = page.text.partition("Top tokens")
    assert tokens.partition("Spend ")[2].startswith("ci-evals ")
    assert "vllm/qwen3-32b" in page.text
    assert "mistral/mistral-next-preview" in page.text
    assert "Saved by response cache $" in page.text
    assert {trace["name"] for trace in page.charts[0]["data"]} >= {"anthropic", "openai", "google", "30 days before"}


def test_the_free_workspace_shows_its_sources_only(seeded: Dashboard) -> None:
    page = seeded.open(workspace="acme-labs")
    assert "/notes/summary" in page.text
    assert "/notes/draft" not in page.source
    assert {trace["name"] for trace in page.charts[0]["data"]} == {"openai", "30 days before"}
