"""What must hold of every rollup file before it is written: its columns, its grain, its bounds.

The checks are on the frame as a whole: pandera takes a millisecond for each column that it is told of, a file has
forty, and a day has as many files as there are cubes.
"""

from functools import cache

import pandera.polars as pa
import polars as pl

from models.spend.cubes import Cube
from models.spend.facts import SUM_NAMES

SIGNED = ("prompt_cache_saved_nano_usd", "drift_nano_usd")  # a premium for cache writes, a claim below the price list
COUNTS = [name for name in SUM_NAMES if name not in SIGNED]


def check(rows: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """The rows, or pandera's SchemaError; nothing of a file that fails is written."""
    checked: pl.DataFrame = schema(cube).validate(rows)
    return checked


@cache
def schema(cube: Cube) -> pa.DataFrameSchema:
    def columns(data: pa.PolarsData) -> bool:
        return dict(data.lazyframe.collect_schema()) == cube.schema

    def grain(data: pa.PolarsData) -> bool:
        return not data.lazyframe.collect().select(cube.columns).is_duplicated().any()

    def bounds(data: pa.PolarsData) -> bool:
        counted = pl.all_horizontal(pl.col(COUNTS).ge(0).all()) & pl.col("requests").ge(1).all()
        whole = pl.all_horizontal(pl.col(SUM_NAMES).is_not_null().all())
        return bool(data.lazyframe.select(counted & whole).collect().item())

    return pa.DataFrameSchema(
        checks=[
            pa.Check(columns, name="columns", error=f"the columns of the cube {cube.id}, in their order"),
            pa.Check(grain, name="grain", error="one row per combination of dimensions"),
            pa.Check(bounds, name="bounds", error="sums are known, counts are not negative"),
        ]
    )
