"""The allowance: how many events a workspace may store in a month of its zone, and how many it has.

What counts is arrival, and the count moves in the transaction that stores the events, so that a rollback gives back
what was taken. Beyond its allowance a paid plan goes on in overage, unless it says `block`; the free plan never does.
Plan, allowance and zone are read in that same transaction: a change holds for the next commit of every process. Repeats
and corrections count for nothing, and don't come here.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select

from models import periods
from models.errors import OverQuota
from models.tables import EventRow, MonthlyUse, table

EVENTS, USE = table(EventRow), table(MonthlyUse)

ROWS = 300  # a statement, below every database's limit of bound values
FREE_IS_USED_UP = "Free plan quota exceeded"
PAID_IS_USED_UP = "Usage limit reached"
QUARTER = 15 * 60 * periods.SECOND  # every zone's offset has been a multiple of it since 2000


class Terms(msgspec.Struct, frozen=True):
    """What a workspace's plan says of its months."""

    timezone: str
    allowed: float  # infinity is no limit
    refusal: OverQuota | None  # None where it goes on in overage

    @classmethod
    def of(cls, plan: str, monthly_events: int | None, overage: str, timezone: str) -> "Terms":
        allowed = math.inf if monthly_events is None else monthly_events
        if plan == "free":
            return cls(timezone, allowed, OverQuota(FREE_IS_USED_UP))
        return cls(timezone, allowed, OverQuota(PAID_IS_USED_UP) if overage == "block" else None)


class Month(msgspec.Struct):
    """One month of a workspace's zone: what of it is used."""

    name: str  # 2026-11
    start_us: int
    end_us: int  # when the next one begins
    terms: Terms
    used: int

    def take(self) -> bool | OverQuota:
        """One event more: whether that is beyond the allowance, or why there can't be one."""
        beyond = self.used >= self.terms.allowed
        if beyond and self.terms.refusal:
            return self.terms.refusal
        self.used += 1
        return beyond


class Allowances:
    """The months that a commit takes from, read and written back under the ledger's lock."""

    def __init__(self, connection: Connection, workspace_ids: Collection[str]) -> None:
        self.connection = connection
        self.terms = dict(terms_of(connection, list(workspace_ids)))
        self.months: dict[str, list[Month]] = {each: [] for each in self.terms}

    def take(self, workspace_id: str, received_us: int) -> bool | OverQuota:
        for month in self.months[workspace_id]:
            if month.start_us <= received_us < month.end_us:
                return month.take()
        return self.open(workspace_id, received_us).take()

    def open(self, workspace_id: str, received_us: int) -> Month:
        terms = self.terms[workspace_id]
        name, start_us, end_us = span_of(received_us, terms.timezone)
        month = Month(name, start_us, end_us, terms, used(self.connection, workspace_id, name))
        self.months[workspace_id].append(month)
        return month

    def keep(self) -> None:
        """Write down what was taken."""
        counted = [(each, month.name, month.used) for each, months in self.months.items() for month in months]
        keep(self.connection, counted)


def terms_of(connection: Connection, workspace_ids: list[str]) -> Iterator[tuple[str, Terms]]:
    for start in range(0, len(workspace_ids), ROWS):
        asked = workspace_ids[start : start + ROWS]
        marks = ", ".join("?" * len(asked))
        query = f"SELECT id, plan, monthly_events, overage, timezone FROM workspaces WHERE id IN ({marks})"
        for workspace_id, *said in connection.exec_driver_sql(query, tuple(asked)):
            yield workspace_id, Terms.of(*said)


def used(connection: Connection, workspace_id: str, month: str) -> int:
    query = "SELECT events FROM monthly_use WHERE workspace_id = ? AND month = ?"
    return int(connection.exec_driver_sql(query, (workspace_id, month)).scalar() or 0)


def keep(connection: Connection, counted: Sequence[tuple[str, str, int]]) -> None:
    for start in range(0, len(counted), ROWS):
        some = counted[start : start + ROWS]
        rows = ", ".join(["(?, ?, ?)"] * len(some))
        values: tuple[Any, ...] = tuple(value for row in some for value in row)
        statement = f"INSERT INTO monthly_use (workspace_id, month, events) VALUES {rows}"
        replacing = "ON CONFLICT (workspace_id, month) DO UPDATE SET events = excluded.events"
        connection.exec_driver_sql(f"{statement} {replacing}", values)


# -- months -----------------------------------------------------------------------------------------------------


def span_of(instant: int, timezone: str) -> tuple[str, int, int]:
    """The month of that instant, and the instants at which it and the next one begin."""
    day = periods.day_of(instant, timezone)
    return span(day.year, day.month, timezone)


@lru_cache(maxsize=600)
def span(year: int, month: int, timezone: str) -> tuple[str, int, int]:
    first = date(year, month, 1)
    end_us = periods.day_start(periods.following(first, "month"), timezone)
    return f"{first:%Y-%m}", periods.day_start(first, timezone), end_us


def used_in(connection: Connection, workspace_id: str, timezone: str, instant: int) -> int:
    """How many events arrived in the month of that instant."""
    name, _, _ = span_of(instant, timezone)
    return used(connection, workspace_id, name)


# -- another zone -----------------------------------------------------------------------------------------------


def arrivals(connection: Connection, workspace_id: str, timezone: str, after_seq: int = 0) -> Counter[str]:
    """How many of the stored events above that seq arrived in which month of that zone. Of all it reads all."""
    quarter = EVENTS.c.received_us // QUARTER
    # Above a seq there are few, and the order of seq has them together: the index by workspace would lead through all.
    owner = EVENTS.c.workspace_id + "" if after_seq else EVENTS.c.workspace_id
    ours = (owner == workspace_id, EVENTS.c.seq > after_seq, EVENTS.c.corrects.is_(None))
    found: Counter[str] = Counter()
    for since, events in connection.execute(select(quarter, func.count()).where(*ours).group_by(quarter)):
        found[span_of(since * QUARTER, timezone)[0]] += events
    return found


def recount(connection: Connection, workspace_id: str, month: str, arrived: Mapping[str, int]) -> None:
    """From this month on, what is used is what has arrived: said where a zone begins, whose months begin otherwise.
    Months before stay as they were counted."""
    ours = (USE.c.workspace_id == workspace_id, USE.c.month >= month)
    connection.execute(delete(USE).where(*ours))
    keep(connection, [(workspace_id, each, events) for each, events in arrived.items() if each >= month])
