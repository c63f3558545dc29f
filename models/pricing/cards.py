"""Rate cards: the prices of one row at one time, as integers that an event's counts are multiplied with.

A card is resolved once per (provider, model, service tier) together with all its dates, hours of the day and context
tiers, and remembered within a bound, misses too. Prices are those at the event's own time, never at the reader's.
What the table does not say (a batch price, a tier's price) is no card, never the plain one.
"""

from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

import msgspec
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    PriceVariant,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from models.pricing.table import SOURCE, Row, find

REMEMBERED_TIMELINES = 4096  # clients choose names and tiers: what is remembered of them has a bound
NANO_PER_TOKEN = 1000  # nano-dollars per token are dollars per million tokens times this
DAY_US = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = 10**18  # no input is that long

PLAIN_TIERS = frozenset({"", "default", "standard", "auto", "standard_only", "on_demand"})
PRICE_KEYS = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok")
# Fees that every call of such a row has beside its tokens, and tokens that an event's counts don't tell apart.
NOT_COUNTED = (
    "requests_kcount",
    "input_image_mtok",
    "input_video_mtok",
    "output_audio_mtok",
    "output_image_mtok",
    "output_video_mtok",
    "output_reasoning_mtok",
    "output_citation_mtok",
)


class Card(msgspec.Struct, frozen=True):
    """Prices per token in 1/`scale` nano-dollars, exact; None where the table has no price for the class.

    A card for a longer context hangs behind `longer`: it holds for the whole call once all input passes `limit`.
    """

    identity: str
    scale: int
    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    limit: int = NEVER
    longer: "Card | None" = None


class Timeline(msgspec.Struct, frozen=True):
    """The cards of one name: `periods[i]` begins at `starts[i]`; within it, `periods[i][j]` at `hours[j]` of each day.

    In place of a card stands the reason why there is none.
    """

    starts: tuple[int, ...]
    hours: tuple[int, ...]
    periods: tuple[tuple[Card | str, ...], ...]

    def at(self, us: int) -> Card | str:
        period = self.periods[bisect_right(self.starts, us) - 1]
        return period[0] if len(period) == 1 else period[bisect_right(self.hours, us % DAY_US) - 1]


def card_for(
    provider: str | None,
    model: str,
    at_us: int,
    input_tokens: int = 0,
    service_tier: str | None = None,
    batch: bool = False,
) -> Card | str:
    """The card that a call is priced by, or the reason why there is none."""
    card = timeline(provider, model, service_tier, batch).at(at_us)
    while not isinstance(card, str) and input_tokens > card.limit and card.longer:
        card = card.longer
    return card


@lru_cache(maxsize=REMEMBERED_TIMELINES)
def timeline(provider: str | None, model: str, service_tier: str | None, batch: bool) -> Timeline:
    row = find(provider, model)
    if isinstance(row, str):
        return Timeline((0,), (0,), ((row,),))
    return drawn(row, named_tier(service_tier, batch))


def drawn(row: Row, tier: str) -> Timeline:
    starts, hours = changes(row.model, tier)
    periods = tuple(tuple(card(row, tier, start, hour) for hour in hours) for start in starts)
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


def card(row: Row, tier: str, start: int, hour: int) -> Card | str:
    """The card of a row from an instant on which its prices change until the next."""
    price = price_at(row, tier, EPOCH + timedelta(microseconds=start + hour))
    if price is None:
        return "no_price_for:batch" if tier == "batch" else "no_price_for:service_tier"
    if uncounted := next((key for key in NOT_COUNTED if key in vars(price)), None):
        return f"no_price_for:{uncounted.rpartition('_')[0]}"
    return chained(price, row, identity(row, tier, start, hour))


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


def identity(row: Row, tier: str, start: int, hour: int) -> str:
    """Which prices these are: source and version, row, since when (where they have changed), hour, tier."""
    day = f" from {EPOCH + timedelta(microseconds=start):%Y-%m-%d}" if start else ""
    clock = f" at {EPOCH + timedelta(microseconds=hour):%H:%M}" if hour else ""
    return f"{SOURCE} {row.provider}/{row.model.id}{day}{clock}{tier and f' {tier}'}"


def chained(price: ModelPrice, row: Row, name: str) -> Card | str:
    """One card per context tier, the shortest first; `no_price` for a row that is empty."""
    quoted = {key: vars(price)[key] for key in PRICE_KEYS if vars(price).get(key) is not None}
    if not quoted:
        return "no_price"
    tiered = [value for value in quoted.values() if isinstance(value, TieredPrices)]
    limits = sorted({tier.start for value in tiered for tier in value.tiers})
    longer = None
    for floor, ceiling in reversed([*pairwise((0, *limits, NEVER))]):
        rates = {key: rate(value, floor) for key, value in quoted.items()}
        longer = exact(rates, f"{name} over {floor}" if floor else name, row, ceiling, longer)
    return longer or "no_price"


def rate(price: Decimal | TieredPrices, floor: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    return next((tier.price for tier in reversed(price.tiers) if tier.start <= floor), price.base)


def exact(rates: dict[str, Decimal], name: str, row: Row, limit: int, longer: Card | None) -> Card:
    """Integers of the coarsest power of ten that holds them all.

    Anthropic's 1-hour writes cost twice the input where the row doesn't say. An embedding has no output to be priced.
    """
    if "embed" in row.model.id:
        rates = {key: price for key, price in rates.items() if key != "output_mtok"}
    if "claude" in row.model.id and {"input_mtok", "cache_write_mtok"} <= rates.keys():
        rates = {"cache_write_1h_mtok": 2 * rates["input_mtok"]} | rates
    scale = 10 ** max(0, 0, *(-exponent(price * NANO_PER_TOKEN) for price in rates.values()))
    whole = {key.removesuffix("_mtok"): int(price * NANO_PER_TOKEN * scale) for key, price in rates.items()}
    return Card(name, scale, **whole, limit=limit, longer=longer)


def exponent(amount: Decimal) -> int:
    return int(amount.normalize().as_tuple().exponent)
