"""An answer as a file: the same bytes whether the API or the dashboard hands it out."""

import io

import polars as pl

from models import formulas
from models.spend.table import Spend, exported

MEDIA = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def file_of(spend: Spend, wanted: str) -> bytes:
    """Rows as CSV, where no text is a formula, or Parquet (zstd)."""
    return encoded(exported(spend), wanted)


def encoded(rows: pl.DataFrame, wanted: str) -> bytes:
    buffer = io.BytesIO()
    if wanted == "csv":
        formulas.texts(rows).write_csv(buffer, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    else:
        rows.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
