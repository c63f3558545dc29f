"""Timelines: what one row of the price table has cost, and when. Prices are those at the event's own time, never at the
reader's. What the row does not say (a batch price, a tier's price) is no quote, never the plain one.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Generic, TypeAlias, TypeVar

import msgspec
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    PriceVariant,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from models.pricing.cards import Origin, Quote
from models.pricing.rates import QUOTED, UNCACHED, Rates, rate
from models.pricing.table import Row

DAY_US = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PLAIN_TIERS = frozenset({"", "default", "standard", "auto", "standard_only", "on_demand"})
# What such a row charges for beside the tokens, in ways that no usage object tells.
NOT_COUNTED = ("requests_kcount",)

Steps: TypeAlias = tuple[tuple[int, Rates], ...]  # from so much input on

T = TypeVar("T")
U = TypeVar("U")


class Timeline(msgspec.Struct, Generic[T], frozen=True):
    """What holds when: `periods[i]` begins at `starts[i]`; within it, `periods[i][j]` at `hours[j]` of each day.

    In place of a value stands the reason why there is none.
    """

    starts: tuple[int, ...]
    hours: tuple[int, ...]
    periods: tuple[tuple[T | str, ...], ...]

    def at(self, us: int) -> T | str:
        period = self.periods[max(0, bisect_right(self.starts, us) - 1)]
        return period[0] if len(period) == 1 else period[bisect_right(self.hours, us % DAY_US) - 1]

    def map(self, change: Callable[[T], U]) -> "Timeline[U]":
        return Timeline(
            self.starts,
            self.hours,
            tuple(tuple(each if isinstance(each, str) else change(each) for each in period) for period in self.periods),
        )


def always(reason: str) -> Timeline[Quote]:
    return Timeline((0,), (0,), ((reason,),))


def quotes(row: Row, tier: str) -> Timeline[Quote]:
    """`tier` is a service tier or batch; `""` the plain prices."""
    starts, hours = changes(row.model, tier)
    periods = tuple(tuple(quote(row, tier, start, hour) for hour in hours) for start in starts)
    return Timeline(starts, hours, periods)


def named_tier(service_tier: str | None, batch: bool) -> str:
    """`""` is the plain price; batch and a tier together is a tier of its own, which has no price."""
    tier = (service_tier or "").strip().lower()
    tier = "" if tier in PLAIN_TIERS else tier
    return tier if not batch or tier == "batch" else "batch" + (tier and f"+{tier}")


def changes(model: ModelInfo, tier: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """When a row's prices change: instants (days of UTC), and times of the day; microseconds, beginning with 0."""
    plain = model.prices if isinstance(model.prices, list) else []
    starts, hours = {0}, {0}
    for constraint in (*(each.constraint for each in plain), *(each.constraint for each in variants(model, tier))):
        match constraint:
            case StartDateConstraint(day):
                starts.add(microseconds(datetime.combine(day, time(), UTC) - EPOCH))
            case TimeOfDateConstraint(start, end):
                hours |= {time_of_day(start), time_of_day(end)}
    return tuple(sorted(starts)), tuple(sorted(hours))


def time_of_day(moment: time) -> int:
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return microseconds(datetime.combine(EPOCH.date(), zoned) - EPOCH) % DAY_US


def microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def variants(model: ModelInfo, tier: str) -> list[PriceVariant]:
    """The row's own prices for a tier; genai-prices says `fast` in two ways."""
    wanted = ({"processing": tier},) if tier == "batch" else ({"service_tier": tier}, {"speed": tier})
    return [each for each in model.price_variants or () if tier and each.when in wanted]


def quote(row: Row, tier: str, start: int, hour: int) -> Quote | str:
    """What the row says from an instant on which its prices change until the next."""
    moment = EPOCH + timedelta(microseconds=start + hour)
    price = price_at(row, tier, moment)
    if price is None:
        return "no_price_for:batch" if tier == "batch" else "no_price_for:service_tier"
    if uncounted := next((key for key in NOT_COUNTED if key in vars(price)), None):
        return f"no_price_for:{uncounted.rpartition('_')[0]}"
    steps = by_length(price, row)
    if tier:
        steps = beside_plain(steps, by_length(row.model.get_prices(moment), row), row, tier)
    return Quote(origin(row, tier, start, hour), steps) if steps[0][1] else "no_price"


def price_at(row: Row, tier: str, at: datetime) -> ModelPrice | None:
    """The row's prices then. A tier has only its own: what it leaves out is not filled up from the plain ones."""
    if not tier:
        return row.model.get_prices(at)
    own = () if row.borrowed else variants(row.model, tier)
    active = next((each for each in own if each.constraint is None or each.constraint.active(at)), None)
    if active is None:
        return None
    empty = not vars(active.prices)  # says that the tier costs what plain calls do
    return row.model.get_prices(at) if empty else active.prices


def origin(row: Row, tier: str, start: int, hour: int) -> Origin:
    return Origin(
        source=row.source,
        row=f"{row.provider}/{row.model.id}",
        since=f"{EPOCH + timedelta(microseconds=start):%Y-%m-%d}" if start else None,
        clock=f"{EPOCH + timedelta(microseconds=hour):%H:%M}" if hour else None,
        tier=tier or None,
    )


def by_length(price: ModelPrice, row: Row) -> Steps:
    said = {unit: each for unit, (key, _) in QUOTED.items() if (each := vars(price).get(key)) is not None}
    tiers = [each for each in said.values() if isinstance(each, TieredPrices)]
    floors = sorted({0, *(tier.start for each in tiers for tier in each.tiers)})
    return tuple(
        (floor, completed({unit: rate(unit, at(said[unit], floor)) for unit in said}, row)) for floor in floors
    )


def beside_plain(own: Steps, plain: Steps, row: Row, tier: str) -> Steps:
    """A tier's prices, as far as they go: above a length at which plain calls cost more, flat ones say nothing."""
    floors = {floor for floor, _ in own}
    nothing: Rates = {}
    beyond = ((floor, nothing) for floor, _ in plain if floor not in floors)
    filled = ((floor, {**cached(rates, rates_from(plain, floor), row, tier), **rates}) for floor, rates in own)
    return tuple(sorted((*filled, *beyond), key=lambda step: step[0]))


def cached(rates: Rates, plain: Rates, row: Row, tier: str) -> Rates:
    """What reading from the cache costs in a tier that does not say so: as much as ever, or as much as the tier's other
    input. It is known where the two are the same, and for Google's batches, whose price list says the first."""
    sure = row.provider == "google" and tier == "batch"
    reads = ((unit, whole) for unit, whole in UNCACHED.items() if unit.startswith("cache_read"))
    return {unit: plain[unit] for unit, whole in reads if unit in plain and (sure or plain[unit] == rates.get(whole))}


def rates_from(steps: Steps, floor: int) -> Rates:
    return next(rates for start, rates in reversed(steps) if start <= floor)


def at(price: Decimal | TieredPrices, floor: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    return next((tier.price for tier in reversed(price.tiers) if tier.start <= floor), price.base)


def completed(rates: Rates, row: Row) -> Rates:
    """Anthropic's 1-hour writes cost twice the input where the row doesn't say. An embedding has no output that could
    cost anything."""
    known = dict(rates)
    if "embed" in row.model.id:
        known.pop("output", None)
    if "claude" in row.model.id and {"input", "cache_write"} <= known.keys():
        known.setdefault("cache_write_1h", 2 * known["input"])
    return known
