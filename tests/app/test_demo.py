"""The Overview on demo data: full, and telling what happened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import rollup
from jobs.demo import seed
from models.installation import Installation
from models.periods import now_us
from models.settings import Settings
from tests.app.conftest import EMAIL, PASSWORD, Dashboard
from tests.installations import open_installation

LAST_MONTHS = range(59, -1, -1)
FORECAST = {"low", "high", "forecast"}  # its lines


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Overview asks for, of a twentieth of the demo; Ada is its owner."""
    folder = tmp_path_factory.mktemp("demo")
    there = open_installation(
        Settings(data_dir=folder, admin_email=EMAIL, admin_password=PASSWORD, _env_file=None)  # type: ignore[call-arg]
    )
    now = now_us()
    seed.found(there, now)
    seed.seed(there, now, 0.05, LAST_MONTHS)
    rollup.run(there.database, there.lake)
    there.database.close()
    return folder


@pytest.fixture
def installation(demo: Path) -> Iterator[Installation]:
    """The tests only look at it."""
    opened = open_installation(Settings(data_dir=demo, _env_file=None))  # type: ignore[call-arg]
    yield opened
    opened.database.close()


@pytest.fixture
def seeded(dashboard: Dashboard) -> Dashboard:
    dashboard.sign_in()
    return dashboard


def test_the_overview_names_the_leaked_token_the_unpriced_and_what_was_saved(seeded: Dashboard) -> None:
    page = seeded.open(last="7d")
    _, _, tokens = page.text.partition("Top tokens")
    assert tokens.partition("Spend ")[2].startswith("ci-evals ")
    assert "vllm/qwen3-32b" in page.text
    assert "mistral/mistral-next-preview" in page.text
    assert "Saved by response cache $" in page.text
    assert {trace["name"] for trace in page.charts[0]["data"]} >= {"anthropic", "openai", "google", "7 days before"}


def test_the_free_workspace_shows_its_sources_only(seeded: Dashboard) -> None:
    page = seeded.open(workspace="acme-labs")
    assert "/notes/summary" in page.text
    assert "/notes/draft" not in page.source
    assert {trace["name"] for trace in page.charts[0]["data"]} == {"openai", "30 days before", *FORECAST}
