"""What a benchmark is: contestants that take turns, and comparisons of the medians of what they did.

Machines are shared and noisy: only what was measured in the same run, in turns, may be compared. This module measures
nothing itself and prints nothing; it knows neither servers nor events.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

OURS = "Farthing"
Figures = Mapping[str, float]  # of one turn, by name


@dataclass(frozen=True)
class Conditions:
    """What one turn is given: a folder of its own on a real disk, how long it should last, how long the past is."""

    folder: Path
    seconds: float
    events: int = 0


@dataclass(frozen=True)
class Contestant:
    name: str
    turn: Callable[[Conditions], Figures]


@dataclass(frozen=True)
class AtLeast:
    bound: float

    def met(self, value: float) -> bool:
        return value >= self.bound


@dataclass(frozen=True)
class AtMost:
    bound: float

    def met(self, value: float) -> bool:
        return value <= self.bound


@dataclass(frozen=True)
class Comparison:
    """One line of the table: a figure of ours, beside a yardstick's or alone. The target is for the ratio, if any."""

    figure: str  # with its unit, as turns and table call it
    against: str | None = None
    target: AtLeast | AtMost | None = None
    digits: int = 0  # behind the decimal point


@dataclass(frozen=True)
class Benchmark:
    name: str  # for --only
    contestants: tuple[Contestant, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Line:
    """What came of a comparison; None where this machine can't tell or where nothing is asked."""

    benchmark: str
    comparison: Comparison
    ours: float
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None

    @property
    def met(self) -> bool | None:
        value = self.ours if self.comparison.against is None else self.ratio
        return None if self.comparison.target is None or value is None else self.comparison.target.met(value)


Turns = dict[str, list[Figures]]  # by contestant, in the order in which they were taken


def take_turns(
    benchmark: Benchmark, rounds: int, seconds: float, results: Path, events: int = 0
) -> Iterator[tuple[str, Figures]]:
    """Every contestant once in each round, each on a fresh folder."""
    for _ in range(rounds):
        for contestant in benchmark.contestants:
            with TemporaryDirectory(dir=results, prefix="turn-") as folder:
                yield contestant.name, contestant.turn(Conditions(Path(folder), seconds, events))


def compare(benchmark: Benchmark, turns: Turns) -> list[Line]:
    """The lines of the table; a figure that this machine does not tell (memory, outside Linux) has none."""
    return [
        Line(benchmark.name, each, ours, middle(turns.get(each.against or "", []), each.figure))
        for each in benchmark.comparisons
        if (ours := middle(turns[OURS], each.figure)) is not None
    ]


def middle(turns: list[Figures], figure: str) -> float | None:
    told = [figures[figure] for figures in turns if figure in figures]
    return median(told) if told else None
