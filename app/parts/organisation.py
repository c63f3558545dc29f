"""The organisation: departments, their teams, their agents and what these do, as areas and as a table."""

from collections.abc import Callable, Mapping

import streamlit as st

from app import colours, drilldown, figures, formats, hierarchy, palette, questions, spans, treemap
from app.address import Address
from app.colours import Colour
from app.components import chart, markup, plot, table
from app.components.table import GONE, Cell, Column, Row, Table
from app.data import Seen
from app.explored import told
from app.hierarchy import Branch
from app.questions import asked
from app.sessions import Visit
from models.spend.table import Spend

MEASURES = "cost,requests,unpriced_requests"
TILES = 150  # of the treemap; the rest is one
HEIGHT = 460  # pixels


def part(*dimensions: str) -> Callable[[Visit, Seen, Address], None]:
    """From the top down."""

    def draw(visit: Visit, seen: Seen, here: Address) -> None:
        spend = answered(visit, seen, here, dimensions)
        levels = hierarchy.levels_of(spend)
        if len(levels) > 1:
            kept = palette.of(visit.workspace, levels[0], seen)
            shown(hierarchy.tree(spend, levels), levels, here, spend, kept)

    return draw


def answered(visit: Visit, seen: Seen, here: Address, dimensions: tuple[str, ...]) -> Spend:
    question = asked(here, group_by=",".join(dimensions), measures=MEASURES, compare="previous")
    return questions.spend(visit.workspace, seen, question)


def shown(root: Branch, levels: list[str], here: Address, spend: Spend, kept: Mapping[str, Colour]) -> None:
    says = f"{spans.said(spend.period, spend.as_of_us)}, change against the {spans.before(spend.period)}"
    markup.draw("part", title=" → ".join(figures.label(name) for name in levels), says=says)
    left, right = st.columns(2, gap="large")
    with left:
        areas(root, levels, here, kept)
    with right:
        listed(root, levels, here)


def leads(branch: Branch, levels: list[str], here: Address) -> str:
    """To the explorer: this branch alone, by what is within it."""
    members = dict(zip(levels, branch.path, strict=False))
    found = drilldown.into(here.to("explorer"), members)
    return found.href if found else ""


# -- areas --------------------------------------------------------------------------------------------------------


def areas(root: Branch, levels: list[str], here: Address, kept: Mapping[str, Colour]) -> None:
    branches = [each for each in root.down() if each.cost > 0]
    ends = sorted((each for each in branches if not each.within), key=lambda each: -each.cost)
    if not ends:
        return
    rest = sum(each.cost for each in ends[TILES:])
    inner = [leaf(each, levels, here, 0) for each in branches if each.within]  # for where they lead
    leaves = [*inner, *(leaf(each, levels, here, each.cost) for each in ends[:TILES])]
    leaves += [treemap.Leaf((colours.OTHER,), rest)] if rest else []
    figure = treemap.draw(leaves, coloured(root, kept), "nano_usd", HEIGHT)
    title = "Spend by " + ", ".join(figures.label(name).lower() for name in levels)
    plot.draw(title, figure, "organisation")


def leaf(branch: Branch, levels: list[str], here: Address, value: int) -> treemap.Leaf:
    return treemap.Leaf(tuple(told(each) for each in branch.shown), value, leads(branch, levels, here))


def coloured(root: Branch, kept: Mapping[str, Colour]) -> dict[str, str]:
    """The first level's, the largest ones' their own."""
    ranked = sorted(root.within.values(), key=lambda each: -each.cost)
    given = colours.assign((told(each.path[0]) for each in ranked[: colours.MAX_SERIES]), kept)
    names = [told(each.path[0]) for each in ranked]
    return {name: given.get(name, colours.GREY).on(chart.theme()) for name in [*names, colours.OTHER]}


# -- table --------------------------------------------------------------------------------------------------------


def listed(root: Branch, levels: list[str], here: Address) -> None:
    rows: list[Row] = [{"branch": each, "cost": each.cost} for each in root.down()]
    columns = [
        Column(figures.label(levels[0]), lambda row: named(row["branch"], levels, here), name=True),
        Column("Cost", lambda row: cost(row["branch"])),
        table.of_share("cost", root.cost),
        Column("Change", lambda row: change(row["branch"])),
    ]
    drawn = Table("parts of it", columns, rows, lambda row: table.share(row["cost"], root.cost), key="organisation")
    table.draw(drawn, here)


def named(branch: Branch, levels: list[str], here: Address) -> Cell:
    """Its own name; in full with all above it."""
    path = " → ".join(figures.member(each) for each in branch.path)
    return Cell(figures.member(branch.path[-1]), path, href=leads(branch, levels, here), depth=len(branch.shown) - 1)


def cost(branch: Branch) -> Cell:
    """Calls without a known price did not cost nothing."""
    if not branch.cost and branch.unpriced:
        return Cell("unpriced")
    return Cell(formats.money(branch.cost), formats.exact(branch.cost))


def change(branch: Branch) -> Cell:
    row = {"cost_nano_usd": branch.cost, "unpriced_requests": branch.unpriced}
    earlier = None if branch.before is None else {"cost_nano_usd": branch.before}
    return table.changed("cost", row | ({GONE: True} if not branch.requests else {}), earlier)
