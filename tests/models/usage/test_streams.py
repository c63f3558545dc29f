"""What a stream comes to, provider by provider, by transcripts; and that no frame counts twice."""

import json
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.usage.normalise import normalise
from models.usage.streams import reading
from models.usage.streams.frames import framed
from models.usage.streams.reading import of_body, of_frames, of_stream

FOLDER = Path(__file__).parents[2] / "fixtures/streams"
STREAMS = [
    stream for name in ("expected.json", "own.json") for stream in json.loads((FOLDER / name).read_text())["streams"]
]
NAMES = [stream["file"] for stream in STREAMS]
WHOLE = [stream for stream in STREAMS if stream["expected"]["complete"] and stream["expected"]["usage_found"]]


def content(stream):
    return (FOLDER / stream["file"]).read_bytes()


def tokens(answer, stream):
    return normalise(answer.usage, stream["api"] or answer.api, stream["provider"]).tokens


def read(text):
    return of_stream([text.encode()])


def frames_of(stream):
    are_events, frames = framed([content(stream)])
    return list(frames), are_events


# -- transcripts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_a_transcript(stream):
    answer, expected = of_stream([content(stream)]), stream["expected"]
    assert (answer.complete, bool(answer.usage), answer.model) == (
        *(expected["complete"], expected["usage_found"]),
        expected["model_in_stream"],
    )
    counts = tokens(answer, stream)
    assert {name: getattr(counts, name) for name in expected["tokens"]} == expected["tokens"]
    assert (answer.failed, answer.error_type, answer.error_code) == (
        *(expected.get("failed", False), expected.get("error_type")),
        expected.get("error_code"),
    )


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_the_shape_of_the_frames_tells_the_flavour_where_nobody_names_it(stream):
    answer = of_stream([content(stream)])
    assert normalise(answer.usage, answer.api, stream["provider"]).tokens == tokens(answer, stream)


def test_every_file_is_a_transcript():
    assert {path.name for path in FOLDER.iterdir()} == {*NAMES, "expected.json", "own.json"}


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_nothing_of_what_was_said_is_in_the_answer(stream):
    """The texts of all transcripts, and their errors' messages."""
    said = repr(of_stream([content(stream)]))
    for text in ("Hello", "Hi", "Good", "One", "Red", "Blue", "Overloaded", "disconnected", "had an error"):
        assert text not in said


# -- cut anywhere -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", WHOLE, ids=[stream["file"] for stream in WHOLE])
def test_cut_anywhere_it_is_complete_only_with_its_last_counts(stream):
    """And what it counts is never more than the whole."""
    text, whole = content(stream), of_stream([content(stream)])
    for at in range(len(text)):
        answer = of_stream([text[:at]])
        assert not answer.complete or answer.usage == whole.usage
        assert (tokens(answer, stream).total or 0) <= tokens(whole, stream).total


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n\n", "data: [DONE]\n\n", ": ping\n\n", "nonsense", "<html>Bad gateway</html>", "data: nonsense\n\n"),
        *("null", "[]", "[1, 2]", '"text"', "data: [1]\n\n", "data: 5\n\n", 'event: ping\ndata: {"type":"ping"}\n\n'),
    ],
)
def test_what_never_began_was_not_cut(text):
    answer = read(text)
    assert (answer.cut, answer.usage, answer.failed) == (False, {}, False)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ('{"error": {"message": "You said X", "type": "invalid_request_error", "code": null}}', "invalid_request_error", None),
        ('{\n  "error": {\n    "code": 429, "status": "RESOURCE_EXHAUSTED"\n  }\n}\n', "RESOURCE_EXHAUSTED", "429"),
        ('[{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}]', "INVALID_ARGUMENT", "400"),
        ('data: {"error": {"code": 502, "message": "no"}}\n\n', None, "502"),
        ('event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n', "overloaded_error", None),
        ('data: {"type": "error", "code": "rate_limit_exceeded", "message": "no"}\n\n', None, "rate_limit_exceeded"),
        ('data: {"object": "error", "message": "no", "code": 40001}\n\n', None, "40001"),
        ('{"error": "model not found"}', None, None),
        ('event: throttlingException\ndata: {"message": "Too many requests"}\n\n', "throttlingException", None),
    ],
)  # fmt: skip
def test_an_error_instead_of_an_answer_is_a_failed_call_and_no_cut_one(text, kind, code):
    answer = read(text)
    assert (answer.failed, answer.cut, answer.usage) == (True, False, {})
    assert (answer.error_type, answer.error_code) == (kind, code)


@pytest.mark.parametrize("said", ["You asked: how do I", "sk-abcdefgh", "x" * 65, "", {"a": 1}, ["a"], True, -5, 10**9])
def test_of_an_error_only_words_and_small_numbers_are_kept(said):
    answer = read(json.dumps({"error": {"type": said, "code": said, "message": said}}))
    assert (answer.failed, answer.error_type, answer.error_code) == (bool({"message": said}), None, None)


def test_an_error_in_the_midst_of_it_cuts_it_even_where_it_goes_on():
    """What came before the error may be billed, and nobody says whether the counts hold it."""
    chunk, error = {"choices": [{"index": 0}]}, {"error": {"code": 502}}
    end = [{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}, {"type": "[DONE]"}]
    assert of_frames([chunk, error, *end], are_events=True).cut
    assert not of_frames([chunk, *end], are_events=True).cut


def test_bedrock_s_metadata_without_a_stop_are_no_end():
    metadata = {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 1}}}
    assert of_frames([metadata], are_events=False).cut
    for frames in ([{"messageStop": {}}, metadata], [metadata, {"messageStop": {}}]):
        assert not of_frames(frames, are_events=False).cut


def test_one_choice_that_has_not_finished_leaves_json_chunks_open():
    chunks = [{"choices": [{"index": at, "finish_reason": end}]} for at, end in ((0, "stop"), (1, None))]
    usage = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    assert of_frames([*chunks, usage], are_events=False).cut
    assert not of_frames([*chunks, {"choices": [{"index": 1, "finish_reason": "stop"}]}, usage], are_events=False).cut


def test_json_chunks_of_a_chat_have_no_done_behind_them():
    frames, _ = frames_of(STREAMS[0])
    chunks = [frame for frame in frames if frame.get("type") != "[DONE]"]
    assert of_frames(chunks, are_events=False).complete
    assert not of_frames(chunks, are_events=True).complete


def test_a_stream_without_an_end_is_read_up_to_a_bound_and_counts_as_cut():
    chunk = {"choices": [{"index": 0}]}
    endless = chain(repeat(chunk, reading.MAX_FRAMES), [{"type": "[DONE]"}])
    assert of_frames(endless, are_events=True).cut


# -- order and repetition -----------------------------------------------------------------------------------------


@given(data=st.data(), stream=st.sampled_from(WHOLE))
def test_frames_that_come_twice_change_nothing(data, stream):
    frames, are_events = frames_of(stream)
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(frames), max_size=len(frames)))
    repeated = [frame for frame, many in zip(frames, times, strict=True) for _ in range(many)]
    once, again = of_frames(frames, are_events=are_events), of_frames(repeated, are_events=are_events)
    assert (again.usage, again.complete, again.model) == (once.usage, once.complete, once.model)


@given(data=st.data(), stream=st.sampled_from(WHOLE))
def test_frames_in_any_order_and_number_never_add_up_to_more(data, stream):
    frames, are_events = frames_of(stream)
    mixed = data.draw(st.permutations(frames)) + data.draw(st.lists(st.sampled_from(frames), max_size=5))
    whole = tokens(of_frames(frames, are_events=are_events), stream)
    found = tokens(of_frames(mixed, are_events=are_events), stream)
    for name in ("input", "output", "cache_read", "cache_write", "reasoning", "total"):
        assert (getattr(found, name) or 0) <= getattr(whole, name)


def test_a_delta_that_says_0_or_null_leaves_what_the_start_said():
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 25, "output_tokens": 1}}}
    for nothing in (0, None):
        delta = {"type": "message_delta", "usage": {"input_tokens": nothing, "output_tokens": 15}}
        for frames in ([start, delta], [delta, start]):
            assert of_frames(frames, are_events=True).usage == {"input_tokens": 25, "output_tokens": 15}


def test_counts_from_the_end_stay_whatever_comes_late():
    end = {
        "candidates": [{"finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 9},
    }
    early = {"candidates": [{}], "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2}}
    for frames in ([early, end], [end, early], [early, end, early, end, early]):
        answer = of_frames(frames, are_events=True)
        assert (answer.usage["candidatesTokenCount"], answer.complete) == (9, True)


def test_the_first_model_and_the_last_tier_count():
    frames = [
        {"choices": [], "model": model, "service_tier": tier}
        for model, tier in (("", None), ("a", "auto"), ("b", "flex"))
    ]
    answer = of_frames([*frames, {"choices": [], "model": {"x": 1}, "service_tier": None}], are_events=True)
    assert (answer.model, answer.service_tier) == ("a", "flex")


@pytest.mark.parametrize("model", [5, None, {}, [], "", "  ", "x" * 257])
def test_what_is_no_name_is_none(model):
    assert of_body({"model": model, "modelVersion": model}).model is None


# -- bodies -------------------------------------------------------------------------------------------------------

COUNTS = {"prompt_tokens": 5, "completion_tokens": 2}


@pytest.mark.parametrize(
    ("body", "usage"),
    [
        ({"object": "chat.completion", "usage": COUNTS}, COUNTS),
        ({"usageMetadata": {"promptTokenCount": 5}}, {"promptTokenCount": 5}),
        ({"usage_metadata": {"prompt_token_count": 5}}, {"prompt_token_count": 5}),
        ({"x_groq": {"usage": COUNTS}, "usage": None}, COUNTS),
        ({"meta": {"billed_units": {"search_units": 1}}}, {"billed_units": {"search_units": 1}}),
        ({"output": {}, "usage": {"inputTokens": 5}, "metrics": {"latencyMs": 5}}, {"inputTokens": 5}),
        ({"metadata": {"usage": {"inputTokens": 5}}}, {"inputTokens": 5}),
        ({"done": True, "prompt_eval_count": 5, "eval_count": 2}, {"prompt_eval_count": 5, "eval_count": 2}),
        ({"generation": "x", "prompt_token_count": 5, "generation_token_count": 2}, {"prompt_token_count": 5, "generation_token_count": 2}),
        ({"embedding": [], "inputTextTokenCount": 5}, {"inputTextTokenCount": 5}),
        ({"inputTextTokenCount": 5, "results": [{"tokenCount": 2}]}, {"inputTextTokenCount": 5, "results": [{"tokenCount": 2}]}),
        ({"predictions": [{"embeddings": {"statistics": {"token_count": 4}}}]}, {"predictions": [{"embeddings": {"statistics": {"token_count": 4}}}]}),
        ({"content": "x", "tokens_evaluated": 5, "tokens_predicted": 2}, {"tokens_evaluated": 5, "tokens_predicted": 2}),
        ({"type": "response.completed", "response": {"usage": COUNTS}}, COUNTS),
        *(({"usage": nothing}, {}) for nothing in (None, {}, [], "many", 5)),
        ({}, {}),
    ],
)  # fmt: skip
def test_where_usage_stands_in_a_body(body, usage):
    answer = of_body(body)
    assert (answer.usage, answer.complete, answer.failed) == (usage, True, False)


@pytest.mark.parametrize(
    ("body", "api"),
    [
        ({"object": "response"}, "openai.responses"),
        ({"type": "message"}, "anthropic.messages"),
        ({"object": "chat.completion"}, None),
        ({"object": {}, "type": []}, None),
    ],
)
def test_a_body_that_names_itself(body, api):
    assert of_body(body).api == api


@pytest.mark.parametrize(
    ("body", "tier"),
    [({"service_tier": "flex"}, "flex"), ({"serviceTier": {"type": "priority"}}, "priority"), ({"service_tier": 5}, None)],
)  # fmt: skip
def test_the_tier_beside_the_usage(body, tier):
    assert of_body(body).service_tier == tier


def test_a_body_that_is_an_error_is_a_failed_call():
    answer = of_body({"type": "error", "error": {"type": "not_found_error", "message": "model: x"}})
    assert (answer.failed, answer.error_type, answer.cut) == (True, "not_found_error", False)
    failed = of_body({"object": "response", "status": "failed", "error": {"code": "server_error", "message": "x"}})
    assert (failed.failed, failed.error_code) == (True, "server_error")
