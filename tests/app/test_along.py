"""Spend along the time on the Overview, from an answer: what is in no series is one more, and nobody is left out."""

from datetime import date

import polars as pl

from app.components import along
from models.installation import Installation
from models.spend.table import PERIOD
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of


def test_from_an_answer(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(
        installation, workspace.id,
        make_event(cost=5, provider="openai"), make_event(cost=3, provider="xai"), make_event(cost=2, provider=None),
        make_event(NOON - DAY, cost=7, provider="xai"),
    )  # fmt: skip
    answer = ask(spend_of(installation, workspace), last="4d", granularity="day", group_by="provider", measures="cost")
    rows = along.by_series(answer, ["openai"]).sort(pl.all())
    assert rows.select(PERIOD, "provider", "cost_nano_usd").rows() == [
        (date(2026, 11, 20), "other", 7), (date(2026, 11, 21), "openai", 5), (date(2026, 11, 21), "other", 5),
    ]  # fmt: skip
