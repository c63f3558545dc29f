"""The lenses: total, change, day by day, and every member with its share, its trend and its errors."""

from functools import partial

import polars as pl

from app import colours, data, figures, formats, questions, timeline
from app.address import Address
from app.components import chart, download, filters, hidden, live, markup, states, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.lenses import LENSES, Lens
from app.questions import Asked, asked
from app.sessions import Visit
from app.views import View
from models.periods import now_us
from models.spend.dimensions import NONE
from models.spend.measures import MEASURES
from models.spend.table import PERIOD, Spend

MEASURED = "cost,requests,errors,error_rate,unpriced_requests"
TREND = ("7d", "30d")  # beside the period that was chosen


def page(lens: Lens, visit: Visit) -> None:
    seen = data.seen(visit.workspace)
    live.pulse(visit, seen)
    if data.newest(visit.workspace, seen) is None:
        hidden.draw(visit, seen)
        states.first_event(visit)
        return
    here = filters.draw(visit, seen, lens.path, "order")
    hidden.draw(visit, seen)
    whole = questions.spend(visit.workspace, seen, members_asked(lens, here))
    head(lens, whole)
    days(lens, visit, seen, here)
    members(lens, visit, seen, here, whole)
    for part in lens.parts:
        part(visit, seen, here)


def members_asked(lens: Lens, here: Address) -> Asked:
    return asked(here, group_by=lens.dimension, measures=MEASURED, compare="previous", order=order(here))


def order(here: Address) -> str:
    return here.get("order", "-cost")


def head(lens: Lens, whole: Spend) -> None:
    """The number that was asked for, its change, and how much of it is in few hands."""
    before = whole.previous.totals if whole.previous else {}
    change = figures.change("cost", whole.totals["cost_nano_usd"], before.get("cost_nano_usd"))
    markup.draw(
        "lens_head", title=lens.title, says=lens.says, cost=formats.money(whole.totals["cost_nano_usd"]),
        exact=figures.exact(MEASURES["cost"], whole.totals["cost_nano_usd"]), change=change,
        facts=facts(lens, whole),
    )  # fmt: skip


def facts(lens: Lens, whole: Spend) -> list[tuple[str, str]]:
    totals = whole.totals
    return [
        (lens.title, formats.count(whole.rows.height)),
        ("Requests", formats.count(totals["requests"])),
        ("Error rate", formats.percent(totals["error_rate"])),
        ("Largest three", formats.percent(concentration(whole))),
    ]


def concentration(whole: Spend, most: int = 3) -> float | None:
    """What part of the spend its largest members are."""
    costs = whole.rows["cost_nano_usd"].sort(descending=True)
    return table.share(int(costs.head(most).sum()), int(costs.sum()))


# -- day by day ---------------------------------------------------------------------------------------------------


def days(lens: Lens, visit: Visit, seen: Seen, here: Address) -> None:
    grain = granularity(visit, here)
    by_day = questions.spend(
        visit.workspace,
        seen,
        asked(here, group_by=lens.dimension, granularity=grain, measures="cost", compare="previous"),
    )
    now = now_us()
    starts = timeline.starts_of(by_day.period, grain, now)
    names = largest(by_day, lens.dimension)
    drawn = timeline.Timeline(
        starts, {name: along(by_day, lens.dimension, name, names, starts) for name in names},
        {name: colour.on(chart.theme()) for name, colour in colours.assign(names).items()}, "nano_usd", grain,
        visit.workspace.timezone, unfinished=timeline.unfinished(starts, grain, by_day.period, now),
    )  # fmt: skip
    chart.draw(f"Spend by {grain}", timeline.draw(drawn, "bars"), visit.workspace.timezone, compared=False)


def granularity(visit: Visit, here: Address) -> str:
    """What gives some dozens of bars."""
    found = questions.period(visit.workspace, here)
    span = (found.end_us - found.start_us) / 86_400_000_000
    return "minute" if span <= 1 / 12 else "hour" if span <= 2 else "day" if span <= 92 else "week"


def largest(spend: Spend, dimension: str) -> list[str]:
    """The members with the most spend, and one name for all others."""
    sums = spend.rows.group_by(dimension).agg(pl.col("cost_nano_usd").sum()).sort("cost_nano_usd", descending=True)
    names = [figures.member(each) for each in sums[dimension]]
    return names if len(names) <= colours.MAX_SERIES else [*names[: colours.MAX_SERIES - 1], colours.OTHER]


def along(spend: Spend, dimension: str, name: str, names: list[str], starts: list) -> list:
    member = pl.col(dimension).fill_null(NONE)
    own = ~member.is_in(names) if name == colours.OTHER else member == name
    rows = spend.rows.filter(own).group_by(PERIOD).agg(pl.col("cost_nano_usd").sum())
    return timeline.values_of(rows, MEASURES["cost"], starts)


# -- member by member ---------------------------------------------------------------------------------------------


def members(lens: Lens, visit: Visit, seen: Seen, here: Address, whole: Spend) -> None:
    total = int(whole.totals["cost_nano_usd"])
    columns = [
        table.of_dimension(lens.dimension, partial(leads, lens, here)),
        table.of_cost(),
        table.of_share("cost_nano_usd", total),
        table.of_change("cost", whole, [lens.dimension]),
        *(lately(lens, visit, seen, here, last) for last in TREND),
        *table.measures(["requests", "error_rate"]),
    ]
    table.draw(
        Table(lens.path, columns, table.rows_of(whole), lambda row: table.share(row["cost_nano_usd"], total)), here
    )
    download.draw(visit, members_asked(lens, here), lens.path)


def leads(lens: Lens, here: Address, row: Row) -> str:
    """To the explorer, filtered by it."""
    return here.to("explorer").only(lens.dimension, row[lens.dimension]).href


def lately(lens: Lens, visit: Visit, seen: Seen, here: Address, last: str) -> Column:
    found = questions.spend(
        visit.workspace,
        seen,
        (*here.asked("where"), ("last", last), ("group_by", lens.dimension), ("measures", "cost")),
    )
    costs = dict(found.rows.select(lens.dimension, "cost_nano_usd").iter_rows())

    def cell(row: Row) -> Cell:
        cost = costs.get(row[lens.dimension], 0)
        return Cell(formats.money(cost), figures.exact(MEASURES["cost"], cost))

    return Column(f"{last.removesuffix('d')} days", cell)


VIEWS = tuple(
    View(lens.path, lens.title, partial(page, lens), order=10 + place, group="Lenses")
    for place, lens in enumerate(LENSES)
)
