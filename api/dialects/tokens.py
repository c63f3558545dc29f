"""Token counts that stand in an event itself, beside or instead of a provider's raw usage.

Input holds cache reads and writes, output holds reasoning. What does not fit together is named and stored as it was
sent: nobody can tell which of two counts is the wrong one.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from models.usage.counts import count
from models.usage.event import Tokens
from models.usage.flavours import CACHED_ABOVE_INPUT, TOTAL_MISMATCH
from models.usage.normalise import Usage, normalise

UNKNOWN = Tokens()
# Token classes, and the fields of an event that count them.
WHOLES = (("input", "prompt_tokens"), ("output", "completion_tokens"), ("total", "total_tokens"))
PARTS = (("cache_read", "cache_read_tokens"), ("cache_write", "cache_write_tokens"), ("reasoning", "reasoning_tokens"))
COUNTED = dict(WHOLES + PARTS)


def counts_of(sent: Mapping[str, Any]) -> Tokens:
    """What the event's own fields say."""
    return Tokens(**{name: count(sent[field], field) for name, field in COUNTED.items() if field in sent})


def added_up(tokens: Tokens) -> Tokens:
    """With the total of what is known, where it was omitted."""
    if tokens.total is None and (tokens.input is not None or tokens.output is not None):
        tokens.total = count((tokens.input or 0) + (tokens.output or 0), "total_tokens")
    return tokens


def usage_or_counts(usage: Usage, sent: Mapping[str, Any]) -> Usage:
    """The provider's usage where it tells anything, else the counts beside it; and what contradicts itself there."""
    counts = added_up(counts_of(sent))  # read in any case: a bad count is a bad event
    if usage.tokens != UNKNOWN:
        return usage
    return msgspec.structs.replace(usage, tokens=counts, flags=contradictions(counts))


def refined(sent: Mapping[str, Any], details: Mapping[str, Any], provider: str | None) -> Usage:
    """The counts of the event, which go first here, and what a usage object in OpenAI's words adds to them."""
    counts = counts_of(sent)
    if not details:
        return Usage(added_up(counts), flags=contradictions(counts))
    sent_counts = {field: value for name, field in WHOLES if (value := getattr(counts, name)) is not None}
    return normalise({**details, **sent_counts}, "openai.chat", provider)


def contradictions(tokens: Tokens) -> tuple[str, ...]:
    cached = (tokens.cache_read or 0) + (tokens.cache_write or 0)
    above = (CACHED_ABOVE_INPUT,) if tokens.input is not None and cached > tokens.input else ()
    return (*above, TOTAL_MISMATCH) if total_is_off(tokens) else above


def total_is_off(tokens: Tokens) -> bool:
    """A total need not be the sum where a part of it is unknown, but it is never less than what is known."""
    if tokens.total is None:
        return False
    known = (tokens.input or 0) + (tokens.output or 0)
    return tokens.total < known or (None not in (tokens.input, tokens.output) and tokens.total > known)
