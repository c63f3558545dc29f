"""Overrides as every process sees them: the directory makes a workspace's prices of them, and keeps what has not changed."""

from typing import Any

from models import price_overrides
from models.accounts import control
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.installation import Installation
from models.pricing.cards import Card
from models.pricing.overrides import Override
from models.pricing.prices import published
from tests.factories import NOON, make_workspace

AUTHOR = Author("key boss", NOON)


def make(installation: Installation, workspace: WorkspaceInfo, **body: Any) -> Override:
    override = price_overrides.of_body({"model": "gpt-4o", "input_per_million_usd": 1} | body, workspace.timezone, NOON)
    with installation.database.write() as connection:
        price_overrides.create(connection, workspace, override, AUTHOR)
    return override


def remove(installation: Installation, workspace: WorkspaceInfo, override: Override) -> None:
    with installation.database.write() as connection:
        price_overrides.remove(connection, workspace, override.id, AUTHOR)


def something_else_changes(installation: Installation) -> None:
    with installation.database.write() as connection:
        control.changed(connection)


def input_price(directory: Directory, workspace: WorkspaceInfo) -> int | None:
    directory.check(NOON)
    card = directory.view.prices_of(workspace.id).card("openai", "gpt-4o", NOON)
    assert isinstance(card, Card)
    return card.input


def test_an_override_is_stored_whole(installation: Installation) -> None:
    workspace = make_workspace(installation)
    made = make(
        installation,
        workspace,
        provider="openai",
        valid_from="2026-06-01",
        valid_to="2026-07-01",
        output_cost_per_token_above_200k_tokens_flex="1e-9",
    )
    with installation.database.read() as connection:
        assert price_overrides.of_workspace(connection, workspace.id) == [made]
        assert price_overrides.ids(connection) == {workspace.id: {made.id}}


def test_a_workspace_without_overrides_shares_the_published_prices(installation: Installation) -> None:
    workspace, directory = make_workspace(installation), Directory(installation.database)
    made = make(installation, workspace)
    assert input_price(directory, workspace) == 1_000
    assert directory.view.prices_of(make_workspace(installation, "other").id) is published()
    remove(installation, workspace, made)
    assert input_price(directory, workspace) == 2_500
    assert directory.view.prices_of(workspace.id) is published()


def test_prices_and_the_cards_they_remember_stay_while_nothing_of_them_changes(installation: Installation) -> None:
    one, other, directory = (
        make_workspace(installation),
        make_workspace(installation, "other"),
        Directory(installation.database),
    )
    first = make(installation, one)
    make(installation, other)
    assert (input_price(directory, one), input_price(directory, other)) == (1_000, 1_000)
    before = dict(directory.view.prices)
    something_else_changes(installation)
    assert input_price(directory, one) == 1_000
    assert directory.view.prices == before
    remove(installation, one, first)
    make(installation, one, input_per_million_usd=7)
    assert input_price(directory, one) == 7_000, "as many as before, and others"
    assert directory.view.prices[other.id] is before[other.id]
    assert directory.view.prices[one.id] is not before[one.id]
