"""What was ever spent under some names of one dimension: the whole of it, whatever the plan shows, for budgets count
hidden events too."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from models import periods
from models.money import usd
from models.spend.answer import WorkspaceSpend
from models.spend.filters import Predicate
from models.spend.query import Period, Query

FIRST_DAY = date(1999, 12, 31)  # on which, west of Greenwich, the oldest event that is taken starts
DAYS_AHEAD = 3  # an event may start a day ahead of its arrival, and a local day may be a day ahead of UTC's


def spent(spend: WorkspaceSpend, dimension: str, names: Iterable[str], now_us: int) -> dict[str, int]:
    """Nano-US-dollars by name; a name under which nothing was spent is not among them."""
    values = tuple(dict.fromkeys(names))
    if not values:
        return {}
    end = periods.day_of(now_us, spend.workspace.timezone) + timedelta(days=DAYS_AHEAD)
    query = Query(
        period=Period.of_days(FIRST_DAY, end, spend.workspace.timezone),
        measures=("cost",),
        group_by=(dimension,),
        where=(Predicate(dimension, values),),
    )
    rows = spend.answer(query, now_us).rows
    return {row[dimension]: row["cost_nano_usd"] for row in rows.to_dicts()}


def shown(nano: int | None) -> dict[str, Any]:
    """In LiteLLM's word, and exactly; null where it can't be told right now."""
    return {"spend": usd(nano), "spend_nano_usd": nano}
