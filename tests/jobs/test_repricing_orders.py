"""Orders of re-pricing as the jobs carry them out: once, whoever dies; answered in figures or in a sentence."""

import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jobs import repricing, repricing_orders, schedule
from models import audit
from models import repricing_orders as orders
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.installation import Installation, open_installation
from models.periods import now_us
from models.repricing_orders import Asked, Order
from models.settings import Settings
from models.spend import progress
from tests.crash.points import REPRICING
from tests.factories import NOON, append, make_event, make_workspace
from tests.pricings import FIRST, LAST, Pricing
from tests.servers import Farthing

ADA = Author("user ada@example.com", NOON, "192.0.2.7")
DAYS = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
NANO = 1_000_000_000
CALLS = 400  # three transactions of an act; 15 tokens each
PATIENCE = 60  # seconds until jobs that do not answer are given up


@pytest.fixture
def pricing(installation: Installation) -> Pricing:
    return Pricing.of(installation, make_workspace(installation))


def fill(installation: Installation, workspace: WorkspaceInfo, calls: int = 3) -> None:
    """Calls that nobody priced, and then somebody does: 15,000 nano-dollars each."""
    append(installation, workspace.id, *(make_event(NOON + each, None, model="house") for each in range(calls)))
    Pricing.of(installation, workspace).charge("house", 1)


def ask(installation: Installation, workspace: WorkspaceInfo, does: orders.Does, **asked: Any) -> str:
    days = {} if does.endswith("undo") else DAYS
    with installation.database.write() as connection:
        return orders.ask(connection, workspace.id, Asked(does, **(days | asked)), ADA)


def found(installation: Installation, workspace: WorkspaceInfo) -> Order:
    with installation.database.read() as connection:
        return orders.of_workspace(connection, workspace.id)[-1]


def answer(installation: Installation, pricing: Pricing, does: orders.Does, **asked: Any) -> dict[str, Any]:
    """What the jobs say to it."""
    ask(installation, pricing.workspace, does, **asked)
    repricing_orders.run(installation)
    order = found(installation, pricing.workspace)
    assert order.error is None
    assert order.answer is not None
    return order.answer


def told(installation: Installation, workspace: WorkspaceInfo) -> list[tuple[str, str]]:
    with installation.database.read() as connection:
        records = audit.listed(connection, workspace.id).records[::-1]
    return [(each["actor"], each["action"]) for each in records if each["action"].split(".")[0] in ("reprice", "undo")]


# -- one after the other ------------------------------------------------------------------------------------------


def test_preview_act_preview_of_its_undo_and_undo(installation: Installation, pricing: Pricing) -> None:
    fill(installation, pricing.workspace)
    before = pricing.total()
    tried = answer(installation, pricing, "try")
    assert tried["dry_run"]
    assert tried["totals"]["difference_nano_usd"] == 3 * 15_000
    assert [(row["model"], row["events"], row["unpriced_before"]) for row in tried["rows"]] == [("house", 3, 3)]
    assert pricing.total() == before
    done = answer(installation, pricing, "reprice", name="spring", reason="its price is known")
    assert (done["act"]["name"], done["act"]["author"], done["totals"]) == ("spring", ADA.actor, tried["totals"])
    assert pricing.total() == (3, 45_000, 0)
    back = answer(installation, pricing, "try undo", name="spring")
    assert back["totals"]["difference_nano_usd"] == -45_000
    assert pricing.total() == (3, 45_000, 0)
    assert answer(installation, pricing, "undo", name="spring")["totals"] == back["totals"]
    assert pricing.total() == before


def test_after_it_the_rollups_are_up_to_date(installation: Installation, pricing: Pricing) -> None:
    fill(installation, pricing.workspace)
    answer(installation, pricing, "reprice")
    with installation.database.read() as connection:
        assert min(progress.served(connection).values()) == 9


def test_what_was_done_is_answered_as_done_whatever_becomes_of_the_rollup(
    installation: Installation, pricing: Pricing
) -> None:
    fill(installation, pricing.workspace)
    shutil.rmtree(installation.lake.root, ignore_errors=True)
    installation.lake.root.write_text("a folder that nobody can write to")
    made = ask(installation, pricing.workspace, "reprice", name="spring")
    with pytest.raises(OSError, match="lake"):
        repricing_orders.run(installation)
    order = found(installation, pricing.workspace)
    assert (order.id, order.error) == (made, None)
    assert order.answer
    assert order.answer["totals"]["events"] == 3


def test_the_audit_log_says_who_asked_not_who_carried_it_out(installation: Installation, pricing: Pricing) -> None:
    fill(installation, pricing.workspace)
    answer(installation, pricing, "reprice", name="spring")
    answer(installation, pricing, "undo", name="spring")
    assert told(installation, pricing.workspace) == [
        (ADA.actor, f"{kind}.{step}") for kind in ("reprice", "undo") for step in ("ask", "begin", "finish")
    ]


def test_without_an_order_nothing_is_done(installation: Installation) -> None:
    assert repricing_orders.run(installation) is None


def test_what_can_not_be_done_is_answered_in_a_sentence(installation: Installation, pricing: Pricing) -> None:
    fill(installation, pricing.workspace)
    answer(installation, pricing, "reprice", name="spring")
    answer(installation, pricing, "undo", name="spring")
    ask(installation, pricing.workspace, "try undo", name="spring")
    assert repricing_orders.run(installation) == f"try undo for {ADA.actor}: refused"
    order = found(installation, pricing.workspace)
    assert (order.error, order.answer) == ("The act 'spring' was taken back: choose another name", None)
    assert order.finished_us


def test_of_what_nobody_foresaw_the_answer_says_no_more_than_its_kind(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a customer's secret")

    monkeypatch.setattr(repricing, "pieces", fail)
    ask(installation, pricing.workspace, "try")
    with pytest.raises(RuntimeError):
        repricing_orders.run(installation)
    error = found(installation, pricing.workspace).error
    assert error == "It failed (RuntimeError), and whoever runs this server should look at the logs."


def test_of_many_models_an_answer_lists_those_that_weigh_most(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing_orders, "MODELS_TOLD", 2)
    names = [f"house-{number}" for number in range(5)]
    append(installation, pricing.workspace.id, *(make_event(NOON, None, model=name) for name in names))
    pricing.charge("house-*", 1)
    tried = answer(installation, pricing, "try")
    assert (len(tried["rows"]), tried["models"], tried["totals"]["events"]) == (2, 5, 5)


# -- how far it is ------------------------------------------------------------------------------------------------


def test_it_says_how_far_it_is(installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricing, "PIECE", 1)
    monkeypatch.setattr(repricing_orders, "TELL_EVERY", 0)
    fill(installation, pricing.workspace, 4)
    ask(installation, pricing.workspace, "try")
    shares = []
    advance = orders.advance

    def heard(connection: Any, order_id: str, share: float, at_us: int) -> bool:
        shares.append(share)
        return advance(connection, order_id, share, at_us)

    monkeypatch.setattr(orders, "advance", heard)
    repricing_orders.run(installation)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_it_says_so_at_a_modest_rate(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing, "PIECE", 1)
    monkeypatch.setattr(repricing_orders, "TELL_EVERY", 1_000_000)
    monkeypatch.setattr(time, "monotonic", lambda: 2_000_000.0)
    fill(installation, pricing.workspace, 4)
    ask(installation, pricing.workspace, "try")
    repricing_orders.run(installation)
    assert found(installation, pricing.workspace).progress == 0.25, "the first of four is told, and then it is quiet"


def test_a_preview_that_was_withdrawn_stops(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing, "PIECE", 1)
    monkeypatch.setattr(repricing_orders, "TELL_EVERY", 0)
    fill(installation, pricing.workspace, 4)
    made = ask(installation, pricing.workspace, "try")
    pieces = at_the_piece(2, lambda: withdraw(installation, pricing.workspace, made), monkeypatch)
    assert repricing_orders.run(installation) is None
    assert pieces == [1, 2]
    with installation.database.read() as connection:
        assert orders.of_workspace(connection, pricing.workspace.id) == []


def withdraw(installation: Installation, workspace: WorkspaceInfo, order_id: str) -> None:
    with installation.database.write() as connection:
        orders.withdraw(connection, workspace.id, order_id, ADA)


def at_the_piece(number: int, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Do something while that piece is looked at; which of them were."""
    seen: list[int] = []
    pieces = repricing.pieces

    def counted(*arguments: Any) -> Any:
        for rows in pieces(*arguments):
            seen.append(len(seen) + 1)
            if len(seen) == number:
                act()
            yield rows

    monkeypatch.setattr(repricing, "pieces", counted)
    return seen


def test_told_to_stop_it_stops_where_it_is_and_goes_on_with_the_next_start(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing, "PIECE", 2)
    fill(installation, pricing.workspace, 6)
    ask(installation, pricing.workspace, "reprice", name="spring")
    told_to_stop: list[bool] = []
    at_the_piece(2, lambda: told_to_stop.append(True), monkeypatch)
    with suppress(repricing_orders.Stopping):
        repricing_orders.run(installation, stopped=lambda: bool(told_to_stop))
    assert found(installation, pricing.workspace).finished_us is None
    assert pricing.total()[2] == 2, "two of three pieces are priced"
    repricing_orders.run(installation)
    assert pricing.total() == (6, 6 * 15_000, 0)
    done = found(installation, pricing.workspace).answer
    assert done
    assert done["totals"]["events"] == 6


# -- processes ----------------------------------------------------------------------------------------------------


def test_a_long_order_does_not_hold_up_the_rollups(installation: Installation, pricing: Pricing) -> None:
    """It runs beside the other jobs, which go one by one."""
    table = {job.name: job for job in schedule.jobs(installation)}
    assert table["re-pricing"].beside
    performing = schedule.Performing(installation)
    ask(installation, pricing.workspace, "try")
    with performing.busy:
        performing(table["re-pricing"])
    assert found(installation, pricing.workspace).finished_us


def test_while_another_process_has_one_in_hand_nothing_is_taken_up(
    installation: Installation, pricing: Pricing
) -> None:
    ask(installation, pricing.workspace, "try")
    with repricing_orders.alone(installation.settings.data_dir / repricing_orders.LOCK) as mine:
        assert mine
        assert repricing_orders.run(installation) is None
    assert found(installation, pricing.workspace).begun_us is None
    assert repricing_orders.run(installation)


def test_killed_in_the_middle_it_is_taken_up_again_and_by_two_processes_once(tmp_path: Path) -> None:
    server = Farthing.prepare(tmp_path)
    installation = open_installation(Settings(data_dir=server.data_dir, _env_file=None))
    try:
        with installation.database.read() as connection:
            workspace = workspaces.by_id(connection, server.made["workspace_id"])
        pricing = Pricing.of(installation, workspace)
        fill(installation, workspace, CALLS)
        ask(installation, workspace, "reprice", name="spring")
        die(server, tmp_path)
        assert 0 < pricing.total()[2] < CALLS, "some of them are priced, and some are not"
        assert found(installation, workspace).finished_us is None
        for _ in range(2):
            server.start_jobs()
        done = wait_for_answer(installation, workspace)
        assert done["totals"]["events"] == CALLS
        assert pricing.total() == (CALLS, CALLS * 15_000, 0)
        steps = ("reprice.ask", "reprice.begin", "reprice.finish")
        assert told(installation, workspace) == [(ADA.actor, step) for step in steps]
    finally:
        server.stop()
        installation.database.close()


def die(server: Farthing, folder: Path) -> None:
    """Jobs that kill themselves between two transactions of the act."""
    point = REPRICING[1]
    (folder / "trigger").touch()
    launched = ("tests.crash.launch", point.name, "2", str(folder / "trigger"))
    process = server.spawn("jobs", module=launched)
    assert process.wait(PATIENCE) == -signal.SIGKILL
    server.processes.remove(process)


def wait_for_answer(installation: Installation, workspace: WorkspaceInfo) -> dict[str, Any]:
    until = now_us() + PATIENCE * 1_000_000
    while now_us() < until:
        order = found(installation, workspace)
        if order.finished_us is not None:
            assert order.error is None
            return order.answer or {}
        time.sleep(0.1)
    raise AssertionError("the jobs did not answer")
