"""How a stream is taken apart: the same frames however it is framed, ended and cut into pieces; and never an exception."""

import json
import tracemalloc
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.usage.streams.frames import END, framed
from models.usage.streams.reading import of_stream

FOLDER = Path(__file__).parents[2] / "fixtures/streams"
TEXTS = [path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.name not in ("expected.json", "own.json")]
USAGE = b'{"usage": {"prompt_tokens": 5}}'
READ = [{"usage": {"prompt_tokens": 5}}]


def frames(*pieces):
    return list(framed(pieces)[1])


# -- server-sent events -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"data: " + USAGE + b"\n\n",
        b"data:" + USAGE + b"\n\n",
        b"data: " + USAGE,
        b"data: " + USAGE + b"\r\n\r\n",
        b"data: " + USAGE + b"\r\r",
        b"\xef\xbb\xbfdata: " + USAGE + b"\n\n",
        b"\n\n\r\n data\n\ndata: " + USAGE + b"\n\n",
        b": comment\n: another: data: {}\ndata: " + USAGE + b"\n\n",
        b"id: 5\nretry: 10\nunheard: of\ndata\ndata: " + USAGE + b"\n\n",
        b'data: {"usage":\ndata:  {"prompt_tokens":\ndata: 5}}\n\n',
        b"event: message\n\ndata: " + USAGE + b"\n\n",
        b"data: nonsense\n\ndata: [1]\n\ndata: 5\n\ndata: " + USAGE + b"\n\n",
        b"data:\n\ndata: " + USAGE + b"\n\n",
        b": comment\n\n" + USAGE + b"\n",
    ],
)
def test_events_as_the_specification_has_them_and_as_servers_send_them(text):
    assert frames(text) == READ


def test_the_name_of_an_event_is_the_type_of_a_frame_that_has_none():
    assert frames(b"event: metadata\ndata: " + USAGE + b"\n\ndata: " + USAGE + b"\n\n") == [
        {"type": "metadata", **READ[0]},
        *READ,
    ]
    assert frames(b'event: a\ndata: {"type": "b"}\n\n') == [{"type": "b"}]


def test_the_sign_for_the_end_is_a_frame():
    assert frames(b"data: " + USAGE + b"\n\ndata: [DONE]\n\n") == [*READ, END]
    assert frames(b"data: " + USAGE + b"\n\ndata:[DONE]") == [*READ, END]


def test_events_between_which_somebody_took_the_empty_lines():
    assert frames(b"data: " + USAGE + b"\ndata: " + USAGE + b"\ndata: [DONE]\n") == [*READ, *READ, END]
    assert frames(b"event: a\ndata: nonsense\nevent: b\ndata: " + USAGE + b"\n") == [{"type": "b", **READ[0]}]


def test_other_line_ends_of_unicode_end_no_line():
    text = 'data: {"model": "a\u2028b\u0085c\x0b", "usage": {"prompt_tokens": 5}}\n\n'.encode()
    assert [frame["usage"] for frame in frames(text.replace(b"\x0b", b"\\u000b"))] == [{"prompt_tokens": 5}]


# -- JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "many"),
    [
        (USAGE, 1),
        (USAGE + b"\n" + USAGE + b"\n", 2),
        (USAGE + b"\r\n\r\n" + USAGE, 2),
        (b"[" + USAGE + b"\n,\r\n" + USAGE + b"]", 2),
        (b"\xef\xbb\xbf [" + USAGE + b", 5, null, [" + USAGE + b"]]", 2),
        (json.dumps([READ[0], READ[0]], indent=2).encode(), 2),
        (b"[" + USAGE + b"," + USAGE[:-3], 1),
        (b'{"choices": [{"text": "} ] \\" {"}], "usage": {"prompt_tokens": 5}}', 1),
        (b"[]", 0),
        (b"[[[[", 0),
        (b'["{} ' + USAGE.replace(b'"', b""), 0),
        (b"{{{{", 0),
        (b"}}]]" + USAGE, 0),
    ],
)
def test_objects_in_an_array_in_lines_and_over_lines(text, many):
    assert [frame.get("usage") for frame in frames(text)] == [READ[0]["usage"]] * many


def test_a_text_that_is_cut_short_is_no_frame_whatever_stands_in_it():
    """Somebody's words must not become somebody's counts."""
    forged = b'}]}, {"usageMetadata": {"promptTokenCount": 5}, "candidates": [{"finishReason": "STOP"}]}]'
    assert frames(b'[{"candidates": [{"content": {"parts": [{"text": "' + forged) == []
    assert of_stream([b'data: {"choices": [{"delta": {"content": "' + forged]).usage == {}


# -- anything -----------------------------------------------------------------------------------------------------


def in_pieces(text, cuts):
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


@given(text=st.sampled_from(TEXTS), cuts=st.lists(st.integers(0, 100_000), max_size=30))
def test_a_stream_reads_the_same_wherever_it_is_cut(text, cuts):
    assert frames(*in_pieces(text, cuts)) == frames(text)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_stream_reads_the_same_byte_by_byte(text):
    assert frames(*(text[at : at + 1] for at in range(len(text)))) == frames(text)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_data_over_many_lines_reads_the_same_byte_by_byte(end):
    text = end.join((b'data: {"usage":', b"data:", b'data:  {"prompt_tokens":', b"data: 5}}", b"", b""))
    assert frames(*(text[at : at + 1] for at in range(len(text)))) == frames(text) == READ


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_stream_reads_the_same_whatever_ends_its_lines(text):
    plain = text.replace(b"\r\n", b"\n")
    assert frames(plain.replace(b"\n", b"\r\n")) == frames(plain.replace(b"\n", b"\r")) == frames(plain)


SOUP = st.sampled_from((
    *(b"data:", b"data: ", b"event: ", b":", b"\n", b"\r", b"\r\n", b"\n\n", b"{", b"}", b"[", b"]", b'"', b"\\", b"[DONE]"),
    *(b'"usage":', b'"choices":', b'"candidates":', b'"type":', b'"message_start"', b'"metadata"', b"null", b"5", b",", b"\xff"),
    *(USAGE, b'{"type":"message_delta","usage":5}', b'{"choices":5}', b'{"choices":[5,null,{"finish_reason":{}}]}', b'"\\ud83d"'),
    *(b'{"response":{"usage":[]},"type":"response.completed"}', b'{"done":true,"eval_count":{}}', b'{"error":[1]}', b"1e999999999"),
))  # fmt: skip


@given(parts=st.lists(SOUP | st.binary(max_size=8), max_size=30), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_any_bytes_are_read_without_an_exception_and_the_same_in_any_pieces(parts, cuts):
    text = b"".join(parts)
    assert of_stream(in_pieces(text, cuts)) == of_stream([text])


shapes = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "STOP", "message_stop", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["usage", "meta", "index", "finish_reason", "error", "type"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
MEMBERS = (
    *("type", "event_type", "object", "model", "usage", "usageMetadata", "metadata", "x_groq", "choices", "candidates"),
    *("promptFeedback", "message", "delta", "response", "error", "done", "messageStop", "service_tier", "serviceTier"),
)
TYPES = st.sampled_from(["message_start", "message_delta", "message_stop", "response.completed", "response.failed", "message-end", "stream-end", "metadata"])  # fmt: skip


@given(frame=st.dictionaries(st.sampled_from(MEMBERS), shapes, max_size=6), kind=st.none() | TYPES)
def test_members_of_any_kind_are_read_without_an_exception(frame, kind):
    text = json.dumps(frame | ({"type": kind} if kind else {})).encode()
    assert of_stream([text]).usage == of_stream([b"data: " + text + b"\n\n"]).usage


@pytest.mark.parametrize(
    "odd",
    [b'"\\ud83d"', b'"\xff\xfe"', b"[" * 500 + b"]" * 500, b'"' + b"x" * 5_000_000 + b'"', b"1e999", b'"a\\u0000b"'],
    ids=["half an emoji", "no UTF-8", "deep", "long", "a large number", "NUL"],
)
def test_what_stands_beside_the_counts_may_be_odd(odd):
    frame = b'{"choices": [{"delta": {"content": ' + odd + b'}}], "usage": {"prompt_tokens": 5}}'
    for text in (b"data: " + frame + b"\n\n", frame):
        assert [found["usage"] for found in frames(text)] == [{"prompt_tokens": 5}]


def test_what_nests_too_deeply_is_no_frame_and_takes_no_other_along():
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert frames(b"data: " + deep + b"\n\ndata: " + USAGE + b"\n\n") == READ
    assert frames(deep + b"\n" + USAGE) == READ


def test_amounts_are_read_exactly():
    (found,) = frames(b'data: {"usage": {"cost": 0.00015}}\n\n')
    assert found["usage"]["cost"] == Decimal("0.00015")


def test_of_a_frame_only_what_tells_something_is_built():
    assert frames(
        b'{"id": "x", "created": 5, "choices": [{"delta": {"content": "said"}, "index": 0}], "secret": "said"}'
    ) == [{"choices": [{"index": 0}]}]


def test_counts_by_text_are_built_without_the_texts():
    titan = b'{"inputTextTokenCount": 5, "results": [{"tokenCount": 2, "outputText": "said"}]}'
    assert frames(titan) == [{"inputTextTokenCount": 5, "results": [{"tokenCount": 2}]}]
    vertex = b'{"predictions": [{"embeddings": {"values": [0.5], "statistics": {"token_count": 4}}}]}'
    assert frames(vertex) == [{"predictions": [{"embeddings": {"statistics": {"token_count": 4}}}]}]


# -- memory -------------------------------------------------------------------------------------------------------

SIZE = 8 * 1024 * 1024
CHUNK = (
    b'data: {"choices": [{"index": 0, "delta": {"content": "some words"}, "finish_reason": null}], "usage": null}\n\n'
)


@pytest.mark.parametrize(
    "text",
    [
        CHUNK * (SIZE // len(CHUNK)),
        CHUNK.replace(b"\n\n", b"\n") * (SIZE // len(CHUNK)),
        b'data: {"choices": [], "text": "' + b"x" * SIZE + b'"}\n\n',
        b"\n" * SIZE,
        b"data:\n" * (SIZE // 6),
        b"[" + b'{"text": "some words"},' * (SIZE // 23),
        b"x" * SIZE,
    ],
    ids=["events", "no empty lines", "one long event", "empty lines", "empty data", "an array", "one line"],
)
def test_a_stream_takes_few_times_its_size_of_memory(text):
    tracemalloc.start()
    of_stream(text[at : at + 65_536] for at in range(0, len(text), 65_536))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * len(text), "bytes; values built of all of it would take some 30 times as many"
