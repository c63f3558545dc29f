"""What must hold of every rollup file before it is written: its columns, its grain, its bounds."""

from functools import cache

import pandera.polars as pa
import polars as pl

from models.spend.cubes import Cube
from models.spend.facts import SUM_NAMES

SIGNED = {"prompt_cache_saved_nano_usd", "drift_nano_usd"}  # a premium for cache writes, a claim below the price list


def check(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """The rows, or pandera's SchemaError; nothing of a file that fails is written."""
    checked: pl.DataFrame = schema(cube).validate(rows)
    return checked


@cache
def schema(cube: Cube) -> pa.DataFrameSchema:
    dimensions = {name: pa.Column(dtype, nullable=True) for name, dtype in cube.schema.items() if name in cube.columns}
    sums = {name: pa.Column(pl.Int64, bounds(name), nullable=False) for name in SUM_NAMES}
    return pa.DataFrameSchema({**dimensions, **sums}, strict=True, ordered=True, unique=cube.columns)


def bounds(name: str) -> list[pa.Check]:
    if name in SIGNED:
        return []
    return [pa.Check.ge(1 if name == "requests" else 0)]
