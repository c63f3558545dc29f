"""Prices: what calls cost in one workspace. A card is resolved once per (provider, model, tier) together with all its
dates, hours of the day and lengths, and remembered within a bound, misses too."""

from functools import cache, lru_cache

from models.pricing.cards import Card, card_of
from models.pricing.table import Table, packaged
from models.pricing.timelines import Timeline, always, named_tier, quotes

REMEMBERED_TIMELINES = 4096  # clients choose names and tiers: what is remembered of them has a bound


class Prices:
    """The prices of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.timeline = lru_cache(maxsize=REMEMBERED_TIMELINES)(self.drawn)

    def card(
        self,
        provider: str | None,
        model: str,
        at_us: int,
        input_tokens: int = 0,
        service_tier: str | None = None,
        batch: bool = False,
    ) -> Card | str:
        """The card that a call is priced by, or the reason why there is none."""
        card = self.timeline(provider, model, service_tier, batch).at(at_us)
        return card if isinstance(card, str) else card.at(input_tokens)

    def drawn(self, provider: str | None, model: str, service_tier: str | None, batch: bool) -> Timeline[Card]:
        row = self.table.find(provider, model)
        found = always(row) if isinstance(row, str) else quotes(row, named_tier(service_tier, batch))
        return found.map(card_of)


@cache
def published() -> Prices:
    """Those of the installed package."""
    return Prices(packaged())
