"""The providers' own words for what a call used, one small function per shape, registered under its flavours' names.

Each reads a raw usage object into our token classes: input with cache reads and writes inside, output with reasoning
inside. Contradictions are kept and flagged, never bent; counts are never estimated. Counts that have a price of their
own which our classes don't hold are flagged too, so that nobody prices the rest as if it were all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from models.errors import BadField
from models.usage.counts import count
from models.usage.event import Tokens

Raw = Mapping[str, Any]

CACHED_ABOVE_INPUT = "cached_above_input"
TOTAL_MISMATCH = "total_mismatch"
CACHE_WRITE_MISMATCH = "cache_write_mismatch"  # more written for 5 minutes and 1 hour than was written
REASONING_ABOVE_OUTPUT = "reasoning_above_output"  # and no total that tells whether it came on top
AUDIO_TOKENS = "audio_tokens"
BILLED_TOOLS = "billed_tools"  # web searches and the like, which cost beside the tokens
REGIONAL_INFERENCE = "regional_inference"  # asked to stay in one country, which costs a premium


class Counted(NamedTuple):
    tokens: Tokens
    flags: tuple[str, ...] = ()
    units: dict[str, int] | None = None  # by the names of `models.usage.units`, never 0; None where nobody told


Flavour = Callable[[Raw], Counted]
FLAVOURS: dict[str, Flavour] = {}


def flavour(*names: str) -> Callable[[Flavour], Flavour]:
    def register(read: Flavour) -> Flavour:
        FLAVOURS.update(dict.fromkeys(names, read))
        return read

    return register


# -- the flavours -------------------------------------------------------------------------------------------------


@flavour(
    "openai.chat",
    "openrouter.chat",
    "groq.chat",
    "together.chat",
    "mistral.chat",
    "deepseek.chat",
)
def chat(usage: Raw) -> Counted:
    """Chat completions: cached tokens inside the prompt, reasoning inside the completion."""
    return completions(usage, on_top=False)


@flavour("xai.chat")
def xai_chat(usage: Raw) -> Counted:
    """Chat completions with reasoning on top of the completion."""
    return completions(usage, on_top=True)


@flavour("openai.embeddings")
def embeddings(usage: Raw) -> Counted:
    """All of it is input, even where only a total is told."""
    prompt = told(usage, "prompt_tokens")
    total = told(usage, "total_tokens")
    known = total if prompt is None else prompt
    return settled(Tokens(input=known, output=None if known is None else 0, total=total))


@flavour("openai.responses", "xai.responses")
def responses(usage: Raw) -> Counted:
    prompt, completion = part(usage, "input_tokens_details"), part(usage, "output_tokens_details")
    tokens = Tokens(
        input=told(usage, "input_tokens"),
        cache_read=told(prompt, "cached_tokens", "input_tokens_details"),
        cache_write=told(prompt, "cache_write_tokens", "input_tokens_details"),
        output=told(usage, "output_tokens"),
        reasoning=told(completion, "reasoning_tokens", "output_tokens_details"),
        total=told(usage, "total_tokens"),
    )
    return settled(
        *with_reasoning(tokens, on_top=False), *audio(usage, "input_tokens_details", "output_tokens_details")
    )


@flavour("anthropic.messages")
def messages(usage: Raw) -> Counted:
    """Cache reads and writes come on top of the input; what was written outside the two ages is of the short one."""
    by_age = part(usage, "cache_creation")
    short = told(by_age, "ephemeral_5m_input_tokens", "cache_creation")
    long = told(by_age, "ephemeral_1h_input_tokens", "cache_creation")
    written = told(usage, "cache_creation_input_tokens")
    tokens = Tokens(
        input=told(usage, "input_tokens"),
        cache_read=told(usage, "cache_read_input_tokens"),
        cache_write=written if written is not None else added(short, long),
        cache_write_1h=long or 0,
        output=told(usage, "output_tokens"),
        reasoning=told(part(usage, "output_tokens_details"), "thinking_tokens", "output_tokens_details"),
        total=told(usage, "total_tokens"),
    )
    return settled(cache_on_top(tokens), *ages_off(tokens.cache_write, short, long), *premiums(usage))


@flavour("bedrock.converse")
def converse(usage: Raw) -> Counted:
    tokens = Tokens(
        input=told(usage, "inputTokens"),
        cache_read=most(told(usage, "cacheReadInputTokens"), told(usage, "cacheReadInputTokenCount")),
        cache_write=most(told(usage, "cacheWriteInputTokens"), told(usage, "cacheWriteInputTokenCount")),
        cache_write_1h=of_entries(usage, "cacheDetails", "ttl", "1h", "inputTokens"),
        output=told(usage, "outputTokens"),
        total=told(usage, "totalTokens"),
    )
    return settled(cache_on_top(tokens), *ages_off(tokens.cache_write, None, tokens.cache_write_1h))


@flavour("google.generate_content")
def generate_content(usage: Raw) -> Counted:
    """Thoughts come on top of the candidates; what tools put into the prompt is input too; a 0 is left out."""
    prompt, thoughts = told(usage, "promptTokenCount"), told(usage, "thoughtsTokenCount")
    candidates, total = told(usage, "candidatesTokenCount"), told(usage, "totalTokenCount")
    known = None if prompt is None else added(prompt, told(usage, "toolUsePromptTokenCount"))
    if candidates is None and None not in (known, total) and total == added(known, thoughts):
        candidates = 0
    tokens = Tokens(
        input=known,
        cache_read=told(usage, "cachedContentTokenCount"),
        output=candidates,
        reasoning=thoughts,
        total=total,
    )
    return settled(*with_reasoning(tokens, on_top=True), *heard(usage))


@flavour("cohere.v2.chat")
def cohere(usage: Raw) -> Counted:
    """What is billed, where that is told; `tokens` counts Cohere's own template as well."""
    billed = "billed_units" if part(usage, "billed_units") else "tokens"
    units = part(usage, billed)
    return settled(Tokens(input=told(units, "input_tokens", billed), output=told(units, "output_tokens", billed)))


# -- chat completions, in all their dialects ----------------------------------------------------------------------


def completions(usage: Raw, *, on_top: bool) -> Counted:
    """OpenAI's words and what others have added to them: DeepSeek, Mistral, Together, OpenRouter, LiteLLM."""
    prompt, completion = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    ages = part(prompt, "cache_creation_token_details", "prompt_tokens_details")
    tokens = Tokens(
        input=told(usage, "prompt_tokens"),
        cache_read=read_from_cache(usage, prompt),
        cache_write=written_to_cache(usage, prompt),
        cache_write_1h=told(ages, "ephemeral_1h_input_tokens", "cache_creation_token_details"),
        output=told(usage, "completion_tokens"),
        reasoning=most(
            told(completion, "reasoning_tokens", "completion_tokens_details"), told(usage, "reasoning_tokens")
        ),
        total=told(usage, "total_tokens"),
    )
    if tokens.output is None and tokens.total is not None and tokens.total == tokens.input:
        tokens.output = 0  # an embedding
    flags = audio(usage, "prompt_tokens_details", "completion_tokens_details")
    return settled(*with_reasoning(tokens, on_top=on_top), *flags, *premiums(usage))


def read_from_cache(usage: Raw, prompt: Raw) -> int | None:
    return most(
        told(prompt, "cached_tokens", "prompt_tokens_details"),
        told(usage, "prompt_cache_hit_tokens"),
        told(usage, "num_cached_tokens"),
        told(usage, "cached_tokens"),
        told(usage, "cache_read_input_tokens"),
    )


def written_to_cache(usage: Raw, prompt: Raw) -> int | None:
    return most(
        told(prompt, "cache_write_tokens", "prompt_tokens_details"),
        told(prompt, "cache_creation_tokens", "prompt_tokens_details"),
        told(usage, "cache_creation_input_tokens"),
    )


# -- token classes ------------------------------------------------------------------------------------------------


def settled(tokens: Tokens, *flags: str) -> Counted:
    """Parts that nobody spoke of are 0 where the whole is known; the total is added up where it was omitted."""
    if tokens.input is not None:
        tokens.cache_read, tokens.cache_write = tokens.cache_read or 0, tokens.cache_write or 0
    if tokens.output is not None:
        tokens.reasoning = tokens.reasoning or 0
    if tokens.total is None:
        tokens.total = added(tokens.input, tokens.output)
    return Counted(tokens, (*flags, *contradictions(tokens)))


def contradictions(tokens: Tokens) -> Iterator[str]:
    if tokens.input is None:
        return
    if (tokens.cache_read or 0) + (tokens.cache_write or 0) > tokens.input:
        yield CACHED_ABOVE_INPUT
    if tokens.total != added(tokens.input, tokens.output):
        yield TOTAL_MISMATCH


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


def cache_on_top(tokens: Tokens) -> Tokens:
    if tokens.input is not None:
        tokens.input += (tokens.cache_read or 0) + (tokens.cache_write or 0)
    return tokens


def ages_off(written: int | None, short: int | None, long: int | None) -> tuple[str, ...]:
    return (CACHE_WRITE_MISMATCH,) if (short or 0) + (long or 0) > (written or 0) else ()


def added(*counts: int | None) -> int | None:
    known = [each for each in counts if each is not None]
    return sum(known) if known else None


def most(*counts: int | None) -> int | None:
    """The same count under several names: a 0 beside a larger one is a field that its sender left alone."""
    return max((each for each in counts if each is not None), default=None)


# -- what costs extra ---------------------------------------------------------------------------------------------


def audio(usage: Raw, *details: str) -> tuple[str, ...]:
    seconds = usage.get("prompt_audio_seconds")  # Mistral's; an empty object where there was none
    heard_any = any(told(part(usage, name), "audio_tokens", name) for name in details)
    return (AUDIO_TOKENS,) if heard_any or (seconds and not isinstance(seconds, Mapping)) else ()


def heard(usage: Raw) -> tuple[str, ...]:
    lists = ("promptTokensDetails", "candidatesTokensDetails", "toolUsePromptTokensDetails")
    return (AUDIO_TOKENS,) if any(of_entries(usage, name, "modality", "AUDIO", "tokenCount") for name in lists) else ()


def premiums(usage: Raw) -> Iterator[str]:
    """Anthropic's searches and its US-only inference, xAI's live search."""
    if told(part(usage, "server_tool_use"), "web_search_requests", "server_tool_use") or told(
        usage, "num_sources_used"
    ):
        yield BILLED_TOOLS
    if usage.get("inference_geo") == "us":
        yield REGIONAL_INFERENCE


# -- reading ------------------------------------------------------------------------------------------------------

NOTHING: Raw = {}


def told(holder: Raw, name: str, within: str = "") -> int | None:
    value = holder.get(name)
    return None if value is None else count(value, f"usage.{within}.{name}" if within else f"usage.{name}")


def part(holder: Raw, name: str, within: str = "") -> Raw:
    """An object inside usage; what is absent, null or empty has nothing to tell."""
    value = holder.get(name)
    if isinstance(value, Mapping):
        return value
    if not value:
        return NOTHING
    raise BadField(f"usage.{within}.{name}" if within else f"usage.{name}", value, "an object", show=False)


def of_entries(usage: Raw, name: str, kind: str, wanted: str, counted: str) -> int:
    """The sum of the entries of one kind in a list such as Gemini's token counts by modality."""
    entries = usage.get(name) or ()
    if not isinstance(entries, list | tuple):
        raise BadField(f"usage.{name}", entries, "an array", show=False)
    chosen = (each for each in entries if isinstance(each, Mapping) and each.get(kind) == wanted)
    return sum(told(each, counted, name) or 0 for each in chosen)
