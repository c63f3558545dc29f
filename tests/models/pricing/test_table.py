"""Which row of the price table is a model's. Exact or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.table import Row, packaged

TABLE = packaged()


def found(provider, model):
    row = TABLE.find(provider, model)
    return (row.provider, row.model.id) if isinstance(row, Row) else row


def test_the_source_names_its_version():
    assert TABLE.source == "genai-prices 0.2.3"


@pytest.mark.parametrize(
    ("provider", "model", "row"),
    [
        ("openai", "gpt-4o", ("openai", "gpt-4o")),
        ("openai", "GPT-4o", ("openai", "gpt-4o")),
        ("openai", "gpt-4o-2024-11-20", ("openai", "gpt-4o")),
        ("openai", "gpt-4o-20241120", ("openai", "gpt-4o")),
        ("openai", "gpt-4o-2024-05-13", ("openai", "gpt-4o-2024-05-13")),
        ("openai", "gpt-4o-20240513", ("openai", "gpt-4o-2024-05-13")),
        ("anthropic", "claude-sonnet-4-5-20250929", ("anthropic", "claude-sonnet-4-5")),
        ("anthropic", "claude-sonnet-4-5-2031-01-01", ("anthropic", "claude-sonnet-4-5")),
        ("anthropic", "claude-opus-4-20250514", ("anthropic", "claude-opus-4-0")),
        ("together_ai", "qwen/qwen3.7-plus", ("together", "Qwen/Qwen3.7-Plus")),
        ("fireworks_ai", "accounts/fireworks/models/kimi-k3", ("fireworks", "kimi-k3")),
        ("groq", "openai/gpt-oss-20b", ("groq", "openai/gpt-oss-20b")),
        ("openrouter", "anthropic/claude-sonnet-4.5", ("openrouter", "anthropic/claude-sonnet-4.5")),
    ],
)
def test_whole_names_and_dated_ones(provider, model, row):
    assert found(provider, model) == row


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("eu.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("converse/us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v2:0"),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("anthropic.claude-opus-4-6-v1", "regional.anthropic.claude-opus-4-6-v1:0"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0",
            "regional.anthropic.claude-opus-4-5-v1:0",
        ),
    ],
)
def test_bedrock_s_regions_and_versions(model, row):
    assert found("bedrock", model) == ("aws", row)


def test_a_global_call_never_takes_a_regional_price():
    assert found("bedrock", "us.anthropic.claude-opus-4-1-20250805-v1:0")[1].startswith("regional.")
    assert found("bedrock", "global.anthropic.claude-opus-4-1-20250805-v1:0") == "unknown_model"


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("claude-opus-4-5@default", "claude-opus-4-5"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("projects/p/locations/l/publishers/anthropic/models/claude-opus-5", "claude-opus-5"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
    ],
)
def test_vertex_s_names(model, row):
    assert found("vertex_ai", model) == ("google", row)


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("ft:gpt-4o-mini-2024-07-18:acme::id", "ft:gpt-4o-mini"),
        ("ft:gpt-3.5-turbo-0125:acme::id", "ft:gpt-3.5-turbo-"),
        ("ft:gpt-4o-2024-08-06", "ft:gpt-4o"),
    ],
)
def test_a_fine_tune_costs_what_fine_tunes_of_its_base_do(model, row):
    assert found("openai", model) == ("openai", row)
    assert found("openai", "ft:gpt-4.1-2025-04-14:acme::id") == "unknown_model"


@pytest.mark.parametrize(
    ("spelling", "model", "row"),
    [
        *((name, "amazon.nova-lite-v1:0", "aws") for name in ("aws", "aws.bedrock", "bedrock", "bedrock_converse")),
        *((name, "gemini-2.5-pro", "google") for name in ("google", "gcp.gemini", "vertex_ai", "gemini")),
        *((name, "phi-4", "azure") for name in ("azure", "azure_ai", "az.ai.openai", "azure.ai.openai")),
        *((name, "grok-4.5", "x-ai") for name in ("xai", "x-ai", "x_ai")),
        ("mistral_ai", "mistral-small-latest", "mistral"),
        ("moonshot", "kimi-k3", "moonshotai"),
        ("cohere_chat", "command-a", "cohere"),
        ("cerebras", "gpt-oss-120b", "cerebras"),
    ],
)
def test_spellings_of_a_provider_are_one_for_pricing(spelling, model, row):
    assert found(spelling, model)[0] == row


def test_azure_borrows_openai_s_rows():
    assert TABLE.find("azure", "gpt-4.1") == Row(
        TABLE.source, "openai", TABLE.shelves["openai"].models["gpt-4.1"], borrowed=True
    )
    assert TABLE.find("openai", "gpt-4.1").borrowed is False


def test_a_gateway_that_names_itself_leaves_it_to_the_model():
    assert found("litellm", "openai/gpt-4o") == ("openai", "gpt-4o")
    assert found("litellm_proxy", "claude-opus-5") == ("anthropic", "claude-opus-5")
    assert found(None, "gpt-4o") == ("openai", "gpt-4o")


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-4-5-foo"),
        ("anthropic", "claude-sonnet-4-5-latest"),
        ("anthropic", "claude"),
        ("anthropic", "claude-sonnet-4-2025"),
        ("openai", "gpt-4o-mini-foo"),
        ("openai", "gpt-4o-2024-13-45"),
        ("openai", "gpt-4o-2024-11-20-foo"),
        ("openai", "not-a-model"),
        ("openai", ""),
        ("azure", "my-team-deployment"),
        ("google", "gemini-2.5-pro-preview-05-06"),
        ("google", "gemini-1.5-flash-8b-001"),
        ("google", "gemini-2.0-flash-foo-001"),
        ("aws", "amazon.titan-embed-text-v3:0"),
        ("aws", "apac.amazon.nova-lite-v1:0:300k"),
        ("aws", "foo.amazon.nova-lite-v1:0"),
        ("openrouter", "anthropic/claude-sonnet-4-5"),
        (None, "not-a-model"),
        (None, "mistral:7b"),
    ],
)
def test_anything_left_over_is_no_match(provider, model):
    assert TABLE.find(provider, model) == "unknown_model"


@pytest.mark.parametrize("provider", ["ollama", "acme", "vllm", "openai-ish", "notgoogle"])
def test_a_provider_without_prices_here(provider):
    assert TABLE.find(provider, "mistral:7b") == "unknown_provider"


ALIASES = ("@default", "@latest")


def every_row():
    """But for fine-tunes, whose names go on with their owner's."""
    return [(each.id, model) for each in TABLE.providers for model in each.models if not model.id.startswith("ft:")]


def test_no_two_rows_contend_for_a_name_and_the_table_s_own_look_up_agrees():
    for provider in TABLE.providers:
        for name, row in TABLE.shelves[provider.id].models.items():
            theirs = provider.find_model(name)
            assert theirs is row or theirs is None, (provider.id, name)


@given(st.sampled_from(every_row()), st.from_regex(r"[-.:@/_][a-z0-9-]{0,11}[a-z]", fullmatch=True))
def test_a_name_with_something_left_over_never_gets_its_neighbour_s_row(row, rest):
    provider, model = row
    name = model.id + rest
    got = TABLE.find(provider, name)
    if isinstance(got, Row):
        spelled_out = TABLE.shelves[got.provider].models
        assert name.lower() in spelled_out or f"{provider}/{name}".lower() in spelled_out or rest in ALIASES
