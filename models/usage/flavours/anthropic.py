"""Anthropic's Messages, wherever they are served: Claude's own API, Bedrock, Vertex, Foundry, MiniMax.

Cache reads and writes come on top of the input. What was written outside the two ages is of the short one.

One call may sample several times. What its own model sampled is billed at its prices, although the counts beside the
iterations leave parts of it out (a compaction, all but the first input); what other models were asked in between, an
adviser or one that declined, is billed at theirs and can't be counted in with this one's tokens.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from models.usage.beside import beside
from models.usage.counted import (
    CACHE_WRITE_MISMATCH,
    FALLBACK_CREDIT,
    REGIONAL_INFERENCE,
    SUMMED_ITERATIONS,
    Counted,
    cache_on_top,
    settled,
)
from models.usage.event import Tokens
from models.usage.raw import Raw, added, entries, most, part, told
from models.usage.shapes import CACHE, TOKENS, flavour, shape

ANYWHERE = ("global", "not_available")


class Sampling(NamedTuple):
    """Raw counts of one sampling, or of all: input without cache."""

    input: int | None
    cache_read: int | None
    cache_write: int | None
    short: int | None
    long: int | None
    output: int | None


@flavour("anthropic.messages")
@shape("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "iterations", rank=CACHE)
@shape("input_tokens", "output_tokens", rank=TOKENS)
@shape("output_tokens_details", rank=CACHE, of=("anthropic",))
def messages(usage: Raw) -> Counted:
    own, others = iterations(usage) if usage.get("iterations") else ((), 0)
    above = sampling(usage)
    counts = together(above, own) if own else above
    tokens = Tokens(
        input=counts.input,
        cache_read=counts.cache_read,
        cache_write=counts.cache_write,
        cache_write_1h=counts.long or 0,
        output=counts.output,
        reasoning=told(part(usage, "output_tokens_details"), "thinking_tokens", "output_tokens_details"),
        total=told(usage, "total_tokens") if counts == above else None,
    )
    units = beside(usage) | ({"other_model_tokens": others} if others else {})
    return settled(cache_on_top(tokens), *flags(usage, counts, own), units=units or None)


def sampling(counts: Raw, within: str = "") -> Sampling:
    by_age = part(counts, "cache_creation", within)
    short = told(by_age, "ephemeral_5m_input_tokens", "cache_creation")
    long = told(by_age, "ephemeral_1h_input_tokens", "cache_creation")
    written = told(counts, "cache_creation_input_tokens", within)
    return Sampling(
        told(counts, "input_tokens", within),
        told(counts, "cache_read_input_tokens", within),
        added(short, long) if written is None else written,
        short,
        long,
        told(counts, "output_tokens", within),
    )


def iterations(usage: Raw) -> tuple[Sequence[Sampling], int]:
    """This model's, and the tokens of all others. Where another model took over, it is this model."""
    listed = entries(usage, "iterations")
    served_by = next((each.get("model") for each in listed if each.get("type") == "fallback_message"), None)
    own, others = [], 0
    for each in listed:
        counts = sampling(each, "iterations")
        if each.get("type") == "advisor_message" or (served_by and each.get("model") != served_by):
            others += added(counts.input, counts.cache_read, counts.cache_write, counts.output) or 0
        else:
            own.append(counts)
    return own, others


def together(top: Sampling, own: Sequence[Sampling]) -> Sampling:
    """The sum of the iterations, or the count above them where that is larger."""
    return Sampling(*(most(above, added(*each)) for above, each in zip(top, zip(*own, strict=True), strict=True)))


def flags(usage: Raw, counts: Sampling, own: Sequence[Sampling]) -> Iterator[str]:
    if (counts.short or 0) + (counts.long or 0) > (counts.cache_write or 0):
        yield CACHE_WRITE_MISMATCH
    if own and sum(1 for each in own if each.input is not None) > 1:
        yield SUMMED_ITERATIONS
    if (geo := usage.get("inference_geo")) and geo not in ANYWHERE:
        yield REGIONAL_INFERENCE
    credit = part(usage, "fallback_credit")
    if credit and part(credit, "status", "fallback_credit").get("type") == "redeemed":
        yield FALLBACK_CREDIT
