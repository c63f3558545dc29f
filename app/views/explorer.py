"""Cost Explorer: any measure by any dimensions over any time. The address is the question; every mark and every row
leads one step deeper, and in the end to the calls themselves."""

import streamlit as st

from app import data, exploration, figures, formats, palette, questions, ranking, treemap
from app.components import (
    chart,
    copying,
    download,
    explored_rows,
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
from app.data import Seen
from app.exploration import CUMULATIVE, MAX_ROWS, OWN, SHARE, Exploration
from app.explored import Explored
from app.sessions import Visit
from app.views import View
from models.periods import now_us
from models.spend.dimensions import is_tag_key
from models.spend.measures import MEASURES
from models.spend.table import OTHER

NAME = "explorer"
OF = {SHARE: "Share of", CUMULATIVE: "Running total of"}
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
    questioned = (asked.members, asked.drawn, asked.along)
    members, drawn, along = questions.together(visit.workspace, seen, questioned)
    kept = palette.of(visit.workspace, asked.group_by[0], seen) if asked.group_by and asked.chart != "table" else {}
    return Explored(asked, members, drawn, along, kept)


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
        return (
            "the period before can't be told any more" if shown.asked.beside else "tick Compare for the period before"
        )
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
            drawn(shown)


def drawn(shown: Explored) -> None:
    asked, theme, key = shown.asked, chart.theme(), f"explored-{shown.asked.chart}"
    if asked.timed:
        along = shown.timeline(theme, now_us())
        chart.along(title(shown), along, key, asked.chart, legend(shown))  # type: ignore[arg-type]  # one of the timed ones
    elif shown.areas:
        chart.whole(title(shown), treemap.draw(shown.leaves(), shown.tiles(theme), asked.measure.unit), key)
    else:
        chart.whole(title(shown), ranking.draw(shown.ranking(theme), asked.measure.unit), key)


def legend(shown: Explored) -> list[chart.Entry]:
    """What each colour is, and where it leads."""
    series = shown.series()
    given, drawn = shown.colours(), [each.row for each in series]
    found = [(each.name, shown.leads(each.row, drawn) if each.row else "", given[each.name]) for each in series]
    return found if len(found) > 1 or shown.asked.group_by else []


def title(shown: Explored) -> str:
    asked = shown.asked
    by = [*([asked.granularity] if asked.timed else []), *(figures.label(name).lower() for name in asked.group_by)]
    label, of = figures.label(asked.measure.name), OF.get(shown.show)
    said = f"{of} {label.lower()}" if of and asked.timed else label
    return f"{said} by {' and '.join(by)}" if by else said


# -- the rows -----------------------------------------------------------------------------------------------------


def rows(visit: Visit, shown: Explored) -> None:
    if shown.nothing:
        return
    asked = shown.asked
    with st.container(horizontal=True, vertical_alignment="center", key="explored-files"):
        markup.draw("part", title=heading(asked), says="")
        shaping.columns(asked)
        download.draw(visit, asked.file, NAME)
    table.draw(explored_rows.of(shown), asked.here)
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


VIEW = View(NAME, "Explorer", page, order=5, filtered=True)
