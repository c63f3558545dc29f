"""A table of spend: one row a member, money right-aligned, the share of the whole as a bar behind the row. Its heads
sort it, a field searches it, its names lead on, and all of it can be downloaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app import figures, formats
from app.address import Address
from app.colours import Colour
from app.components import listing, markup
from models.spend.measures import MEASURES
from models.spend.table import Spend

Row = dict[str, Any]
ORDER = "order"  # of the address


@dataclass(frozen=True)
class Cell:
    """What is read, and in full."""

    text: str
    exact: str = ""
    meaning: str = ""  # good or bad
    href: str = ""
    colour: Colour | None = None
    spark: str = ""  # points of a line, 0 to 80 wide and 0 to 20 high


@dataclass(frozen=True)
class Column:
    """`order` is what the address sorts by it, if it can be; names are left-aligned."""

    head: str
    cell: Callable[[Row], Cell]
    order: str = ""
    name: bool = False


@dataclass(frozen=True)
class Table:
    """`share` of a row is the length of its bar; `text` of it is what is searched."""

    name: str  # of its rows, many of them: providers
    columns: Sequence[Column]
    rows: Sequence[Row]
    share: Callable[[Row], float | None] = lambda _: None


def draw(table: Table, here: Address) -> None:
    if not table.rows:
        markup.draw("nothing", text="Nothing was called in this period.")
        return
    names = [column for column in table.columns if column.name]
    rows = listing.shown(table.name, table.rows, lambda row: " ".join(column.cell(row).text for column in names))
    bodies = [(bar(table.share(row)), [(column.name, column.cell(row)) for column in table.columns]) for row in rows]
    markup.draw("table", name=table.name, heads=[head(column, here) for column in table.columns], rows=bodies)


def bar(share: float | None) -> str:
    return f"{min(1.0, max(0.0, share or 0)) * 100:.2f}%"


@dataclass(frozen=True)
class Head:
    text: str
    name: bool
    href: str
    sorted: str  # ascending, descending or nothing


def head(column: Column, here: Address) -> Head:
    """Leads to the table sorted by it: figures from the largest on, names from the first letter on, and back."""
    if not column.order:
        return Head(column.head, column.name, "", "")
    first, other = (column.order, f"-{column.order}") if column.name else (f"-{column.order}", column.order)
    now = here.get(ORDER, "-cost")
    way = {column.order: "ascending", f"-{column.order}": "descending"}.get(now, "")
    return Head(column.head, column.name, here.put(order=other if now == first else first).href, way)


# -- columns ------------------------------------------------------------------------------------------------------


def of_dimension(name: str, href: Callable[[Row], str], colours: dict[str, Colour] | None = None) -> Column:
    """The members of a dimension; `href` is where one leads."""

    def cell(row: Row) -> Cell:
        text = figures.member(row[name])
        return Cell(text, text, href=href(row), colour=(colours or {}).get(text))

    return Column(figures.label(name), cell, name, name=True)


def of_measure(name: str) -> Column:
    measure = MEASURES[name]

    def cell(row: Row) -> Cell:
        value = row[measure.column]
        return Cell(figures.text(measure, value), figures.exact(measure, value))

    return Column(figures.label(name), cell, name)


def of_cost() -> Column:
    """Calls without a known price did not cost nothing."""
    known = of_measure("cost")

    def cell(row: Row) -> Cell:
        return Cell("unpriced") if not row["cost_nano_usd"] and row.get("unpriced_requests") else known.cell(row)

    return replace(known, cell=cell)


def of_share(of: str, whole: int) -> Column:
    """What part of the whole a member is."""
    return Column("Share", lambda row: Cell(formats.percent(share(row[of], whole))))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def of_change(name: str, spend: Spend, keys: Sequence[str]) -> Column:
    """Against the period before; a member that was not there then is new."""
    measure = MEASURES[name]
    before = {
        tuple(row[key] for key in keys): row[measure.column]
        for row in (spend.previous.rows.iter_rows(named=True) if spend.previous else ())
    }

    def cell(row: Row) -> Cell:
        earlier = before.get(tuple(row[key] for key in keys))
        if earlier is None:
            return Cell("new")
        change = figures.change(name, row[measure.column], earlier)
        return Cell(change.text, f"before: {figures.exact(measure, earlier)}", change.meaning) if change else Cell("–")

    return Column("Change", cell)


def of_trend(values: Callable[[Row], Sequence[int | float | None]]) -> Column:
    """A small line of a member's figures over time, from zero to its own highest."""
    return Column("Trend", lambda row: Cell("", spark=points(values(row))))


def points(values: Sequence[int | float | None]) -> str:
    most = max([0, *(value or 0 for value in values)]) or 1
    step = 80 / max(1, len(values) - 1)
    return " ".join(
        f"{place * step:.1f},{19 - 18 * max(0, value or 0) / most:.1f}" for place, value in enumerate(values)
    )


def rows_of(spend: Spend) -> list[Row]:
    return list(spend.rows.iter_rows(named=True))


def measures(names: Iterable[str]) -> list[Column]:
    return [of_cost() if name == "cost" else of_measure(name) for name in names]
