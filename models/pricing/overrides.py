"""Overrides: what a workspace pays where that is not what is published, and which of them decides.

One decides at a time, the most specific of those that hold at the event's own start: a whole name before a pattern, a
longer one before a shorter, with a provider before without, later `valid_from` before earlier, made later before
earlier. What it does not speak of keeps the published price. A discount on what has no price decides nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain

import msgspec

from models.pricing.cards import Origin, Quote
from models.pricing.names import canonical
from models.pricing.providers import GATEWAYS, PREFIXES, priced_as
from models.pricing.rates import Rates
from models.pricing.terms import Terms
from models.pricing.timelines import Timeline

ANY = "*"  # in a model's name: any characters, none too


class Override(msgspec.Struct, frozen=True):
    """Never changed: it is made, and deleted."""

    id: str
    provider: str | None  # None is any
    model: str  # as events have it, lower-cased, or a pattern of such names
    valid_from_us: int | None  # None is always
    valid_to_us: int | None  # excluded
    created_us: int
    terms: Terms

    @property
    def is_pattern(self) -> bool:
        return ANY in self.model

    @property
    def rank(self) -> tuple[bool, int, bool, int, int, str]:
        literal = len(self.model) - self.model.count(ANY)
        since = -1 if self.valid_from_us is None else self.valid_from_us
        return not self.is_pattern, literal, self.provider is not None, since, self.created_us, self.id

    def holds(self, us: int) -> bool:
        return (self.valid_from_us or 0) <= us and (self.valid_to_us is None or us < self.valid_to_us)

    def is_for(self, provider: str | None) -> bool:
        return self.provider is None or (provider is not None and priced_as(self.provider) == priced_as(provider))

    def quote(self, published: Quote | str, tier: str) -> Quote | None:
        """The prices under this override; None where it decides nothing."""
        if self.terms.discount is None:
            return self.priced(published, tier)
        return None if isinstance(published, str) else self.discounted(published)

    def priced(self, published: Quote | str, tier: str) -> Quote:
        before = Quote(Origin(None, None, tier=tier or None), ((0, {}),)) if isinstance(published, str) else published
        floors = sorted({0, *self.terms.floors(tier), *(floor for floor, _ in before.steps)})
        steps = tuple((floor, {**rates_at(before, floor), **self.terms.rates(tier, floor)}) for floor in floors)
        return Quote(msgspec.structs.replace(before.origin, override=f"override {self.id}"), steps)

    def discounted(self, published: Quote) -> Quote:
        factor = self.terms.factor
        steps = tuple(
            (floor, {unit: price * factor for unit, price in rates.items()}) for floor, rates in published.steps
        )
        terms = f"override {self.id} {-(self.terms.discount or 0):+f} %"
        return Quote(msgspec.structs.replace(published.origin, override=terms), steps)


def rates_at(quote: Quote, floor: int) -> Rates:
    return next(rates for start, rates in reversed(quote.steps) if start <= floor)


class Overrides:
    """Those of one workspace."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        every = tuple(overrides)
        self.ids = frozenset(each.id for each in every)
        self.identity = blake2b("\n".join(sorted(self.ids)).encode(), digest_size=8).hexdigest()
        self.exact: dict[str, list[Override]] = {}
        self.patterns: dict[str, list[tuple[list[str], Override]]] = {}  # by what they begin with
        for each in every:
            if each.is_pattern:
                parts = each.model.split(ANY)
                self.patterns.setdefault(parts[0], []).append((parts, each))
            else:
                self.exact.setdefault(each.model, []).append(each)
        self.beginnings = sorted({len(beginning) for beginning in self.patterns})

    def of(self, provider: str | None, names: Sequence[str], tier: str) -> list[Override]:
        """Those that speak of a model's price in a tier, the most specific first."""
        found = (each for each in self.fitting(provider, names) if each.terms.speaks_of(tier))
        return sorted(found, key=lambda each: each.rank, reverse=True)

    def fitting(self, provider: str | None, names: Sequence[str]) -> Iterator[Override]:
        """`names` are what the model is called: patterns look at the first one only."""
        name = names[0]
        tried = chain.from_iterable(self.patterns.get(name[:length], ()) for length in self.beginnings)
        exact = chain.from_iterable(self.exact.get(each, ()) for each in names)
        found = chain(exact, (each for parts, each in tried if fits(parts, name)))
        return (each for each in found if each.is_for(provider))


def stored(provider: str | None, model: str) -> tuple[str | None, str]:
    """A stored call's provider and model as overrides are compared with them; a gateway names nobody."""
    if provider is None or provider in GATEWAYS:
        provider, model = canonical(None, model)
    return provider, model.strip().lower()


def meant(provider: str | None, model: str) -> tuple[str | None, str]:
    """Provider and model of an override, such that they meet the calls they are for: `openai/gpt-4o` is OpenAI's."""
    known, name = (provider or "").strip().lower(), model.strip()
    if known and known not in GATEWAYS:
        return known, canonical(known, name)[1].lower()
    prefix, _, rest = name.lower().partition("/")
    if not rest or prefix not in PREFIXES:
        return None, name.lower()
    return meant(None, rest) if prefix in GATEWAYS else (prefix, rest)


def fits(parts: Sequence[str], name: str) -> bool:
    """Whether a name is the parts with anything between them. In one pass: senders choose names."""
    if len(parts) == 1:
        return name == parts[0]
    first, *between, last = parts
    at, end = len(first), len(name) - len(last)
    if at > end or not name.startswith(first) or not name.endswith(last):
        return False
    for part in between:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def overridden(published: Timeline[Quote], overrides: Sequence[Override], tier: str) -> Timeline[Quote]:
    """What holds when, changing where either changes; the overrides come the most specific first."""
    bounds = (bound for each in overrides for bound in (each.valid_from_us, each.valid_to_us))
    starts = sorted({*published.starts, *(bound for bound in bounds if bound is not None)})
    return Timeline(
        tuple(starts), published.hours, tuple(period(published, start, overrides, tier) for start in starts)
    )


def period(published: Timeline[Quote], start: int, overrides: Sequence[Override], tier: str) -> tuple[Quote | str, ...]:
    valid = [each for each in overrides if each.holds(start)]
    return tuple(decided(value, valid, tier) for value in published.periods[bisect_right(published.starts, start) - 1])


def decided(published: Quote | str, valid: Iterable[Override], tier: str) -> Quote | str:
    return next((quote for each in valid if (quote := each.quote(published, tier))), published)
