"""One key in a list: what it is called, how it is doing, and what it decides."""

from datetime import datetime
from typing import Any

from app import formats
from app.components import definitions, markup
from models import periods

SHOWN = 8  # source definitions in a row of the list

Chip = tuple[str, str]  # what it says, and how that is to be taken


def draw(key: dict[str, Any], timezone: str, now_us: int) -> None:
    markup.draw(
        "key", name=key["name"], prefix=key["prefix"], chips=chips(key, now_us), facts=facts(key, timezone, now_us),
        sources=sources(key) if key["scope"] == "ingest" else None, filled=filled(key),
    )  # fmt: skip


def chips(key: dict[str, Any], now_us: int) -> list[Chip]:
    found = [
        (key["scope"], "plain"),
        (state(key, now_us), {"active": "good", "inactive": "warn"}.get(key["state"], "plain")),
    ]
    return [*found, *([("time to rotate", "warn")] if key["rotation_due"] else [])]


def state(key: dict[str, Any], now_us: int) -> str:
    """What has expired was not revoked by anybody."""
    if key["state"] == "revoked":
        return "expired" if key["revoked_at"] is None or past(key["expires_at"], key["revoked_at"]) else "revoked"
    return (
        "rotated, still works"
        if key["revoked_at"] and not past(key["revoked_at"], periods.iso(now_us))
        else key["state"]
    )


def past(instant: str | None, other: str | None) -> bool:
    return bool(instant and other) and periods.parse_time(instant) <= periods.parse_time(other)


def facts(key: dict[str, Any], timezone: str, now_us: int) -> list[str]:
    found = [age(key["age_days"]), used(key["last_used_at"], now_us)]
    if key["scope"] == "ingest":
        found.append(sent(key["events_30d"]))
    if key["revoked_at"]:
        found.append(
            ("worked" if key["state"] == "revoked" else "works") + f" until {local(key['revoked_at'], timezone)}"
        )
    elif key["expires_at"]:
        found.append(("expired" if key["state"] == "revoked" else "expires") + f" {local(key['expires_at'], timezone)}")
    return found


def age(days: int) -> str:
    return "made today" if not days else f"{days:,} day{'s' if days != 1 else ''} old"


def used(instant: str | None, now_us: int) -> str:
    return f"last used {formats.ago(periods.parse_time(instant), now_us)}" if instant else "never used"


def sent(events: int | None) -> str:
    return f"{formats.count(events)} call{'s' if events != 1 else ''} in 30 days"


def local(instant: str, timezone: str) -> str:
    moment: datetime = periods.from_us(periods.parse_time(instant))
    return f"{moment.astimezone(periods.zone(timezone)):%Y-%m-%d %H:%M}"


def sources(key: dict[str, Any]) -> list[str]:
    words = [definitions.in_words(each) for each in key["sources"]]
    return words if len(words) <= SHOWN else [*words[: SHOWN - 1], f"and {len(words) - SHOWN + 1} more"]


def filled(key: dict[str, Any]) -> list[str]:
    return [*(f"{name} {value}" for name, value in key["attributes"].items()), *(f"tag {tag}" for tag in key["tags"])]
