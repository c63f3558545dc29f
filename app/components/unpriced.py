"""Requests whose price is not known, said beside every total that they are missing from, with what to do about it."""

import polars as pl

from app.components import markup
from models.spend.dimensions import NONE


def draw(total: int, models: pl.DataFrame, prices: str) -> None:
    """Nothing where every request has a price. `models` are those with the most of them, by provider and model;
    `prices` leads to where a price is said."""
    if not total:
        return
    named = [
        (f"{row['provider']}/{row['model']}" if row["provider"] else row["model"] or NONE, row["unpriced_requests"])
        for row in models.iter_rows(named=True)
        if row["unpriced_requests"] > 0
    ]
    markup.draw("unpriced", total=total, models=named, prices=prices, more=sum(number for _, number in named) < total)
