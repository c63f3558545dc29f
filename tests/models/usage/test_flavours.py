"""What each provider's words mean in our token classes."""

from decimal import Decimal

import pytest

from models.errors import BadField
from models.usage.event import Tokens
from models.usage.flavours import FLAVOURS


def read(name, **usage):
    return FLAVOURS[name](usage)


def counted(name, **usage):
    return FLAVOURS[name](usage)[:2]


@pytest.mark.parametrize("name", FLAVOURS)
def test_an_object_without_a_known_count_is_unknown_throughout(name):
    tokens, flags, units = FLAVOURS[name]({"queue_time": 0.03, "nonsense": {"prompt_tokens": 1}})
    assert (tokens.input, tokens.output, tokens.total, tokens.cache_read, tokens.reasoning) == (None,) * 5
    assert (flags, units) == ((), None)


# -- OpenAI and those who speak like it --------------------------------------------------------------------------


def test_openai_counts_cached_tokens_inside_the_prompt():
    tokens, flags = counted(
        "openai.chat",
        prompt_tokens=100,
        completion_tokens=10,
        total_tokens=110,
        prompt_tokens_details={"cached_tokens": 80},
    )
    assert tokens == Tokens(input=100, cache_read=80, cache_write=0, output=10, reasoning=0, total=110)
    assert flags == ()


def test_openai_counts_reasoning_inside_the_completion():
    tokens, _ = counted(
        "openai.chat", prompt_tokens=5, completion_tokens=9, completion_tokens_details={"reasoning_tokens": 7}
    )
    assert (tokens.output, tokens.reasoning, tokens.total) == (9, 7, 14)


def test_a_total_that_is_omitted_is_added_up():
    assert read("openai.chat", prompt_tokens=5, completion_tokens=9).tokens.total == 14
    assert read("openai.chat", prompt_tokens=5).tokens.total == 5


def test_a_completion_that_is_not_told_stays_unknown():
    tokens, flags = counted("openai.chat", prompt_tokens=5, total_tokens=9)
    assert (tokens.output, tokens.reasoning, flags) == (None, None, ("total_mismatch",))


def test_a_total_that_is_all_prompt_says_that_there_was_no_completion():
    assert read("openai.chat", prompt_tokens=5, total_tokens=5).tokens.output == 0


def test_an_embedding_is_all_input():
    assert read("openai.embeddings", prompt_tokens=5, total_tokens=5).tokens == Tokens(
        input=5, cache_read=0, cache_write=0, output=0, reasoning=0, total=5
    )
    assert read("openai.embeddings", total_tokens=5).tokens.input == 5


def test_responses_in_openai_s_words():
    tokens, flags = counted(
        "openai.responses",
        input_tokens=1200,
        input_tokens_details={"cached_tokens": 1000, "cache_write_tokens": 100},
        output_tokens=300,
        output_tokens_details={"reasoning_tokens": 128},
        total_tokens=1500,
    )
    assert tokens == Tokens(input=1200, cache_read=1000, cache_write=100, output=300, reasoning=128, total=1500)
    assert flags == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("deepseek.chat", {"prompt_cache_hit_tokens": 60, "prompt_cache_miss_tokens": 40}),
        ("mistral.chat", {"num_cached_tokens": 60}),
        ("together.chat", {"cached_tokens": 60}),
        ("groq.chat", {"prompt_tokens_details": {"cached_tokens": 60}}),
        ("openrouter.chat", {"prompt_tokens_details": {"cached_tokens": 60}}),
        ("openai.chat", {"cache_read_input_tokens": 60, "prompt_tokens_details": {"cached_tokens": 0}}),
    ],
)
def test_cached_prompts_by_many_names(name, words):
    assert read(name, prompt_tokens=100, completion_tokens=1, **words).tokens.cache_read == 60


def test_cache_writes_of_anthropic_models_behind_litellm_are_inside_its_prompt_tokens():
    details = {
        "cached_tokens": 2000,
        "cache_write_tokens": 500,
        "cache_creation_tokens": 500,
        "cache_creation_token_details": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200},
    }
    tokens, flags = counted(
        "openai.chat", prompt_tokens=2550, completion_tokens=80, total_tokens=2630, prompt_tokens_details=details
    )
    assert (tokens.input, tokens.cache_read, tokens.cache_write, tokens.cache_write_1h) == (2550, 2000, 500, 200)
    assert flags == ()


# -- reasoning: inside or on top ---------------------------------------------------------------------------------


def reasoned(name, total):
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 15}}
    return FLAVOURS[name](usage | ({} if total is None else {"total_tokens": total}))[:2]


@pytest.mark.parametrize(
    ("name", "total", "output"),
    [
        ("openai.chat", 120, 20),
        ("openai.chat", 135, 35),  # somebody else's model behind OpenAI's words
        ("openai.chat", None, 20),
        ("xai.chat", 135, 35),
        ("xai.chat", 120, 20),  # the total already holds it
        ("xai.chat", None, 35),
    ],
)
def test_the_total_decides_where_reasoning_is_and_without_one_the_flavour(name, total, output):
    tokens, flags = reasoned(name, total)
    assert (tokens.output, tokens.total, flags) == (output, 100 + output, ())


def test_a_total_that_fits_neither_is_flagged_and_kept():
    tokens, flags = reasoned("openai.chat", 999)
    assert (tokens.output, tokens.total, flags) == (20, 999, ("total_mismatch",))


def test_more_reasoning_than_output_is_flagged_where_no_total_explains_it():
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 80}}
    assert FLAVOURS["openai.chat"](usage).flags == ("reasoning_above_output",)
    assert FLAVOURS["openai.chat"](usage | {"total_tokens": 200}).flags == ()


def test_more_reasoning_than_output_is_flagged_otherwise_where_a_total_makes_the_output_certain():
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 80}}
    tokens, flags = counted("xai.chat", **usage, total_tokens=120)
    assert (tokens.output, tokens.reasoning, flags) == (20, 80, ("reasoning_above_total",))


# -- Anthropic and Bedrock: the cache comes on top ---------------------------------------------------------------


def test_anthropic_s_cache_reads_and_writes_come_on_top_of_its_input():
    tokens, flags = counted(
        "anthropic.messages",
        input_tokens=50,
        cache_creation_input_tokens=2000,
        cache_read_input_tokens=8000,
        output_tokens=300,
    )
    assert tokens == Tokens(
        input=10050, cache_read=8000, cache_write=2000, cache_write_1h=0, output=300, reasoning=0, total=10350
    )
    assert flags == ()


def test_a_write_remainder_outside_the_two_ages_is_of_the_short_one():
    ages = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 300}
    tokens, flags = counted(
        "anthropic.messages",
        input_tokens=1,
        output_tokens=1,
        cache_creation_input_tokens=1000,
        cache_creation=ages,
    )
    assert (tokens.cache_write, tokens.cache_write_1h, flags) == (1000, 300, ())


def test_writes_told_by_age_alone_are_added_up():
    ages = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 300}
    tokens, _ = counted("anthropic.messages", input_tokens=1, output_tokens=1, cache_creation=ages)
    assert (tokens.input, tokens.cache_write, tokens.cache_write_1h) == (401, 400, 300)


def test_more_written_by_age_than_at_all_is_flagged():
    ages = {"ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 900}
    counted = read(
        "anthropic.messages", input_tokens=1, output_tokens=1, cache_creation_input_tokens=1000, cache_creation=ages
    )
    assert counted.flags == ("cache_write_mismatch",)


def test_bedrock_s_total_holds_the_cache():
    tokens, flags = counted(
        "bedrock.converse",
        inputTokens=400,
        outputTokens=100,
        totalTokens=1500,
        cacheReadInputTokens=1000,
        cacheWriteInputTokens=0,
    )
    assert (tokens.input, tokens.cache_read, tokens.total, flags) == (1400, 1000, 1500, ())


def test_bedrock_tells_long_writes_in_its_cache_details():
    details = [{"ttl": "5m", "inputTokens": 10}, {"ttl": "1h", "inputTokens": 30}]
    tokens, flags = counted(
        "bedrock.converse", inputTokens=1, outputTokens=1, cacheWriteInputTokens=40, cacheDetails=details
    )
    assert (tokens.cache_write, tokens.cache_write_1h, flags) == (40, 30, ())


# -- Gemini and Cohere -------------------------------------------------------------------------------------------


def test_gemini_s_thoughts_come_on_top_and_its_tools_prompt_is_input():
    tokens, flags = counted(
        "google.generate_content",
        promptTokenCount=500,
        toolUsePromptTokenCount=50,
        candidatesTokenCount=100,
        thoughtsTokenCount=200,
        totalTokenCount=850,
    )
    assert tokens == Tokens(input=550, cache_read=0, cache_write=0, output=300, reasoning=200, total=850)
    assert flags == ()


def test_gemini_s_total_decides_whether_thoughts_are_already_in():
    tokens, _ = counted(
        "google.generate_content",
        promptTokenCount=500,
        candidatesTokenCount=100,
        thoughtsTokenCount=80,
        totalTokenCount=600,
    )
    assert (tokens.output, tokens.reasoning) == (100, 80)


def test_gemini_leaves_a_zero_out():
    tokens, flags = counted("google.generate_content", promptTokenCount=9, totalTokenCount=9)
    assert (tokens.output, flags) == (0, ())
    tokens, flags = counted("google.generate_content", promptTokenCount=9, thoughtsTokenCount=5, totalTokenCount=14)
    assert (tokens.output, tokens.reasoning, flags) == (5, 5, ())


def test_gemini_s_candidates_stay_unknown_where_the_total_speaks_of_some():
    tokens, flags = counted("google.generate_content", promptTokenCount=9, totalTokenCount=20)
    assert (tokens.output, flags) == (None, ("total_mismatch",))


def test_cohere_bills_its_billed_units():
    units = {"billed_units": {"input_tokens": 5.0, "output_tokens": 418.0}, "tokens": {"input_tokens": 71.0}}
    assert read("cohere.v2.chat", **units).tokens == Tokens(
        input=5, cache_read=0, cache_write=0, output=418, reasoning=0, total=423
    )
    assert read("cohere.v2.chat", tokens={"input_tokens": 71, "output_tokens": 3}).tokens.input == 71


# -- contradictions, and counts with prices of their own ---------------------------------------------------------


def test_more_cached_than_sent_is_kept_and_flagged():
    tokens, flags = counted(
        "openai.chat", prompt_tokens=10, completion_tokens=1, prompt_tokens_details={"cached_tokens": 11}
    )
    assert (tokens.input, tokens.cache_read, flags) == (10, 11, ("cached_above_input",))


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("openai.chat", {"prompt_tokens": 9, "prompt_tokens_details": {"audio_tokens": 5, "image_tokens": 5}}),
        ("openai.chat", {"completion_tokens": 9, "completion_tokens_details": {"audio_tokens": 10}}),
        (
            "openai.realtime",
            {
                "input_tokens": 9,
                "input_token_details": {
                    "audio_tokens": 2,
                    "cached_tokens": 5,
                    "cached_tokens_details": {"audio_tokens": 3},
                },
            },
        ),
        (
            "google.generate_content",
            {"promptTokenCount": 9, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}]},
        ),
    ],
)
def test_more_of_a_kind_than_tokens_is_kept_and_flagged(name, usage):
    assert "units_above_tokens" in FLAVOURS[name](usage).flags


def test_cache_writes_that_litellm_tells_by_age_alone_are_added_up():
    ages = {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200}
    details = {"cached_tokens": 0, "cache_creation_token_details": ages}
    tokens, flags = counted("openai.chat", prompt_tokens=900, completion_tokens=1, prompt_tokens_details=details)
    assert (tokens.cache_write, tokens.cache_write_1h, flags) == (500, 200, ())


def test_titan_without_any_result_has_not_embedded():
    assert read("bedrock.titan", inputTextTokenCount=5, results=[]).tokens.output is None


def test_a_call_that_is_billed_by_the_search_is_not_billed_for_searching_at_all_as_well():
    counts = read(
        "perplexity.chat", prompt_tokens=5, completion_tokens=1, num_search_queries=3, search_context_size="low"
    )
    assert counts.units == {"web_searches": 3}


def test_more_written_for_an_hour_than_at_all_is_flagged_in_litellm_s_words_too():
    details = {"cache_write_tokens": 5, "cache_creation_token_details": {"ephemeral_1h_input_tokens": 6}}
    counts = read("openai.chat", prompt_tokens=9, completion_tokens=1, prompt_tokens_details=details)
    assert counts.flags == ("cache_write_mismatch",)


# -- units: what else has a price --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("mistral.chat", {"prompt_tokens": 9, "prompt_audio_seconds": {}}),
        ("anthropic.messages", {"input_tokens": 9, "server_tool_use": {"web_search_requests": 0}}),
        ("anthropic.messages", {"input_tokens": 9, "inference_geo": "global"}),
        ("google.generate_content", {"promptTokenCount": 9}),
        ("openai.chat", {"prompt_tokens": 9, "completion_tokens": 1}),
    ],
)
def test_units_that_nobody_spoke_of_are_unknown(name, usage):
    assert FLAVOURS[name](usage)[1:] == ((), None)


@pytest.mark.parametrize(
    ("sent", "made", "units"),
    [
        ({"audio_tokens": 0}, {"audio_tokens": 0}, {}),
        ({"text_tokens": 9}, {"text_tokens": 2}, {}),
        ({"audio_tokens": 0}, {}, None),
        ({}, {"text_tokens": 2}, None),
        ({"audio_tokens": None}, {"audio_tokens": None, "reasoning_tokens": 1}, None),
        (
            {"audio_tokens": 4, "image_tokens": 3},
            {"video_tokens": 1},
            {"input_audio": 4, "input_image": 3, "output_video": 1},
        ),
    ],
)
def test_that_all_was_text_is_known_where_both_sides_tell_it(sent, made, units):
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": sent,
        "completion_tokens_details": made,
    }
    assert FLAVOURS["openai.chat"](usage).units == units


def test_an_embedding_has_one_side_only():
    usage = {"prompt_tokens": 9, "total_tokens": 9, "prompt_tokens_details": {"text_tokens": 9}}
    assert FLAVOURS["openai.embeddings"](usage).units == {}


def test_cached_sound_that_nobody_spoke_of_is_unknown_and_not_0():
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"audio_tokens": 4, "cached_tokens": 5},
    }
    assert FLAVOURS["openai.chat"](usage).units == {"input_audio": 4}


@pytest.mark.parametrize(("name", "unit"), [("openai.images", "output_image"), ("openai.speech", "output_audio")])
def test_what_comes_out_of_a_painter_and_a_speaker_is_known_without_being_told(name, unit):
    tokens, flags, units = read(name, input_tokens=50, output_tokens=1056, total_tokens=1106)
    assert (tokens.input, tokens.output, flags, units) == (50, 1056, (), {unit: 1056})


def test_a_total_that_leaves_iterations_out_is_added_up_anew():
    rounds = [
        {"type": "compaction", "input_tokens": 100, "output_tokens": 7},
        {"type": "message", "input_tokens": 5, "output_tokens": 3},
    ]
    tokens, flags = counted("anthropic.messages", input_tokens=5, output_tokens=3, total_tokens=8, iterations=rounds)
    assert (tokens.input, tokens.output, tokens.total, flags) == (105, 10, 115, ("summed_iterations",))


def test_iterations_without_counts_leave_those_above_them():
    tokens, flags = counted("anthropic.messages", input_tokens=5, output_tokens=3, iterations=[{"type": "message"}])
    assert (tokens.input, tokens.output, flags) == (5, 3, ())


# -- bad values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "usage", "field"),
    [
        ("openai.chat", {"prompt_tokens": -1}, "usage.prompt_tokens"),
        (
            "openai.chat",
            {"prompt_tokens_details": {"cached_tokens": 1.5}},
            "usage.prompt_tokens_details.cached_tokens",
        ),
        ("anthropic.messages", {"input_tokens": "12"}, "usage.input_tokens"),
        ("google.generate_content", {"promptTokenCount": True}, "usage.promptTokenCount"),
        ("cohere.v2.chat", {"billed_units": {"input_tokens": 10**13}}, "usage.billed_units.input_tokens"),
        ("openai.chat", {"prompt_tokens_details": "somebody's prompt"}, "usage.prompt_tokens_details"),
        ("bedrock.converse", {"cacheDetails": "x"}, "usage.cacheDetails"),
        ("mistral.chat", {"prompt_audio_seconds": -1}, "usage.prompt_audio_seconds"),
        ("mistral.chat", {"prompt_audio_seconds": "203"}, "usage.prompt_audio_seconds"),
        ("openai.transcription", {"seconds": float("nan")}, "usage.seconds"),
        ("openai.transcription", {"seconds": float("inf")}, "usage.seconds"),
        ("openai.transcription", {"seconds": Decimal("NaN")}, "usage.seconds"),
        ("openai.transcription", {"seconds": True}, "usage.seconds"),
        ("openai.transcription", {"seconds": 10**12 + 0.5}, "usage.seconds"),
        ("anthropic.messages", {"iterations": {"type": "message"}}, "usage.iterations"),
        ("anthropic.messages", {"iterations": [{"output_tokens": -1}]}, "usage.iterations.output_tokens"),
        (
            "anthropic.messages",
            {"server_tool_use": {"web_search_requests": 0.5}},
            "usage.server_tool_use.web_search_requests",
        ),
        (
            "google.generate_content",
            {"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": "9"}]},
            "usage.promptTokensDetails.tokenCount",
        ),
        ("cohere.rerank", {"billed_units": {"search_units": -1}}, "usage.billed_units.search_units"),
        ("xai.responses", {"server_side_tool_usage_details": [3]}, "usage.server_side_tool_usage_details"),
        ("ollama.chat", {"eval_count": float("inf")}, "usage.eval_count"),
    ],
)
def test_a_bad_value_is_named_by_its_path(name, usage, field):
    with pytest.raises(BadField) as bad:
        FLAVOURS[name](usage)
    assert bad.value.field == field
    assert "prompt" not in str(bad.value.details["value"])


@pytest.mark.parametrize("nothing", [None, {}, [], ""])
def test_details_without_content_say_nothing(nothing):
    assert read("openai.chat", prompt_tokens=9, prompt_tokens_details=nothing).tokens.cache_read == 0
