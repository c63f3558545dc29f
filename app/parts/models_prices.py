"""What is wrong with prices: models that have none, with the way to price them, and models for which clients report
something else than the price list says."""

from typing import Any

from app import formats
from app.address import WORKSPACE, Address
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.opened import opened
from app.parts import draw_table
from app.parts.models_compare import BY, answer, name_of, named
from app.sessions import Visit
from models.spend import drift
from models.spend.table import Spend


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    whole = answer(visit, seen, here)
    if nameless := unpriced(visit, whole, here):
        markup.draw("models_unpriced", models=nameless)
    disagreements(whole, here)


# -- unpriced -----------------------------------------------------------------------------------------------------


def unpriced(visit: Visit, whole: Spend, here: Address) -> list[dict[str, Any]]:
    """The most calls first."""
    found = [row for row in table.rows_of(whole) if row["unpriced_requests"]]
    return [told(visit, row, here) for row in sorted(found, key=lambda row: -row["unpriced_requests"])]


def told(visit: Visit, row: Row, here: Address) -> dict[str, Any]:
    return {
        "name": name_of(row),
        "requests": row["unpriced_requests"],
        "all": row["requests"],
        "href": to_price(visit, row, here),
    }


def to_price(visit: Visit, row: Row, here: Address) -> str:
    """Where its price is set; a call without a model can have none. Prices go by names as they were sent: where calls
    may have come under others, all that are without a price stand there to choose from."""
    if row["model"] is None:
        return ""
    prices, names = Address("prices", here.asked(WORKSPACE)), opened().spend(visit.workspace).names
    renamed = any(names.sent_as(name, row[name]) != {row[name]} for name in BY if row[name])
    return prices.href if renamed else prices.put(provider=row["provider"], model=row["model"]).href


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
