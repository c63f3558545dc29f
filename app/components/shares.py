"""Who spent it: a table of names with their spend, their requests and their share of the whole as a bar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from app import drilldown, formats
from app.address import Address
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
    href: str | None = None

    @property
    def spent(self) -> str:
        """Calls without a known price did not cost nothing."""
        return "unpriced" if not self.cost and self.unpriced else formats.money(self.cost)


def draw(
    title: str,
    note: str,
    rows: list[Row],
    head: str,
    href: str | None = None,
    nothing: str = "No requests in this time.",
) -> None:
    """`href` leads from the title to all of them; `head` names what the rows are; `nothing` is said of none."""
    markup.draw("shares", title=title, note=note, rows=rows, head=head, href=href, nothing=nothing)


def rows_of(frame: pl.DataFrame, dimension: str, total: int) -> list[Row]:
    """From the rows of an answer, in its order; `total` is the whole's spend."""
    return [row(each, dimension, total) for each in frame.iter_rows(named=True)]


def row(each: dict[str, Any], dimension: str, total: int) -> Row:
    spent = int(each["cost_nano_usd"])
    share = spent / total if total else None
    return Row(each[dimension] or NONE, spent, int(each["requests"]), int(each["unpriced_requests"]), share)


def linked(rows: list[Row], dimension: str, here: Address, measure: str = "cost") -> list[Row]:
    """Each leads to the explorer, which shows it alone. All that is beyond a list is no one's."""
    return [
        row if row.name == OTHER else replace(row, href=drilldown.about(here, dimension, row.name, measure).href)
        for row in rows
    ]


def coloured(rows: list[Row], kept: Mapping[str, Colour]) -> list[Row]:
    """`kept` are colours that some of them have on every page."""
    colours = assign((row.name for row in rows), kept)
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
