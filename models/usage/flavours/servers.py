"""Servers that people run themselves, in their own words; most of them also speak OpenAI's.

Nothing of this has a price until somebody sets one.
"""

from models.usage.counted import Counted, settled, with_reasoning
from models.usage.event import Tokens
from models.usage.raw import Raw, told
from models.usage.shapes import flavour, shape


@flavour("ollama.chat")
@shape("prompt_eval_count", "eval_count")
def ollama(usage: Raw) -> Counted:
    """A 0 is left out, so an embedding tells no answer; a prompt that nobody counted is unknown."""
    prompt, answer = told(usage, "prompt_eval_count"), told(usage, "eval_count")
    cached = told(usage, "prompt_eval_cached_count")
    return settled(Tokens(input=prompt, cache_read=cached, output=0 if prompt and answer is None else answer))


@flavour("llamacpp.completion")
@shape("tokens_evaluated", "tokens_predicted")
def llamacpp(usage: Raw) -> Counted:
    return settled(Tokens(input=told(usage, "tokens_evaluated"), output=told(usage, "tokens_predicted")))


@flavour("lmstudio.chat")
@shape("total_output_tokens")
def lmstudio(usage: Raw) -> Counted:
    tokens = Tokens(
        input=told(usage, "input_tokens"),
        output=told(usage, "total_output_tokens"),
        reasoning=told(usage, "reasoning_output_tokens"),
    )
    return settled(*with_reasoning(tokens, on_top=False))
