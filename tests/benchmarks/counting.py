"""`python -m tests.benchmarks.counting WHAT FOLDER`: one way of adding up a history, in a process of its own, so that its
time and its memory are its own. Says in JSON how many rows there were and how long it took; loading the code is not counted.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import polars as pl

from jobs import rebuild, rollup
from jobs.counting import grouped, narrowed
from models.spend import latency
from models.spend.cubes import CUBES, Cube
from models.spend.events import COUNTED
from models.spend.facts import HOUR, facts
from tests.benchmarks import process
from tests.benchmarks.history import History

ARCHIVED_DAYS = 30
REBUILT_DAYS = 9


def rolled_up(history: History) -> int:
    """The rollup, from where the lake stands to the newest event."""
    installation = history.open()
    return rollup.run(installation.database, installation.lake).events


def bare_read(history: History) -> int:
    """The same rows into memory, by the fastest reader that we know, and no more."""
    import connectorx  # here, for it weighs on the memory of whoever loads it

    names = ", ".join(f'"{name}"' for name in COUNTED)
    query = f"SELECT {names} FROM events WHERE seq > {history.rolled_up}"
    return int(connectorx.read_sql(f"sqlite://{history.database}", query, return_type="polars").height)


def rebuilt(history: History) -> int:
    """`farthing rebuild` of the latest days, out of the ledger."""
    installation = history.open()
    days = archived(history)[-REBUILT_DAYS:]
    rebuild.run(installation.database, installation.lake, rebuild.Wanted(first=date.fromisoformat(days[0].stem)))
    return sum(events_in(path) for path in days)


def folded(history: History) -> int:
    """All cubes of a month of days, out of Parquet: what a rebuild does with an archive."""
    rows = 0
    for path in archived(history):
        counted = facts(pl.read_parquet(path), "UTC")
        rows += counted.height
        for cube in CUBES:
            grouped(narrowed(counted, cube), cube)
    return rows


def folded_by_duckdb(history: History) -> int:
    """The same group-bys of the same files."""
    import duckdb

    rows = 0
    for path in archived(history):
        for cube in CUBES:
            duckdb.sql(group_by(cube, path)).pl()
        rows += events_in(path)
    return rows


def events_in(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def archived(history: History) -> list[Path]:
    return sorted(history.archive.glob("*.parquet"))[-ARCHIVED_DAYS:]


def group_by(cube: Cube, path: Path) -> str:
    keys = ", ".join(EXPRESSIONS.get(name, f'"{name}"') for name in cube.columns)
    return f"SELECT {keys}, {', '.join(SUMS)} FROM read_parquet('{path}') GROUP BY ALL"


EXPRESSIONS = {
    HOUR: "started_us - started_us % 3600000000 AS hour",
    latency.BUCKET: f"floor(ln(greatest(latency_us, 1)) / {latency.LOG_GAMMA}) AS bucket",
}
PRICED = "FILTER (WHERE cost_nano_usd IS NOT NULL AND total_tokens IS NOT NULL)"
SUMS = (
    "count(*)",
    *(f"sum({name})" for name in COUNTED if name.endswith(("_nano_usd", "_tokens")) and "ted_cost" not in name),
    "sum(reported_cost_nano_usd - computed_cost_nano_usd)",
    "count(*) FILTER (WHERE status = 'failure')",
    "count(*) FILTER (WHERE cache_hit)",
    "count(*) FILTER (WHERE cost_source = 'unpriced')",
    "count(cost_nano_usd)",
    f"sum(total_tokens) {PRICED}",
    f"sum(cost_nano_usd) {PRICED}",
    "sum(tokens_avoided)",
    "count(latency_us)",
    "sum(latency_us)",
)
WAYS: dict[str, Callable[[History], int]] = {
    each.__name__: each for each in (rolled_up, bare_read, rebuilt, folded, folded_by_duckdb)
}


if __name__ == "__main__":
    what, folder = sys.argv[1:]
    history = History.at(Path(folder))
    started = perf_counter()
    rows = WAYS[what](history)
    took = perf_counter() - started
    print(json.dumps({"rows": rows, "seconds": took} | process.memory(os.getpid())))
