"""The answer first: the number that was asked for, its change, and the few others that belong beside it."""

from typing import Any

from app import formats
from app.components import markup
from models.spend.table import Spend


def draw(spend: Spend) -> None:
    """`spend` carries cost, both savings, requests and unpriced requests, and the same of the period before."""
    now, before = spend.totals, spend.previous.totals if spend.previous else {}
    markup.draw("headline", now=now, before=before, cost=cost(now), changes=changes(now, before))


def cost(totals: dict[str, Any]) -> str:
    """Unknown where no request has a price: that is not nothing."""
    known = totals["cost_nano_usd"] or totals["unpriced_requests"] < totals["requests"] or not totals["requests"]
    return formats.money(totals["cost_nano_usd"]) if known else formats.UNKNOWN


def changes(now: dict[str, Any], before: dict[str, Any]) -> dict[str, formats.Change | None]:
    """More spend is bad news, more saved is good news, more requests is news."""
    less_is_better = {
        "cost_nano_usd": True,
        "saved_nano_usd": False,
        "prompt_cache_saved_nano_usd": False,
        "requests": None,
    }
    return {name: formats.change(now[name], before.get(name, 0), less) for name, less in less_is_better.items()}
