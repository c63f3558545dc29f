"""The answer first: the number that was asked for, its change, and the few others that belong beside it."""

from typing import Any

from app import figures, formats, spans
from app.address import Address
from app.components import markup
from models.forecast import Forecast
from models.spend.measures import MEASURES
from models.spend.table import Spend


def draw(spend: Spend, forecast: Forecast | None, here: Address) -> None:
    """`spend` carries cost, both savings, requests and unpriced requests, and the same of the period before."""
    now, before = spend.totals, spend.previous.totals if spend.previous else {}
    markup.draw(
        "headline", now=now, before=before, cost=cost(now), changes=changes(now, before), forecast=forecast,
        period=spans.said(spend.period, spend.as_of_us), earlier=spans.before(spend.period),
        narrowed=bool(here.all("where")),
        to={page: here.to(page).href for page in ("cache", "requests", "prices")},
    )  # fmt: skip


def cost(totals: dict[str, Any]) -> int | None:
    """None where it is not known: that is not nothing."""
    return figures.known(MEASURES["cost"], totals) if totals else None


def changes(now: dict[str, Any], before: dict[str, Any]) -> dict[str, formats.Change | None]:
    """More spend is bad news, more saved is good news, more requests is news."""
    less_is_better = {"saved_nano_usd": False, "prompt_cache_saved_nano_usd": False, "requests": None}
    found = {name: formats.change(now[name], before.get(name, 0), less) for name, less in less_is_better.items()}
    return found | {"cost_nano_usd": figures.moved("cost", cost(now), cost(before))}
