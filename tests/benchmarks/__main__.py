"""`python -m tests.benchmarks`: measure Farthing beside its yardsticks, and say which targets it meets."""

from enum import StrEnum
from typing import Annotated

import typer

from tests.benchmarks import filters, history, ingest, pages, pricing, query, rollup
from tests.benchmarks.runner import Pace, run

MODULES = (ingest, pricing, rollup, query, pages, filters)
BENCHMARKS = {benchmark.name: benchmark for module in MODULES for benchmark in module.BENCHMARKS}
Name = StrEnum("Name", {name: name for name in BENCHMARKS})

PACE = Pace(rounds=3, seconds=5, events=history.EVENTS)
QUICK = Pace(rounds=3, seconds=2, events=history.QUICK)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="short turns, for a first look")] = False,
    record: Annotated[bool, typer.Option("--record", help="put the table into docs/performance.md")] = False,
    only: Annotated[list[Name] | None, typer.Option("--only", help="this benchmark; may be repeated")] = None,
) -> None:
    """Measure Farthing and its yardsticks in turns, print the medians, and keep them in bench-results/."""
    if record and only:
        raise typer.BadParameter("the table is of one run of all benchmarks", param_hint="--record")
    chosen = [BENCHMARKS[str(name)] for name in only or BENCHMARKS]
    run(chosen, QUICK if quick else PACE, quick, "measured" if record else None)


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()
