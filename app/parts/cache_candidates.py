"""Where caches could spare more: calls of the same size again and again that no response cache answers, and long input
that no prompt cache is asked for. Each amount stands beside what it assumes."""

from dataclasses import replace

from app import caching, figures, formats
from app.address import Address
from app.caching import SLOT
from app.components import markup, table
from app.components.table import Cell, Column, Row, Table
from app.data import Seen
from app.parts import draw_table
from app.questions import FILTERED
from app.sessions import Visit
from models.periods import now_us
from models.spend.caching import Repeated
from models.spend.uncached import REPEATS, Uncached

HEADED = "Where caches could spare more"


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    unread = caching.uncached(visit.workspace, seen, here.asked(*FILTERED))
    looked_at, again = caching.repeated(visit.workspace, replace(seen, events=now_us() // SLOT), here)
    markup.draw("part", title=HEADED, says="")
    if unread:
        spared = sum(each.spared_nano_usd for each in unread)
        markup.draw("cache_unread", amount=spared, share=float(REPEATS))
        draw_candidates("prompt cache candidates", here, [row_of_uncached(each) for each in unread], UNREAD)
    if again:
        spared = sum(each.spared_nano_usd for each in again)
        markup.draw("cache_repeats", amount=spared, looked_at=said(visit, looked_at))
        draw_candidates("response cache candidates", here, [row_of_repeated(each) for each in again], AGAIN)
    if not unread and not again:
        markup.draw("cache_no_candidates", looked_at=said(visit, looked_at))


def said(visit: Visit, looked_at: caching.LookedAt) -> str:
    since = formats.moment(looked_at.since_us, visit.workspace.timezone)
    return f"{formats.count(looked_at.requests)} calls since {since}"


def draw_candidates(name: str, here: Address, rows: list[Row], columns: list[Column]) -> None:
    most = max(row["spared"] for row in rows)
    leading = [Column("Endpoint", lambda row: endpoint(here, row), name=True), Column("Model", model, name=True)]
    draw_table(Table(name, [*leading, *columns], rows, lambda row: table.share(row["spared"], most), ""), here)


def endpoint(here: Address, row: Row) -> Cell:
    there = here.to("explorer").only("endpoint", row["endpoint"]).only("model", row["model"])
    text = figures.member(row["endpoint"])
    return Cell(text, text, href=there.href)


def model(row: Row) -> Cell:
    text = figures.member(row["model"])
    return Cell(text, f"{figures.member(row['provider'])}/{text}")


def count(head: str, name: str) -> Column:
    return Column(head, lambda row: Cell(formats.count(row[name])))


SPARED = Column(
    "Up to", lambda row: Cell(formats.money(row["spared"]), formats.exact(row["spared"]), meaning="good")
)  # fmt: skip
UNREAD = [SPARED, count("Requests", "requests"), count("Input a call", "mean_input")]
AGAIN = [SPARED, count("Requests", "requests"), count("Repeats", "repeats"), count("Sizes", "sizes")]


def row_of_uncached(each: Uncached) -> Row:
    return {
        "endpoint": each.endpoint, "provider": each.provider, "model": each.model, "requests": each.requests,
        "mean_input": each.mean_input, "spared": each.spared_nano_usd,
    }  # fmt: skip


def row_of_repeated(each: Repeated) -> Row:
    return {
        "endpoint": each.endpoint, "provider": each.provider, "model": each.model, "requests": each.requests,
        "repeats": each.repeats, "sizes": each.sizes, "spared": each.spared_nano_usd,
    }  # fmt: skip
