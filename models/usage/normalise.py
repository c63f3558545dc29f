"""A provider's raw usage object, whichever provider's it is, in canonical form.

The flavour is the one that was named; where none was, or one that reads nothing here, it is told from the shape.
An object that nobody can read gives unknown tokens, which is not 0. What the provider says of the price is taken as it
stands; nothing is priced here.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from models.errors import BadField
from models.money import MAX_EVENT_NANO, NANO, nano_usd
from models.usage.event import Tokens
from models.usage.flavours import FLAVOURS, Counted, Flavour
from models.usage.text import label

TICKS_PER_USD = 10**10  # xAI's unit
AMOUNT = f"dollars from 0 to {MAX_EVENT_NANO // NANO}"
TICKS = f"a number from 0 to {MAX_EVENT_NANO // NANO * TICKS_PER_USD}"

XAI = frozenset({"xai", "x-ai", "x_ai"})

# Words that only one flavour has, and which flavour; the first one found decides.
WORDS = (
    ("promptTokenCount", "google.generate_content"),
    ("candidatesTokenCount", "google.generate_content"),
    ("totalTokenCount", "google.generate_content"),
    ("inputTokens", "bedrock.converse"),
    ("outputTokens", "bedrock.converse"),
    ("billed_units", "cohere.v2.chat"),
    ("prompt_tokens", "openai.chat"),
    ("completion_tokens", "openai.chat"),
    ("cache_creation_input_tokens", "anthropic.messages"),
    ("cache_read_input_tokens", "anthropic.messages"),
    ("cache_creation", "anthropic.messages"),
    ("input_tokens_details", "openai.responses"),
    ("output_tokens_details", "openai.responses"),
    ("input_tokens", "anthropic.messages"),
    ("output_tokens", "anthropic.messages"),
    ("total_tokens", "openai.chat"),
)

# Gemini's word for the tier of a call; capacity that was bought ahead has no price per token.
TRAFFIC = {
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
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
    return Usage(
        counted.tokens, provider_cost(usage, api, served_by), tier, tier == "batch", counted.flags, counted.units
    )


def read(usage: Mapping[str, Any], api: str | None, provider: str) -> Counted:
    named = FLAVOURS.get(api or "")
    counted = named(usage) if named else Counted(Tokens())
    if counted.tokens.input is not None or counted.tokens.output is not None:
        return counted
    shape = recognised(usage, provider)
    return shape(usage) if shape and shape is not named else counted


def recognised(usage: Mapping[str, Any], provider: str) -> Flavour | None:
    name = next((flavour for word, flavour in WORDS if usage.get(word) is not None), None)
    if name == "openai.chat" and (provider in XAI or "cost_in_usd_ticks" in usage):
        name = "xai.chat"
    return FLAVOURS[name] if name else None


def service_tier(usage: Mapping[str, Any]) -> str | None:
    """Anthropic's fast mode is a tier as well; its name goes before the plain tier's."""
    if usage.get("speed") == "fast":
        return "fast"
    said = usage.get("service_tier") or usage.get("serviceTier")
    if isinstance(said, str):
        return label(said)
    return TRAFFIC.get(str(usage.get("trafficType")))


def provider_cost(usage: Mapping[str, Any], api: str | None, provider: str) -> int | None:
    """xAI's ticks wherever they stand; `cost` only from those who are known to mean dollars by it."""
    ticks = usage.get("cost_in_usd_ticks")
    if ticks is not None:
        return amount(in_dollars(ticks), "usage.cost_in_usd_ticks", ticks, TICKS)
    cost = usage.get("cost")
    if isinstance(cost, Mapping):  # Perplexity's
        cost = cost.get("total_cost")
    elif provider != "openrouter" and api != "openrouter.chat" and "cost_details" not in usage:
        return None
    return None if cost is None else amount(cost, "usage.cost", cost, AMOUNT)


def in_dollars(ticks: Any) -> Any:
    number = isinstance(ticks, int | float | Decimal) and not isinstance(ticks, bool)
    return Decimal(str(ticks)) / TICKS_PER_USD if number else ticks


def amount(dollars: Any, field: str, sent: Any, expected: str) -> int:
    try:
        return nano_usd(dollars)
    except ValueError:
        raise BadField(field, sent, expected) from None
