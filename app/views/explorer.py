"""Cost Explorer: any measure by any dimensions over any time. The address is the question; every mark and every row
leads one step deeper, and in the end to the calls themselves."""

from datetime import date, datetime
from functools import partial
from typing import Any

import streamlit as st

from app import colours, data, exploration, explored, figures, formats, questions, ranking, timeline, treemap
from app.components import (
    chart,
    copying,
    download,
    filters,
    hidden,
    live,
    lookalikes,
    markup,
    saved,
    shaping,
    states,
    table,
    unpriced,
)
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.exploration import MAX_ROWS, OWN, SHARE, Exploration
from app.explored import Explored
from app.sessions import Visit
from app.views import View
from models import periods
from models.periods import now_us
from models.spend.dimensions import is_tag_key
from models.spend.measures import MEASURES
from models.spend.table import OTHER, PERIOD

NAME = "explorer"
UNPRICED_MODELS = 3  # named beside the total


def page(visit: Visit) -> None:
    seen = data.seen(visit.workspace)
    live.pulse(visit, seen)
    if data.newest(visit.workspace, seen) is None:
        hidden.draw(visit, seen)
        states.first_event(visit)
        return
    here = exploration.address(filters.draw(visit, seen, NAME, *OWN))
    asked = exploration.read(here, questions.period(visit.workspace, here))
    shaping.draw(visit, seen, asked)
    read = seen if asked.rolled_up else questions.at_times(seen)
    shown = answered(visit, read, asked)
    head(shown)
    hidden.draw(visit, seen)
    notes(visit, read, shown)
    picture(visit, shown)
    rows(visit, shown)


def answered(visit: Visit, seen: Seen, asked: Exploration) -> Explored:
    return Explored(asked, *questions.together(visit.workspace, seen, (asked.members, asked.drawn, asked.along)))


# -- the answer ---------------------------------------------------------------------------------------------------


def head(shown: Explored) -> None:
    measure, earlier = shown.asked.measure, shown.members.previous
    value = figures.known(measure, shown.members.totals)
    before = figures.known(measure, earlier.totals) if earlier else None
    markup.draw(
        "explored_head", measure=figures.label(measure.name), value=figures.text(measure, value),
        exact=figures.exact(measure, value), change=figures.change(measure.name, value, before),
        before=figures.text(measure, before), alone=alone(shown), facts=facts(shown),
    )  # fmt: skip


def alone(shown: Explored) -> str:
    """Why there is no change."""
    measure, earlier = shown.asked.measure, shown.members.previous
    if figures.unpriced(measure, shown.members.totals):
        return "no call has a known price"
    if earlier is None:
        return "the period before can't be told any more" if shown.asked.beside else "Compare reads the period before"
    if figures.unpriced(measure, earlier.totals):
        return "no call of the period before has a known price"
    return "nothing to compare with in the period before"


def facts(shown: Explored) -> list[tuple[str, str, str]]:
    """Name, text, exact text."""
    totals, asked = shown.members.totals, shown.asked
    named = [MEASURES[name] for name in ("cost", "requests") if name != asked.measure.name]
    found = [
        (figures.label(each.name), figures.text(each, value), figures.exact(each, value))
        for each in named
        for value in [figures.known(each, totals)]
    ]
    if asked.group_by:
        groups = sum(not row.get(OTHER) for row in shown.rows)
        more = "+" if len(shown.rows) > groups else ""
        found.append(("Groups", f"{formats.count(groups)}{more}", ""))
    return found


def notes(visit: Visit, seen: Seen, shown: Explored) -> None:
    asked, without_price = shown.asked, shown.members.totals["unpriced_requests"]
    if without_price:
        models = questions.asked(
            asked.here, group_by="provider,model", measures="unpriced_requests", order="-unpriced_requests",
            limit=str(UNPRICED_MODELS),
        )  # fmt: skip
        unpriced.draw(
            without_price, questions.spend(visit.workspace, seen, models).rows, live.address_of(visit, "prices")
        )
    if any(name == "tag" or is_tag_key(name) for name in asked.group_by):
        markup.draw(
            "note", text="A call stands in the row of each of its tags: rows may add up to more than the total."
        )
    if not asked.rolled_up:
        age = formats.ago(shown.members.as_of_us, now_us())
        markup.draw("note", text=f"No rollup has this combination: it is read call by call, the last time {age}.")
    if shown.losses:
        markup.draw("note", text="Some of it is below 0: there are amounts, and no shares of the whole or areas.")


# -- the picture --------------------------------------------------------------------------------------------------


def picture(visit: Visit, shown: Explored) -> None:
    asked = shown.asked
    with st.container(key="explored", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", key="explored-verbs"):
            shaping.choose_chart(asked)
            saved.draw(visit, asked.here)
            copying.draw(asked.file)
        if shown.nothing:
            markup.draw("nothing", text="No call of this period fits these filters.")
        elif asked.chart != "table":
            drawn(shown, visit.workspace.timezone)


def drawn(shown: Explored, timezone: str) -> None:
    asked, theme, now = shown.asked, chart.theme(), now_us()
    if asked.timed:
        along = shown.timeline(theme, now)
        caption(shown, timezone, legend(shown), bool(along.before), along.unfinished is not None)
        figure = timeline.draw(along, asked.chart)  # type: ignore[arg-type]  # one of the timed ones
    else:
        caption(shown, timezone, [], compared=False, pale=False)
        figure = (
            treemap.draw(shown.leaves(), shown.tiles(theme), asked.measure.unit)
            if shown.areas
            else ranking.draw(shown.ranking(theme), asked.measure.unit)
        )
    st.plotly_chart(figure, width="stretch", key=f"explored-{asked.chart}", config=chart.CONFIG, alt=title(shown))


def caption(shown: Explored, timezone: str, entries: list[Any], compared: bool, pale: bool) -> None:
    asked = shown.asked
    markup.draw(
        "explored_chart", title=title(shown), legend=entries, compared=compared, pale=pale and asked.chart == "bars",
        grain=f"{asked.granularity}s" if asked.timed else "", timezone=timezone,
    )  # fmt: skip


def legend(shown: Explored) -> list[tuple[str, str, colours.Colour]]:
    """What each colour is, and where it leads."""
    series = shown.series()
    given, drawn = shown.colours(), [each.row for each in series]
    found = [(each.name, shown.leads(each.row, drawn) if each.row else "", given[each.name]) for each in series]
    return found if len(found) > 1 or shown.asked.group_by else []


def title(shown: Explored) -> str:
    asked = shown.asked
    by = [*([asked.granularity] if asked.timed else []), *(figures.label(name).lower() for name in asked.group_by)]
    share = "Share of " if shown.show == SHARE else ""
    label = figures.label(asked.measure.name)
    said = f"{share}{label.lower() if share else label}"
    return f"{said} by {' and '.join(by)}" if by else said


# -- the rows -----------------------------------------------------------------------------------------------------


def rows(visit: Visit, shown: Explored) -> None:
    if shown.nothing:
        return
    asked = shown.asked
    found = over_time(shown) if not asked.group_by and asked.granularity != "total" else by_group(shown)
    with st.container(horizontal=True, vertical_alignment="center", key="explored-files"):
        markup.draw("part", title=heading(asked), says="")
        shaping.columns(asked)
        download.draw(visit, asked.file, NAME)
    table.draw(found, asked.here)
    alike(visit, shown)
    if len(shown.rows) > MAX_ROWS:
        markup.draw(
            "note", text=f"The first {MAX_ROWS:,} groups; all that is beyond them is one row. The files have all."
        )


def alike(visit: Visit, shown: Explored) -> None:
    """Names that likely mean the same, where there are names of one kind."""
    if len(shown.asked.group_by) == 1:
        (dimension,) = shown.asked.group_by
        named = (row for row in shown.rows if isinstance(row[dimension], str))
        lookalikes.draw(visit, dimension, {row[dimension]: row["cost_nano_usd"] for row in named})


def heading(asked: Exploration) -> str:
    names = [figures.label(name).lower() for name in asked.group_by] or [asked.granularity]
    return "Total" if names == ["total"] else f"By {' and '.join(names)}"


def by_group(shown: Explored) -> Table:
    asked, measure = shown.asked, shown.asked.measure
    whole = int(shown.members.totals[measure.column] or 0) if measure.additive and not shown.losses else 0
    first = shown.rows
    named = shown.colours() if asked.timed and not asked.sides else {}
    names = [
        Column(figures.label(name), partial(member, shown, first, named, name, place), name, name=True)
        for place, name in enumerate(asked.group_by)
    ] or [Column("All", lambda _: Cell("all"), name=True)]
    columns = [
        *names,
        *table.measures(asked.shown[:1]),
        *compared(shown),
        *shares(shown, whole),
        *table.measures(asked.shown[1:]),
    ]
    return Table(
        "groups",
        columns,
        first,
        lambda row: table.share(max(0, row[measure.column] or 0), whole),
        order=asked.order,
        key="explored-groups",
    )


def member(
    shown: Explored, first: list[Row], named: dict[str, colours.Colour], dimension: str, place: int, row: Row
) -> Cell:
    """Each name leads to what is behind the whole row; what has no colour of its own is among the others'."""
    href = shown.leads(row, first)
    colour = (named.get(shown.name(row)) or colours.GREY) if named and not place else None
    if row.get(OTHER):
        return Cell(colours.OTHER if not place else "", "", href=href, colour=colour)
    text = explored.told(row[dimension])
    return Cell(text, text, href=href, colour=colour)


def shares(shown: Explored, whole: int) -> list[Column]:
    offered = shown.asked.measure.additive and not shown.losses
    return [table.of_share(shown.asked.measure.column, whole)] if offered else []


def compared(shown: Explored) -> list[Column]:
    """Before, and how it moved."""
    asked, earlier = shown.asked, shown.members.previous
    if not asked.compares or earlier is None:
        return []
    measure, keys = asked.measure, [*asked.group_by, *([OTHER] if asked.group_by else [])]
    before = {tuple(map(key_of, map(row.get, keys))): row for row in earlier.rows.iter_rows(named=True)}
    nothing = {measure.column: 0 if measure.additive else None}

    def cell(row: Row) -> Cell:
        value = figures.known(measure, before.get(tuple(map(key_of, map(row.get, keys))), nothing))
        return Cell(figures.text(measure, value), figures.exact(measure, value))

    def change(row: Row) -> Cell:
        was = before.get(tuple(map(key_of, map(row.get, keys))))
        if was is None:
            return Cell("new")
        moved = figures.change(measure.name, figures.known(measure, row), figures.known(measure, was))
        return Cell(moved.text, "", moved.meaning) if moved else Cell("–")

    return [Column("Before", cell), Column("Change", change)]


def key_of(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def over_time(shown: Explored) -> Table:
    """Part by part, the newest first."""
    asked, measure = shown.asked, shown.asked.measure
    whole = int(shown.along.totals[measure.column] or 0) if measure.additive and not shown.losses else 0
    found = [row | {"href": href} for _, row, href in explored.parts(shown)]

    def part(row: Row) -> Cell:
        text = said_part(row[PERIOD], asked.granularity, shown.along.period.timezone)
        return Cell(text, text, href=row["href"])

    measures = table.measures(asked.shown)
    columns = [
        Column(asked.granularity.capitalize(), part, name=True),
        measures[0],
        *shares(shown, whole),
        *measures[1:],
    ]
    name = f"{asked.granularity}s"
    parts = Table(
        name,
        columns,
        found,
        lambda row: table.share(max(0, row[measure.column] or 0), whole),
        order="",
        key=f"explored-{name}",
    )
    return table.ordered(parts, asked.here) if asked.here.get("order") else parts


def said_part(start: date | int, granularity: str, timezone: str) -> str:
    if not isinstance(start, int):
        return start.strftime(timeline.HOVER[granularity])
    local: datetime = periods.from_us(start).astimezone(periods.zone(timezone))
    return local.strftime("%a %-d %b, %H:%M")


VIEW = View(NAME, "Explorer", page, order=5, filtered=True)
