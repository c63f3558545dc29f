import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.names import REMEMBERED_NAMES, canonical


@pytest.mark.parametrize(
    ("provider", "model", "stored"),
    [
        ("openai", "gpt-4o", ("openai", "gpt-4o")),
        ("OpenAI ", "gpt-4o", ("openai", "gpt-4o")),
        ("openai", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("openai", "OpenAI/gpt-4o", ("openai", "gpt-4o")),
        ("azure", "azure/my-Deployment", ("azure", "my-Deployment")),
        ("aws.bedrock", "bedrock/us.amazon.nova-lite-v1:0", ("aws.bedrock", "us.amazon.nova-lite-v1:0")),
        ("gcp.vertex_ai", "vertex_ai/gemini-2.5-pro", ("gcp.vertex_ai", "gemini-2.5-pro")),
        ("groq", "groq/openai/gpt-oss-20b", ("groq", "openai/gpt-oss-20b")),
        ("acme", "acme/model-1", ("acme", "model-1")),
        ("openai.responses", "openai/gpt-4o", ("openai.responses", "gpt-4o")),
        ("google.vertex.chat", "vertex_ai/gemini-2.5-pro", ("google.vertex.chat", "gemini-2.5-pro")),
    ],
)
def test_a_provider_is_stored_as_sent_in_lower_case_and_its_prefix_is_dropped(provider, model, stored):
    assert canonical(provider, model) == stored


@pytest.mark.parametrize("model", ["openai/gpt-oss-20b", "qwen/qwen3-32b", "moonshotai/kimi-k2-instruct"])
def test_a_vendor_that_is_not_the_provider_belongs_to_the_model_s_name(model):
    assert canonical("groq", model) == ("groq", model)


@pytest.mark.parametrize(
    ("model", "stored"),
    [
        ("openai/gpt-4o", ("openai", "gpt-4o")),
        ("azure/my-deployment", ("azure", "my-deployment")),
        ("gemini/gemini-2.5-flash", ("gemini", "gemini-2.5-flash")),
        ("bedrock/anthropic.claude-opus-5", ("bedrock", "anthropic.claude-opus-5")),
        ("together_ai/meta-llama/Llama-3.3-70B", ("together_ai", "meta-llama/Llama-3.3-70B")),
        ("openrouter/anthropic/claude-sonnet-4-5", ("openrouter", "anthropic/claude-sonnet-4-5")),
        ("ollama/mistral:7b", ("ollama", "mistral:7b")),
        ("baseten/moonshotai/Kimi-K3", ("baseten", "moonshotai/Kimi-K3")),
        ("vercel_ai_gateway/openai/gpt-4o", ("vercel_ai_gateway", "openai/gpt-4o")),
    ],
)
def test_a_silent_provider_is_told_from_a_known_prefix(model, stored):
    assert canonical(None, model) == stored
    assert canonical("", model) == stored


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        ("GPT-4o", "openai"),
        ("o3-mini", "openai"),
        ("o1", "openai"),
        ("ft:gpt-4o-mini-2024-07-18:acme::id", "openai"),
        ("text-embedding-3-small", "openai"),
        ("text-embedding-004", "google"),
        ("whisper-1", "openai"),
        ("dall-e-3", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("models/gemini-2.5-pro", "google"),
        ("mistral-small-latest", "mistral"),
        ("command-a-03-2025", "cohere"),
        ("grok-4.5", "xai"),
        ("us.anthropic.claude-opus-5-v1:0", "aws"),
        ("amazon.nova-lite-v1:0", "aws"),
        ("us.xai.grok-4.6", "aws"),
        ("nvidia.nemotron-nano-9b-v2", "aws"),
        ("google.gemma-3-27b-it", "aws"),
    ],
)
def test_or_from_the_family_of_the_name(model, provider):
    assert canonical(None, model) == (provider, model)


@pytest.mark.parametrize(
    "model",
    [
        "not-a-model",
        "mistral:7b",
        "gpt-oss-20b",
        "meta-llama/Llama-3-70b",
        "o12",
        "openai/",
        "/x",
        "",
        "a/b/c",
        "meta/llama-3",
    ],
)
def test_or_left_unknown(model):
    assert canonical(None, model) == (None, model)


@given(st.none() | st.text(max_size=20), st.text(max_size=40))
def test_a_name_is_never_changed_but_for_its_prefix(provider, model):
    who, name = canonical(provider, model)
    assert model.endswith(name)
    assert who is None or who == who.strip().lower()


def test_names_that_clients_make_up_take_bounded_memory():
    for number in range(3 * REMEMBERED_NAMES):
        canonical(None, f"made-up-{number}")
    assert canonical.cache_info().currsize <= REMEMBERED_NAMES
