"""Time zones that a workspace may report in, for choosing from. What is chosen is checked where it is stored."""

import zoneinfo
from functools import cache

from models import periods

# Read otherwise by one of the two libraries that days are counted with, at the versions that are locked: finding that
# out takes half a minute, so it is done in a test.
REFUSED = frozenset({
    "Africa/Casablanca", "Africa/El_Aaiun", "America/Edmonton", "America/Havana", "America/Inuvik",
    "America/Rainy_River", "America/Vancouver", "America/Winnipeg", "America/Yellowknife", "Canada/Central",
    "Canada/Mountain", "Canada/Pacific", "Cuba", "Europe/Chisinau", "Europe/Tiraspol", "Factory",
})  # fmt: skip


@cache
def offered() -> tuple[str, ...]:
    periods.zone("UTC")  # from the pinned time zone data, as everywhere
    return tuple(sorted(zoneinfo.available_timezones() - REFUSED))
