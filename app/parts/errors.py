"""What went wrong, by the type of the error: a short list, each leading to its calls."""

from app import figures, formats, questions
from app.address import Address
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.questions import asked
from app.sessions import Visit

TYPES = 8
FAILED = ("status", "failure")


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    """Nothing where nothing failed."""
    found = questions.spend(visit.workspace, seen, by_type(here))
    total = int(found.totals["errors"])
    if not total:
        return
    rows = [row for row in table.rows_of(found) if row["errors"] > 0]
    more = max(0, len(rows) - TYPES)
    markup.draw("part", title="Errors by type", says=f"{total:,} failed{f', {more:,} more types' if more else ''}")
    columns = [named(here), *table.measures(["errors"]), shares(total)]
    table.draw(
        Table("types of errors", columns, rows[:TYPES], lambda row: table.share(row["errors"], total), short=True),
        Address(),
    )


def by_type(here: Address) -> tuple[tuple[str, str], ...]:
    """Only failures are read, unless the address is about others."""
    failed = here if any(each.startswith("status") for each in here.all("where")) else here.only(*FAILED)
    return asked(failed, group_by="error_type", measures="errors", order="-errors")


def named(here: Address) -> Column:
    def cell(row: Row) -> Cell:
        name = figures.member(row["error_type"])
        return Cell(name, name, href=here.to("requests").only(*FAILED).only("error_type", row["error_type"]).href)

    return Column("Error type", cell, name=True)


def shares(total: int) -> Column:
    return Column("Share", lambda row: Cell(formats.percent(table.share(row["errors"], total))))
