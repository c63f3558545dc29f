"""LiteLLM's price file (`model_prices_and_context_window.json`) as terms of overrides, for models that nobody else
prices.

A row is taken as a whole or not at all. Where it charges by what no usage tells (characters, pages, the time of day),
what could be read of it would be a part that looks like all. Where it says 0 for everything, that is mostly its way of
not knowing. And of rows that contradict each other about one model, none is taken.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from models.errors import BadField, BadRequest
from models.pricing.overrides import meant
from models.pricing.providers import priced_as
from models.pricing.terms import Terms, place, terms
from models.usage.text import label

KINDS = re.compile(r"-[a-z0-9-]+[-_]models$")  # vertex_ai-language-models, fireworks_ai-embedding-models
NO_MODELS = frozenset({"sample_spec", "fallback_generalizations"})
ROUTERS = ("model_router", "model-router")  # Azure's: what they say is a fee, and the model that is chosen comes on top
# Charged for what goes beside the tokens of a call, or the same price in another currency.
BESIDE = re.compile(
    r"(?:code_interpreter|computer_use|file_search|vector_store|google_maps_grounding)_.*"
    r"|cache_creation_input_audio_token_cost|(?:input|output)_dbu_cost_per_token|.*_decisions"
)
# What one thing costs that is counted where the row is for such calls, and our word for it.
COUNTED = {
    ("rerank", "input_cost_per_query"): ("search_units_per_thousand_usd", 1_000),
    ("embedding", "input_cost_per_image"): ("images_per_thousand_usd", 1_000),
    ("image_generation", "output_cost_per_image"): ("images_per_thousand_usd", 1_000),
    ("image_edit", "output_cost_per_image"): ("images_per_thousand_usd", 1_000),
    ("audio_transcription", "input_cost_per_second"): ("audio_per_hour_usd", 3_600),
    ("audio_transcription", "output_cost_per_second"): ("audio_per_hour_usd", 3_600),
}
# What is told in tokens where these have a price; requests and queries are charged on top of them.
INSTEAD = re.compile(r"(input|output)_cost_per_(?:(?:audio|video)_per_)?(?:second|image|pixel|character)")
REASONING = "output_cost_per_reasoning_token"


class Taken(NamedTuple):
    """One row, as an override says it."""

    name: str  # in the file
    provider: str | None
    model: str
    terms: Terms


class Skipped(NamedTuple):
    name: str
    reason: str


class Unreadable(Exception):
    """Why a row is not taken."""


def rows(content: bytes) -> dict[str, Any]:
    """By name. Decimals stay as they are written."""
    try:
        found = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not any(isinstance(each, dict) for each in found.values()):
        raise BadRequest("This is no LiteLLM price file: it must be a JSON object of models, each an object")
    return {name: row for name, row in found.items() if name not in NO_MODELS}


def read(found: Mapping[str, Any], free: bool = False) -> Iterator[Taken | Skipped]:
    """Each row, those that were skipped first."""
    taken: dict[tuple[str | None, str], list[Taken]] = {}
    for name, row in found.items():
        try:
            each = take(name, row, free)
        except Unreadable as reason:
            yield Skipped(name, str(reason))
        else:
            taken.setdefault((each.provider and priced_as(each.provider), each.model), []).append(each)
    for same in taken.values():
        yield from one_of(same)


def one_of(same: list[Taken]) -> Iterator[Taken | Skipped]:
    """Rows for one model; it stands under several names of its provider."""
    first, *others = same
    if any(each.terms != first.terms for each in others):
        yield from (Skipped(each.name, "contradicted by a row for the same model") for each in same)
    else:
        yield first
        yield from (Skipped(each.name, "said by another row") for each in others)


def take(name: str, row: Any, free: bool) -> Taken:
    if not isinstance(row, dict) or not isinstance(row.get("litellm_provider"), str):
        raise Unreadable("no litellm_provider")
    if any(label(each) != each for each in (name, row["litellm_provider"])):
        raise Unreadable("no name that a model can have")
    if name.endswith(ROUTERS):
        raise Unreadable("a router's fee, without the model's price")
    provider, model = meant(KINDS.sub("", row["litellm_provider"]), name)
    try:
        words = prices(row)
    except (TypeError, ValueError, ArithmeticError):
        raise Unreadable("not understood") from None
    if not words:
        raise Unreadable("no price")
    if not free and not any(map(costs, words.values())):
        raise Unreadable("says 0 for everything")
    try:
        return Taken(name, provider, model, terms(words))
    except BadField as problem:
        raise Unreadable(problem.reason.removeprefix("Invalid payload: ")) from None


def prices(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the row charges, in words that are understood."""
    mode = str(row.get("mode"))
    said = {word: value for word, value in {**row, **by_length(row)}.items() if "cost" in word and value is not None}
    if wrong := next((word for word, value in said.items() if not is_price(value)), None):
        raise Unreadable(f"{wrong} is no price")
    known = {word: value for word, value in said.items() if place(word) and not sized(value)}
    for word, value in said.items():
        if place(word) or BESIDE.fullmatch(word) or not costs(value):
            continue
        if (mode, word) in COUNTED and not same_side(word, known):
            count(known, word, value, *COUNTED[mode, word])
        else:
            require_elsewhere(word, value, said, known)
    if "off_peak_pricing" in row:
        raise Unreadable("charges by the time of day")
    return known


def count(known: dict[str, Any], word: str, value: Any, ours: str, per: int) -> None:
    if known.setdefault(ours, value * per) != value * per:
        raise Unreadable(f"charges by {word}")


def by_length(row: Mapping[str, Any]) -> dict[str, Any]:
    """`tiered_pricing` in words: each tier holds for a whole call with more input than its range begins with."""
    words: dict[str, Any] = {}
    for tier in row.get("tiered_pricing") or ():
        begins = beginning(tier)
        if begins is None:
            raise Unreadable("charges by tiers of something else than input tokens")
        if tier.get(REASONING, tier.get("output_cost_per_token")) != tier.get("output_cost_per_token"):
            raise Unreadable(f"charges by {REASONING}")
        length = f"_above_{begins // 1_000}k_tokens" if begins else ""
        words |= {word + length: value for word, value in tier.items() if word not in ("range", REASONING)}
    return words


def beginning(tier: Any) -> int | None:
    """In thousands of tokens, as the words have it."""
    match tier:
        case {"range": [int() | Decimal() as begins, *_]} if begins % 1_000 == 0:
            return int(begins)
    return None


def require_elsewhere(word: str, value: Any, said: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """A price for what is not counted says the same as one that is, or the row can't be taken."""
    same = value == said.get("output_cost_per_token") if word == REASONING else same_side(word, known)
    if not same:
        raise Unreadable(f"charges by {word}")


def same_side(word: str, known: Mapping[str, Any]) -> bool:
    """Whether tokens of the same side have a price: what a picture or a second costs is then told in tokens."""
    found = INSTEAD.match(word)
    return found is not None and any(each.startswith(found[1]) and costs(known[each]) for each in known)


def is_price(value: Any) -> bool:
    """A number, or numbers by size."""
    if isinstance(value, dict):
        return all(not isinstance(each, dict) and is_price(each) for each in value.values())
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def sized(value: Any) -> bool:
    """A search that costs by the size of its context, which no usage tells: it stays without a price."""
    return isinstance(value, dict) and len(set(value.values())) != 1


def costs(value: Any) -> bool:
    return any(map(costs, value.values())) if isinstance(value, dict) else value != 0
