"""LiteLLM's price file: a row is taken whole and exactly, or left out with the reason."""

import json
from decimal import Decimal
from typing import Any

import pytest

from models.errors import BadRequest
from models.pricing.litellm_prices import Skipped, Taken, read, rows
from models.pricing.terms import shown

CHAT = {"litellm_provider": "mine", "mode": "chat"}
PRICED = CHAT | {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}


def read_row(row: Any, name: str = "mine/a", **options: bool) -> Taken | Skipped:
    (found,) = read(rows(json.dumps({"sample_spec": {"mode": "…"}, name: row}).encode()), **options)
    return found


def said(row: Any, name: str = "mine/a") -> dict[str, Any]:
    """What the row says, in our words."""
    found = read_row(row, name)
    assert isinstance(found, Taken), found
    return {word: price for word, price in shown(found.terms).items() if word != "service_tier"}


def reason(row: Any, **options: bool) -> str:
    found = read_row(row, **options)
    assert isinstance(found, Skipped), found
    return found.reason


# -- taken --------------------------------------------------------------------------------------------------------


def test_prices_are_exact_in_every_tier_and_length() -> None:
    row = PRICED | {
        "cache_read_input_token_cost": 1.0003e-07, "input_cost_per_token_batches": 5e-07, "input_cost_per_token_above_200k_tokens": 2e-06,
        "output_cost_per_token_above_200k_tokens_priority": 4.5e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
        "search_context_cost_per_query": {"search_context_size_low": 0.035, "search_context_size_high": 0.035},
    }  # fmt: skip
    assert said(row) == {
        "input_per_million_usd": 1, "output_per_million_usd": 2, "cache_read_per_million_usd": 0.10003, "input_per_million_usd_batch": 0.5,
        "input_per_million_usd_above_200k_tokens": 2, "output_per_million_usd_above_200k_tokens_priority": 4.5,
        "cache_write_1h_per_million_usd": 6, "web_searches_per_thousand_usd": 35,
    }  # fmt: skip


def test_tiers_by_length_are_read_as_lengths() -> None:
    tiers = [
        {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        {"range": [32000.0, 256000.0], "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06},
    ]
    assert said(CHAT | {"tiered_pricing": tiers}) == {
        "input_per_million_usd": 1, "input_per_million_usd_above_32k_tokens": 3,
        "output_per_million_usd": 2, "output_per_million_usd_above_32k_tokens": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "word", "price"),
    [
        ({"mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0.0}, "search_units_per_thousand_usd", 2),
        ({"mode": "audio_transcription", "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0}, "audio_per_hour_usd", 0.36),
        ({"mode": "audio_transcription", "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0001}, "audio_per_hour_usd", 0.36),
        ({"mode": "image_generation", "output_cost_per_image": 0.04}, "images_per_thousand_usd", 40),
        ({"mode": "embedding", "input_cost_per_image": 0.0001}, "images_per_thousand_usd", 0.1),
    ],
)  # fmt: skip
def test_what_is_counted_and_is_no_token_is_taken(row: dict[str, Any], word: str, price: float) -> None:
    assert said(CHAT | row)[word] == price


@pytest.mark.parametrize(
    "beside",
    [
        {"output_cost_per_image": 0.134}, {"input_cost_per_image": 0.0011}, {"input_cost_per_audio_per_second": 0.001}, {"output_cost_per_second": 0.00025},
        {"output_cost_per_reasoning_token": 2e-06}, {"output_cost_per_second": 0.0}, {"code_interpreter_cost_per_session": 0.03},
        {"google_maps_grounding_cost_per_query": 0.025}, {"input_dbu_cost_per_token": 1.4e-05}, {"input_cost_per_token_decisions": 1e-07},
        {"regional_processing_uplift_multiplier_eu": 1.1}, {"provider_specific_entry": {"us": 1.1}}, {"max_tokens": 8192, "rpm": 5, "comment": "costly"},
        {"search_context_cost_per_query": {"search_context_size_low": 0.005, "search_context_size_high": 0.014}}, {"cache_read_input_token_cost": None},
    ],
)  # fmt: skip
def test_what_says_the_same_in_other_terms_or_goes_beside_the_tokens_changes_nothing(beside: dict[str, Any]) -> None:
    assert said(PRICED | beside) == said(PRICED)


@pytest.mark.parametrize(
    ("name", "provider", "stored"),
    [
        ("gpt-4o", "openai", ("openai", "gpt-4o")),
        ("azure/eu/gpt-4o", "azure", ("azure", "eu/gpt-4o")),
        ("gemini-2.5-pro", "vertex_ai-language-models", ("vertex_ai", "gemini-2.5-pro")),
        ("vertex_ai/claude-opus-4@20250514", "vertex_ai-anthropic_models", ("vertex_ai", "claude-opus-4@20250514")),
        ("openrouter/anthropic/claude-sonnet-4.5", "openrouter", ("openrouter", "anthropic/claude-sonnet-4.5")),
        ("bedrock/us-east-1/anthropic.claude-v2", "bedrock", ("bedrock", "us-east-1/anthropic.claude-v2")),
        (
            "fireworks_ai/accounts/fireworks/models/Kimi",
            "fireworks_ai",
            ("fireworks_ai", "accounts/fireworks/models/kimi"),
        ),
        ("vercel_ai_gateway/openai/gpt-4o", "vercel_ai_gateway", ("vercel_ai_gateway", "openai/gpt-4o")),
        ("together-ai-up-to-4b", "together_ai", ("together_ai", "together-ai-up-to-4b")),
    ],
)
def test_names_are_those_that_events_are_stored_under(name: str, provider: str, stored: tuple[str, str]) -> None:
    found = read_row(PRICED | {"litellm_provider": provider}, name)
    assert isinstance(found, Taken)
    assert (found.name, found.provider, found.model) == (name, *stored)


# -- left out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (CHAT, "no price"), (CHAT | {"input_cost_per_token": 0.0, "output_cost_per_token": 0}, "says 0 for everything"),
        (PRICED | {"litellm_provider": None}, "no litellm_provider"), ("a row", "no litellm_provider"), (None, "no litellm_provider"),
        (PRICED | {"input_cost_per_request": 0.005}, "charges by input_cost_per_request") ,
        (CHAT | {"input_cost_per_character": 1.5e-05}, "charges by input_cost_per_character"),
        (CHAT | {"mode": "ocr", "ocr_cost_per_page": 0.002}, "charges by ocr_cost_per_page"),
        (CHAT | {"mode": "search", "input_cost_per_query": 0.001}, "charges by input_cost_per_query"),
        (CHAT | {"input_cost_per_token": 1e-06, "output_cost_per_second": 0.1}, "charges by output_cost_per_second"),
        (PRICED | {"output_cost_per_reasoning_token": 3e-06}, "charges by output_cost_per_reasoning_token"),
        (CHAT | {"tiered_pricing": [{"range": [0, 1000], "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "output_cost_per_reasoning_token": 4e-06}]},
         "charges by output_cost_per_reasoning_token"),
        (CHAT | {"tiered_pricing": [{"max_results_range": [0, 25], "input_cost_per_query": 0.005}]}, "charges by tiers of something else than input tokens"),
        (CHAT | {"tiered_pricing": [{"range": [0, 1000]}, {"range": [1500, 2000], "input_cost_per_token": 1e-06}]}, "charges by tiers of something else than input tokens"),
        (CHAT | {"tiered_pricing": ["x"]}, "charges by tiers of something else than input tokens"),
        (PRICED | {"off_peak_pricing": {"windows": []}}, "charges by the time of day"),
        (PRICED | {"explicit_cache_read_input_token_cost": 1e-08}, "charges by explicit_cache_read_input_token_cost"),
        (CHAT | {"mode": "audio_transcription", "input_cost_per_second": 1, "output_cost_per_second": 2}, "charges by output_cost_per_second"),
        (PRICED | {"input_cost_per_token": "0.1"}, "input_cost_per_token is no price"), (PRICED | {"input_cost_per_token": True}, "input_cost_per_token is no price"),
        (PRICED | {"input_cost_per_token": [1]}, "input_cost_per_token is no price"),
    ],
)  # fmt: skip
def test_what_can_not_be_understood_whole_is_left_out_with_its_reason(row: Any, why: str) -> None:
    assert reason(row) == why


def test_a_price_out_of_bounds_is_left_out_with_its_reason() -> None:
    assert "input_cost_per_token is -1" in reason(PRICED | {"input_cost_per_token": -1})
    assert "input_cost_per_token is 2" in reason(PRICED | {"input_cost_per_token": 2})
    assert "input_cost_per_token_cache_hit" in reason(
        PRICED | {"cache_read_input_token_cost": 1e-06, "input_cost_per_token_cache_hit": 2e-06}
    )


def test_a_router_s_fee_is_not_taken_for_a_model_s_price() -> None:
    row = PRICED | {"litellm_provider": "azure", "output_cost_per_token": 0.0}
    assert read_row(row, "azure/model-router") == Skipped(
        "azure/model-router", "a router's fee, without the model's price"
    )


def test_rows_that_say_0_are_taken_where_that_is_asked_for() -> None:
    assert isinstance(read_row(PRICED | {"input_cost_per_token": 0, "output_cost_per_token": 0}, free=True), Taken)


def test_of_rows_for_one_model_one_is_taken_and_none_where_they_contradict_each_other() -> None:
    same = {name: PRICED | {"litellm_provider": "gemini"} for name in ("gemini/gemini-x", "gemini-x")}
    first, second = read(rows(json.dumps(same).encode()))
    assert (type(first), second) == (Taken, Skipped("gemini-x", "said by another row"))
    same["gemini-x"]["input_cost_per_token"] = 9e-06
    assert [each.name for each in read(rows(json.dumps(same).encode())) if isinstance(each, Skipped)] == list(same)


@pytest.mark.parametrize("name", ["", "\x00", "\ud800", "x" * 300])
def test_a_name_that_no_event_can_have_is_left_out(name: str) -> None:
    assert reason_of(name) == "no name that a model can have"


def reason_of(name: str) -> str:
    found = read_row(PRICED, name)
    assert isinstance(found, Skipped)
    return found.reason


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"{}", b"null", b'{"a": 1}', b"\xff\xfe", b"[" * 100_000])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadRequest, match="no LiteLLM price file"):
        rows(content)


def test_decimals_stay_as_they_are_written() -> None:
    assert rows(b'{"a": {"input_cost_per_token": 3.0000000000000004e-08}}')["a"]["input_cost_per_token"] == Decimal(
        "3.0000000000000004e-08"
    )
