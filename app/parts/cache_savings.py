"""What caches spared, and what it would have cost without them: cost, and both savings, to the nano-dollar."""

from typing import Any

from app import colours, figures, grains, questions, timeline
from app.address import Address
from app.components import chart, markup
from app.data import Seen
from app.questions import asked
from app.sessions import Visit
from models.periods import now_us
from models.spend.measures import MEASURES
from models.spend.table import Spend

ASKED = (
    "cost,cache_saved,saved,prompt_cache_saved,requests,cache_hits,cache_hit_rate,input_tokens,cache_read_tokens,"
    "cache_write_tokens"
)
SAVINGS = {"saved": "by response cache", "prompt_cache_saved": "by prompt cache"}
COLOURS = dict(zip(SAVINGS.values(), (colours.TEAL, colours.CLAY), strict=True))


def draw(visit: Visit, seen: Seen, here: Address) -> None:
    grain = grains.automatic(questions.period(visit.workspace, here))
    whole = questions.spend(visit.workspace, seen, asked(here, measures=ASKED, granularity=grain, compare="previous"))
    if not whole.totals["requests"]:
        return
    says(whole)
    if used(whole.totals):
        by_time(visit, whole, grain)


def says(whole: Spend) -> None:
    totals, before = whole.totals, whole.previous.totals if whole.previous else {}
    changes = {name: change(name, totals, before) for name in SAVINGS}
    markup.draw(
        "cache_savings", used=used(totals), now=totals, without=without_caches(totals), changes=changes,
        colours=list(COLOURS.values()), read=share(totals["cache_read_tokens"], totals["input_tokens"]),
    )  # fmt: skip


def change(name: str, totals: dict[str, Any], before: dict[str, Any]) -> Any:
    column = MEASURES[name].column
    return figures.change(name, totals[column], before.get(column))


def used(totals: dict[str, Any]) -> bool:
    """Whether any cache was: it may have cost as much as it spared."""
    return any(totals[name] for name in ("cache_hits", "cache_read_tokens", "cache_write_tokens"))


def without_caches(row: dict[str, Any]) -> int:
    """What it would have cost: every call made, and all input at its full price."""
    return int(row["cost_nano_usd"]) + int(row["cache_saved_nano_usd"])


def share(part: int, whole: int) -> float | None:
    return int(part) / int(whole) if whole else None


def by_time(visit: Visit, whole: Spend, grain: str) -> None:
    now = now_us()
    starts = timeline.starts_of(whole.period, grain, now)
    drawn = timeline.Timeline(
        starts,
        {said: timeline.values_of(whole.rows, MEASURES[name], starts) for name, said in SAVINGS.items()},
        {said: colour.on(chart.theme()) for said, colour in COLOURS.items()},
        "nano_usd", grain, visit.workspace.timezone,
        unfinished=timeline.unfinished(starts, grain, whole.period, now),
    )  # fmt: skip
    chart.along(f"Saved by both caches, by {grain}", drawn, "cache-savings")
