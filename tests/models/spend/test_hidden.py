"""What the free plan hides: told exactly, with the definitions that would show it."""

from typing import Any

import pytest

from models.accounts import keys
from models.accounts.keys import NewKey
from models.accounts.sources import ANYTHING, Source
from models.accounts.workspaces import WorkspaceInfo
from models.installation import Installation
from models.spend import log
from models.spend.answer import Store
from models.spend.filters import MAX_IN_SQL
from models.spend.hidden import Amount, Hidden, Suggestion, hidden
from models.spend.query import parse_last
from models.usage.event import Event
from tests.factories import AUTHOR, DAY, NOON, append, make_event, make_workspace

Defined = dict[str, tuple[Source, ...]]


def told(installation: Installation, defined: Defined, *events: Event, plan: str = "free") -> Hidden | None:
    workspace = make_workspace(installation, plan=plan)
    append(installation, workspace.id, *events)
    return of(installation, workspace, defined)


def of(installation: Installation, workspace: WorkspaceInfo, defined: Defined) -> Hidden | None:
    spend = Store.open(installation.database, installation.lake).of(workspace, defined)
    return hidden(spend, parse_last("30d", workspace.timezone, NOON), NOON)


def call(key: str | None, provider: str | None, cost: int | None = 10, **values: Any) -> Event:
    return make_event(NOON, cost, key=key, provider=provider, **values)


def suggested(found: Hidden | None) -> list[tuple[str | None, Source, int]]:
    assert found
    return [(each.key, each.source, each.amount.requests) for each in found.suggestions]


OPENAI, GOOGLE = Source(provider="openai"), Source(provider="google")


def test_nothing_is_hidden_on_the_paid_plan_and_nothing_where_all_matches(installation: Installation) -> None:
    assert told(installation, {}, call("k", "openai"), plan="paid") is None
    workspace = make_workspace(installation, "all", plan="free")
    append(installation, workspace.id, call("k", "openai"))
    assert of(installation, workspace, {"k": (ANYTHING,)}) is None


def test_how_many_and_how_much(installation: Installation) -> None:
    found = told(
        installation, {"k": (OPENAI,)}, call("k", "openai"), call("k", "google"), call("k", "google", 7),
        call("k", "google", None, model="in-house"), make_event(NOON - 40 * DAY, 99, key="k", provider="google"),
    )  # fmt: skip
    assert found
    assert found.amount == Amount(3, 17, 1)
    assert found.groups.select("key", "provider", "model", "requests", "cost_nano_usd").rows() == [
        ("k", "google", "gpt-4o", 2, 17),
        ("k", "google", "in-house", 1, 0),
    ]


def test_one_definition_for_one_provider(installation: Installation) -> None:
    found = told(installation, {"k": (OPENAI,)}, call("k", "google", model="a"), call("k", "google", model="b"))
    assert suggested(found) == [("k", GOOGLE, 2)]


def test_each_key_has_its_own_the_one_with_most_calls_first(installation: Installation) -> None:
    found = told(installation, {"a": (), "b": ()}, call("a", "google"), *(call("b", "openai") for _ in range(3)))
    assert suggested(found) == [("b", OPENAI, 3), ("a", GOOGLE, 1)]


def test_the_part_with_the_fewest_names_is_named(installation: Installation) -> None:
    found = told(
        installation, {}, *(call("k", each, model=f"of-{each}", feature="chat") for each in ("openai", "google"))
    )
    assert suggested(found) == [("k", Source(feature="chat"), 2)]


def test_a_feature_that_nobody_named_is_no_name(installation: Installation) -> None:
    found = told(installation, {}, call("k", "openai"), call("k", "openai"), call("k", "google", model="gemini"))
    assert suggested(found) == [("k", OPENAI, 2), ("k", GOOGLE, 1)]


def test_where_no_part_is_always_known_each_is_named_by_what_is(installation: Installation) -> None:
    found = told(
        installation, {}, call("k", None, model="m"), call("k", "openai", model=None), call("k", None, model=None)
    )
    assert {(source, number) for _, source, number in suggested(found)} == {(Source(feature="unknown"), 3)}, (
        "which shows the other two as well"
    )
    found = of(
        installation, make_and_send(installation, call("k", None, model="m"), call("k", "openai", model=None)), {}
    )
    assert {(source, number) for _, source, number in suggested(found)} == {(OPENAI, 1), (Source(model="m"), 1)}


def make_and_send(installation: Installation, *events: Event) -> WorkspaceInfo:
    workspace = make_workspace(installation, f"of-{events[0].id}", plan="free")
    append(installation, workspace.id, *events)
    return workspace


def test_calls_without_a_key_are_shown_by_anybodys_definition(installation: Installation) -> None:
    found = told(installation, {"k": ()}, call(None, "google"), call(None, "openai"), call("k", "google"))
    assert suggested(found) == [("k", GOOGLE, 2), (None, OPENAI, 1)]


def test_a_definition_is_added_beside_those_that_are_there(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free")
    with installation.database.write() as connection:
        key_id, _ = keys.create(connection, workspace.id, NewKey("k", "ingest", (OPENAI,)), AUTHOR)
        for _ in range(2):
            keys.add_source(connection, workspace.id, "k", GOOGLE, AUTHOR)
        assert keys.definitions_of(connection, workspace.id, "k") == (OPENAI, GOOGLE)
        keys.revoke(connection, workspace.id, key_id, AUTHOR)
        keys.add_source(connection, workspace.id, "k", ANYTHING, AUTHOR)
        assert ANYTHING in keys.definitions_of(connection, workspace.id, "k"), "it still decides over what it sent"


def test_a_suggestion_says_what_it_would_show(installation: Installation) -> None:
    found = told(installation, {}, call("k", "google", 5), call("k", "google", None, model="in-house"))
    assert found
    assert found.suggestions == (Suggestion("k", GOOGLE, Amount(2, 5, 1)),)


@pytest.mark.parametrize("key", ["k", None])
def test_hundreds_of_groups_are_told_whole(installation: Installation, key: str | None) -> None:
    found = told(installation, {}, *(call(key, f"p{number}", number, model=f"m{number % 50}") for number in range(500)))
    assert found
    assert (found.amount.requests, found.amount.cost_nano_usd, found.groups.height) == (500, sum(range(500)), 500)
    assert len(found.suggestions) == 50


@pytest.mark.parametrize("definitions", [1, MAX_IN_SQL + 1])
def test_the_newest_call_that_shows_is_found_behind_any_number_of_hidden_ones(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, definitions: int
) -> None:
    workspace = make_workspace(installation, plan="free")
    append(installation, workspace.id, make_event(NOON - DAY, key="k", provider="openai", id="shown"))
    append(installation, workspace.id, *(call("k", "google") for _ in range(300)))
    sources = tuple(Source(model=f"m{number}") for number in range(definitions - 1))
    spend = Store.open(installation.database, installation.lake).of(workspace, {"k": (*sources, OPENAI)})
    judged: list[int] = []
    decide = log.decide

    def counted(rows: list[Any], *others: Any) -> list[bool]:
        judged.append(len(rows))
        return decide(rows, *others)

    monkeypatch.setattr(log, "decide", counted)
    rows = log.page(spend, parse_last("30d", workspace.timezone, NOON), (), 1, None).rows
    assert [row["id"] for row in rows] == ["shown"]
    assert (sum(judged) == 1) is (definitions <= MAX_IN_SQL), "many definitions are decided beside the database"
