"""The rows below the explorer's picture: group by group, or part of the time by part where nothing is grouped."""

from datetime import date
from functools import partial
from typing import Any

from app import colours, explored, figures, timeline
from app.components import table
from app.components.table import Cell, Column, Row, Table
from app.explored import Explored
from models.spend.table import OTHER, PERIOD


def of(shown: Explored) -> Table:
    asked = shown.asked
    return over_time(shown) if not asked.group_by and asked.granularity != "total" else by_group(shown)


def by_group(shown: Explored) -> Table:
    asked, measure = shown.asked, shown.asked.measure
    whole = int(shown.members.totals[measure.column] or 0) if measure.additive and not shown.losses else 0
    first = shown.rows
    named = shown.colours() if asked.timed and not asked.sides else {}
    names = [
        Column(figures.label(name), partial(member, shown, first, named, name, place), name, name=True)
        for place, name in enumerate(asked.group_by)
    ] or [Column("All", lambda _: Cell("all"), name=True)]
    columns = [
        *names,
        *table.measures(asked.shown[:1]),
        *compared(shown),
        *shares(shown, whole),
        *table.measures(asked.shown[1:]),
    ]
    return Table(
        "groups",
        columns,
        first,
        lambda row: table.share(max(0, row[measure.column] or 0), whole),
        order=asked.order,
        key="explored-groups",
    )


def member(
    shown: Explored, first: list[Row], named: dict[str, colours.Colour], dimension: str, place: int, row: Row
) -> Cell:
    """Each name leads to what is behind the whole row; what has no colour of its own is among the others'."""
    href = shown.leads(row, first)
    colour = (named.get(shown.name(row)) or colours.GREY) if named and not place else None
    if row.get(OTHER):
        return Cell(colours.OTHER if not place else "", "", href=href, colour=colour)
    text = explored.told(row[dimension])
    return Cell(text, text, href=href, colour=colour)


def shares(shown: Explored, whole: int) -> list[Column]:
    offered = shown.asked.measure.additive and not shown.losses
    return [table.of_share(shown.asked.measure.column, whole)] if offered else []


def compared(shown: Explored) -> list[Column]:
    """Before, and how it moved."""
    asked, earlier = shown.asked, shown.members.previous
    if not asked.compares or earlier is None:
        return []
    measure, keys = asked.measure, [*asked.group_by, *([OTHER] if asked.group_by else [])]
    before = {tuple(map(key_of, map(row.get, keys))): row for row in earlier.rows.iter_rows(named=True)}
    nothing = {measure.column: 0 if measure.additive else None}

    def cell(row: Row) -> Cell:
        value = figures.known(measure, before.get(tuple(map(key_of, map(row.get, keys))), nothing))
        return Cell(figures.text(measure, value), figures.exact(measure, value))

    def change(row: Row) -> Cell:
        was = before.get(tuple(map(key_of, map(row.get, keys))))
        if was is None:
            return Cell("new")
        moved = figures.change(measure.name, figures.known(measure, row), figures.known(measure, was))
        return Cell(moved.text, "", moved.meaning) if moved else Cell("–")

    return [Column("Before", cell), Column("Change", change)]


def key_of(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def over_time(shown: Explored) -> Table:
    """Part by part, the newest first."""
    asked, measure = shown.asked, shown.asked.measure
    whole = int(shown.along.totals[measure.column] or 0) if measure.additive and not shown.losses else 0
    found = [row | {"href": href} for _, row, href in explored.parts(shown)]

    def part(row: Row) -> Cell:
        text = said_part(row[PERIOD], asked.granularity, shown.along.period.timezone)
        return Cell(text, text, href=row["href"])

    measures = table.measures(asked.shown)
    columns = [
        Column(asked.granularity.capitalize(), part, name=True),
        measures[0],
        *shares(shown, whole),
        *measures[1:],
    ]
    name = f"{asked.granularity}s"
    parts = Table(
        name,
        columns,
        found,
        lambda row: table.share(max(0, row[measure.column] or 0), whole),
        order="",
        key=f"explored-{name}",
    )
    return table.ordered(parts, asked.here) if asked.here.get("order") else parts


def said_part(start: date | int, granularity: str, timezone: str) -> str:
    written = "%a %-d %b, %H:%M" if isinstance(start, int) else timeline.HOVER[granularity]
    return timeline.on_clocks(start, timezone).strftime(written)
