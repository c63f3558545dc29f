"""OpenAI's newer words: Responses, realtime, pictures, sound; those of xAI, Azure and Perplexity that follow them.

Cached tokens lie inside the input and reasoning inside the output.
"""

from models.usage.beside import beside
from models.usage.counted import Counted, kept_longer, settled, with_reasoning
from models.usage.event import Tokens
from models.usage.kinds import Kinds, in_details, units_of
from models.usage.raw import Raw, most, part, told
from models.usage.shapes import DETAILS, TOKENS, TOTAL, flavour, shape

SENT, MADE = ("input_tokens_details", "input_token_details"), ("output_tokens_details", "output_token_details")
CACHED = "cached_tokens_details"
SPEAKERS = ("openai", "azure", "azure_openai", "azure.ai.openai", "az.ai.openai", "xai", "x-ai", "x_ai", "perplexity")


@flavour("openai.responses", "xai.responses", "openai.realtime", "openai.transcription")
@shape(*SENT, *MADE, rank=DETAILS)
@shape("input_tokens", "output_tokens", rank=TOKENS, of=SPEAKERS)
@shape("seconds", "billable_audio_seconds", rank=TOTAL)
def responses(usage: Raw) -> Counted:
    return counted(usage)


@flavour("openai.images")
def images(usage: Raw) -> Counted:
    """What came out is a picture, where nothing else is told."""
    return counted(usage, made="image")


@flavour("openai.speech")
def speech(usage: Raw) -> Counted:
    """What came out is sound, where nothing else is told."""
    return counted(usage, made="audio")


def counted(usage: Raw, made: str | None = None) -> Counted:
    (inward, sent), (outward, came) = details(usage, SENT), details(usage, MADE)
    tokens = Tokens(
        input=told(usage, "input_tokens"),
        cache_read=most(told(sent, "cached_tokens", inward), told(sent, "cache_read_input_tokens", inward)),
        cache_write=most(told(sent, "cache_write_tokens", inward), told(sent, "cache_creation_input_tokens", inward)),
        output=told(usage, "output_tokens"),
        reasoning=most(told(came, "reasoning_tokens", outward), told(came, "thinking_tokens", outward)),
        total=told(usage, "total_tokens"),
    )
    kinds: Kinds = in_details(came, outward)
    if kinds is None and made and tokens.output is not None:
        kinds = {made: tokens.output} if tokens.output else {}
    cached = in_details(part(sent, CACHED, inward), CACHED)
    units = units_of(tokens, in_details(sent, inward), kinds, cached, beside(usage, sent))
    return settled(*with_reasoning(tokens, on_top=False), *kept_longer(sent), units=units)


def details(usage: Raw, names: tuple[str, ...]) -> tuple[str, Raw]:
    """An object that is spelled in two ways, with its name."""
    name = next((each for each in names if usage.get(each)), names[0])
    return name, part(usage, name)
