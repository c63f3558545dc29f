"""Who served a call, in the many spellings of gateways and instrumentations, read as one provider of the price table.

For pricing only: what is stored is the provider as it was sent, lower-cased. It never guesses: a name that is neither
a spelling below nor a provider of the table itself has no prices here.
"""

# A provider of genai-prices, and how OpenTelemetry, LiteLLM and the providers' own SDKs write it.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "anthropic": ("anthropic", "anthropic_text"),
    "aws": (
        "aws",
        "aws.bedrock",
        "aws_bedrock",
        "amazon",
        "amazon_bedrock",
        "amazon-bedrock",
        "bedrock",
        "bedrock_converse",
    ),
    "azure": (
        "azure",
        "azure_ai",
        "azure_openai",
        "azure-openai",
        "azure_text",
        "az.ai.openai",
        "az.ai.inference",
        "azure.ai.openai",
        "azure.ai.inference",
    ),
    "cerebras": ("cerebras",),
    "cloudflare": ("cloudflare",),
    "cohere": ("cohere", "cohere_chat"),
    "databricks": ("databricks",),
    "deepseek": ("deepseek",),
    "fireworks": ("fireworks", "fireworks_ai", "fireworks-ai"),
    "github-copilot": ("github_copilot", "github-copilot"),
    "google": (
        "google",
        "gcp.gemini",
        "gcp.gen_ai",
        "gcp.vertex_ai",
        "gemini",
        "google_genai",
        "google-genai",
        "google_vertexai",
        "google-vertex",
        "vertex",
        "vertexai",
        "vertex_ai",
        "vertex_ai_beta",
    ),
    "groq": ("groq",),
    "mistral": ("mistral", "mistral_ai", "mistralai"),
    "moonshotai": ("moonshot", "moonshot_ai", "moonshotai"),
    "novita": ("novita",),
    "openai": ("openai", "text-completion-openai"),
    "openrouter": ("openrouter",),
    "perplexity": ("perplexity", "perplexity_ai"),
    "together": ("together", "together_ai", "together-ai", "togetherai"),
    "voyageai": ("voyage", "voyage_ai", "voyageai"),
    "x-ai": ("xai", "x-ai", "x_ai"),
    "zai": ("zai", "z_ai", "z-ai", "z.ai"),
}
PRICED_AS = {spelling: provider for provider, spellings in SPELLINGS.items() for spelling in spellings}

GATEWAYS = frozenset({"litellm", "litellm_proxy"})  # name themselves as the provider; the model's name tells who served

# Providers without prices here whose names stand before a model's in LiteLLM.
UNPRICED = (
    "ai21",
    "anyscale",
    "custom_openai",
    "deepinfra",
    "hosted_vllm",
    "huggingface",
    "lm_studio",
    "nvidia_nim",
    "ollama",
    "ollama_chat",
    "openai_like",
    "replicate",
    "sagemaker",
    "sagemaker_chat",
    "sambanova",
    "vllm",
    "watsonx",
)
# What may stand before a slash and names a provider. `mistralai/…` and `moonshotai/…` are vendors on many hosts.
PREFIXES = (frozenset(PRICED_AS) | frozenset(UNPRICED) | GATEWAYS) - {"amazon", "mistralai", "moonshotai"}


def priced_as(provider: str) -> str:
    """The price table's name for a provider; a name it may know itself is returned as it is."""
    return PRICED_AS.get(provider, provider)
