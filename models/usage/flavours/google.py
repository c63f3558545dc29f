"""Google's words: the Gemini API and Vertex, in JSON's spelling and in that of the Python SDK.

Cached tokens lie inside the prompt. Thoughts come on top of the candidates, and what tools put into the prompt comes on
top of it. A 0 is left out.
"""

from models.usage.counted import Counted, settled, with_reasoning
from models.usage.event import Tokens
from models.usage.kinds import in_list, units_of
from models.usage.raw import Raw, added, entries, first_told, part, told
from models.usage.shapes import CHAT, FIRST, TOTAL, flavour, shape

PROMPT = ("promptTokenCount", "prompt_token_count")
TOOLS = ("toolUsePromptTokenCount", "tool_use_prompt_token_count")
CACHED = ("cachedContentTokenCount", "cached_content_token_count")
# The answer is called a response in live sessions.
ANSWER = ("candidatesTokenCount", "candidates_token_count", "responseTokenCount", "response_token_count")
THOUGHTS = ("thoughtsTokenCount", "thoughts_token_count")
ALL = ("totalTokenCount", "total_token_count")

SENT_KINDS = (
    *("promptTokensDetails", "prompt_tokens_details"),
    *("toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"),
)
CACHED_KINDS = ("cacheTokensDetails", "cache_tokens_details")
MADE_KINDS = (
    *("candidatesTokensDetails", "candidates_tokens_details"),
    *("responseTokensDetails", "response_tokens_details"),
)
EMBEDDED_KINDS = ("promptTokenDetails", "prompt_token_details", "promptTokensDetails", "prompt_tokens_details")


@flavour("google.generate_content")
@shape(*ANSWER, *THOUGHTS, *ALL, *CACHED, *TOOLS, "promptTokenCount")
@shape("prompt_token_count", rank=CHAT)
def generate_content(usage: Raw) -> Counted:
    prompt, candidates, thoughts = first_told(usage, *PROMPT), first_told(usage, *ANSWER), first_told(usage, *THOUGHTS)
    total = first_told(usage, *ALL)
    known = None if prompt is None else added(prompt, first_told(usage, *TOOLS))
    if candidates is None and None not in (known, total) and total == added(known, thoughts):
        candidates = 0
    cached = first_told(usage, *CACHED)
    tokens = Tokens(input=known, cache_read=cached, output=candidates, reasoning=thoughts, total=total)
    sent, made, read = in_list(usage, *SENT_KINDS), in_list(usage, *MADE_KINDS), in_list(usage, *CACHED_KINDS)
    units = units_of(tokens, sent, made, read)
    return settled(*with_reasoning(tokens, on_top=True), units=units)


@flavour("google.embed_content")
@shape("promptTokenDetails", "prompt_token_details", rank=FIRST)
@shape("statistics", "predictions", "embeddings", "token_count", rank=TOTAL)
def embed_content(usage: Raw) -> Counted:
    """All of it is input; Vertex tells it text by text."""
    prompt = first_told(usage, *PROMPT, "token_count", "tokenCount")
    known = text_by_text(usage) if prompt is None else prompt
    tokens = Tokens(input=known, output=None if known is None else 0, total=first_told(usage, *ALL))
    return settled(tokens, units=units_of(tokens, in_list(usage, *EMBEDDED_KINDS), None))


def text_by_text(usage: Raw) -> int | None:
    embedded = [
        part(each, "embeddings") or each for name in ("predictions", "embeddings") for each in entries(usage, name)
    ]
    counted = [part(each, "statistics") for each in (usage, *embedded)]
    return added(*(told(each, word, "statistics") for each in counted for word in ("token_count", "tokenCount")))
