"""What a re-pricing changes, or has changed, as a table: calls and money by model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import formats
from app.components import markup
from models.money import exact_usd
from models.spend.dimensions import NONE

HEADS = ("Calls", "Old cost", "New cost", "Difference", "Unpriced")
SAVED = "Saved by caching"
NOTHING = "No call costs anything else."


@dataclass(frozen=True)
class Cell:
    text: str
    exact: str = ""


def draw(title: str, notes: list[str], answer: Mapping[str, Any]) -> None:
    """`answer` is that of an order."""
    totals, rows = answer["totals"], answer["rows"]
    saves = any(row["saved_difference_nano_usd"] for row in (*rows, totals))
    markup.draw(
        "repriced", title=title, notes=notes, heads=(*HEADS, *([SAVED] if saves else [])), nothing=NOTHING,
        rows=[(named(row), cells(row, saves)) for row in rows], totals=cells(totals, saves),
        more=answer["models"] - len(rows),
    )  # fmt: skip


def named(row: Mapping[str, Any]) -> str:
    return f"{row['provider'] or NONE} / {row['model'] or NONE}"


def cells(change: Mapping[str, int], saves: bool) -> list[Cell]:
    before, after = change["unpriced_before"], change["unpriced_after"]
    found = [
        Cell(formats.count(change["events"])),
        amount(change["old_cost_nano_usd"], before == change["events"]),
        amount(change["new_cost_nano_usd"], after == change["events"]),
        Cell(signed(change), exact(change["difference_nano_usd"])),
        Cell(f"{formats.count(before)} → {formats.count(after)}"),
    ]
    saved = change["saved_difference_nano_usd"]
    return [*found, Cell(plus(saved), exact(saved))] if saves else found


def amount(nano: int, unknown: bool) -> Cell:
    return Cell("unpriced") if unknown else Cell(formats.money(nano), exact(nano))


def signed(change: Mapping[str, int]) -> str:
    return plus(change["difference_nano_usd"])


def plus(nano: int) -> str:
    return f"{'+' if nano > 0 else ''}{formats.money(nano)}"


def exact(nano: int) -> str:
    return f"{exact_usd(nano)} USD"
