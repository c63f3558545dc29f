"""`farthing reprice` through real processes: the API takes events, prices come to be known, the command corrects them."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.crash.points import REPRICING, Point
from tests.nursery import Child
from tests.servers import Farthing

DAYS = ("--from", "2026-06-01", "--to", "2026-06-03")
ACT = (*DAYS, "--name", "house prices", "--reason", "the house model costs something")
NANO = 1_000_000_000
CALLS = 600  # four transactions of an act; half a million tokens each: at $2 a million, a dollar
TOLD = 12  # half a dollar each
BEFORE = (CALLS + TOLD, TOLD * NANO // 2, CALLS)
AFTER = (CALLS + TOLD, TOLD * NANO // 2 + CALLS * NANO, 0)


def call(number: int, model: str = "house-model", **values: Any) -> dict[str, Any]:
    day, hour = number % 3 + 1, number % 24
    return {
        "id": f"{model}-{number}", "model": model, "provider": "house", "prompt_tokens": 400_000,
        "completion_tokens": 100_000, "startTime": f"2026-06-{day:02}T{hour:02}:00:00Z", **values,
    }  # fmt: skip


@pytest.fixture
def filled(server: Farthing) -> Farthing:
    """Calls of a model that nobody prices, and some whose cost was told; half of them rolled up."""
    told = [call(number, "told", response_cost=0.5) for number in range(TOLD)]
    assert server.post("/api/v1/ingest/batch", {"events": told}).status_code == 202
    for first in range(0, CALLS, 100):
        calls = [call(number) for number in range(first, first + 100)]
        assert server.post("/api/v1/ingest/batch", {"events": calls}).status_code == 202
        if first == CALLS // 2:
            server.run("rollup")
    return server


def charge(server: Farthing, dollars: int) -> None:
    prices = {"model": "house-model", "input_per_million_usd": dollars, "output_per_million_usd": dollars}
    assert server.post("/api/v1/prices", prices, server.master_key).status_code == 201


def totals(server: Farthing) -> tuple[int, int, int]:
    measures = "cost,requests,unpriced_requests"
    found = server.get("/api/v1/spend", **{"from": "2026-06-01", "to": "2026-07-01", "measures": measures})["totals"]
    return found["requests"], found["cost_nano_usd"], found["unpriced_requests"]


def by_day(server: Farthing, **asked: str) -> list[dict[str, Any]]:
    period = {"from": "2026-06-01", "to": "2026-07-01", "granularity": "day", "group_by": "model,cost_source"}
    return list(server.get("/api/v1/spend", **(period | asked))["rows"])


def logged(server: Farthing) -> list[dict[str, Any]]:
    return server.events(last="3000d")


def reprice(server: Farthing, *arguments: str) -> Any:
    return json.loads(server.run("reprice", *arguments, "--json").stdout)


def test_events_of_a_new_model_are_priced_once_its_price_is_known(filled: Farthing) -> None:
    before, rows, days = totals(filled), logged(filled), by_day(filled)
    assert before == BEFORE
    charge(filled, 2)
    tried = filled.run("reprice", *DAYS, "--dry-run")
    assert tried.stdout.splitlines() == [
        "provider  model        events   old USD  new USD  difference  unpriced  saved",
        "house     house-model     600  unpriced   600.00     +600.00   600 → 0   0.00",
        "all                       600  unpriced   600.00     +600.00   600 → 0   0.00",
        "",
        "a dry run: nothing was changed",
    ]
    assert tried.stderr.endswith("re-pricing: 600 of 600\n")
    assert logged(filled) == rows

    done = reprice(filled, *ACT)
    assert done["totals"]["difference_nano_usd"] == CALLS * NANO
    assert totals(filled) == AFTER
    now = {row["id"]: row for row in logged(filled)}
    assert list(now) == [row["id"] for row in rows], "each in its place"
    assert sum(row["cost_nano_usd"] for row in now.values()) == AFTER[1]
    assert {row["cost_source"] for row in now.values() if row["model"] == "house-model"} == {"computed"}
    event = filled.get("/api/v1/events/house-model-7")
    assert sum(each["amount_nano_usd"] for each in event["explanation"]["lines"]) == event["cost_nano_usd"] == NANO
    assert [(each["name"], each["to_cost_nano_usd"]) for each in event["corrections"]] == [("house prices", NANO)]
    assert_rollups_are_the_ledger(filled)

    again = reprice(filled, *ACT)
    assert (again["before"], again["totals"]) == (True, done["totals"])
    undone = reprice(filled, "--undo", "house prices", "--reason", "they were wrong")
    assert undone["totals"]["difference_nano_usd"] == -CALLS * NANO
    assert (totals(filled), logged(filled), by_day(filled)) == (before, rows, days)
    assert_rollups_are_the_ledger(filled)
    acts = reprice(filled, "--list")["acts"]
    assert [(each["kind"], each["name"], each["finished_at"] is None) for each in acts] == [
        ("reprice", "house prices", False), ("undo", "house prices", False),
    ]  # fmt: skip


def test_what_was_done_is_said_whatever_becomes_of_the_rollup(filled: Farthing) -> None:
    charge(filled, 2)
    lake = filled.data_dir / "lake"
    lake.rename(filled.data_dir / "away")
    lake.write_text("a folder that nobody can write to")
    failed = filled.run("reprice", *ACT, "--json", check=False)
    assert failed.returncode != 0
    assert json.loads(failed.stdout)["totals"]["events"] == CALLS
    lake.unlink()
    (filled.data_dir / "away").rename(lake)
    assert totals(filled) == AFTER


def assert_rollups_are_the_ledger(server: Farthing) -> None:
    """All is rolled up, and a rebuild changes no answer."""
    assert "0 damaged, 0 events not rolled up yet" in server.run("doctor").stdout
    days, hours = by_day(server), by_day(server, granularity="hour")
    server.run("rebuild")
    assert (by_day(server), by_day(server, granularity="hour")) == (days, hours)


@pytest.mark.parametrize(("acting", "undoing"), [REPRICING[:2], REPRICING[2:]], ids=lambda point: point.name)
def test_killed_and_run_again_an_act_and_its_undo_apply_once(
    filled: Farthing, tmp_path: Path, acting: Point, undoing: Point
) -> None:
    charge(filled, 2)
    take_back = ("--undo", "house prices", "--reason", "wrong")
    for point, arguments, after in ((acting, ACT, AFTER), (undoing, take_back, BEFORE)):
        die(filled, tmp_path, point, *arguments)
        requests, cost, unpriced = totals(filled)
        assert (requests, cost) == (CALLS + TOLD, BEFORE[1] + (CALLS - unpriced) * NANO), "right at each moment"
        assert reprice(filled, *arguments)["totals"]["events"] == CALLS
        assert totals(filled) == after
    assert_rollups_are_the_ledger(filled)


def test_the_doctor_names_an_act_that_was_cut_short(filled: Farthing, tmp_path: Path) -> None:
    charge(filled, 2)
    die(filled, tmp_path, REPRICING[0], *ACT)
    found = filled.run("doctor", check=False)
    assert found.returncode == 1
    assert "the act 'house prices' is not finished" in found.stdout
    reprice(filled, *ACT)
    assert "not finished" not in filled.run("doctor", check=False).stdout


def die(server: Farthing, folder: Path, point: Point, *arguments: str) -> None:
    trigger = folder / "trigger"
    trigger.touch()
    launched = ("tests.crash.launch", point.name, str(point.most), str(trigger))
    process: Child = server.spawn("reprice", *arguments, module=launched)
    assert process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("--from", "2026-06-01", "--dry-run"), ("--to", "2026-06-01"), ("--undo", "x", *DAYS),
        ("--from", "2026-06-02", "--to", "2026-06-01", "--dry-run"),
        ("--list", "--undo", "x"), ("--from", "soon", "--to", "later", "--dry-run"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_exit_2_and_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = Farthing.on(tmp_path / "data").run("reprice", *arguments, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (tmp_path / "data").exists()


def test_an_act_that_nobody_named_has_the_name_of_what_it_does(filled: Farthing) -> None:
    charge(filled, 2)
    days = ("--from", "2026-06-01", "--to", "2026-06-01", "--model", "house-model")
    assert reprice(filled, *days)["act"]["name"] == "2026-06-01..2026-06-01 house-model"
    assert totals(filled)[2] == CALLS - CALLS // 3, "one day of three, and the whole of it"
    again = reprice(filled, *days)
    assert (again["act"]["name"], again["totals"]["events"]) == ("2026-06-01..2026-06-01 house-model (2)", 0)
    assert reprice(filled, "--undo", "2026-06-01..2026-06-01 house-model")["totals"]["events"] == CALLS // 3
    assert totals(filled) == BEFORE


def test_what_can_not_be_done_is_exit_1_and_one_line(server: Farthing) -> None:
    reprice(server, *ACT)
    for wrong, says in (
        ((*ACT, "--model", "told"), "its model is None, not 'told'"),
        (("--undo", "nobody", "--reason", "x"), "No act is named 'nobody'"),
        ((*DAYS, "--dry-run", "--workspace", "nobody"), "No workspace is named 'nobody'"),
    ):
        done = server.run("reprice", *wrong, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert says in done.stderr
