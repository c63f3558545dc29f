"""A LiteLLM price file becomes overrides: those that are wanted, once, and with a word on each that is left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import price_import
from jobs.price_import import NOT_ASKED, PUBLISHED, THERE, Imported, PriceFile, Wanted
from models import audit, price_overrides
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import BadField, BadRequest, TooLarge
from models.installation import Installation
from models.pricing.cards import Card
from models.pricing.terms import shown
from tests.factories import NOON, make_workspace
from tests.servers import Farthing

AUTHOR = Author("command line", NOON)
PRICES = {
    "sample_spec": {"input_cost_per_token": 0.0},
    "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
    "mine/large": {"litellm_provider": "mine", "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06},
    "mine/small": {"litellm_provider": "mine", "input_cost_per_token": 1e-07, "output_cost_per_token": 2e-07},
    "mine/pages": {"litellm_provider": "mine", "mode": "ocr", "ocr_cost_per_page": 0.002},
    "mine/free": {"litellm_provider": "mine", "input_cost_per_token": 0, "output_cost_per_token": 0},
}


def file(prices: dict[str, Any] | None = None) -> PriceFile:
    return PriceFile("prices.json", json.dumps(PRICES if prices is None else prices).encode())


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    return make_workspace(installation)


def take(
    installation: Installation, workspace: WorkspaceInfo, read: PriceFile | None = None, **wanted: Any
) -> Imported:
    dry_run = wanted.pop("dry_run", False)
    return price_import.run(installation.database, workspace, read or file(), Wanted(**wanted), AUTHOR, dry_run=dry_run)


def there(installation: Installation, workspace: WorkspaceInfo) -> dict[str, dict[str, Any]]:
    """What the overrides say, by model."""
    with installation.database.read() as connection:
        found = price_overrides.of_workspace(connection, workspace.id)
    return {each.model: shown(each.terms) for each in found}


def models(found: Imported) -> list[str]:
    return [each.model for each in found.taken]


def test_by_default_models_that_nobody_publishes_a_price_for_are_taken(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    found = take(installation, workspace)
    assert models(found) == ["large", "small"]
    assert found.skipped == {
        PUBLISHED: ["gpt-4o"], "charges by ocr_cost_per_page": ["mine/pages"], "says 0 for everything": ["mine/free"],
    }  # fmt: skip
    assert there(installation, workspace)["small"] == {
        "service_tier": None, "input_per_million_usd": 0.1, "output_per_million_usd": 0.2,
    }  # fmt: skip


def test_all_can_be_taken_and_those_that_say_0(installation: Installation, workspace: WorkspaceInfo) -> None:
    assert models(take(installation, workspace, missing_only=False, free=True)) == ["gpt-4o", "large", "small", "free"]


def test_the_same_file_twice_adds_nothing(installation: Installation, workspace: WorkspaceInfo) -> None:
    take(installation, workspace)
    before = there(installation, workspace)
    again = take(installation, workspace)
    assert (again.taken, again.skipped[THERE]) == ([], ["mine/large", "mine/small"])
    assert there(installation, workspace) == before
    with installation.database.read() as connection:
        assert (
            len([each for each in audit.listed(connection, workspace.id).records if each["action"] == "price.import"])
            == 1
        )


def test_a_file_with_another_price_adds_what_is_new_which_then_decides(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    take(installation, workspace)
    newer = PRICES | {"mine/small": PRICES["mine/small"] | {"input_cost_per_token": 5e-07}}
    later = Author("command line", NOON + 1)
    found = price_import.run(installation.database, workspace, file(newer), Wanted(), later)
    assert models(found) == ["small"]
    directory = Directory(installation.database)
    directory.check(NOON)
    card = directory.view.prices_of(workspace.id).card("mine", "small", NOON)
    assert isinstance(card, Card)
    assert card.input == 500
    assert take(installation, workspace, file(newer)).taken == []


def test_from_a_day_on_it_is_another_price_beside_the_one_before(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    take(installation, workspace)
    dated = take(installation, workspace, valid_from="2026-11-01")
    assert models(dated) == ["large", "small"]
    assert {each.valid_from_us for each in dated.taken} == {NOON - 20 * 86_400_000_000 - 43_200_000_000}
    assert take(installation, workspace, valid_from="2026-11-01").taken == []
    with pytest.raises(BadField):
        take(installation, workspace, valid_from="soon")


@pytest.mark.parametrize(
    ("only", "taken"),
    [
        ("mine/*", ["large", "small"]),
        ("*SMALL", ["small"]),
        ("mine/large", ["large"]),
        ("mine", []),
        ("*", ["large", "small"]),
    ],
)
def test_only_those_that_are_asked_for(
    installation: Installation, workspace: WorkspaceInfo, only: str, taken: list[str]
) -> None:
    found = take(installation, workspace, only=only)
    assert models(found) == taken
    assert len(found.taken) + sum(map(len, found.skipped.values())) == len(PRICES) - 1
    assert (NOT_ASKED in found.skipped) == (only != "*")


def test_a_dry_run_says_the_same_and_takes_nothing(installation: Installation, workspace: WorkspaceInfo) -> None:
    dry = take(installation, workspace, dry_run=True)
    assert there(installation, workspace) == {}
    said, *names = take(installation, workspace).lines()
    assert [*dry.lines()] == [said.replace("taken", "would be taken"), *names]


def test_it_stands_on_the_audit_log_in_one_record(installation: Installation, workspace: WorkspaceInfo) -> None:
    take(installation, workspace)
    with installation.database.read() as connection:
        record = audit.listed(connection, workspace.id).records[0]
    assert (record["actor"], record["action"], record["subject"], record["details"]["taken"]) == (
        "command line", "price.import", "prices.json", 2,
    )  # fmt: skip


def test_more_than_a_workspace_can_have_are_refused_as_a_whole(
    installation: Installation, workspace: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_overrides, "MAX_OVERRIDES", 1)
    with pytest.raises(BadRequest, match="at most 1 price overrides"):
        take(installation, workspace)
    monkeypatch.setattr(price_overrides, "MAX_PATTERNS", 0)
    with pytest.raises(BadRequest, match="at most 0 price overrides for patterns"):
        take(installation, workspace, file({"mine/*": PRICES["mine/large"]}))
    assert there(installation, workspace) == {}


def test_a_file_beyond_every_size_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_import, "MAX_FILE", 10)
    (tmp_path / "prices.json").write_text(" " * 11)
    with pytest.raises(TooLarge):
        PriceFile.at(tmp_path / "prices.json")


def test_the_command_says_what_was_taken_and_what_was_not(server: Farthing, tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text(json.dumps(PRICES))
    done = server.run("prices", "import", str(tmp_path / "prices.json"), "--valid-from", "2026-01-01")
    assert done.stdout.splitlines() == [
        "2 rows taken", "1 left out: has a published price", "1 left out: charges by ocr_cost_per_page (mine/pages)",
        "1 left out: says 0 for everything (mine/free)",
    ]  # fmt: skip
    assert done.stderr == "importing: 5 of 5\n"
    listed = json.loads(server.run("prices", "list", "--json").stdout)["prices"]
    assert {each["model"]: each["valid_from"] for each in listed} == dict.fromkeys(("large", "small"), "2026-01-01")
    again = server.run("prices", "import", str(tmp_path / "prices.json"), "--valid-from", "2026-01-01", "--json")
    assert json.loads(again.stdout) == {
        "taken": [],
        "skipped": {
            PUBLISHED: ["gpt-4o"], THERE: ["mine/large", "mine/small"], "charges by ocr_cost_per_page": ["mine/pages"],
            "says 0 for everything": ["mine/free"],
        },
    }  # fmt: skip
