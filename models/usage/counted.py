"""What a flavour makes of a raw usage object: token classes, further units, and what contradicts itself.

Contradictions are kept and flagged, never bent: nobody can tell which of two counts is the wrong one.
"""

from collections.abc import Iterator
from typing import NamedTuple

from models.usage.event import Tokens
from models.usage.raw import Raw, added, most, part, told
from models.usage.units import WITHIN

CACHED_ABOVE_INPUT = "cached_above_input"
TOTAL_MISMATCH = "total_mismatch"
CACHE_WRITE_MISMATCH = "cache_write_mismatch"  # more written for 5 minutes and 1 hour than was written
REASONING_ABOVE_OUTPUT = "reasoning_above_output"  # and no total that tells whether it came on top
REASONING_ABOVE_TOTAL = "reasoning_above_total"  # the output is certain, its part is not
UNITS_ABOVE_TOKENS = "units_above_tokens"  # more sound, say, than tokens in all
REGIONAL_INFERENCE = "regional_inference"  # asked to stay in one country, which costs a premium
SUMMED_ITERATIONS = "summed_iterations"  # several samplings in one call: none was as long as their sum
CACHE_WRITE_12H = "cache_write_12h"  # written to OpenAI's cache for twelve hours, at a price that nobody lists
FALLBACK_CREDIT = "fallback_credit"  # billed as if the cache had been there already, for less than is counted


class Counted(NamedTuple):
    tokens: Tokens
    flags: tuple[str, ...] = ()
    units: dict[str, int] | None = (
        None  # by the names of `models.usage.units`; {} where it was told that there are none
    )


def settled(tokens: Tokens, *flags: str, units: dict[str, int] | None = None) -> Counted:
    """Parts that nobody spoke of are 0 where the whole is known; the total is added up where it was omitted."""
    if tokens.input is not None:
        tokens.cache_read, tokens.cache_write = tokens.cache_read or 0, tokens.cache_write or 0
    if tokens.output is not None:
        tokens.reasoning = tokens.reasoning or 0
    if tokens.total is None:
        tokens.total = added(tokens.input, tokens.output)
    found = contradictions(tokens, flags, units) if doubtful(tokens) or units else ()
    return Counted(tokens, (*flags, *found), units)


def doubtful(tokens: Tokens) -> bool:
    """Quickly, whether there may be a contradiction: nearly never."""
    if tokens.input is None or tokens.output is None:
        return True
    return (
        tokens.cache_read + tokens.cache_write > tokens.input  # type: ignore[operator]
        or tokens.total != tokens.input + tokens.output
        or tokens.reasoning > tokens.output  # type: ignore[operator]
        or (tokens.cache_write_1h or 0) > tokens.cache_write  # type: ignore[operator]
    )


def contradictions(tokens: Tokens, flagged: tuple[str, ...], units: dict[str, int] | None) -> Iterator[str]:
    if tokens.input is not None:
        if (tokens.cache_read or 0) + (tokens.cache_write or 0) > tokens.input:
            yield CACHED_ABOVE_INPUT
        if tokens.total != added(tokens.input, tokens.output):
            yield TOTAL_MISMATCH
    if (tokens.cache_write_1h or 0) > (tokens.cache_write or 0) and CACHE_WRITE_MISMATCH not in flagged:
        yield CACHE_WRITE_MISMATCH
    if above(tokens.reasoning, tokens.output) and REASONING_ABOVE_OUTPUT not in flagged:
        yield REASONING_ABOVE_TOTAL
    if units and any(above(count, whole) for count, whole in wholes(tokens, units)):
        yield UNITS_ABOVE_TOKENS


def above(count: int | None, whole: int | None) -> bool:
    return count is not None and whole is not None and count > whole


def wholes(tokens: Tokens, units: dict[str, int]) -> Iterator[tuple[int, int | None]]:
    """Each kind's count, and all kinds of a class together, beside what they must not pass."""
    for name in dict.fromkeys(WITHIN.values()):
        yield sum(units.get(unit, 0) for unit, whole in WITHIN.items() if whole == name), getattr(tokens, name)
    for unit, whole in WITHIN.items():
        if whole == "cache_read" and unit in units:
            yield units[unit], units.get(unit.replace("cache_read", "input"), 0)


def with_reasoning(tokens: Tokens, *, on_top: bool) -> tuple[Tokens, *tuple[str, ...]]:
    """Reasoning within the output. The total decides whether it came on top; without one, the flavour does."""
    if not tokens.reasoning or tokens.output is None:
        return (tokens,)
    inside = None if tokens.input is None else tokens.input + tokens.output
    if inside is not None and tokens.total == inside:
        return (tokens,)
    if on_top or (inside is not None and tokens.total == inside + tokens.reasoning):
        tokens.output += tokens.reasoning
    return (tokens, REASONING_ABOVE_OUTPUT) if tokens.reasoning > tokens.output else (tokens,)


def kept_longer(details: Raw) -> tuple[str, ...]:
    """Writes for twelve hours, in OpenAI's words and in LiteLLM's."""
    own, copied = part(details, "cache_write_tokens_details"), part(details, "cache_creation_token_details")
    long = most(told(own, "ttl_12h_tokens"), told(copied, "ephemeral_12h_input_tokens"))
    return (CACHE_WRITE_12H,) if long else ()


def cache_on_top(tokens: Tokens) -> Tokens:
    if tokens.input is not None:
        tokens.input += (tokens.cache_read or 0) + (tokens.cache_write or 0)
    return tokens


def ages_off(written: int | None, short: int | None, long: int | None) -> tuple[str, ...]:
    return (CACHE_WRITE_MISMATCH,) if (short or 0) + (long or 0) > (written or 0) else ()
