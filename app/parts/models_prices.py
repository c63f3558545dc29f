"""What is wrong with prices: models that have none, with the way to price them, and models for which clients report
something else than the price list says."""

from typing import Any

from app import formats
from app.address import WORKSPACE, Address
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table
from app.parts.models_compare import answer, name_of, named
from app.sessions import Visit
from models.spend import drift
from models.spend.table import Spend


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    whole = answer(visit, seen, here)
    if nameless := unpriced(whole, here):
        markup.draw("models_unpriced", models=nameless)
    disagreements(whole, here)


# -- unpriced -----------------------------------------------------------------------------------------------------


def unpriced(whole: Spend, here: Address) -> list[dict[str, Any]]:
    """The most calls first."""
    found = [row for row in table.rows_of(whole) if row["unpriced_requests"]]
    return [told(row, here) for row in sorted(found, key=lambda row: -row["unpriced_requests"])]


def told(row: Row, here: Address) -> dict[str, Any]:
    return {
        "name": name_of(row),
        "requests": row["unpriced_requests"],
        "all": row["requests"],
        "href": to_price(row, here),
    }


def to_price(row: Row, here: Address) -> str:
    """Where its price is set; a call without a model can have none."""
    if row["model"] is None:
        return ""
    return Address("prices", here.asked(WORKSPACE)).put(provider=row["provider"], model=row["model"]).href


# -- reported and listed ------------------------------------------------------------------------------------------


def disagreements(whole: Spend, here: Address) -> None:
    rows = list(drift.off(whole.rows).iter_rows(named=True))
    if not rows:
        return
    markup.draw(
        "models_drift", models=len(rows), amount=sum(int(row["drift"]) for row in rows), above=drift.SHARE,
        prices=Address("prices", here.asked(WORKSPACE)).href,
    )  # fmt: skip
    columns = [
        named(here, rows),
        money("Reported", "reported"),
        money("Price list", "computed"),
        money("Difference", "drift", signed=True),
        Column("Of the list price", share),
    ]
    draw_table(Table("models with other prices", columns, rows, order=""), here)


def money(head: str, name: str, signed: bool = False) -> Column:
    text = formats.signed_money if signed else formats.money
    return Column(head, lambda row: Cell(text(int(row[name])), formats.exact(int(row[name]))))


def share(row: Row) -> Cell:
    """Where the list says that it is free, no share can be told."""
    ratio = row["drift_share"]
    return Cell(formats.UNKNOWN if ratio is None else formats.signed_percent(ratio))
