"""Chat completions: OpenAI's words, and what everybody has added to them.

Cached tokens lie inside the prompt. Reasoning lies inside the completion, but for xAI; the total tells which.
"""

from models.usage.beside import beside
from models.usage.counted import Counted, kept_longer, settled, with_reasoning
from models.usage.event import Tokens
from models.usage.kinds import in_details, units_of
from models.usage.raw import Raw, added, most, part, told
from models.usage.shapes import CHAT, TOTAL, flavour, shape

PROMPT, COMPLETION, CACHED = "prompt_tokens_details", "completion_tokens_details", "cached_tokens_details"
AGES = "cache_creation_token_details"
CACHE_READS = frozenset(
    {
        "prompt_cache_hit_tokens",  # DeepSeek, Fireworks
        "num_cached_tokens",  # Mistral
        "cached_tokens",  # Together, Moonshot
        "cache_read_input_tokens",  # LiteLLM, Databricks
        "cached_prompt_text_tokens",  # xAI's own SDK
    }
)
CACHE_WRITES = frozenset({"cache_write_tokens", "cache_creation_tokens", AGES})
PLAIN = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})


@flavour("openai.chat", "groq.chat", "together.chat", "mistral.chat", "deepseek.chat", "openrouter.chat")
@shape("prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens", rank=CHAT)
@shape("total_tokens", rank=TOTAL)
def chat(usage: Raw) -> Counted:
    """Reasoning inside the completion, unless it is xAI that counts: nobody else bills in ticks."""
    return completions(usage, on_top="cost_in_usd_ticks" in usage)


@flavour("xai.chat")
@shape("prompt_tokens", "completion_tokens", rank=CHAT, of=("xai", "x-ai", "x_ai"))
def xai_chat(usage: Raw) -> Counted:
    return completions(usage, on_top=True)


@flavour("openai.embeddings")
@shape("total_tokens", of=("voyage", "voyageai", "voyage_ai", "voyage-ai"))
def embeddings(usage: Raw) -> Counted:
    """All of it is input, even where only a total is told."""
    prompt, total = told(usage, "prompt_tokens"), told(usage, "total_tokens")
    known = total if prompt is None else prompt
    tokens = Tokens(input=known, output=None if known is None else 0, total=total)
    return settled(tokens, units=units_of(tokens, in_details(part(usage, PROMPT), PROMPT), None))


def completions(usage: Raw, *, on_top: bool) -> Counted:
    tokens = Tokens(
        input=told(usage, "prompt_tokens"),
        output=told(usage, "completion_tokens"),
        total=told(usage, "total_tokens"),
    )
    if tokens.output is None and tokens.total is not None and tokens.total == tokens.input:
        tokens.output = 0  # an embedding
    return settled(tokens) if PLAIN.issuperset(usage) else detailed(tokens, usage, on_top)


def detailed(tokens: Tokens, usage: Raw, on_top: bool) -> Counted:
    prompt, completion = part(usage, PROMPT), part(usage, COMPLETION)
    if tokens.input is None:
        tokens.input = hits_and_misses(usage)
    tokens.cache_read = read_from_cache(usage, prompt)
    if not CACHE_WRITES.isdisjoint(prompt) or "cache_creation_input_tokens" in usage:
        tokens.cache_write, tokens.cache_write_1h = written_to_cache(usage, prompt)
    tokens.reasoning = most(told(completion, "reasoning_tokens", COMPLETION), told(usage, "reasoning_tokens"))
    sent, made = in_details(prompt, PROMPT), in_details(completion, COMPLETION)
    cached = in_details(part(prompt, CACHED, PROMPT), CACHED)
    units = units_of(tokens, sent, made, cached, beside(usage, prompt))
    return settled(*with_reasoning(tokens, on_top=on_top), *kept_longer(prompt), units=units)


def hits_and_misses(usage: Raw) -> int | None:
    """DeepSeek's prompt is what was in its cache and what was not."""
    hits, misses = told(usage, "prompt_cache_hit_tokens"), told(usage, "prompt_cache_miss_tokens")
    return None if hits is None or misses is None else hits + misses


def read_from_cache(usage: Raw, prompt: Raw) -> int | None:
    inside = told(prompt, "cached_tokens", PROMPT)
    if CACHE_READS.isdisjoint(usage):
        return inside
    return most(inside, *(told(usage, word) for word in CACHE_READS))


def written_to_cache(usage: Raw, prompt: Raw) -> tuple[int | None, int | None]:
    """In all, and for an hour: OpenAI's words, and LiteLLM's for Anthropic's cache, which lies inside its prompt."""
    ages = part(prompt, AGES, PROMPT)
    short, long = told(ages, "ephemeral_5m_input_tokens", AGES), told(ages, "ephemeral_1h_input_tokens", AGES)
    written = most(
        told(prompt, "cache_write_tokens", PROMPT),
        told(prompt, "cache_creation_tokens", PROMPT),
        told(usage, "cache_creation_input_tokens"),
    )
    return added(short, long) if written is None else written, long
