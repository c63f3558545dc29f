"""Benchmarks run one after the other: what each turn found is said at once, kept in bench-results/ whatever comes after it,
and put into docs/performance.md where that is asked for."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console

from tests.benchmarks.benchmark import Benchmark, Turns, compare, take_turns
from tests.benchmarks.report import RESULTS, Report

WIDTH = 120  # characters, where the output is no terminal that has a width

console = Console(width=None if sys.stdout.isatty() else WIDTH)


@dataclass(frozen=True)
class Pace:
    rounds: int
    seconds: float = 0  # of a turn that has no end of its own
    events: int = 0  # of the history


def run(benchmarks: Iterable[Benchmark], pace: Pace, quick: bool, record_as: str | None = None) -> None:
    """`record_as` is the name of the table in docs/performance.md."""
    RESULTS.mkdir(exist_ok=True)
    report = Report(quick)
    try:
        for benchmark in benchmarks:
            turns = report.turns[benchmark.name] = taken(benchmark, pace)
            report.lines += compare(benchmark, turns)
    finally:
        report.print(console)
        console.print(f"Every turn is in {report.write().relative_to(RESULTS.parent)}")
    if record_as:
        report.record(record_as)


def taken(benchmark: Benchmark, pace: Pace) -> Turns:
    turns: Turns = {contestant.name: [] for contestant in benchmark.contestants}
    for name, figures in take_turns(benchmark, pace.rounds, pace.seconds, RESULTS, pace.events):
        turns[name].append(figures)
        shown = ", ".join(f"{value:,.3g} {figure}" for figure, value in figures.items())
        console.print(f"{benchmark.name}, {name}: {shown}", style="dim", highlight=False, soft_wrap=True)
    return turns
