"""A provider's raw usage object, whichever provider's it is, in canonical form.

The flavour is the one that was named; where none was, or one that reads nothing here, it is told from the shape. An
answer that was sent whole is opened. An object that nobody can read gives unknown tokens, which is not 0. What the
provider says of the price is taken as it stands; nothing is priced here.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from models.errors import BadField
from models.money import MAX_EVENT_NANO, NANO, nano_usd
from models.usage.event import Tokens
from models.usage.flavours import FLAVOURS, Counted, recognised
from models.usage.text import label

TICKS_PER_USD = 10**10  # xAI's unit
AMOUNT = f"dollars from 0 to {MAX_EVENT_NANO // NANO}"
TICKS = f"a number from 0 to {MAX_EVENT_NANO // NANO * TICKS_PER_USD}"

# Where usage stands in an answer or its last frame, and how deep at most: Cohere's stream ends three deep.
ENVELOPES = (
    "usage",
    "usageMetadata",
    "usage_metadata",
    "x_groq",
    "amazon-bedrock-invocationMetrics",
    "response",
    "delta",
    "data",
)
DEPTH = 3

# Gemini's word for the tier of a call; capacity that was bought ahead has no price per token.
TRAFFIC = {
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_OFFPEAK": "offpeak",
    "PROVISIONED_THROUGHPUT": "provisioned_throughput",
}


class Usage(msgspec.Struct, frozen=True):
    tokens: Tokens
    provider_cost: int | None = None  # nano-US-dollars
    service_tier: str | None = None
    batch: bool = False
    flags: tuple[str, ...] = ()
    units: dict[str, int] | None = None


NOTHING_SAID = Usage(Tokens())


def normalise(usage: Mapping[str, Any], api: str | None, provider: str | None) -> Usage:
    if not usage:
        return NOTHING_SAID
    served_by = (provider or "").lower()
    counted = read(usage, api, served_by)
    tier = service_tier(usage)
    if not tells(counted):
        usage, counted, tier = opened(usage, counted, tier, api, served_by)
    cost = provider_cost(usage, api, served_by)
    return Usage(counted.tokens, cost, tier, tier == "batch", counted.flags, counted.units)


def read(usage: Mapping[str, Any], api: str | None, provider: str) -> Counted:
    named = FLAVOURS.get(api or "")
    counted = named(usage) if named else Counted(Tokens())
    if tells(counted):
        return counted
    shape = recognised(usage, provider)
    return shape(usage) if shape and shape is not named else counted


def tells(counted: Counted) -> bool:
    return counted.tokens.input is not None or counted.tokens.output is not None or bool(counted.units)


def opened(
    usage: Mapping[str, Any], counted: Counted, tier: str | None, api: str | None, provider: str
) -> tuple[Mapping[str, Any], Counted, str | None]:
    """The usage inside, where there is one to read; an answer's tier may stand beside it."""
    inner = usage
    for _ in range(DEPTH):
        inner = next((each for name in ENVELOPES if isinstance(each := inner.get(name), Mapping)), {})
        if not inner:
            break
        tier = service_tier(inner) or tier
        if tells(found := read(inner, api, provider)):
            return inner, found, tier
    return usage, counted, tier


# -- what is said beside the counts -------------------------------------------------------------------------------


def service_tier(usage: Mapping[str, Any]) -> str | None:
    """Anthropic's fast mode is a tier as well; its name goes before the plain tier's."""
    if usage.get("speed") == "fast":
        return "fast"
    said = usage.get("service_tier") or usage.get("serviceTier")
    if isinstance(said, Mapping):  # Bedrock's
        said = said.get("type")
    if isinstance(said, str):
        return label(said)
    traffic = usage.get("trafficType") or usage.get("traffic_type")
    return TRAFFIC.get(traffic) if isinstance(traffic, str) else None


def provider_cost(usage: Mapping[str, Any], api: str | None, provider: str) -> int | None:
    """xAI's ticks wherever they stand; `cost` only from those who are known to mean dollars by it."""
    ticks = usage.get("cost_in_usd_ticks")
    if ticks is not None:
        return amount(divided(ticks, TICKS_PER_USD), "usage.cost_in_usd_ticks", ticks, TICKS)
    if "native_tokens_prompt" in usage:
        return openrouter_cost(usage, "total_cost", usage)
    cost = usage.get("cost")
    if cost is None:
        return None
    if isinstance(cost, Mapping):  # Perplexity's
        cost = cost.get("total_cost")
        return None if cost is None else amount(cost, "usage.cost", cost, AMOUNT)
    if provider == "openrouter" or api == "openrouter.chat" or "cost_details" in usage:
        return openrouter_cost(usage, "cost", usage.get("cost_details"))
    return None


def openrouter_cost(usage: Mapping[str, Any], name: str, details: Any) -> int | None:
    """With a key of one's own, OpenRouter charges its fee alone, and the provider behind it charges the rest."""
    cost = usage.get(name)
    if cost is None:
        return None
    fee = amount(cost, f"usage.{name}", cost, AMOUNT)
    upstream = details.get("upstream_inference_cost") if isinstance(details, Mapping) else None
    if usage.get("is_byok") is not True or upstream is None:
        return fee
    return fee + amount(upstream, "usage.cost_details.upstream_inference_cost", upstream, AMOUNT)


def divided(number: Any, by: int) -> Any:
    is_number = isinstance(number, int | float | Decimal) and not isinstance(number, bool)
    return Decimal(str(number)) / by if is_number else number


def amount(dollars: Any, field: str, sent: Any, expected: str) -> int:
    try:
        return nano_usd(dollars)
    except ValueError:
        raise BadField(field, sent, expected) from None
