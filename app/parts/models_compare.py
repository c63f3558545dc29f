"""Models side by side: what a request and a thousand tokens cost, how fast they answer, how often they fail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app import figures, formats, questions
from app.address import Address
from app.components import table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table, files
from app.questions import Asked, asked
from app.sessions import Visit
from models.spend.table import Spend

BY = ("provider", "model")
SHOWN = {
    "cost_per_request": "A request", "cost_per_1k_tokens": "1k tokens", "latency_p50": "p50", "latency_p95": "p95",
    "error_rate": "Errors", "requests": "Requests",
}  # fmt: skip
AMOUNTS = ("cost_per_request", "cost_per_1k_tokens")
ASKED = ",".join(("cost", *SHOWN, "unpriced_requests", "drift", "drift_share", "listed_cost"))


def answer(visit: Visit, seen: Seen, here: Address) -> Spend:
    """One question for all that is said of each model of the period."""
    return questions.spend(visit.workspace, seen, compared(here))


def compared(here: Address) -> Asked:
    return asked(here, group_by=",".join(BY), measures=ASKED)


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    whole = answer(visit, seen, here)
    total = int(whole.totals["cost_nano_usd"])
    rows = table.rows_of(whole)
    columns = [
        named(here, rows),
        table.of_cost(),
        table.of_share("cost_nano_usd", total),
        *(measured(name, head) for name, head in SHOWN.items()),
    ]
    drawn = Table(
        "compared models", columns, table.rows_of(whole), lambda row: table.share(row["cost_nano_usd"], total)
    )
    draw_table(drawn, here)
    files(visit, compared(here), "models-compared")


def measured(name: str, head: str) -> Column:
    """What failed cost nothing: of a model without a price that is no price."""
    known = replace(table.of_measure(name), head=head)

    def cell(row: Row) -> Cell:
        return Cell(formats.UNKNOWN) if not row["cost_nano_usd"] and row["unpriced_requests"] else known.cell(row)

    return replace(known, cell=cell) if name in AMOUNTS else known


def named(here: Address, rows: Sequence[Row]) -> Column:
    """Models by their names alone, but for those that several providers serve; pointed at, the provider is told."""
    served = Counter(row["model"] for row in rows)

    def cell(row: Row) -> Cell:
        there = here.to("explorer").only("provider", row["provider"]).only("model", row["model"])
        model, full = figures.member(row["model"]), name_of(row)
        return Cell(full if served[row["model"]] > 1 else model, full, href=there.href)

    return Column("Model", cell, name=True)


def name_of(row: Row) -> str:
    return f"{figures.member(row['provider'])}/{figures.member(row['model'])}"
