"""What was asked for, and what served: where a gateway routes a name to several models, or to another one."""

import polars as pl

from app import figures, questions
from app.address import Address
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table, files
from app.parts.models_compare import name_of
from app.questions import Asked, asked
from app.sessions import Visit
from models.spend.table import Spend

NOTHING = (
    "In this period every call was served by the model that it asked for. A gateway that routes says so: LiteLLM does "
    "by itself, others send model_group."
)


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    whole = questions.spend(visit.workspace, seen, routed_asked(here))
    rows = routed(whole)
    if not rows:
        markup.draw("nothing", text=NOTHING)
        return
    columns = [
        Column("Requested", lambda row: requested(here, row), name=True),
        Column("Served by", served, name=True),
        *table.measures(["requests"]),
        Column("Of its requests", lambda row: Cell(figures.written("ratio", row["share"]))),
        *table.measures(["cost", "cost_per_request"]),
    ]
    draw_table(Table("routes", columns, rows, lambda row: row["share"]), here)
    files(visit, routed_asked(here), "models-requested-and-served")


def routed_asked(here: Address) -> Asked:
    return asked(
        here, group_by="model_group,provider,model", measures="requests,cost,cost_per_request,unpriced_requests"
    )


def routed(whole: Spend) -> list[Row]:
    """Requested names that anything but the model of that name served; `share` is of the name's requests."""
    every = whole.rows.filter(pl.col("model_group").is_not_null())
    share = pl.col("requests") / pl.col("requests").sum().over("model_group")
    other = every.with_columns(share=share).filter(pl.col("model_group").ne_missing(pl.col("model")))
    return list(other.iter_rows(named=True))


def requested(here: Address, row: Row) -> Cell:
    text = figures.member(row["model_group"])
    return Cell(text, text, href=here.to("explorer").only("model_group", row["model_group"]).href)


def served(row: Row) -> Cell:
    return Cell(name_of(row), name_of(row))
