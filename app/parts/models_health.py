"""How hard models work, now and at their peak, and what goes wrong."""

from typing import Any

import polars as pl
import streamlit as st

from app import figures, formats, lately, questions
from app.address import Address
from app.components import live, markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table
from app.parts.models_compare import BY, named
from app.questions import asked
from app.sessions import Visit
from models import periods
from models.errors import EventsGone, StoreUnavailable
from models.spend import health
from models.spend.health import Peak
from models.spend.measures import MEASURES, Unit
from models.spend.query import Period
from models.spend.table import Spend

NOW = "15m"
MEASURED_NOW = "requests,requests_per_minute,tokens_per_minute,error_rate"
ERROR_TYPES = 4  # a column each; the rest is one
OTHER = "other types"


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    hourly = questions.spend(
        visit.workspace, seen,
        asked(here, group_by=",".join(BY), granularity="hour", measures=",".join(health.MEASURES)),
    )  # fmt: skip
    peak = health.peak(hourly.rows)
    if peak is None:
        markup.draw("nothing", text="Nothing was called in this period.")
        return
    rolling(visit, seen, here, hourly, peak_said(visit, seen, here, peak, hourly.period))
    errors(visit, seen, here)


@st.fragment(run_every=lately.EVERY)
def rolling(visit: Visit, seen: Seen, here: Address, hourly: Spend, peak: dict[str, Any]) -> None:
    """What "now" is goes on while the page stands still."""
    live.still(visit)
    try:
        now = lately.spend(visit.workspace, seen, here, last=NOW, group_by=",".join(BY), measures=MEASURED_NOW)
    except StoreUnavailable:
        st.rerun()  # the whole page says so
    markup.draw("models_health", now=rates(now.totals), peak=peak)
    each(here, now, hourly)


def rates(row: dict[str, Any]) -> dict[str, str]:
    names = ("requests_per_minute", "tokens_per_minute")
    return {name: figures.text(MEASURES[name], row[name] or 0) for name in names}


# -- the peak -----------------------------------------------------------------------------------------------------


def peak_said(visit: Visit, seen: Seen, here: Address, peak: Peak, period: Period) -> dict[str, Any]:
    return {
        "hour": formats.moment(peak.start_us, visit.workspace.timezone)[:-3],
        "requests": rate("per_minute", peak.requests_per_minute),
        "tokens": rate("per_minute", peak.tokens_per_minute),
        "minute": busiest_minute(visit, seen, here, peak, period),
    }


def busiest_minute(visit: Visit, seen: Seen, here: Address, peak: Peak, period: Period) -> str | None:
    """Within the busiest hour; None where its calls are no longer in the ledger."""
    start, end = max(peak.start_us, period.start_us), min(peak.end_us, period.end_us)
    span = (("from", str(periods.iso(start))), ("to", str(periods.iso(end))))
    where = [pair for pair in here.parameters if pair[0] == "where"]
    question = (*where, *span, ("granularity", "minute"), ("measures", "requests"))
    try:
        return formats.count(health.busiest_minute(questions.spend(visit.workspace, seen, question).rows))
    except EventsGone:
        return None


def rate(unit: Unit, value: float | None) -> str:
    return figures.written(unit, value or 0)


# -- model by model -----------------------------------------------------------------------------------------------


def each(here: Address, now: Spend, hourly: Spend) -> None:
    """Those that were called in the period, the busiest first."""
    of_late = {key_of(row): row for row in table.rows_of(now)}
    peaks = health.peaks(hourly.rows, BY)
    rows: list[Row] = [
        dict(zip(BY, key, strict=True)) | {"peak": peak, "now": of_late.get(key)} for key, peak in peaks.items()
    ]
    rows.sort(key=lambda row: (-row["peak"].requests_per_minute, key_of(row)[1] or ""))
    most = rows[0]["peak"].requests_per_minute
    columns = [
        named(here, rows),
        Column("Requests, now", lambda row: of_now(row, "requests_per_minute")),
        Column("Requests, peak", lambda row: Cell(rate("per_minute", row["peak"].requests_per_minute))),
        Column("Tokens, now", lambda row: of_now(row, "tokens_per_minute")),
        Column("Tokens, peak", lambda row: Cell(rate("per_minute", row["peak"].tokens_per_minute))),
        Column("Errors, now", lambda row: of_now(row, "error_rate")),
    ]
    drawn = Table("models at work", columns, rows, lambda row: table.share(row["peak"].requests_per_minute, most), "")
    draw_table(drawn, here)


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in BY)


def of_now(row: Row, name: str) -> Cell:
    """A dash where it was not called lately."""
    value = row["now"] and row["now"][name]
    return Cell(figures.text(MEASURES[name], value), figures.exact(MEASURES[name], value) if row["now"] else "")


# -- errors -------------------------------------------------------------------------------------------------------


def errors(visit: Visit, seen: Seen, here: Address) -> None:
    question = (*asked(here, group_by="provider,model,error_type", measures="errors", order="-errors"),
                ("where", "status:failure"))  # fmt: skip
    found = questions.spend(visit.workspace, seen, question).rows.filter(pl.col("errors") > 0)
    markup.draw("part", title="Errors by model and type", says="")
    if found.is_empty():
        markup.draw("nothing", text="No call of this period failed.")
        return
    types = frequent(found)
    rows = [tally(key, part, types) for key, part in found.partition_by(list(BY), as_dict=True).items()]
    rows.sort(key=lambda row: -row["all"])
    most = rows[0]["all"]
    columns = [
        named(here, rows),
        Column("All", lambda row: Cell(formats.count(row["all"]))),
        *(of_type(name) for name in dict.fromkeys(types.values())),
    ]
    draw_table(Table("models with errors", columns, rows, lambda row: table.share(row["all"], most), ""), here)


def frequent(found: pl.DataFrame) -> dict[str | None, str]:
    """Each type's column: those with the most errors have their own."""
    sums = found.group_by("error_type").agg(pl.col("errors").sum()).sort("errors", descending=True)
    types = sums["error_type"].to_list()
    own = ERROR_TYPES + 1 if len(types) == ERROR_TYPES + 1 else ERROR_TYPES
    return {name: figures.member(name) if place < own else OTHER for place, name in enumerate(types)}


def tally(key: tuple[Any, ...], part: pl.DataFrame, types: dict[str | None, str]) -> Row:
    counts: dict[str, int] = {}
    for name, errors in part.select("error_type", "errors").iter_rows():
        counts[types[name]] = counts.get(types[name], 0) + int(errors)
    return dict(zip(BY, key, strict=True)) | {"all": sum(counts.values()), "types": counts}


def of_type(name: str) -> Column:
    return Column(name, lambda row: Cell(formats.count(row["types"].get(name, 0))))
