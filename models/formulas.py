"""Text that a spreadsheet would run when it opens a file of CSV: names are strangers' text, and none of them is a
formula. A `'` in front makes it a text. Names of models that begin with `@` and call nothing stay as they are."""

import re

import polars as pl

FORMULA = r"^(?:[=+\-\t\r]|@[\s\S]*\()"  # as both Python and Polars read it


def as_text(value: str) -> str:
    return f"'{value}" if re.search(FORMULA, value) else value


def texts(rows: pl.DataFrame) -> pl.DataFrame:
    """All columns of text alike."""
    text = pl.col(pl.String)
    return rows.with_columns(pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep())
