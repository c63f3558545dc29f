"""A reader of the lake from outside, as the documentation shows it: `python -m tests.clients.read_lake duckdb GLOB READS`.

It adds up the same glob again and again, asks anew where an open is refused, and prints what it saw as JSON.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl

Sums = tuple[int, int]


def by_duckdb(glob: str) -> Sums:
    query = "SELECT sum(requests), sum(cost_nano_usd) FROM read_parquet(?, hive_partitioning = true)"
    found: Any = duckdb.execute(query, [glob]).fetchone()
    return int(found[0]), int(found[1])


def by_polars(glob: str) -> Sums:
    sums = pl.scan_parquet(glob, hive_partitioning=True).select(pl.sum("requests", "cost_nano_usd")).collect()
    return int(sums["requests"].item()), int(sums["cost_nano_usd"].item())


READERS: dict[str, Callable[[str], Sums]] = {"duckdb": by_duckdb, "polars": by_polars}
REFUSALS = (duckdb.Error, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def main() -> None:
    name, glob, reads = sys.argv[1:]
    seen: list[Sums] = []
    refused: Counter[str] = Counter()
    while len(seen) < int(reads):
        try:
            seen.append(READERS[name](glob))
        except REFUSALS as problem:
            refused[type(problem).__name__ + ": " + str(problem)[:150]] += 1
    print(json.dumps({"seen": seen, "refused": refused}))


if __name__ == "__main__":
    main()
