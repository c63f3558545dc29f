"""Spend as a hierarchy: subtotals are exact, and levels that say nothing are left out."""

import pytest

from app import hierarchy
from app.hierarchy import Branch
from models.installation import Installation
from models.spend.table import Spend
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of

LEVELS = ("department", "team", "agent", "feature")


@pytest.fixture
def spend(installation: Installation) -> Spend:
    workspace = make_workspace(installation)
    append(
        installation, workspace.id,
        make_event(NOON, 10**18, department="eng", team="a", agent="bot", feature="chat"),
        make_event(NOON, 7, department="eng", team="a", agent="bot", feature="mail"),
        make_event(NOON, 5, department="eng", team="b"),
        make_event(NOON, 3),
        make_event(NOON - 40 * DAY, 4, department="eng", team="gone"),
    )  # fmt: skip
    measures = "cost,requests,unpriced_requests"
    return ask(spend_of(installation, workspace), group_by=",".join(LEVELS), measures=measures, compare="previous")


def branches(root: Branch) -> dict[tuple[object, ...], Branch]:
    return {each.shown: each for each in root.down()}


def test_every_subtotal_is_the_sum_of_what_is_within_it(spend: Spend) -> None:
    root = hierarchy.tree(spend, LEVELS)
    assert root.cost == spend.totals["cost_nano_usd"] == 10**18 + 15
    for branch in [root, *root.down()]:
        if branch.within:
            assert branch.cost == sum(each.cost for each in branch.within.values())
            assert branch.requests == sum(each.requests for each in branch.within.values())


def test_levels_on_which_nobody_said_anything_are_left_out_within_a_branch(spend: Spend) -> None:
    found = branches(hierarchy.tree(spend, LEVELS))
    assert not found[("eng", "b")].within
    assert not found[(None,)].within
    assert [*found] == [
        ("eng",), ("eng", "a"), ("eng", "a", "bot"), ("eng", "a", "bot", "chat"), ("eng", "a", "bot", "mail"),
        ("eng", "b"), ("eng", "gone"), (None,),
    ]  # fmt: skip


def test_what_was_there_before_stands_beside_it(spend: Spend) -> None:
    found = branches(hierarchy.tree(spend, LEVELS))
    assert found[("eng",)].before == found[("eng", "gone")].before == 4
    assert found[("eng", "gone")].requests == 0
    assert found[("eng", "b")].before is None


def test_only_levels_that_anybody_said_are_levels(spend: Spend, installation: Installation) -> None:
    assert hierarchy.levels_of(spend) == [*LEVELS]
    workspace = make_workspace(installation, "small")
    append(installation, workspace.id, make_event(NOON, 1, team="a"))
    assert hierarchy.levels_of(ask(spend_of(installation, workspace), group_by=",".join(LEVELS))) == ["team"]
