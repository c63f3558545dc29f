"""The lenses: total, change, day by day, and every member with its share, its trend and its errors."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from app import data, drilldown, figures, formats, grains, members, palette, questions, spans, timeline
from app.address import Address
from app.components import chart, download, filters, hidden, live, markup, states, table, unpriced
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.exploration import priced
from app.explored import during, losses, told, unspoken, untimed
from app.lenses import LENSES, Lens
from app.members import Lately, Members
from app.parts import errors
from app.questions import Asked, asked
from app.sessions import Visit
from app.views import View
from models.errors import EventsGone
from models.periods import now_us
from models.spend.query import DEFAULT_LAST, Period
from models.spend.table import Spend

OWN = (table.ORDER,)  # besides the filters
ALWAYS = ("cost", "requests", "errors", "error_rate", "unpriced_requests")
LATELY = (7, 30)  # days, whatever the period is
UNPRICED = {"group_by": "provider,model", "measures": "unpriced_requests", "order": "-unpriced_requests", "limit": "3"}


def page(lens: Lens, visit: Visit) -> None:
    seen = data.seen(visit.workspace)
    live.pulse(visit, seen)
    if data.newest(visit.workspace, seen) is None:
        hidden.draw(visit, seen)
        states.first_event(visit)
        return
    here = filters.draw(visit, seen, lens.path, *OWN, *lens.own)
    hidden.draw(visit, seen)
    grain = grains.automatic(questions.period(visit.workspace, here))
    found = answered(lens, visit, seen, here, grain)
    if not found.whole.totals["requests"]:
        nothing(lens, here)
        return
    lately = last_days(lens, visit, seen, here)
    rows = table.ordered(listed(lens, here, found, lately, grain), here)
    head(lens, found.whole, lately)
    notes(visit, seen, here, found)
    over_time(lens, visit, here, found, grain)
    every_one(lens, visit, here, found.whole, rows)
    for part in (*lens.parts, errors.draw):
        drawn(part, visit, seen, here)


def drawn(part: Callable[[Visit, Seen, Address], None], visit: Visit, seen: Seen, here: Address) -> None:
    """What only calls can tell may be told no longer: the rest of the page is."""
    try:
        part(visit, seen, here)
    except EventsGone as problem:
        markup.draw("note", text=f"{problem.message}.")


def nothing(lens: Lens, here: Address) -> None:
    wider = here.put(last="90d", from_=None, to=None)
    markup.draw(
        "lens_nothing", title=lens.title, unfiltered=here.put(where=None).href if here.all("where") else "",
        wider=wider.href if here.get("last") != "90d" else "",
    )  # fmt: skip


# -- questions ----------------------------------------------------------------------------------------------------


def members_asked(lens: Lens, here: Address) -> Asked:
    names = dict.fromkeys([lens.about, *lens.measures, *ALWAYS])
    return asked(here, group_by=lens.dimension, measures=",".join(names), compare="previous", order=lens.order)


def along_asked(lens: Lens, here: Address, grain: str) -> Asked:
    return asked(here, group_by=lens.dimension, measures=priced(lens.about), compare="previous", granularity=grain)


def answered(lens: Lens, visit: Visit, seen: Seen, here: Address, grain: str) -> Members:
    """Both in one reading."""
    both = (members_asked(lens, here), along_asked(lens, here, grain))
    whole, along = questions.together(visit.workspace, seen, both)
    return Members(lens.dimension, lens.measure, whole, along, palette.of(visit.workspace, lens.dimension, seen))


def last_days(lens: Lens, visit: Visit, seen: Seen, here: Address) -> Lately | None:
    """None where they can't be told."""
    question = (
        *here.asked("where"), ("last", DEFAULT_LAST), ("group_by", lens.dimension), ("measures", priced(lens.about)),
        ("granularity", "day"),
    )  # fmt: skip
    try:
        daily = questions.together(visit.workspace, seen, (question,))[0]
    except EventsGone:
        return None
    return Lately(lens.dimension, lens.measure, daily)


# -- the answer ---------------------------------------------------------------------------------------------------


def head(lens: Lens, whole: Spend, lately: Lately | None) -> None:
    """The number that was asked for, its change, and in how many hands it is."""
    amount = figures.known(lens.measure, whole.totals)
    before = figures.known(lens.measure, whole.previous.totals) if whole.previous else None
    markup.draw(
        "lens_head", title=lens.title, says=lens.says, period=spans.said(whole.period, whole.as_of_us),
        about=figures.label(lens.about), exact=formats.exact(amount), before=before,
        amount=formats.money(amount), change=figures.moved(lens.about, amount, before),
        earlier=spans.before(whole.period), facts=facts(lens, whole, lately),
        concentration=members.concentration(whole, lens.dimension, lens.measure, lens.members),
    )  # fmt: skip


def facts(lens: Lens, whole: Spend, lately: Lately | None) -> list[tuple[str, str, str]]:
    """Name, value, and in full."""
    totals = whole.totals
    amounts = [(f"Last {days} days", lately.total(days)) for days in LATELY] if lately else []
    return [
        (lens.members.capitalize(), formats.count(members.number(whole, lens.dimension)), ""),
        *((name, formats.money(amount), formats.exact(amount)) for name, amount in amounts),
        ("Requests", formats.count(totals["requests"]), ""),
        ("Error rate", formats.percent(totals["error_rate"]), f"{totals['errors']:,} failed"),
    ]


def notes(visit: Visit, seen: Seen, here: Address, found: Members) -> None:
    if losses(found.whole.rows, found.measure):
        markup.draw("note", text="Some of them are below 0: what is below 0 has no share of the whole.")
    total = found.whole.totals["unpriced_requests"]
    if total:
        unpriced.draw(
            total,
            questions.spend(visit.workspace, seen, asked(here, **UNPRICED)).rows,
            live.address_of(visit, "prices"),
        )


# -- along the time -----------------------------------------------------------------------------------------------


def over_time(lens: Lens, visit: Visit, here: Address, found: Members, grain: str) -> None:
    """The largest members; a click leads to one of them in that part of the time."""
    if not found.largest:
        return
    now, along = now_us(), found.along
    starts = timeline.starts_of(along.period, grain, now)
    there = {told(each): behind(lens, here, each) for each in found.largest}
    shown = timeline.Timeline(
        starts, found.series(starts),
        {name: colour.on(chart.theme()) for name, colour in found.colours.items()}, "nano_usd", grain,
        visit.workspace.timezone,
        members.before(along, lens.measure, grain, len(starts)) if here.get("compare") == "previous" else None,
        timeline.unfinished(starts, grain, along.period, now),
        leads={name: untimed(href) for name, href in there.items()},
        spans=[during(start, along.period, grain) for start in starts],
    )  # fmt: skip
    title = f"{figures.label(lens.about) if lens.about != 'cost' else 'Spend'} by {grain}"
    legend = [(name, there.get(name, ""), colour) for name, colour in found.colours.items()]
    chart.along(title, shown, f"{lens.path}-chart", legend=legend)


# -- member by member ---------------------------------------------------------------------------------------------


def listed(lens: Lens, here: Address, found: Members, lately: Lately | None, grain: str) -> Table:
    column, whole = lens.measure.column, found.whole
    total = 0 if losses(whole.rows, lens.measure) else int(whole.totals[column])
    starts = timeline.starts_of(found.along.period, grain, whole.as_of_us)
    columns = [
        name_of(lens, here, found),
        *table.measures([lens.about]),
        *([] if losses(whole.rows, lens.measure) else [table.of_share(column, total)]),
        *([table.of_change(lens.about, whole, [lens.dimension])] if whole.previous else []),
        table.of_trend(lambda row: found.of(row[lens.dimension], starts)),
        *(lately_column(lately, days) for days in LATELY if lately and not same(lately, days, whole.period)),
        *table.measures([each for each in lens.measures if each != lens.about]),
    ]
    rows = [*table.rows_of(whole), *table.gone(whole, [lens.dimension])]
    return Table(
        lens.members, columns, rows, lambda row: table.share(row[column], total), lens.order, key=f"{lens.path}-members"
    )


def every_one(lens: Lens, visit: Visit, here: Address, whole: Spend, rows: Table) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="members-head"):
        markup.draw("part", title=f"All {lens.members}", says=counted(rows))
        download.draw(visit, file_asked(lens, here, whole), lens.path)
    table.draw(rows, here)


def counted(rows: Table) -> str:
    gone = sum(1 for row in rows.rows if row.get(table.GONE))
    return f"{gone:,} of them only in the period before" if gone else ""


def file_asked(lens: Lens, here: Address, whole: Spend) -> Asked:
    """The members as the API has them, in the order of the table where that is one of the API's."""
    order = here.get(table.ORDER)
    known = order.removeprefix("-") in {each.name for each in whole.query.asked} | {lens.dimension}
    return asked(
        here, group_by=lens.dimension, measures=",".join(whole.query.measures), order=order if known else lens.order
    )


def name_of(lens: Lens, here: Address, found: Members) -> Column:
    """To the explorer, filtered by it; in the colour of its bars."""

    def cell(row: Row) -> Cell:
        member = row[lens.dimension]
        name, href = told(member), behind(lens, here, member)
        return Cell(name, name, href=href, colour=found.colour_of(member))

    known = table.of_dimension(lens.dimension, lambda _: "")
    return Column(known.head, cell, known.order, name=True, value=known.value)


def behind(lens: Lens, here: Address, member: Any) -> str:
    """The explorer, filtered by it; nowhere where no filter says what it is."""
    return "" if unspoken(member) else drilldown.about(here, lens.dimension, member, lens.about).href


def lately_column(lately: Lately, days: int) -> Column:
    amounts = lately.by_member(days)

    def value(row: Row) -> int | None:
        return amounts.get(row[lately.dimension], 0)

    def cell(row: Row) -> Cell:
        return Cell(formats.money(value(row)), formats.exact(value(row)))

    return Column(f"{days} days", cell, f"{days}d", value=value)


def same(lately: Lately, days: int, period: Period) -> bool:
    """Whether these days are the period itself."""
    assert lately.daily.period.days
    return bool(period.days == (lately.first(days), lately.daily.period.days[1]))


def view(place: int, lens: Lens) -> View:
    draw: Callable[[Any], None] = partial(page, lens)
    return View(lens.path, lens.title, draw, order=10 + place, group="Lenses", filtered=True)


VIEWS = tuple(view(place, lens) for place, lens in enumerate(LENSES))
