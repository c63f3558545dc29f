"""How long a secret is good for: until when it works, if that has an end, and from which age on people are reminded to
rotate it. A rotation begins the same life anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models import periods
from models.errors import BadField

MAX_DAYS = 3_650  # whoever means longer means for ever


@dataclass(frozen=True)
class Lifetime:
    expires_us: int | None = None
    rotate_after_days: int | None = None

    def expired(self, now_us: int) -> bool:
        return self.expires_us is not None and self.expires_us <= now_us

    def rotation_due(self, created_us: int, now_us: int) -> bool:
        return self.rotate_after_days is not None and age_days(created_us, now_us) >= self.rotate_after_days

    def renewed(self, created_us: int, now_us: int) -> "Lifetime":
        """As long as it was, from now on."""
        expires_us = None if self.expires_us is None else now_us + self.expires_us - created_us
        return Lifetime(expires_us, self.rotate_after_days)


FOREVER = Lifetime()


def age_days(created_us: int, now_us: int) -> int:
    """Whole days."""
    return max(0, now_us - created_us) // periods.DAY


def read(body: Mapping[str, Any], now_us: int) -> Lifetime:
    """From `expires_at` or `expires_in_days`, and `rotate_after_days`; null is the same as absent."""
    at, days, reminder = (body.get(name) for name in ("expires_at", "expires_in_days", "rotate_after_days"))
    if at is not None and days is not None:
        raise BadField("expires_in_days", days, "either expires_in_days or expires_at")
    if reminder is not None:
        reminder = read_days("rotate_after_days", reminder)
    if days is not None:
        return Lifetime(now_us + read_days("expires_in_days", days) * periods.DAY, reminder)
    return Lifetime(None if at is None else read_end(at, now_us), reminder)


def read_days(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_DAYS:
        raise BadField(field, value, f"a number of days from 1 to {MAX_DAYS}")
    return value


def read_end(value: Any, now_us: int) -> int:
    try:
        end = periods.parse_time(value)
    except (ValueError, OverflowError):
        end = 0
    if not now_us < end <= now_us + MAX_DAYS * periods.DAY:
        raise BadField("expires_at", value, f"a time in the future, at most {MAX_DAYS} days ahead")
    return end
