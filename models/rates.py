"""Rates: how many requests in how long, as settings write it. `1000/minute` is at most 1000 in any minute."""

import re
from dataclasses import dataclass

NONE = "none"
SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
MOST = 1_000_000  # each is remembered for as long as it counts: some 30 MB for each workspace that sends so many
WRITTEN = re.compile(rf"([0-9]{{1,7}})/({'|'.join(SECONDS)})")
EXPECTED = f"1 to {MOST} requests a second, minute, hour or day, such as 1000/minute; or none"


@dataclass(frozen=True)
class Rate:
    requests: int
    period: str

    @property
    def seconds(self) -> int:
        return SECONDS[self.period]


def read(text: str) -> Rate | None:
    """The rate, None where there is no limit; ValueError says what it takes."""
    if text == NONE:
        return None
    found = WRITTEN.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= MOST:
        raise ValueError(EXPECTED)
    return Rate(int(found[1]), found[2])
