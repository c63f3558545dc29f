"""`python -m tests.benchmarks`: measure Farthing beside its yardsticks, and say which targets it meets."""

import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks import history, ingest, pages, pricing, query, rollup
from tests.benchmarks.benchmark import Benchmark, Turns, compare, take_turns
from tests.benchmarks.report import RESULTS, Report

BENCHMARKS = {
    each.name: each
    for each in (*ingest.BENCHMARKS, *pricing.BENCHMARKS, *rollup.BENCHMARKS, *query.BENCHMARKS, *pages.BENCHMARKS)
}
Name = StrEnum("Name", {name: name for name in BENCHMARKS})

ROUNDS = 3
SECONDS = 5.0
QUICK_SECONDS = 2.0

WIDTH = 110  # characters, where the output is no terminal that has a width

console = Console(width=None if sys.stdout.isatty() else WIDTH)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="short turns, for a first look")] = False,
    record: Annotated[bool, typer.Option("--record", help="put the table into docs/performance.md")] = False,
    only: Annotated[list[Name] | None, typer.Option("--only", help="this benchmark; may be repeated")] = None,
) -> None:
    """Measure Farthing and its yardsticks in turns, print the medians, and keep them in bench-results/."""
    RESULTS.mkdir(exist_ok=True)
    report = Report(quick)
    for name in only or BENCHMARKS:
        benchmark = BENCHMARKS[str(name)]
        turns = report.turns[benchmark.name] = taken(benchmark, quick)
        report.lines += compare(benchmark, turns)
    report.print(console)
    if record:
        report.record()
    console.print(f"Every turn is in {report.write().relative_to(RESULTS.parent)}")


def taken(benchmark: Benchmark, quick: bool) -> Turns:
    turns: Turns = {contestant.name: [] for contestant in benchmark.contestants}
    seconds, events = (QUICK_SECONDS, history.QUICK) if quick else (SECONDS, history.EVENTS)
    for name, figures in take_turns(benchmark, ROUNDS, seconds, RESULTS, events):
        turns[name].append(figures)
        shown = ", ".join(f"{value:,.1f} {figure}" for figure, value in figures.items())
        console.print(f"{benchmark.name}, {name}: {shown}", style="dim", highlight=False, soft_wrap=True)
    return turns


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()
