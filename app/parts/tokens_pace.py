"""Which client hammers: how fast each calls now and at its busiest, and who of them stands out."""

from datetime import timedelta
from typing import Any

import streamlit as st

from app import figures, formats, lately, questions
from app.address import Address
from app.caching import SLOT
from app.components import live, markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.questions import Asked, asked
from app.sessions import Visit
from models import periods
from models.errors import StoreUnavailable
from models.periods import now_us
from models.spend import pace
from models.spend.pace import Busiest, Loud
from models.spend.query import MINUTE_RANGE
from models.spend.table import MINUTE, Spend

BY = "token"
NOW, HOUR, WEEK = "15m", "1h", 7  # days before today are usual
SUMS = ("requests", "cost_nano_usd", "unpriced_requests")
AGE = f"peaks may be {SLOT // MINUTE} minutes old"
SHOWN = 10  # of those who call fastest; all of them stand in the table above


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    peaks, days = by_minute(visit, seen, here), by_day(visit, seen, here)
    rolling(visit, seen, here, peaks, days, usual(visit, seen, here))


@st.fragment(run_every=lately.EVERY)
def rolling(visit: Visit, seen: Seen, here: Address, peaks: Spend, days: Spend, pace_before: dict[Any, float]) -> None:
    """What "now" is goes on while the page stands still."""
    live.still(visit)
    try:
        now = lately.spend(visit.workspace, seen, here, last=NOW, group_by=BY, measures="requests,requests_per_minute")
        loud = pace.loudest(last_hour(visit, seen, here), pace_before)
    except StoreUnavailable:
        st.rerun()  # the whole page says so
    rows = fastest(days, now, peaks)
    markup.draw("part", title="Who calls how fast", says=f"the {len(rows)} busiest now, then at their peak; {AGE}")
    said(here, loud)
    total = int(days.totals["requests"])
    columns = [named(here), rate_now(now), peak(visit, peaks), busiest_day(days), *shares(total)]
    table.draw(
        Table("busy tokens", columns, rows, lambda row: table.share(row["requests"], total), short=True), Address()
    )


# -- questions ----------------------------------------------------------------------------------------------------


def by_day(visit: Visit, seen: Seen, here: Address) -> Spend:
    return questions.spend(
        visit.workspace, seen, asked(here, group_by=BY, granularity="day", measures="requests,cost,unpriced_requests")
    )


def by_minute(visit: Visit, seen: Seen, here: Address) -> Spend:
    """The period, of a longer one its last 24 hours: no rollup has minutes, so calls are read one by one."""
    question = asked(within_a_day(visit, here), group_by=BY, granularity="minute", measures="requests")
    return lately.by_calls(visit.workspace, seen, question)


def within_a_day(visit: Visit, here: Address) -> Address:
    period, now = questions.period(visit.workspace, here), now_us()
    if period.end_us - period.start_us <= MINUTE_RANGE:
        return here
    if period.end_us >= now:
        return here.put(last="24h", from_=None, to=None)
    return here.put(last=None, from_=periods.iso(period.end_us - MINUTE_RANGE), to=periods.iso(period.end_us))


def last_hour(visit: Visit, seen: Seen, here: Address) -> dict[Any, int]:
    rows = lately.spend(visit.workspace, seen, here, last=HOUR, group_by=BY, measures="requests").rows
    return {name: int(number) for name, number in rows.select(BY, "requests").iter_rows()}


def usual(visit: Visit, seen: Seen, here: Address) -> dict[Any, float]:
    """Requests an hour in the week before today."""
    span: Asked = (("from", (seen.today - timedelta(days=WEEK)).isoformat()), ("to", seen.today.isoformat()))
    question = (*here.asked("where"), *span, ("group_by", BY), ("measures", "requests"))
    return pace.usual(questions.spend(visit.workspace, seen, question).rows, BY, WEEK)


# -- said ---------------------------------------------------------------------------------------------------------


def said(here: Address, loud: Loud | None) -> None:
    """Who stands out in the last hour."""
    there = here.to("requests").put(last=HOUR, from_=None, to=None)
    markup.draw("tokens_loud", loud=loud, href=there.only(BY, loud.name).href if loud else "")


def fastest(days: Spend, now: Spend, peaks: Spend) -> list[Row]:
    """One row a token of the period."""
    rates, most = by_token(now), pace.busiest(peaks.rows, BY)
    sums: dict[Any, Row] = {}
    for row in days.rows.iter_rows(named=True):
        found = sums.setdefault(row[BY], {BY: row[BY]} | dict.fromkeys(SUMS, 0))
        for name in SUMS:
            found[name] += int(row[name])

    def speed(row: Row) -> tuple[float, int, int]:
        return rates.get(row[BY], 0), most[row[BY]].requests if row[BY] in most else 0, row["requests"]

    return sorted(sums.values(), key=speed, reverse=True)[:SHOWN]


def by_token(now: Spend) -> dict[Any, float]:
    return dict(now.rows.select(BY, "requests_per_minute").iter_rows())


# -- columns ------------------------------------------------------------------------------------------------------


def named(here: Address) -> Column:
    """To its requests."""
    return table.of_dimension(BY, lambda row: here.to("requests").only(BY, row[BY]).href)


def rate_now(now: Spend) -> Column:
    rates = by_token(now)

    def cell(row: Row) -> Cell:
        rate = rates.get(row[BY], 0.0)
        return Cell(figures.rate(rate) if rate else "0/min", f"{rate!r} a minute over the last 15")

    return Column("Now", cell)


def peak(visit: Visit, peaks: Spend) -> Column:
    """The busiest minute, and when."""
    most, zone = pace.busiest(peaks.rows, BY), visit.workspace.timezone
    hours = round((peaks.period.end_us - peaks.period.start_us) / periods.HOUR)

    def cell(row: Row) -> Cell:
        found: Busiest | None = most.get(row[BY])
        if found is None:
            return Cell("0/min")
        return Cell(f"{found.requests:,}/min", f"{found.requests:,} at {formats.moment(found.start, zone)[:-3]}")

    return Column(f"Peak, {f'{hours} hours' if hours > 1 else 'last hour'}", cell)


def busiest_day(days: Spend) -> Column:
    most = pace.busiest(days.rows, BY)

    def cell(row: Row) -> Cell:
        found = most[row[BY]]
        return Cell(f"{found.requests:,} on {found.start:%-d %b}", f"{found.requests:,} on {found.start.isoformat()}")

    return Column("Busiest day", cell)


def shares(total: int) -> list[Column]:
    return [
        table.of_measure("requests"),
        Column("Of all requests", lambda row: Cell(formats.percent(table.share(row["requests"], total)))),
        table.of_cost(),
    ]
