"""The price file that comes with the real LiteLLM: every row is taken exactly or left out with a reason."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from models.accounts.directory import Directory
from models.installation import Installation, open_installation
from models.pricing.cards import Card
from models.pricing.names import canonical
from models.settings import Settings
from tests.factories import NOON
from tests.servers import Farthing

pytestmark = pytest.mark.client

FILE = "site-packages/litellm/model_prices_and_context_window_backup.json"
WORDS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
}
TIERS = {"": "", "_batches": "batch", "_flex": "flex", "_priority": "priority"}
LENGTHS = {"": 1, "_above_128k_tokens": 128_001, "_above_200k_tokens": 200_001, "_above_272k_tokens": 272_001}


@pytest.fixture(scope="module")
def price_file(litellm_python: Path) -> Path:
    (found,) = litellm_python.parents[1].glob(f"lib/*/{FILE}")
    return found


@pytest.fixture(scope="module")
def imported(price_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Farthing, dict[str, Any]]:
    server = Farthing.prepare(tmp_path_factory.mktemp("farthing"))
    return server, json.loads(server.run("prices", "import", str(price_file), "--all", "--json").stdout)


def test_every_row_is_taken_or_left_out_with_a_reason(
    imported: tuple[Farthing, dict[str, Any]], price_file: Path
) -> None:
    _, done = imported
    left_out = [name for names in done["skipped"].values() for name in names]
    assert len(done["taken"]) + len(left_out) == len(
        set(json.loads(price_file.read_bytes())) - {"sample_spec", "fallback_generalizations"}
    )
    assert len(done["taken"]) > 2_000
    assert not any("expected" in reason for reason in done["skipped"]), "no price is out of bounds"


def test_every_price_is_that_of_the_file(imported: tuple[Farthing, dict[str, Any]], price_file: Path) -> None:
    """Asked for under the name that LiteLLM's events are stored under."""
    server, done = imported
    rows = json.loads(price_file.read_bytes(), parse_float=Decimal)
    left_out = {name for names in done["skipped"].values() for name in names}
    opened = open_installation(Settings(data_dir=server.data_dir, _env_file=None))
    prices = prices_of(opened, server.made["workspace_id"])
    compared = 0
    for name, row in rows.items():
        if name in left_out or "litellm_provider" not in row or name == "sample_spec":
            continue
        for word, unit, length, tier in said(row):
            provider = row["litellm_provider"].partition("-language")[0].partition("-embedding")[0]
            provider = provider.partition("-")[0] if provider.startswith("vertex_ai-") else provider
            card = prices.card(*canonical(provider, name), NOON, LENGTHS[length], TIERS[tier])
            assert isinstance(card, Card), (name, card)
            assert Fraction(card.rates[unit], card.scale) == Fraction(row[word]) * 10**9, (name, word)
            compared += 1
    opened.database.close()
    assert compared > 10_000


def prices_of(opened: Installation, workspace_id: str) -> Any:
    directory = Directory(opened.database)
    directory.check(NOON)
    return directory.view.prices_of(workspace_id)


def said(row: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    words = [
        (word + length + tier, unit, length, tier)
        for word, unit in WORDS.items() for length in LENGTHS for tier in TIERS
    ]  # fmt: skip
    return [each for each in words if row.get(each[0]) is not None]


def test_the_same_file_again_adds_nothing(imported: tuple[Farthing, dict[str, Any]], price_file: Path) -> None:
    server, done = imported
    again = json.loads(server.run("prices", "import", str(price_file), "--all", "--json").stdout)
    assert again["taken"] == []
    assert len(again["skipped"]["is there already"]) == len(done["taken"])
