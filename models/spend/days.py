"""Whole local days: the rollup files of a cube, and the events above them.

The order is what makes it exact: take the watermark, then the files, then the events above max(watermark, the
file's own `through_seq`) of each day. A missing or older file is damage: its day is answered from another cube that
has what is asked, else from the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.spend import progress
from models.spend.cubes import Cube
from models.spend.facts import DAY
from models.spend.lake import Damage, Lake
from models.spend.live import Live
from models.spend.progress import Progress
from models.spend.tail import Tail

SEE_DOCTOR = "see `farthing doctor`"


@dataclass(frozen=True)
class Counted:
    """A day's rows; every event of the day up to `through` is in them."""

    rows: pl.DataFrame
    through: int


@dataclass(frozen=True)
class Days:
    """The days of one workspace; `columns` are those that are read of each file, without the day itself."""

    lake: Lake
    tail: Tail
    live: Live
    columns: list[str]

    def between(self, able: list[Cube], first: date, end: date) -> Iterator[pl.DataFrame]:
        """From first to end (excluded), from the first of these cubes; a day whose file is damaged from another, else
        from the ledger."""
        cube, *others = able
        taken = self.snapshot(cube, first, end)
        found = {
            day: self.load(cube, day, taken) or self.load_other(others, day, taken.watermark)
            for day in sorted(taken.files)
        }
        counted = {day: each for day, each in found.items() if each}
        damaged = [day for day, each in found.items() if not each]
        if counted:
            yield dated({day: each.rows for day, each in counted.items()})
        fresh = (pl.col(DAY) >= first) & (pl.col(DAY) < end) & uncounted(taken.watermark, counted, damaged)
        for piece in self.above(taken, first, end):
            yield piece.filter(fresh)
        for day in damaged:
            why = f"the rollup file cube={cube.id} day={day} is damaged: {SEE_DOCTOR}"
            yield from self.live.days(day, day + timedelta(days=1), why)

    def snapshot(self, cube: Cube, first: date, end: date) -> Progress:
        with self.live.database.read() as connection:
            return progress.snapshot(connection, self.live.workspace, cube, first, end)

    def load(self, cube: Cube, day: date, taken: Progress) -> Counted | None:
        """The day as its file has it; None where it is damaged, or nobody says that there is one."""
        expected = taken.files.get(day)
        if expected is None:
            return None
        try:
            rollup = self.lake.load(cube, self.live.workspace, day, expected.stamp, self.columns)
        except Damage:
            return None
        if not taken.epochs.trust(rollup.stamp, expected):
            return None
        return Counted(rollup.rows, max(taken.watermark, rollup.stamp.through_seq))

    def load_other(self, others: list[Cube], day: date, watermark: int) -> Counted | None:
        """The same day from a cube that has counted at least as far: above that, the tail has everything."""
        for cube in others:
            counted = self.load(cube, day, self.snapshot(cube, day, day + timedelta(days=1)))
            if counted and counted.through >= watermark:
                return counted
        return None

    def above(self, taken: Progress, first: date, end: date) -> Iterable[pl.DataFrame]:
        """The events above the watermark: from memory, else those days' from the ledger."""
        ours = self.live.workspace
        tail = self.tail.facts(ours.id, ours.timezone, taken.watermark, taken.oldest)
        return self.live.above(taken.watermark, first, end) if tail is None else [tail]


def uncounted(watermark: int, counted: dict[date, Counted], damaged: list[date]) -> pl.Expr:
    """Whether an event of the tail is above what its day's file has counted; none of a day that is read anew."""
    elsewhere = pl.col(DAY).is_in(damaged)
    ahead = {day: each.through for day, each in counted.items() if each.through > watermark}
    if not ahead:
        return ~elsewhere
    return ~elsewhere & (pl.col("seq") > pl.col(DAY).replace_strict(ahead, default=watermark, return_dtype=pl.Int64))


def dated(rows: dict[date, pl.DataFrame]) -> pl.DataFrame:
    """Rows of several days below each other, each with its day."""
    days = [pl.Series(DAY, [day]).new_from_index(0, of_day.height) for day, of_day in rows.items()]
    return pl.concat(rows.values()).with_columns(pl.concat(days))
