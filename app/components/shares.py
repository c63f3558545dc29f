"""Who spent it: a table of names with their spend, their requests and their share of the whole as a bar."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from app import formats
from app.colours import OTHER, Colour, assign
from app.components import markup
from models.spend.dimensions import NONE


@dataclass(frozen=True)
class Row:
    name: str
    cost: int
    requests: int
    unpriced: int
    share: float | None
    colour: Colour | None = None

    @property
    def spent(self) -> str:
        """Calls without a known price did not cost nothing."""
        return "unpriced" if not self.cost and self.unpriced else formats.money(self.cost)


def draw(title: str, note: str, rows: list[Row], head: str) -> None:
    markup.draw("shares", title=title, note=note, rows=rows, head=head)


def rows_of(frame: pl.DataFrame, dimension: str, total: int) -> list[Row]:
    """From the rows of an answer, in its order; `total` is the whole's spend."""
    return [row(each, dimension, total) for each in frame.iter_rows(named=True)]


def row(each: dict[str, Any], dimension: str, total: int) -> Row:
    spent = int(each["cost_nano_usd"])
    share = spent / total if total else None
    return Row(each[dimension] or NONE, spent, int(each["requests"]), int(each["unpriced_requests"]), share)


def coloured(rows: list[Row]) -> list[Row]:
    colours = assign(row.name for row in rows)
    return [replace(row, colour=colours[row.name]) for row in rows]


def fold(rows: list[Row], most: int) -> list[Row]:
    """At most so many rows; all that is beyond them as one."""
    if len(rows) <= most:
        return rows
    rest = rows[most - 1 :]
    shares = [each.share for each in rest if each.share is not None]
    other = Row(
        OTHER, sum(each.cost for each in rest), sum(each.requests for each in rest),
        sum(each.unpriced for each in rest), sum(shares) if shares else None,
    )  # fmt: skip
    return [*rows[: most - 1], other]
