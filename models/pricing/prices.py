"""Prices: what calls cost in one workspace. A card is resolved once per (provider, model, tier) together with all its
dates, hours of the day and lengths, and remembered within a bound, misses too."""

from functools import cache, lru_cache

from models.pricing.cards import Card, Quote, card_of
from models.pricing.overrides import Overrides, overridden
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
        return self.quoted(provider, model, named_tier(service_tier, batch)).map(card_of)

    def quoted(self, provider: str | None, model: str, tier: str) -> Timeline[Quote]:
        """All that a model has cost, and when, or why that is not known."""
        row = self.table.find(provider, model)
        return always(row) if isinstance(row, str) else quotes(row, tier)


class OwnPrices(Prices):
    """A workspace's. What none of its overrides speaks of is looked up, and remembered, among the published ones."""

    def __init__(self, published: Prices, overrides: Overrides) -> None:
        super().__init__(published.table)
        self.published, self.overrides = published, overrides

    def drawn(self, provider: str | None, model: str, service_tier: str | None, batch: bool) -> Timeline[Card]:
        if self.overrides.of(provider, model, named_tier(service_tier, batch)):
            return super().drawn(provider, model, service_tier, batch)
        return self.published.timeline(provider, model, service_tier, batch)

    def quoted(self, provider: str | None, model: str, tier: str) -> Timeline[Quote]:
        said = self.overrides.of(provider, model, tier)
        found = self.published.quoted(provider, model, tier)
        return overridden(found, said, tier) if said else found


@cache
def published() -> Prices:
    """Those of the installed package."""
    return Prices(packaged())
