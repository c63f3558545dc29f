"""Reading the ledger's rows into frames, in pieces of bounded size. Reads run on the database's own driver: a second
copy of SQLite in one process (which the fast readers bring along) breaks the file locks of the first."""

from collections.abc import Iterator

import polars as pl
from sqlalchemy import Boolean, ColumnElement, Connection, Integer, Select, select

from models.spend.dimensions import COLUMN_NAMES
from models.tables import EventRow, table

EVENTS = table(EventRow)
PIECE = 50_000  # rows: some 50 MB while they are Python's

# What sums and dimensions are made of.
COUNTED = (
    "seq", "workspace_id", "started_us", "latency_us", *COLUMN_NAMES, "tags",
    "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "total_tokens",
    "tokens_avoided", "cost_nano_usd", "input_cost_nano_usd", "output_cost_nano_usd", "saved_nano_usd",
    "prompt_cache_saved_nano_usd", "reported_cost_nano_usd", "computed_cost_nano_usd",
)  # fmt: skip


def dtype(name: str) -> pl.DataType:
    column = EVENTS.columns[name].type
    if isinstance(column, Boolean):
        return pl.Boolean()
    return pl.Int64() if isinstance(column, Integer) else pl.String()


def counted(connection: Connection, condition: ColumnElement[bool], piece: int = PIECE) -> Iterator[pl.DataFrame]:
    """What can be summed of the events that meet the condition, in pieces; in the order of seq or of time."""
    return pieces(connection, select(*(EVENTS.c[name] for name in COUNTED)).where(condition), COUNTED, piece)


def pieces(
    connection: Connection, statement: Select[tuple[object, ...]], names: tuple[str, ...], piece: int
) -> Iterator[pl.DataFrame]:
    compiled = statement.compile(connection.engine, compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.params[name] for name in compiled.positiontup or ())
    cursor = connection.exec_driver_sql(str(compiled), values).cursor
    while rows := cursor.fetchmany(piece):
        yield frame(list(rows), names)


def frame(rows: list[tuple[object, ...]], names: tuple[str, ...]) -> pl.DataFrame:
    """Columns are built one by one: three times as fast as from rows."""
    return pl.DataFrame([column(name, values) for name, values in zip(names, zip(*rows, strict=True), strict=True)])


def column(name: str, values: tuple[object, ...]) -> pl.Series:
    wanted = dtype(name)
    if wanted == pl.Boolean:
        return pl.Series(name, values, dtype=pl.Int64).cast(pl.Boolean)
    return pl.Series(name, values, dtype=wanted)


def none(names: tuple[str, ...] = COUNTED) -> pl.DataFrame:
    return pl.DataFrame(schema={name: dtype(name) for name in names})
