"""Drift: where claims and the price list disagree by more than a share."""

from typing import Any

import pytest

from jobs import rollup
from models.installation import Installation
from models.spend.drift import disagreements
from models.spend.query import parse_period
from models.usage.event import Tokens
from tests.factories import NOON, append, make_event, make_workspace, spend_of

LISTED = 4_500_000  # gpt-4o: 1,000 tokens in, 200 out
USED = Tokens(input=1000, output=200, total=1200)


def call(model: str, cost: int | None, **values: Any) -> Any:
    return make_event(cost=cost, provider="openai", model=model, tokens=USED, **values)


@pytest.fixture
def found(installation: Installation) -> Any:
    workspace = make_workspace(installation)

    def ask(*events: Any, above: float = 0.01, roll: bool = False) -> list[tuple[Any, ...]]:
        append(installation, workspace.id, *events)
        if roll:
            rollup.run(installation.database, installation.lake)
        period = parse_period({"last": ["7d"]}, "UTC", NOON)
        return disagreements(spend_of(installation, workspace), period, (), NOON, above).rows.rows()

    return ask


@pytest.mark.parametrize("roll", [True, False])
def test_models_that_are_off_stand_there_the_largest_difference_first(found: Any, roll: bool) -> None:
    mini = 270_000  # 1,000 × 0.15 + 200 × 0.6 dollars per million
    rows = found(
        call("gpt-4o", LISTED), call("gpt-4o", LISTED - 90_000), call("gpt-4o-mini", 3 * mini), call("gpt-4.1", None),
        call("made-up", 77), roll=roll,
    )  # fmt: skip
    assert rows == [("openai", "gpt-4o-mini", 1, 3 * mini, mini, 2 * mini, 2.0)]
    rows = found(call("gpt-4o", LISTED - 100_000))
    assert [row[:6] for row in rows] == [
        ("openai", "gpt-4o-mini", 1, 3 * mini, mini, 2 * mini),
        ("openai", "gpt-4o", 3, 3 * LISTED - 190_000, 3 * LISTED, -190_000),
    ]


def test_one_per_cent_is_let_pass(found: Any) -> None:
    assert found(call("gpt-4o", LISTED + LISTED // 100)) == []
    assert len(found(call("gpt-4o", LISTED + LISTED // 100 + 1))) == 1


def test_how_much_is_let_pass_can_be_chosen(found: Any) -> None:
    assert found(call("gpt-4o", LISTED + 1), above=0)[0][5] == 1
    assert found(call("gpt-4o", LISTED), above=0.5) == []


def test_a_claim_that_does_not_bind_is_compared_as_well(found: Any) -> None:
    claimed = call("gpt-4o", 2 * LISTED)
    claimed.claim.binding = False
    assert found(claimed)[0][3:6] == (2 * LISTED, LISTED, LISTED)


def test_cache_hits_have_nothing_to_compare(found: Any) -> None:
    assert found(call("gpt-4o", 0, cache_hit=True)) == []
