"""Periods in words."""

import pytest

from app import spans
from models.spend.query import parse_period
from tests.factories import NOON


@pytest.mark.parametrize(
    ("asked", "said", "before"),
    [
        ({"last": "30d"}, "last 30 days", "30 days before"),
        ({"last": "2w"}, "last 14 days", "14 days before"),
        ({"last": "1d"}, "today", "day before"),
        ({"last": "1h"}, "last hour", "hour before"),
        ({"last": "24h"}, "last 24 hours", "24 hours before"),
        ({"last": "15m"}, "last 15 minutes", "15 minutes before"),
        ({"from": "2026-11-01", "to": "2026-11-22"}, "last 21 days", "21 days before"),
        ({"from": "2026-10-01", "to": "2026-11-01"}, "1 Oct to 31 Oct", "31 days before"),
        ({"from": "2026-11-20", "to": "2026-11-21"}, "20 Nov", "day before"),
        ({"from": "2027-01-01", "to": "2027-02-01"}, "1 Jan to 31 Jan", "31 days before"),
        ({"from": "2026-11-22", "to": "2026-11-23"}, "22 Nov", "day before"),
        ({"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T06:00:00Z"}, "22 Nov", "6 hours before"),
        ({"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T12:00:00Z"}, "1 Nov to 3 Nov", "60 hours before"),
    ],
)
def test_what_a_period_is_called_and_what_came_before_it(asked: dict[str, str], said: str, before: str) -> None:
    period = parse_period({name: [value] for name, value in asked.items()}, "UTC", NOON)
    assert (spans.said(period, NOON), spans.before(period)) == (said, before)
