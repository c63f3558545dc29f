"""What a call's provider and model are called where they are stored, shown and grouped.

The provider stays as it was sent, lower-cased; a silent one is told from the model's name or left unknown. A model's
name is never completed, corrected or cut, only freed of a prefix that repeats the provider.
"""

import re
from functools import lru_cache

from models.pricing.providers import PREFIXES, priced_as

REMEMBERED_NAMES = 4096  # clients choose names: what is remembered of them has a bound

# Whose a model is, where nobody said who served it. First hit wins. Names of open weights (llama, qwen, gemma,
# gpt-oss) tell nothing: many serve them.
FAMILIES = tuple(
    (re.compile(pattern, re.IGNORECASE), provider)
    for pattern, provider in (
        (r"gpt-oss", None),
        (r"(?:ft:)?(?:gpt-|chatgpt-|codex-|davinci|babbage|o[134](?:$|-))", "openai"),
        (r"text-embedding-(?:3-|ada-)|dall-e|whisper-1$|tts-1|omni-moderation|text-moderation", "openai"),
        (r"claude-", "anthropic"),
        (r"(?:models/)?(?:gemini-|text-embedding-00\d|imagen-|veo-)", "google"),
        (r"(?:open-)?(?:mistral|mixtral|codestral|ministral|magistral|devstral|pixtral|voxtral)-", "mistral"),
        (r"command-|embed-(?:v4|english|multilingual)|rerank-", "cohere"),
        (r"deepseek-", "deepseek"),
        (r"grok-", "xai"),
        (r"sonar(?:$|-)", "perplexity"),
        (r"voyage-", "voyageai"),
        (r"(?:kimi|moonshot)-", "moonshotai"),
        (
            r"(?:(?:us|us-gov|eu|apac|au|jp|in|ca|global)\.)?"
            r"(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai|nvidia|openai|qwen|"
            r"stability|twelvelabs|writer|xai|zai)\.[a-z]",
            "aws",
        ),
        (r"accounts/fireworks/", "fireworks"),
        (r"@cf/", "cloudflare"),
    )
)


@lru_cache(maxsize=REMEMBERED_NAMES)
def canonical(provider: str | None, model: str) -> tuple[str | None, str]:
    """Provider and model as they are stored.

    `openai/gpt-4o` is OpenAI's gpt-4o whether or not the provider was sent; a prefix that names somebody else than
    the provider (Groq's `openai/gpt-oss-20b`) belongs to the model's name.
    """
    known = (provider or "").strip().lower()
    prefix, _, rest = model.partition("/")
    prefix = prefix.lower()
    if known:
        return known, rest if rest and priced_as(prefix) == priced_as(known) else model
    if rest and prefix in PREFIXES:
        return prefix, rest
    return family(model), model


def family(model: str) -> str | None:
    return next((provider for pattern, provider in FAMILIES if pattern.match(model)), None)
