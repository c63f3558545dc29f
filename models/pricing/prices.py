"""Prices: what calls cost in one workspace. A card is resolved once per (provider, model, tier) together with all its
dates, hours of the day and lengths, and remembered within a bound, misses too."""

from functools import cache, lru_cache

from models.pricing.cards import Card, Quote, card_of
from models.pricing.overrides import Overrides, overridden, stored
from models.pricing.table import DATED, Row, Table, packaged
from models.pricing.timelines import Timeline, always, named_tier, quotes

REMEMBERED_TIMELINES = 4096  # clients choose names and tiers: what is remembered of them has a bound
REMEMBERED_OWN = 512  # of a workspace with overrides: each may change often, and there may be many workspaces


class Prices:
    """The prices of a table."""

    def __init__(self, table: Table, remembered: int = REMEMBERED_TIMELINES) -> None:
        self.table = table
        self.timeline = lru_cache(maxsize=remembered)(self.drawn)

    @property
    def identity(self) -> str:
        """Two prices of one identity say the same of every call."""
        return self.table.source

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

    def tiers(self, provider: str | None, model: str) -> set[str]:
        """Those that have prices beside the table's."""
        del provider, model
        return set()

    def drawn(self, provider: str | None, model: str, service_tier: str | None, batch: bool) -> Timeline[Card]:
        return self.quoted(provider, model, named_tier(service_tier, batch)).map(card_of)

    def quoted(self, provider: str | None, model: str, tier: str) -> Timeline[Quote]:
        """All that a model has cost, and when, or why that is not known."""
        row = self.table.find(provider, model)
        return always(row) if isinstance(row, str) else quotes(row, tier)


class OwnPrices(Prices):
    """A workspace's. What none of its overrides speaks of is looked up, and remembered, among the published ones."""

    def __init__(self, published: Prices, overrides: Overrides) -> None:
        super().__init__(published.table, REMEMBERED_OWN)
        self.published, self.overrides = published, overrides

    @property
    def identity(self) -> str:
        return f"{self.published.identity}, overrides {self.overrides.identity}"

    def called(self, provider: str | None, model: str) -> tuple[str | None, tuple[str, ...]]:
        """What overrides call the model: its name, and without its date where the table has one row for both."""
        who, name = stored(provider, model)
        undated = DATED.sub("", name)
        same = undated != name and one_row(self.table.find(who, name), self.table.find(who, undated))
        return who, (name, undated) if same else (name,)

    def tiers(self, provider: str | None, model: str) -> set[str]:
        return {tier for each in self.overrides.fitting(*self.called(provider, model)) for tier in each.terms.prices}

    def drawn(self, provider: str | None, model: str, service_tier: str | None, batch: bool) -> Timeline[Card]:
        if self.overrides.of(*self.called(provider, model), named_tier(service_tier, batch)):
            return super().drawn(provider, model, service_tier, batch)
        return self.published.timeline(provider, model, service_tier, batch)

    def quoted(self, provider: str | None, model: str, tier: str) -> Timeline[Quote]:
        said = self.overrides.of(*self.called(provider, model), tier)
        found = self.published.quoted(provider, model, tier)
        return overridden(found, said, tier) if said else found


def one_row(one: Row | str, other: Row | str) -> bool:
    return not isinstance(one, str) and not isinstance(other, str) and one.model is other.model


@cache
def published() -> Prices:
    """Those of the installed package."""
    return Prices(packaged())
