"""Amazon Bedrock: Converse, and what its models answer when they are invoked in their own words.

Cache reads and writes come on top of the input, and the total holds them. Anthropic's and Cohere's models use the words
of their makers there.
"""

from models.usage.counted import Counted, ages_off, cache_on_top, settled
from models.usage.event import Tokens
from models.usage.raw import Raw, entries, first_told, most, of_entries, told
from models.usage.shapes import flavour, shape

WORDS = ("inputTokens", "outputTokens", "inputTokenCount", "outputTokenCount")


@flavour("bedrock.converse")
@shape(*WORDS)
def converse(usage: Raw) -> Counted:
    """Nova's words when it is invoked, and those of Bedrock's metrics, differ by a `Count`."""
    long = sum(
        told(each, "inputTokens", "cacheDetails") or 0
        for each in entries(usage, "cacheDetails")
        if each.get("ttl") == "1h"
    )
    tokens = Tokens(
        input=first_told(usage, "inputTokens", "inputTokenCount"),
        cache_read=most(told(usage, "cacheReadInputTokens"), told(usage, "cacheReadInputTokenCount")),
        cache_write=most(told(usage, "cacheWriteInputTokens"), told(usage, "cacheWriteInputTokenCount")),
        cache_write_1h=long,
        output=first_told(usage, "outputTokens", "outputTokenCount"),
        total=told(usage, "totalTokens"),
    )
    return settled(cache_on_top(tokens), *ages_off(tokens.cache_write, None, long))


@flavour("bedrock.llama")
@shape("generation_token_count")
def llama(usage: Raw) -> Counted:
    return settled(Tokens(input=told(usage, "prompt_token_count"), output=told(usage, "generation_token_count")))


@flavour("bedrock.titan")
@shape("inputTextTokenCount", "totalOutputTextTokenCount")
def titan(usage: Raw) -> Counted:
    """Without any results it was an embedding."""
    output = most(told(usage, "totalOutputTextTokenCount"), of_entries(usage, "results", "tokenCount"))
    known = told(usage, "inputTextTokenCount")
    embedded = known is not None and output is None and "results" not in usage
    return settled(Tokens(input=known, output=0 if embedded else output))
