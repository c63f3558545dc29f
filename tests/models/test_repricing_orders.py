"""Orders of re-pricing: what is fixed when they are asked, who waits for whom, and what may be withdrawn."""

from typing import Any

import pytest

from models import acts, audit, repricing_orders
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import BadField, Conflict, NotFound
from models.installation import Installation
from models.periods import SECOND
from models.repricing_orders import Asked, Order
from tests.factories import NOON, make_workspace

ADA, BOB = Author("user ada@example.com", NOON, "192.0.2.7"), Author("user bob@example.com", NOON + 1)
JUNE: dict[str, Any] = {"first": "2026-06-01", "last": "2026-06-30"}


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    return make_workspace(installation)


def ask(installation: Installation, workspace: WorkspaceInfo, author: Author = ADA, **asked: Any) -> str:
    with installation.database.write() as connection:
        return repricing_orders.ask(connection, workspace.id, Asked(**asked), author)


def there(installation: Installation, workspace: WorkspaceInfo) -> list[Order]:
    with installation.database.read() as connection:
        return repricing_orders.of_workspace(connection, workspace.id)


def take_up(installation: Installation, now_us: int = NOON + SECOND) -> Order | None:
    with installation.database.write() as connection:
        return repricing_orders.take_up(connection, now_us)


def are_busy(installation: Installation, now_us: int) -> bool:
    with installation.database.read() as connection:
        return repricing_orders.are_busy(connection, now_us)


def finish(installation: Installation, order_id: str) -> None:
    with installation.database.write() as connection:
        repricing_orders.finish(connection, order_id, NOON + 9 * SECOND, answer={"rows": []})


def withdraw(installation: Installation, workspace: WorkspaceInfo, order_id: str) -> None:
    with installation.database.write() as connection:
        repricing_orders.withdraw(connection, workspace.id, order_id, BOB)


def told(installation: Installation, workspace: WorkspaceInfo) -> list[tuple[str, str, str]]:
    """Who did what to which act, the oldest first, beside the making of the workspace."""
    with installation.database.read() as connection:
        records = audit.listed(connection, workspace.id).records[::-1]
    return [(each["actor"], each["action"], each["subject"]) for each in records if each["actor"] != "tests"]


def make_act(installation: Installation, workspace: WorkspaceInfo, name: str, finished: bool = True) -> None:
    terms = {"from": JUNE["first"], "to": JUNE["last"], "model": None, "start_us": 0, "end_us": 1, "through_seq": 0}
    with installation.database.write() as connection:
        act = acts.begin(connection, acts.new(workspace.id, "reprice", name, "why", "ada", terms, NOON))
        if finished:
            acts.finish(connection, act, NOON, {})


# -- asking -------------------------------------------------------------------------------------------------------


def test_an_order_waits_with_all_that_it_means(installation: Installation, workspace: WorkspaceInfo) -> None:
    made = ask(installation, workspace, does="reprice", model="house", **JUNE)
    (order,) = there(installation, workspace)
    name = "2026-06-01..2026-06-30 house"
    assert order.asked == Asked("reprice", "2026-06-01", "2026-06-30", "house", name, acts.REPRICED)
    assert (order.id, order.author, order.asked_us) == (made, ADA.actor, NOON)
    assert (order.begun_us, order.progress, order.finished_us, order.answer, order.error) == (None, 0, None, None, None)


def test_a_name_that_is_made_up_is_free(installation: Installation, workspace: WorkspaceInfo) -> None:
    make_act(installation, workspace, "2026-06-01..2026-06-30 all models")
    ask(installation, workspace, does="reprice", **JUNE)
    assert there(installation, workspace)[0].asked.name == "2026-06-01..2026-06-30 all models (2)"


def test_a_name_that_is_taken_is_refused_unless_its_act_was_cut_short(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    make_act(installation, workspace, "spring")
    with pytest.raises(Conflict, match="There is an act named 'spring' already"):
        ask(installation, workspace, does="reprice", name="spring", **JUNE)
    make_act(installation, workspace, "summer", finished=False)
    with pytest.raises(Conflict, match="There is an act named 'summer' already"):
        ask(installation, workspace, does="reprice", name="summer", first="2026-06-02", last="2026-06-03")
    with pytest.raises(Conflict, match="The act 'summer' is not finished"):
        ask(installation, workspace, does="reprice", name="autumn", **JUNE)
    ask(installation, workspace, does="reprice", name="summer", **JUNE)
    assert there(installation, workspace)[0].asked.name == "summer"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"does": "try"}, "from"), ({"does": "try", "first": "2026-06-01"}, "to"),
        ({"does": "try", "first": "2026-06-02", "last": "2026-06-01"}, "to"),
        ({"does": "reprice", "reason": "x" * 1_001, **JUNE}, "reason"),
        ({"does": "reprice", "name": "x" * 300, **JUNE}, "name"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_at_once(
    installation: Installation, workspace: WorkspaceInfo, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadField) as problem:
        ask(installation, workspace, **asked)
    assert problem.value.field == field
    assert there(installation, workspace) == []


def test_an_undo_is_of_an_act_of_this_workspace(installation: Installation, workspace: WorkspaceInfo) -> None:
    make_act(installation, make_workspace(installation, "other"), "spring")
    with pytest.raises(NotFound, match="No act is named 'spring'"):
        ask(installation, workspace, does="try undo", name="spring")


def test_a_workspace_has_one_order_that_is_not_answered(installation: Installation, workspace: WorkspaceInfo) -> None:
    made = ask(installation, workspace, does="try", **JUNE)
    with pytest.raises(Conflict, match="wait until it is answered"):
        ask(installation, workspace, BOB, does="try", **JUNE)
    ask(installation, make_workspace(installation, "other"), BOB, does="try", **JUNE)
    finish(installation, made)
    ask(installation, workspace, BOB, does="try", **JUNE)


def test_of_each_person_the_latest_answer_is_kept(installation: Installation, workspace: WorkspaceInfo) -> None:
    for author in (ADA, BOB, ADA):
        finish(installation, ask(installation, workspace, author, does="try", **JUNE))
    assert sorted(each.author for each in there(installation, workspace)) == [ADA.actor, BOB.actor]


def test_the_audit_log_says_who_asked_for_an_act_and_nothing_of_previews(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    finish(installation, ask(installation, workspace, does="try", **JUNE))
    finish(installation, ask(installation, workspace, does="reprice", name="spring", **JUNE))
    make_act(installation, workspace, "spring")
    finish(installation, ask(installation, workspace, BOB, does="undo", name="spring"))
    asked = [each for each in told(installation, workspace) if each[0] != audit.COMMAND_LINE]
    assert asked == [(ADA.actor, "reprice.ask", "spring"), (BOB.actor, "undo.ask", "spring")]


# -- withdrawing --------------------------------------------------------------------------------------------------


def test_a_preview_may_be_withdrawn_at_any_time_an_act_until_it_has_begun(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    preview = ask(installation, workspace, does="try", **JUNE)
    take_up(installation)
    withdraw(installation, workspace, preview)
    act = ask(installation, workspace, does="reprice", name="spring", **JUNE)
    withdraw(installation, workspace, act)
    assert there(installation, workspace) == []
    assert told(installation, workspace)[-1] == (BOB.actor, "reprice.drop", "spring")
    act = ask(installation, workspace, does="reprice", name="spring", **JUNE)
    take_up(installation)
    with pytest.raises(Conflict, match="It is being carried out"):
        withdraw(installation, workspace, act)
    finish(installation, act)
    withdraw(installation, workspace, act)
    assert there(installation, workspace) == []


def test_nobody_withdraws_what_is_another_workspaces(installation: Installation, workspace: WorkspaceInfo) -> None:
    made = ask(installation, workspace, does="try", **JUNE)
    with pytest.raises(NotFound):
        withdraw(installation, make_workspace(installation, "other"), made)


# -- carrying out -------------------------------------------------------------------------------------------------


def test_the_one_that_has_waited_longest_comes_first_and_again_until_it_is_answered(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    later = ask(installation, make_workspace(installation, "other"), BOB, does="try", **JUNE)
    first = ask(installation, workspace, ADA, does="try", **JUNE)
    assert [getattr(take_up(installation), "id", None) for _ in range(2)] == [first, first]
    finish(installation, first)
    assert getattr(take_up(installation), "id", None) == later
    finish(installation, later)
    assert take_up(installation) is None


def test_it_says_when_it_was_begun_and_how_far_it_is(installation: Installation, workspace: WorkspaceInfo) -> None:
    made = ask(installation, workspace, does="try", **JUNE)
    take_up(installation, NOON + 2)
    take_up(installation, NOON + 5)
    with installation.database.write() as connection:
        assert repricing_orders.advance(connection, made, 0.25, NOON + 7)
    (order,) = there(installation, workspace)
    assert (order.begun_us, order.told_us, order.progress) == (NOON + 2, NOON + 7, 0.25)
    withdraw(installation, workspace, made)
    with installation.database.write() as connection:
        assert not repricing_orders.advance(connection, made, 0.5, NOON + 8)


def test_what_waits_or_is_silent_for_too_long_is_stuck(installation: Installation, workspace: WorkspaceInfo) -> None:
    ask(installation, workspace, does="try", **JUNE)
    (waiting,) = there(installation, workspace)
    assert [waiting.is_stuck(NOON + seconds * SECOND) for seconds in (5, 6)] == [False, True]
    take_up(installation, NOON + 6 * SECOND)
    (begun,) = there(installation, workspace)
    assert [begun.is_stuck(NOON + seconds * SECOND) for seconds in (66, 67)] == [False, True]


def test_while_one_is_carried_out_and_heard_of_the_jobs_are_busy(installation: Installation) -> None:
    one, other = make_workspace(installation, "one"), make_workspace(installation, "other")
    made = ask(installation, one, does="try", **JUNE)
    ask(installation, other, BOB, does="try", **JUNE)
    assert not are_busy(installation, NOON + SECOND), "nobody has begun"
    take_up(installation, NOON + SECOND)
    assert [are_busy(installation, NOON + seconds * SECOND) for seconds in (1, 61, 62)] == [True, True, False]
    finish(installation, made)
    assert not are_busy(installation, NOON + 9 * SECOND)
