"""A table of spend: one row a member, money right-aligned, the share of the whole as a bar behind the row. Its heads
sort it, a field searches it, its names lead on, and all of it can be downloaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app import figures, formats
from app.address import Address
from app.colours import Colour
from app.components import listing, markup
from models.errors import BadRequest
from models.spend.dimensions import DIMENSIONS, NONE, is_tag_key
from models.spend.measures import MEASURES
from models.spend.table import Spend

Row = dict[str, Any]
ORDER = "order"  # of the address
GONE = "gone"  # of a row: its member was there in the period before, and is no more


@dataclass(frozen=True)
class Cell:
    """What is read, and in full."""

    text: str
    exact: str = ""
    meaning: str = ""  # good or bad
    href: str = ""
    colour: Colour | None = None
    spark: str = ""  # of a trend: what of its place is filled
    depth: int = 0  # of a name: how many levels it stands in


@dataclass(frozen=True)
class Column:
    """`order` is what the address sorts by it, if it can be; names are left-aligned. `value` is what `ordered`
    compares, None of what is not known."""

    head: str
    cell: Callable[[Row], Cell]
    order: str = ""
    name: bool = False
    value: Callable[[Row], Any] | None = None


@dataclass(frozen=True)
class Table:
    """`share` of a row is the length of its bar; names are what is searched. `order` holds where the address says none;
    `key` tells it from tables of other pages whose rows are called the same. A `short` one is a list as it stands: its
    heads sort nothing, and nobody searches it."""

    name: str  # of its rows, many of them: providers
    columns: Sequence[Column]
    rows: Sequence[Row]
    share: Callable[[Row], float | None] = lambda _: None
    order: str = "-cost"
    key: str = ""
    short: bool = False


def draw(table: Table, here: Address) -> None:
    if not table.rows:
        markup.draw("nothing", text="Nothing was called in this period.")
        return
    rows = table.rows if table.short else found(table)
    if not rows:
        markup.draw("nothing", text=f"None of the {len(table.rows):,} {table.name} is called so.")
        return
    bodies = [(bar(table.share(row)), [(column.name, column.cell(row)) for column in table.columns]) for row in rows]
    heads = [fixed(column) if table.short else head(column, here, table.order) for column in table.columns]
    markup.draw("table", name=table.name, heads=heads, rows=bodies)


def found(table: Table) -> Sequence[Row]:
    """Those of the rows that are searched for, a page of them."""
    names = [column for column in table.columns if column.name]
    return listing.shown(
        table.name, table.rows, lambda row: " ".join(column.cell(row).text for column in names), table.key
    )


def bar(share: float | None) -> str:
    return f"{min(1.0, max(0.0, share or 0)) * 100:.2f}%"


# -- order --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    text: str
    name: bool
    href: str
    sorted: str  # ascending, descending or nothing


def fixed(column: Column) -> Head:
    return Head(column.head, column.name, "", "")


def head(column: Column, here: Address, default: str = "-cost") -> Head:
    """Leads to the table sorted by it: figures from the largest on, names from the first letter on, and back."""
    if not column.order:
        return fixed(column)
    first, other = (column.order, f"-{column.order}") if column.name else (f"-{column.order}", column.order)
    now = here.get(ORDER, default)
    way = {column.order: "ascending", f"-{column.order}": "descending"}.get(now, "")
    return Head(column.head, column.name, here.put(order=other if now == first else first).href, way)


def ordered(table: Table, here: Address) -> Table:
    """Sorted by the column that the address names; what is not known comes last. Where the address is about another
    table of the page, this one keeps its own order. BadRequest where there is nothing of that name."""
    order = here.get(ORDER, table.order)
    column = by_order(table, order) or by_order(table, require_known(order, table.order))
    if column is None or column.value is None:
        return table
    values = [(column.value(row), row) for row in table.rows]
    known = [each for each in values if each[0] is not None]
    descending = (order if by_order(table, order) else table.order).startswith("-")
    known.sort(key=lambda each: each[0], reverse=descending)
    return replace(table, rows=[*(row for _, row in known), *(row for value, row in values if value is None)])


def by_order(table: Table, order: str) -> Column | None:
    return next((each for each in table.columns if each.order and each.order == order.removeprefix("-")), None)


def require_known(order: str, default: str) -> str:
    name = order.removeprefix("-")
    if name not in MEASURES and name not in DIMENSIONS and not is_tag_key(name):
        raise BadRequest(f"order={order[:80]} is the name of no column", {"field": ORDER, "value": order[:80]})
    return default


# -- columns ------------------------------------------------------------------------------------------------------


def of_dimension(name: str, href: Callable[[Row], str], colours: dict[str, Colour] | None = None) -> Column:
    """The members of a dimension; `href` is where one leads."""

    def cell(row: Row) -> Cell:
        text = figures.member(row[name])
        return Cell(text, text, href=href(row), colour=(colours or {}).get(text))

    return Column(figures.label(name), cell, name, name=True, value=lambda row: alphabetical(row[name]))


def alphabetical(value: Any) -> str | None:
    """What has no name comes last."""
    text = figures.member(value)
    return None if text == NONE else text.casefold()


def of_measure(name: str) -> Column:
    measure = MEASURES[name]

    def cell(row: Row) -> Cell:
        value = figures.known(measure, row)
        return Cell(figures.text(measure, value), figures.exact(measure, value))

    return Column(figures.label(name), cell, name, value=lambda row: row[measure.column])


def of_cost() -> Column:
    """Calls without a known price did not cost nothing."""
    known = of_measure("cost")

    def cell(row: Row) -> Cell:
        return Cell("unpriced") if figures.unpriced(MEASURES["cost"], row) else known.cell(row)

    return replace(known, cell=cell)


def of_share(of: str, whole: int) -> Column:
    """What part of the whole a member is."""
    return Column("Share", lambda row: Cell(formats.percent(share(row[of], whole))))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def of_change(name: str, spend: Spend, keys: Sequence[str]) -> Column:
    """Against the period before; a member that was not there then is new, one that is no more is gone."""
    measure = MEASURES[name]
    before = {
        tuple(row[key] for key in keys): row
        for row in (spend.previous.rows.iter_rows(named=True) if spend.previous else ())
    }

    def earlier(row: Row) -> Any:
        return before.get(tuple(row[key] for key in keys))

    def value(row: Row) -> float | None:
        then = earlier(row)
        if then is None:
            return float("inf")
        now, was = figures.known(measure, row), figures.known(measure, then)
        return None if now is None or not was else (int(now) - int(was)) / int(was)

    return Column("Change", lambda row: changed(measure.name, row, earlier(row)), "change", value=value)


def changed(name: str, row: Row, earlier: Row | None) -> Cell:
    """Against the same row of the period before; none where one of them is not known."""
    measure = MEASURES[name]
    if earlier is None:
        return Cell("new")
    before = figures.known(measure, earlier)
    exact = f"before: {figures.exact(measure, before)}"
    if row.get(GONE):
        return Cell("gone", exact)
    change = figures.change(name, figures.known(measure, row), before)
    return Cell(change.text, exact, change.meaning) if change else Cell("–", exact)


def of_trend(values: Callable[[Row], Sequence[int | float | None]]) -> Column:
    """A small hill of a member's figures over time, from zero to its own highest."""
    return Column("Trend", lambda row: Cell("", spark=outline(values(row))))


def outline(values: Sequence[int | float | None]) -> str:
    """As a polygon in percent: drawings of other kinds are taken out of our HTML."""
    most = max([0, *(value or 0 for value in values)])
    if not most:
        return "0% 95%, 100% 95%, 100% 100%, 0% 100%"
    step = 100 / max(1, len(values) - 1)
    heights = [95 - 95 * max(0, value or 0) / most for value in values]
    along = [f"{place * step:.1f}% {height:.1f}%" for place, height in enumerate(heights)]
    return ", ".join(["0% 100%", *along, "100% 100%"])


# -- rows ---------------------------------------------------------------------------------------------------------


def rows_of(spend: Spend) -> list[Row]:
    return list(spend.rows.iter_rows(named=True))


def gone(spend: Spend, keys: Sequence[str]) -> list[Row]:
    """Of members that only the period before has, with nothing of this one."""
    there = set(spend.rows.select(keys).iter_rows())
    before = spend.previous.rows.iter_rows(named=True) if spend.previous else ()
    nothing = {each.column: 0 if each.additive else None for each in spend.query.asked}
    names = ({key: row[key] for key in keys} for row in before)
    return [nothing | each | {GONE: True} for each in names if tuple(each.values()) not in there]


def measures(names: Iterable[str]) -> list[Column]:
    return [of_cost() if name == "cost" else of_measure(name) for name in names]
