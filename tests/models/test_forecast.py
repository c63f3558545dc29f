"""The month's end, told from its days: by hand where that is possible, else on series whose process is known."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forecast import LEAST, Forecast, forecast
from models.money import NANO

TODAY = date(2026, 11, 11)  # a Wednesday; 20 days of the month are left, today among them
END = date(2026, 12, 1)
WEEKDAYS = (1.1, 1.2, 1.2, 1.1, 1.0, 0.4, 0.3)


def told(spent: dict[date, int], elapsed: float = 0.0, today: date = TODAY) -> Forecast:
    found = forecast(spent, today, elapsed)
    assert found
    return found


def before(days: int, amount: Callable[[date], int]) -> dict[date, int]:
    """So many days before today."""
    past = (TODAY - timedelta(days=age) for age in range(days, 0, -1))
    return {day: amount(day) for day in past}


# -- what can be told by hand -------------------------------------------------------------------------------------


def test_the_same_every_day_goes_on_and_nothing_is_in_doubt() -> None:
    found = told(before(30, lambda _: NANO))
    assert [day.day for day in found.path] == [TODAY + timedelta(days=index) for index in range(20)]
    assert {(day.low, day.expected, day.high) for day in found.path} == {(NANO, NANO, NANO)}
    assert (found.spent, found.low, found.expected, found.high) == (10 * NANO, 30 * NANO, 30 * NANO, 30 * NANO)


def test_of_today_only_the_rest_is_expected() -> None:
    found = told(before(30, lambda _: NANO) | {TODAY: 5 * NANO}, elapsed=0.75)
    assert found.path[0].expected == 5 * NANO + NANO // 4
    assert found.expected == 15 * NANO + NANO // 4 + 19 * NANO


def test_a_week_has_its_weekdays() -> None:
    found = told(before(28, lambda day: 0 if day.weekday() >= 5 else NANO))
    assert [day.expected for day in found.path[:7]] == [NANO, NANO, NANO, 0, 0, NANO, NANO]


def test_below_three_weeks_weekdays_are_not_told_apart() -> None:
    found = told(before(20, lambda day: 0 if day.weekday() >= 5 else 7 * NANO))
    assert {day.expected for day in found.path} == {found.path[0].expected}


def test_one_outlier_does_not_rule() -> None:
    ordinary = before(42, lambda _: NANO)
    assert told(ordinary | {TODAY - timedelta(days=3): 500 * NANO}).path[-1].expected < NANO * 11 // 10


def test_recent_weeks_weigh_more() -> None:
    risen = before(28, lambda day: 3 * NANO if (TODAY - day).days <= 14 else NANO)
    assert told(risen).path[-1].expected > 2 * NANO


def test_plain_growth_goes_on() -> None:
    growing = before(56, lambda day: (100 - (TODAY - day).days) * NANO)
    expected = [day.expected // NANO for day in told(growing).path]
    assert expected[-1] > expected[0] >= 99


def test_what_shrinks_never_costs_less_than_nothing() -> None:
    shrinking = before(56, lambda day: max(0, (TODAY - day).days - 1) * NANO)
    assert all(0 <= day.low <= day.expected for day in told(shrinking).path)


def test_nothing_spent_is_nothing_expected() -> None:
    found = told(before(30, lambda _: 0))
    assert (found.low, found.expected, found.high) == (0, 0, 0)


@pytest.mark.parametrize("days", range(LEAST))
def test_a_workspace_younger_than_a_week_is_told_nothing(days: int) -> None:
    assert forecast(before(days, lambda _: NANO) | {TODAY: NANO}, TODAY, 0.5) is None


def test_on_the_last_day_only_its_rest_is_open() -> None:
    last = END - timedelta(days=1)
    found = told({last - timedelta(days=age): NANO for age in range(1, 30)} | {last: NANO}, 1.0, last)
    assert (len(found.path), found.spent, found.expected) == (1, 30 * NANO, 30 * NANO)


# -- whatever came before -----------------------------------------------------------------------------------------


@given(
    amounts=st.lists(st.integers(0, 10**15), min_size=LEAST, max_size=70),
    today=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    so_far=st.integers(0, 10**15),
    elapsed=st.floats(0, 1),
)
def test_it_is_never_below_what_is_known_and_adds_up(
    amounts: list[int], today: date, so_far: int, elapsed: float
) -> None:
    spent = {today - timedelta(days=age): amount for age, amount in enumerate(reversed(amounts), 1)}
    found = told(spent | {today: so_far}, elapsed, today)
    assert found.spent <= found.low <= found.expected <= found.high
    assert all(0 <= day.low <= day.expected <= day.high for day in found.path)
    ahead = sum(day.expected for day in found.path) - so_far
    assert abs(found.expected - found.spent - ahead) <= len(found.path) + found.expected // 10**12  # floats on the way
    assert found.path[-1].day + timedelta(days=1) == (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    assert found == told(spent | {today: so_far}, elapsed, today)


def test_the_band_widens_with_the_days_ahead() -> None:
    chance = random.Random(7)
    found = told(before(20, lambda _: chance.randint(80, 120) * NANO))
    widths = [day.high - day.low for day in found.path]
    assert widths == sorted(widths)
    assert widths[-1] > widths[0] > 0


# -- backtest: series whose process is known ----------------------------------------------------------------------


def weekly(chance: random.Random, day: date) -> int:
    return int(100 * NANO * WEEKDAYS[day.weekday()] * exp(chance.gauss(0, 0.2)))


def flat(chance: random.Random, day: date) -> int:
    return int(100 * NANO * exp(chance.gauss(0, 0.2)))


def noisy(chance: random.Random, day: date) -> int:
    return int(100 * NANO * WEEKDAYS[day.weekday()] * exp(chance.gauss(0, 0.5)))


def backtest(process: Callable[[random.Random, date], int], rounds: int = 250) -> tuple[float, float, float]:
    """How often the month ended in the band, and the mean error of the rest of it: ours, and by the last 7 days' mean."""
    inside, ours, naive = [], [], []
    for seed in range(rounds):
        chance = random.Random(seed)
        today = date(2026, 3, 1) + timedelta(days=chance.randrange(25))
        series = {today + timedelta(days=n): process(chance, today + timedelta(days=n)) for n in range(-56, 31)}
        found = told({day: amount for day, amount in series.items() if day < today}, 0.0, today)
        rest = [amount for day, amount in series.items() if today <= day < date(2026, 4, 1)]
        guess = len(rest) * mean(series[today - timedelta(days=age)] for age in range(1, 8))
        inside.append(found.low <= found.spent + sum(rest) <= found.high)
        ours.append(abs(found.expected - found.spent - sum(rest)) / sum(rest))
        naive.append(abs(guess - sum(rest)) / sum(rest))
    return mean(inside), mean(ours), mean(naive)


@pytest.mark.parametrize("process", [weekly, flat, noisy])
def test_eight_of_ten_months_end_in_the_band_and_it_errs_less_than_the_last_seven_days_mean(
    process: Callable[[random.Random, date], int],
) -> None:
    inside, ours, naive = backtest(process)
    assert 0.7 <= inside <= 0.9
    assert ours < 0.8 * naive
