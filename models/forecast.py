"""What a month will have cost when it is over, from what its days have cost so far, with the band that it will lie in.

Pure: days in, nano-dollars out; it knows no clock. It is an estimate, so floats are good enough on the way; what is
known already is added as it is.

- **The week.** From three weeks of history on, each weekday has a factor: the median of its shares in its weeks.
- **The trend.** From eight weeks of history on: where four fifths of all pairs of weeks agree that spend grows (or
  shrinks), it goes on by the median of what they say; else there is none.
- **The level.** The mean of the days without weekday and trend. A week weighs half of one that is seven days younger,
  and what lies outside the middle four fifths counts as its edge, so that an outlier does not rule.
- **The band.** The tenth and ninetieth percentile of what days have been off by, so that eight of ten months end in
  it. It is wider the further ahead, for days add up and the level is itself an estimate; wider, too, where a dear day
  tends to be followed by another.

It refuses to say anything of a workspace that is younger than a week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from math import sqrt
from statistics import median

from models import periods

LEAST = 7  # days of history: less says nothing of a month
SEASONAL = 21  # days from which on weekdays are told apart: a median of fewer than three is none
TRENDING = 56  # days from which on there may be a trend: fewer weeks agree by chance
AGREED = 0.8  # of all pairs of weeks
HISTORY = TRENDING  # days that are looked back on; in whole weeks, or a Sunday more would be a trend
HALF_LIFE = 7  # days
MIDDLE = (0.1, 0.9)  # of the days for the level, and of what they were off by for the band
STICKIEST = 0.8  # of the tie between one day and the next: what few days tell of more is chance
WEEK = 7


@dataclass(frozen=True)
class Expected:
    """One day, in nano-dollars; today with what it has cost already."""

    day: date
    expected: int
    low: int
    high: int


@dataclass(frozen=True)
class Forecast:
    """`path` goes from today to the last day of the month; the other amounts are the whole month's. `spent` is what
    it has cost already."""

    path: tuple[Expected, ...]
    spent: int
    expected: int
    low: int
    high: int


def forecast(spent: Mapping[date, int], today: date, elapsed: float) -> Forecast | None:
    """`spent` by local day; days that are missing are zero, from the first one that is there. `elapsed` is how much of
    today is over, from 0 to 1. None where there are less than seven whole days to tell from."""
    history = whole_days(spent, today)
    if len(history) < LEAST:
        return None
    model = Model.of(history, today)
    path = model.path(today, spent.get(today, 0), 1 - elapsed)
    known = month_so_far(spent, today)
    low, expected, high = model.rest(today, 1 - elapsed)
    return Forecast(path, known, known + round(expected), known + round(low), known + round(high))


def whole_days(spent: Mapping[date, int], today: date) -> list[int]:
    """Whole weeks of days before today, the oldest first."""
    first = max(min(spent, default=today), today - timedelta(days=HISTORY))
    days = (today - first).days // WEEK * WEEK
    return [spent.get(today - timedelta(days=age), 0) for age in range(days, 0, -1)]


def month_so_far(spent: Mapping[date, int], today: date) -> int:
    return sum(amount for day, amount in spent.items() if today.replace(day=1) <= day <= today)


@dataclass(frozen=True)
class Model:
    """An ordinary day costs `level` now, and `slope` more each day on; a day of the week as often as its factor says.
    Days are off by `below` to `above`."""

    factors: tuple[float, ...]  # by weekday, Monday first
    level: float
    slope: float
    below: float  # at most 0
    above: float  # at least 0
    days: float  # how many days of equal weight the level was told from

    @classmethod
    def of(cls, history: Sequence[int], today: date) -> "Model":
        ages, slope = range(len(history), 0, -1), trend(history)
        level_now = [max(0.0, amount + slope * age) for age, amount in zip(ages, history, strict=True)]
        factors = weekday_factors(level_now, today)
        own = [factors[(today - timedelta(days=age)).weekday()] for age in ages]
        # Weekdays without any spend tell nothing of the level.
        plain = [(age, amount / factor) for age, amount, factor in zip(ages, level_now, own, strict=True) if factor]
        weights = [0.5 ** ((age - 1) // WEEK * WEEK / HALF_LIFE) for age, _ in plain]
        level = level_of([amount for _, amount in plain], weights)
        parameters = 1 + (slope != 0) + (WEEK - 1) * (len({*factors}) > 1)
        below, above = spread([amount - level for _, amount in plain], parameters)
        return cls(factors, level, slope, below, above, sum(weights) ** 2 / sum(weight**2 for weight in weights))

    def ahead(self, today: date, remaining: float) -> list[tuple[date, float]]:
        """Each day to the end of the month with how many ordinary days it is; of today what remains of it."""
        end = periods.following(today, "month")
        days = [today + timedelta(days=index) for index in range((end - today).days)]
        return [(day, self.factors[day.weekday()] * (remaining if day == today else 1)) for day in days]

    def path(self, today: date, already: int, remaining: float) -> tuple[Expected, ...]:
        ahead = self.ahead(today, remaining)
        return tuple(
            self.day(day, weight, number, already if day == today else 0) for number, (day, weight) in enumerate(ahead)
        )

    def day(self, day: date, weight: float, number: int, already: int) -> Expected:
        doubt = number / self.days + self.bend * number**2
        low, expected, high = self.between(self.at(number) * weight, weight * sqrt(1 + doubt))
        return Expected(day, already + round(expected), already + round(low), already + round(high))

    @property
    def bend(self) -> float:
        """How much a trend is in doubt: the variance of a line's slope through that many days, for a day's of 1."""
        return 12 / HISTORY**3 if self.slope else 0.0

    def at(self, number: int) -> float:
        """What an ordinary day costs so many days from now."""
        return max(0.0, self.level + self.slope * number)

    def rest(self, today: date, remaining: float) -> tuple[float, float, float]:
        """Low, expected and high of all that is still to come: the days' own chances even out, the level's do not."""
        weights = [weight for _, weight in self.ahead(today, remaining)]
        further = sum(number * weight for number, weight in enumerate(weights))
        chance, doubt = sum(weight**2 for weight in weights), sum(weights) ** 2 / self.days + self.bend * further**2
        width = sqrt(chance + doubt)
        return self.between(sum(self.at(number) * weight for number, weight in enumerate(weights)), width)

    def between(self, expected: float, width: float) -> tuple[float, float, float]:
        """Nothing that is still to come costs less than nothing."""
        return max(0.0, expected + self.below * width), expected, expected + self.above * width


def weekday_factors(history: Sequence[float], today: date) -> tuple[float, ...]:
    """How an ordinary Monday, Tuesday, … compares with an ordinary day; all 1 where there is too little to tell."""
    if len(history) < SEASONAL:
        return (1.0,) * WEEK
    spending = [week for week in weeks(history) if sum(week) > 0]
    shares = [median(week[index] * WEEK / sum(week) for week in spending) if spending else 0.0 for index in range(WEEK)]
    monday = (WEEK - today.weekday()) % WEEK  # every week begins on the weekday of today
    return normalised(shares[monday:] + shares[:monday])


def weeks(history: Sequence[float]) -> list[Sequence[float]]:
    return [history[start : start + WEEK] for start in range(0, len(history), WEEK)]


def trend(history: Sequence[int]) -> float:
    """By how much an ordinary day grows from one day to the next; 0 where weeks do not agree on it."""
    if len(history) < TRENDING:
        return 0.0
    means = [sum(week) / WEEK for week in weeks(history)]
    slopes = [(means[j] - means[i]) / ((j - i) * WEEK) for i, j in combinations(range(len(means)), 2)]
    growing, shrinking = sum(slope > 0 for slope in slopes), sum(slope < 0 for slope in slopes)
    return median(slopes) if max(growing, shrinking) >= AGREED * len(slopes) else 0.0


def normalised(factors: Sequence[float]) -> tuple[float, ...]:
    """Seven days are a week: medians need not add up to it."""
    whole = sum(factors)
    return tuple(factor * WEEK / whole for factor in factors) if whole > 0 else (1.0,) * WEEK


def level_of(amounts: Sequence[float], weights: Sequence[float]) -> float:
    """Where most days are nothing, no day is an outlier: each counts as it is."""
    low, high = quantiles(amounts) if median(amounts) > 0 else (min(amounts), max(amounts))
    clipped = [min(max(amount, low), high) for amount in amounts]
    return sum(map(lambda amount, weight: amount * weight, clipped, weights)) / sum(weights)


def spread(off: Sequence[float], parameters: int) -> tuple[float, float]:
    """What a day is off by, low and high. Days that a model was told from are off by less than others will be."""
    low, high = quantiles(off)
    fitted = sqrt(len(off) / max(1, len(off) - parameters))
    tie = tied(off)
    wider = fitted * sqrt((1 + tie) / (1 - tie))
    return min(0.0, low) * wider, max(0.0, high) * wider


def tied(off: Sequence[float]) -> float:
    """How much of what a day is off by the next one is off by, too."""
    whole = sum(each**2 for each in off)
    return min(STICKIEST, max(0.0, sum(one * other for one, other in pairwise(off)) / whole)) if whole else 0.0


def quantiles(amounts: Sequence[float]) -> tuple[float, float]:
    low, high = (quantile(sorted(amounts), share) for share in MIDDLE)
    return low, high


def quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest, as much of each as it lies towards it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
