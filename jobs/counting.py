"""Counting: from facts to the rows of a cube's file. Rollup, rebuild and mending all count here, so that a day that is
made anew equals, row for row, the one that grew."""

from datetime import date

import polars as pl

from models import periods
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.spend import events
from models.spend.cubes import Cube
from models.spend.events import EVENTS
from models.spend.facts import SUM_NAMES, added, facts


def whole_day(
    database: Database, cubes: list[Cube], workspace: WorkspaceInfo, day: date, through: int, above: int = 0
) -> dict[str, pl.DataFrame]:
    """Each cube's rows of one day, from the ledger, with above < seq <= through, in bounded memory."""
    counted = (EVENTS.c.seq > above) & (EVENTS.c.seq <= through)
    start, end = periods.day_span(day, workspace.timezone)
    sums = {cube.id: pl.DataFrame(schema=cube.schema) for cube in cubes}
    with database.read() as connection:
        for piece in events.during(connection, workspace.id, start, end, counted):
            rows = facts(piece, workspace.timezone)
            for cube in cubes:
                sums[cube.id] = grouped(pl.concat([sums[cube.id], narrowed(rows, cube)]), cube)
    return sums


def narrowed(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """Only the columns of the cube."""
    return rows.select(*cube.schema)


def grouped(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """One row per combination, in a fixed order, so that a rebuild gives the same file content."""
    sums = rows.group_by(cube.columns).agg(added(rows, SUM_NAMES))
    counted = sums.filter(pl.col("requests") != 0).with_columns(pl.col(SUM_NAMES).cast(pl.Int64))
    return counted.select(*cube.schema).sort(sortable(cube), nulls_last=True)


def sortable(cube: Cube) -> list[pl.Expr]:
    return [pl.col(name).list.join("\x00") if name == "tags" else pl.col(name) for name in cube.columns]
