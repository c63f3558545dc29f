"""Requests whose price is not known, said beside every total that they are missing from, with what to do about it."""

from app.components import markup
from models.spend.dimensions import NONE
from models.spend.table import Spend


def draw(total: int, models: Spend) -> None:
    """Nothing where every request has a price. `models` are those with the most of them."""
    if not total:
        return
    named = [
        (f"{row['provider']}/{row['model']}" if row["provider"] else row["model"] or NONE, row["unpriced_requests"])
        for row in models.rows.iter_rows(named=True)
        if row["unpriced_requests"] > 0
    ]
    markup.draw("unpriced", total=total, models=named, more=sum(number for _, number in named) < total)
