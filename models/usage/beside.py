"""What chat completions and Responses count beside their tokens: searches and other tools, sources, seconds, pictures.

Whoever ran a tool, a search is a search; a tool that is not listed here is free.
"""

from models.usage.raw import NOTHING, Raw, added, most, part, seconds, told

TOOLS = {
    "web_search_calls": "web_searches",
    "x_search_calls": "x_searches",
    "x_posts_fetched": "x_posts",
    "x_users_fetched": "x_users",
    "file_search_calls": "file_searches",
    "document_search_calls": "file_searches",
    "code_interpreter_calls": "code_runs",
    "image_generation_calls": "images",
}
WORDS = frozenset(
    {
        "server_side_tool_usage_details",  # xAI's
        "server_tool_use",  # Anthropic's, OpenRouter's
        "tool_calls_details",  # Perplexity's
        "num_sources_used",  # xAI's
        "seconds",  # OpenAI's
        "billable_audio_seconds",  # xAI's
        "prompt_audio_seconds",  # Mistral's
    }
)
COPIES = frozenset({"web_search_requests", "audio_length_seconds", "image_count"})  # LiteLLM's


def beside(usage: Raw, details: Raw = NOTHING) -> dict[str, int]:
    if WORDS.isdisjoint(usage) and COPIES.isdisjoint(details):
        return {}
    counts = tool_runs(part(usage, "server_side_tool_usage_details"))
    counts["web_searches"] = most(counts.get("web_searches"), searches(usage), told(details, "web_search_requests"))
    counts["search_sources"] = told(usage, "num_sources_used")
    counts["audio_seconds"] = most(*heard(usage), seconds(details, "audio_length_seconds"))
    counts["images"] = most(counts.get("images"), told(details, "image_count"))
    return {unit: count for unit, count in counts.items() if count}


def searches(usage: Raw) -> int | None:
    return most(
        told(part(usage, "server_tool_use"), "web_search_requests", "server_tool_use"),
        told(part(part(usage, "tool_calls_details"), "search_web", "tool_calls_details"), "invocation", "search_web"),
    )


def heard(usage: Raw) -> tuple[int | None, ...]:
    return tuple(seconds(usage, word) for word in ("seconds", "billable_audio_seconds", "prompt_audio_seconds"))


def tool_runs(tools: Raw) -> dict[str, int | None]:
    counts: dict[str, int | None] = {}
    for word, unit in TOOLS.items():
        counts[unit] = added(counts.get(unit), told(tools, word, "server_side_tool_usage_details"))
    return counts
