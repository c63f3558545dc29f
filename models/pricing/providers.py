"""Who served a call, in the many spellings of gateways and instrumentations, read as one provider of the price table.

For pricing only: what is stored is the provider as it was sent, lower-cased. It never guesses: a name that is neither
a spelling below nor a provider of the table itself has no prices here.
"""

# A provider of genai-prices, and how OpenTelemetry, LiteLLM and the providers' own SDKs write it.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "anthropic": ("anthropic", "anthropic_text"),
    "arcee": ("arcee", "arcee_ai", "arcee-ai"),
    "aws": (
        "aws",
        "aws.bedrock",
        "aws_bedrock",
        "amazon",
        "amazon_bedrock",
        "amazon-bedrock",
        "bedrock",
        "bedrock_converse",
        "bedrock_mantle",
        "bedrock-runtime",
        "aws-bedrock",
        "anthropic_bedrock",
        "anthropic-bedrock",
    ),
    "azure": (
        "azure",
        "azure_ai",
        "azure-ai",
        "azure_ai_inference",
        "azure_ai_openai",
        "azure_ai_foundry",
        "azure_openai",
        "azure-openai",
        "azure_text",
        "az.ai.openai",
        "az.ai.inference",
        "azure.ai.openai",
        "azure.ai.inference",
    ),
    "baseten": ("baseten",),
    "cerebras": ("cerebras",),
    "cloudflare": ("cloudflare", "cloudflare_workers_ai", "workers-ai", "workers_ai"),
    "cohere": ("cohere", "cohere_chat"),
    "cursor": ("cursor",),
    "databricks": ("databricks",),
    "deepseek": ("deepseek",),
    "elevenlabs": ("elevenlabs",),
    "fireworks": ("fireworks", "fireworks_ai", "fireworks-ai", "fireworks.ai"),
    "github-copilot": ("github_copilot", "github-copilot"),
    "google": (
        "google",
        "gcp.gemini",
        "gcp.gen_ai",
        "gcp.vertex_ai",
        "gemini",
        "google.generative-ai",
        "google_ai",
        "google_ai_studio",
        "google-ai-studio",
        "vertex-ai",
        "google-vertex-ai",
        "vertex_ai-language-models",
        "google.vertex",
        "google_anthropic_vertex",
        "google_gemini",
        "google_genai",
        "google-genai",
        "google-gla",
        "google_vertex",
        "google-vertex",
        "google_vertexai",
        "vertex",
        "vertexai",
        "vertex_ai",
        "vertex_ai_beta",
    ),
    "groq": ("groq",),
    "meta": ("meta",),
    "minimax": ("minimax",),
    "mistral": ("mistral", "mistral_ai", "mistral-ai", "mistralai"),
    "moonshotai": ("moonshot", "moonshot_ai", "moonshot-ai", "moonshotai"),
    "novita": ("novita",),
    "openai": ("openai", "text-completion-openai"),
    "openrouter": ("openrouter",),
    "ovhcloud": ("ovhcloud",),
    "perplexity": ("perplexity", "perplexity_ai", "perplexity-ai"),
    "together": ("together", "together_ai", "together-ai", "together.ai", "togetherai"),
    "typesafe": ("typesafe",),
    "voyageai": ("voyage", "voyage_ai", "voyage-ai", "voyageai"),
    "x-ai": ("xai", "x-ai", "x_ai", "x.ai"),
    "zai": ("zai", "z_ai", "z-ai", "z.ai"),
}
PRICED_AS = {spelling: provider for provider, spellings in SPELLINGS.items() for spelling in spellings}

GATEWAYS = frozenset({"litellm", "litellm_proxy"})  # name themselves as the provider; the model's name tells who served

# LiteLLM's further providers: without prices here, but their names stand before a model's.
UNPRICED = frozenset(
    """
    a2a a2a_agent ai21 ai21_chat aiml aiohttp_openai amazon_nova anyscale apertis assemblyai auto_router aws_polly
    aws_textract azure_speech black_forest_labs bytez charity_engine chatgpt chutes clarifai codestral cognition
    cometapi compactifai cortecs custom custom_openai darkbloom dashscope datarobot deepgram deepinfra
    docker_model_runner dotprompt edenai empower fal_ai featherless_ai friendliai galadriel gdc gigachat github
    gradient_ai helicone heroku hosted_vllm huggingface humanloop hyperbolic inception infinity jina_ai lambda_ai
    langflow langfuse langgraph lemonade libertai litellm_agent llamafile lm_studio manus maritalk meta_llama milvus
    modelscope mongodb morph nadir nano-gpt nebius neosantara nlp_cloud nscale nvidia_nim nvidia_riva oci ollama
    ollama_chat oobabooga openai_like parasail petals pg_vector pinstripes poe predibase prism publicai
    qwen_ai_platform qwencloud ragflow recraft reducto reka replicate runwayml s3_vectors sagemaker sagemaker_chat
    sagemaker_nova sail sambanova sap scaleway scx-ai snowflake soniox stability strands_decider synthetic tencent
    tensormesh text-completion-codestral text-completion-inception topaz transcribe triton v0 valkey
    vercel_ai_gateway vllm volcengine wandb watsonx watsonx_text xiaomi_mimo xinference
    """.split()  # noqa: SIM905 (as a list, it would be a page of quotation marks)
)
# Vendors of open weights: before a slash, on many hosts, they name who made the model and not who served it.
VENDORS = frozenset({"amazon", "meta", "mistralai", "moonshotai", "snowflake", "tencent"})
PREFIXES = (frozenset(PRICED_AS) | UNPRICED | GATEWAYS) - VENDORS  # before a slash, they name a provider

# Vercel's AI SDK sends the provider with the API that was called: `openai.responses`, `google.vertex.chat`.
APIS = frozenset({"chat", "completion", "embedding", "image", "messages", "responses", "speech", "transcription"})


def priced_as(provider: str) -> str:
    """The price table's name for a provider; a name it may know itself is returned as it is."""
    name, _, api = provider.rpartition(".")
    known = name if api in APIS and name in PRICED_AS else provider
    return PRICED_AS.get(known, known)
