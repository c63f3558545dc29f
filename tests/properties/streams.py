"""Streams of events that are hard to count: all around the instants at which local days are long, short or odd, most
of them late, many of them sent twice, the second time with another time of start.

What a stream says is drawn by hypothesis; what its events look like comes from one number each, so that a failing
stream shrinks to something that can be read.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from models.spend.dimensions import DIMENSIONS
from models.usage.event import Event
from tests.factories import VALUES, random_event

MINUTE = 60_000_000  # microseconds
DAY = 24 * 60


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


# The instants of each zone at which a day begins in an odd way: at half past, at a quarter to, or beside a change of
# the clocks, of a whole hour or of half of one, in the small hours or at midnight.
ODD_INSTANTS = {
    zone: tuple(map(instant, texts))
    for zone, texts in {
        "UTC": ("2026-03-01T00:00Z",),
        "Asia/Kolkata": ("2026-06-30T18:30Z",),
        "Asia/Kathmandu": ("2026-06-30T18:15Z",),
        "Europe/Berlin": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
        "America/New_York": ("2026-03-08T07:00Z", "2026-11-01T06:00Z"),
        "Australia/Lord_Howe": ("2026-04-04T15:00Z", "2026-10-03T15:30Z"),
        "America/Santiago": ("2026-04-05T03:00Z", "2026-09-06T04:00Z"),
        "America/St_Johns": ("2026-03-08T05:30Z", "2026-11-01T04:30Z"),
    }.items()
}
BEGIN, END = "2026-01-01", "2026-12-01"  # days between which all of that lies
MINUTES_AWAY = (-2 * DAY, -180, -90, -60, -30, -15, -10, 0, 15, 30, 45, 50, 60, 90, 180)
JITTER = (0, 0, -1, 1, 7_654_321)  # microseconds


@dataclass(frozen=True)
class Place:
    """Where in time one workspace's events lie: beside one odd instant of its zone."""

    zone: str
    odd: int

    def event(self, number: int, minutes: int, look: int) -> Event:
        """The event of that number; with another look the same id on another day, or with other amounts."""
        chance = random.Random(look)
        started = self.odd + minutes * MINUTE + chance.choice(JITTER)
        return random_event(chance, f"e{number}", started)


ZONES = tuple(ODD_INSTANTS)
PLACES = [Place(zone, odd) for zone, odds in ODD_INSTANTS.items() for odd in odds]
places = st.sampled_from(PLACES)
looks = st.integers(0, 2**31)
numbers = st.integers(0, 40)  # few enough that ids come again
minutes = st.sampled_from(MINUTES_AWAY)

# -- questions ----------------------------------------------------------------------------------------------------

BY_TAG = ("tag", "tag.env")
GROUPABLE = (*DIMENSIONS, "tag.env")
GRANULARITIES = ("total", "hour", "day", "week", "month")
OF_TAGS = {"tag": ("a", "b", "env:prod", "x|y", None), "tag.env": ("prod", "qa", None)}
PRICED = {"cost_source": ("reported", "cached", "computed", "unpriced")}
OF_ALL = {"workspace": ("one", "nobody")} | VALUES | PRICED | OF_TAGS


@dataclass(frozen=True)
class Question:
    """A question in the words of the query string. From and to are days, or instants in microseconds."""

    group_by: tuple[str, ...] = ()
    granularity: str = "total"
    where: tuple[str, ...] = ()
    start: str | int = BEGIN
    end: str | int = END

    @property
    def adds_up(self) -> bool:
        """An event stands in each of its tags' rows."""
        return not set(self.group_by) & set(BY_TAG)


@st.composite
def filters(draw: Any, names: tuple[str, ...]) -> str:
    name = draw(st.sampled_from(names))
    value = draw(st.sampled_from(OF_ALL[name]))
    sign = draw(st.sampled_from(["", "!"]))
    return f"{name}{sign}:{text_of(value)}"


def text_of(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(none)" if value is None else value


def questions(
    names: tuple[str, ...] = GROUPABLE, granularities: tuple[str, ...] = GRANULARITIES
) -> st.SearchStrategy[Question]:
    """Any question of these dimensions over all of the stream."""
    filtered = tuple(name for name in names if name in OF_ALL)
    return st.builds(
        Question,
        group_by=st.lists(st.sampled_from(names), unique=True, max_size=4).map(tuple),
        granularity=st.sampled_from(granularities),
        where=st.lists(filters(filtered), max_size=3).map(tuple) if filtered else st.just(()),
    )


@st.composite
def questions_of_a_part(draw: Any, place: Place) -> Question:
    """Any question whose period begins and ends anywhere, minute by minute where it is short."""
    first, last = sorted(draw(st.lists(st.sampled_from(MINUTES_AWAY), min_size=2, max_size=2, unique=True)))
    start, end = (place.odd + each * MINUTE + draw(st.sampled_from(JITTER)) for each in (first, last))
    short = (*GRANULARITIES, "minute") if end - start <= DAY * MINUTE else GRANULARITIES
    asked = draw(questions(granularities=short))
    return Question(asked.group_by, asked.granularity, asked.where, start, end)
