"""OpenRouter's record of a generation, which is asked for afterwards. Its answers themselves are chat completions.

What counts is the native tokenizer's: that is what was billed.
"""

from models.usage.counted import Counted, settled, with_reasoning
from models.usage.event import Tokens
from models.usage.raw import Raw, told
from models.usage.shapes import flavour, shape


@flavour("openrouter.generation")
@shape("native_tokens_prompt", "native_tokens_completion")
def generation(usage: Raw) -> Counted:
    tokens = Tokens(
        input=told(usage, "native_tokens_prompt"),
        cache_read=told(usage, "native_tokens_cached"),
        output=told(usage, "native_tokens_completion"),
        reasoning=told(usage, "native_tokens_reasoning"),
    )
    pictures = told(usage, "native_tokens_completion_images")
    return settled(*with_reasoning(tokens, on_top=False), units={"output_image": pictures} if pictures else None)
