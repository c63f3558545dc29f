"""Perplexity's chat completions.

Citations and the reasoning of deep research are billed beside the completion, at prices of their own; searches cost by
the search or by the call.
"""

from models.usage.counted import Counted, settled
from models.usage.event import Tokens
from models.usage.raw import Raw, told
from models.usage.shapes import flavour, shape


@flavour("perplexity.chat")
@shape("citation_tokens", "num_search_queries", "search_context_size")
def chat(usage: Raw) -> Counted:
    tokens = Tokens(
        input=told(usage, "prompt_tokens"),
        output=told(usage, "completion_tokens"),
        total=told(usage, "total_tokens"),
    )
    counts = {
        "citation_tokens": told(usage, "citation_tokens"),
        "reasoning_tokens": told(usage, "reasoning_tokens"),
        "web_searches": told(usage, "num_search_queries"),
    }
    if usage.get("search_context_size") and not counts["web_searches"]:
        counts["search_requests"] = 1
    return settled(tokens, units={unit: count for unit, count in counts.items() if count} or None)
