"""How many calls each key has sent lately. It is asked by those who manage keys, so it counts what the free plan hides,
too: a key that sends is in use, whatever its definitions show."""

from models.errors import StoreUnavailable
from models.spend.answer import WorkspaceSpend
from models.spend.query import Query, parse_last

DAYS = 30


def calls(spend: WorkspaceSpend, now_us: int) -> dict[str, int] | None:
    """By logical key, over the last 30 local days: one question of the smallest rollup. None where it can't be told
    right now: keys must be managed, and a leaked one revoked, whatever state the figures are in."""
    period = parse_last(f"{DAYS}d", spend.workspace.timezone, now_us)
    asked = Query(period, ("requests",), ("key",), order="-requests")
    try:
        rows = spend.whole().as_sent().answer(asked, now_us).rows
    except StoreUnavailable:
        return None
    return {key: int(requests) for key, requests in rows.select("key", "requests").iter_rows() if key is not None}


def of(sent: dict[str, int] | None, key: str) -> int | None:
    return None if sent is None else sent.get(key, 0)
