"""Rollup and rebuild on a long history: against the bare read of the same rows, and against DuckDB's group-bys."""

import json
import subprocess
import sys
from collections.abc import Callable

from tests.benchmarks.benchmark import OURS, AtLeast, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import History, made

READ = "connectorx, bare read"
DUCKDB = "DuckDB"
SHORT = "on a hundredth of the history"
PATIENCE = 900  # seconds until a way of counting is given up
NEW = 5_000  # events of a run that has little to do: a minute's worth


def counted(what: str, past: History) -> Figures:
    """One way of adding up a history, see `counting.py`."""
    command = [sys.executable, "-m", "tests.benchmarks.counting", what, str(past.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    rate = told["rows"] / told["seconds"] / 1e6
    return {"M rows/s": rate, "seconds": told["seconds"], "MB of memory, peak": told["MB of memory, peak"]}


def counting(name: str, what: str, prepare: Callable[[History], None] = History.rewind, share: int = 1) -> Contestant:
    """On the history, or on one of which there are so many in it."""

    def turn(conditions: Conditions) -> Figures:
        past = made(conditions.events // share)
        prepare(past)
        return counted(what, past)

    return Contestant(name, turn)


def rolled_up(past: History) -> None:
    past.rewind()
    counted("rolled_up", past)


def with_tail(past: History, events: int = NEW) -> None:
    """All of it rolled up, and so many events more."""
    rolled_up(past)
    past.add(events)


MEMORY = Comparison("MB of memory, peak", target=AtMost(600))

BENCHMARKS = (
    Benchmark(
        "rollup",
        (counting(READ, "bare_read"), counting(OURS, "rolled_up")),
        (Comparison("M rows/s", READ, AtLeast(0.3), digits=3), MEMORY),
    ),
    Benchmark(
        "rollup-minute",
        (counting(SHORT, "rolled_up", with_tail, share=100), counting(OURS, "rolled_up", with_tail)),
        (Comparison("seconds", SHORT, AtMost(2), digits=2),),
    ),
    Benchmark(
        "rebuild",
        (counting(DUCKDB, "folded_by_duckdb"), counting(OURS, "folded")),
        (Comparison("M rows/s", DUCKDB, AtLeast(0.5), digits=3), MEMORY),
    ),
    Benchmark(
        "rebuild-ledger",
        (counting(READ, "bare_read"), counting(OURS, "rebuilt", rolled_up)),
        (Comparison("M rows/s", READ, digits=3), MEMORY),
    ),
)
