"""How fast clients call: the loudest is named only where it stands out."""

from datetime import date

import polars as pl
import pytest

from models.spend.pace import Busiest, Loud, busiest, loudest, usual
from models.spend.table import PERIOD

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 2)
ROWS = pl.DataFrame({PERIOD: [FIRST, SECOND, FIRST, SECOND], "token": ["a", "a", "b", "b"], "requests": [48, 96, 7, 7]})


def test_the_busiest_part_of_the_time_and_of_two_alike_the_first() -> None:
    assert busiest(ROWS, "token") == {"a": Busiest(SECOND, 96), "b": Busiest(FIRST, 7)}


def test_the_usual_pace_is_requests_an_hour() -> None:
    assert usual(ROWS, "token", 2) == {"a": 3.0, "b": 14 / 48}


def test_who_hammers_is_named_with_its_share_and_how_many_times_its_pace() -> None:
    assert loudest({"ci": 710, "web": 290}, {"ci": 71.0, "web": 290.0}) == Loud("ci", 710, 0.71, 10.0)


def test_somebody_new_has_no_pace_yet() -> None:
    assert loudest({"ci": 100}, {}) == Loud("ci", 100, 1.0, None)


@pytest.mark.parametrize(
    ("hour", "usually"),
    [
        ({}, {}),
        ({"ci": 59}, {}),  # fewer than one a minute
        ({"ci": 100, "web": 300, "mail": 310}, {"web": 300.0, "mail": 300.0}),  # the loudest is as loud as ever
        ({f"t{number}": 100 for number in range(9)}, {}),  # nobody has much of them all
        ({None: 1_000}, {}),  # nobody said who
    ],
)
def test_else_nobody_is(hour: dict[str | None, int], usually: dict[str | None, float]) -> None:
    assert loudest(hour, usually) is None
