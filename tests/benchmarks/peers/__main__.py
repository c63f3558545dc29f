"""`python -m tests.benchmarks.peers`: measure Farthing beside installed peers."""

from typing import Annotated

import typer

from tests.benchmarks.peers import phoenix
from tests.benchmarks.peers.ingest import Name, benchmarks
from tests.benchmarks.runner import Pace, run

PACE, QUICK = Pace(rounds=3), Pace(rounds=1)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="one short round, for a first look")] = False,
    record: Annotated[bool, typer.Option("--record", help="put the table into docs/performance.md")] = False,
    only: Annotated[list[Name] | None, typer.Option("--only", help="this benchmark; may be repeated")] = None,
) -> None:
    """Measure Farthing and its peers in turns, print the medians, and keep them in bench-results/."""
    if not phoenix.VENV.exists():
        raise SystemExit("There is no peer to measure. `make bench-peers` installs it.")
    chosen = [benchmark for benchmark in benchmarks(quick) if not only or benchmark.name in only]
    run(chosen, QUICK if quick else PACE, quick, "beside peers" if record else None)


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()
