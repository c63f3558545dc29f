"""Durations as LiteLLM writes them: 30s, 30m, 24h, 7d, 30d, 1mo. Budgets start anew by them, keys expire after them.

A month is a month of the calendar, in UTC: one from 31 January ends on the last day of February.
"""

import re
from calendar import monthrange
from typing import Any, NamedTuple

from models import periods
from models.errors import BadField

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
MONTH = "mo"
LONGEST = SECONDS | {MONTH: 31 * 86_400}
OTHER_WORDS = {"hourly": "1h", "daily": "24h", "weekly": "7d", "monthly": "30d"}
SPELLED = re.compile(r"([1-9]\d{0,9})(s|min|mo|m|h|d|w)")
MOST_SECONDS = 100 * 365 * 86_400  # a hundred years: what is further away is a mistake in somebody's unit
A_DURATION = "a duration such as 30s, 30m, 24h, 7d, 30d or 1mo, of at most 100 years"


class Duration(NamedTuple):
    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number}{self.unit}"

    def after(self, instant: int, times: int = 1) -> int:
        """The instant that lies so many of these durations later."""
        if self.unit == MONTH:
            return months_after(instant, self.number * times)
        return instant + self.number * times * SECONDS[self.unit] * periods.SECOND

    def window_end(self, start: int, now: int) -> int:
        """When the one of these durations ends that holds this moment, where one follows the other from `start` on."""
        times = max(1, (now - start) // (self.number * LONGEST[self.unit] * periods.SECOND))
        while self.after(start, times) <= now:
            times += 1
        return self.after(start, times)


def months_after(instant: int, months: int) -> int:
    moment = periods.from_us(instant)
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return periods.to_us(moment.replace(year=year, month=month + 1, day=day))


def read(value: Any, field: str) -> Duration | None:
    """None where nothing was said."""
    if value is None or value == "":
        return None
    duration = of_text(value) if isinstance(value, str) else None
    if duration is None or duration.number * LONGEST[duration.unit] > MOST_SECONDS:
        raise BadField(field, value, A_DURATION)
    return duration


def of_text(text: str) -> Duration | None:
    """None for what is no duration. Weeks are days; `min` is how some of LiteLLM's pages write minutes."""
    text = text.strip().lower()
    found = SPELLED.fullmatch(OTHER_WORDS.get(text, text))
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    return Duration(7 * count, "d") if unit == "w" else Duration(count, "m" if unit == "min" else unit)
