"""`python -m tests.benchmarks.peers`: measure Farthing beside installed peers."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks.benchmark import Benchmark, Turns, compare, take_turns
from tests.benchmarks.peers import phoenix
from tests.benchmarks.peers.ingest import Name, benchmarks
from tests.benchmarks.report import RESULTS, Report

ROUNDS = 3
UNTIMED = 0.0  # seconds: a turn ends when the last event is stored
WIDTH = 120  # characters, where the output is no terminal that has a width

console = Console(width=None if sys.stdout.isatty() else WIDTH)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="one short round, for a first look")] = False,
    only: Annotated[list[Name] | None, typer.Option("--only", help="this benchmark; may be repeated")] = None,
) -> None:
    """Measure Farthing and its peers in turns, print the medians, and keep them in bench-results/."""
    if not phoenix.VENV.exists():
        raise SystemExit("There is no peer to measure. `make bench-peers` installs it.")
    RESULTS.mkdir(exist_ok=True)
    report = Report(quick)
    try:
        for benchmark in benchmarks(quick):
            if not only or benchmark.name in only:
                turns = report.turns[benchmark.name] = taken(benchmark, 1 if quick else ROUNDS)
                report.lines += compare(benchmark, turns)
    finally:  # what took minutes to measure is kept, whatever comes after it
        report.print(console)
        console.print(f"Every turn is in {report.write().relative_to(RESULTS.parent)}")


def taken(benchmark: Benchmark, rounds: int) -> Turns:
    turns: Turns = {contestant.name: [] for contestant in benchmark.contestants}
    for name, figures in take_turns(benchmark, rounds, UNTIMED, RESULTS):
        turns[name].append(figures)
        shown = ", ".join(f"{value:,.1f} {figure}" for figure, value in figures.items())
        console.print(f"{benchmark.name}, {name}: {shown}", style="dim", highlight=False, soft_wrap=True)
    return turns


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()
