"""Questions: what a period is."""

import pytest

from models.periods import DAY
from models.spend.query import Period
from tests.factories import NOON


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [(-30 * DAY, 0, 30), (-2 * DAY, 28 * DAY, 2), (0, DAY, 1), (DAY, 2 * DAY, 1), (-DAY // 4, 0, 1)],
)
def test_an_amount_a_day_is_divided_by_the_days_that_have_come(start: int, end: int, days: int) -> None:
    assert Period(NOON + start, NOON + end, "UTC").days_so_far(NOON) == days
