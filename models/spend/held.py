"""How much of a day the ledger still holds. Rollups outlive the events that they counted, so whoever counts from the
ledger what a file has counted before asks here first: a part of the events is never taken for all of them."""

from datetime import date

from sqlalchemy import Connection, func, select

from models import corrections, periods
from models.spend.events import EVENTS
from models.spend.progress import Expected


def requests(
    connection: Connection, workspace_id: str, timezone: str, day: date, *, through: int, above: int = 0
) -> int:
    """How many requests of that local day have above < seq <= through; off the indexes, without reading a row.

    A reversal is a row, and takes one back."""
    start, end = periods.day_span(day, timezone)
    rows = select(func.count()).where(
        EVENTS.c.workspace_id == workspace_id,
        EVENTS.c.started_us >= start,
        EVENTS.c.started_us < end,
        EVENTS.c.seq > above,
        EVENTS.c.seq <= through,
    )
    reversals = rows.where(corrections.reverses())
    return int(connection.execute(select(rows.scalar_subquery() - 2 * reversals.scalar_subquery())).scalar_one())


def whole(connection: Connection, workspace_id: str, timezone: str, day: date, counted: Expected) -> bool:
    """Whether the ledger still has every request of that day that was counted."""
    there = requests(connection, workspace_id, timezone, day, through=counted.through_seq)
    return there >= counted.requests
