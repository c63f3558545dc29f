"""What was said in a call: kept as it came, cut where there is too much of it, and never the reason of a failure."""

import json
import random

import msgspec
import pytest

from models.usage.content import MAX_PACKED, MAX_TEXT, Text, as_json, content_of, pack, unpack

MESSAGES = [{"role": "user", "content": "Wie wird das Wetter? ☀"}]


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def test_it_comes_back_as_it_was() -> None:
    content = content_of(raw(MESSAGES), {"choices": []})
    assert content is not None
    found = unpack(pack(content))
    assert found == content
    assert json.loads(found.messages.text) == MESSAGES
    assert not found.messages.cut


@pytest.mark.parametrize("nothing", [None, msgspec.Raw(b"null")])
def test_where_nothing_was_said_nothing_is_kept(nothing: object) -> None:
    assert content_of(nothing, nothing) is None
    content = content_of(nothing, "hello")
    assert content is not None
    assert content.messages is None


def test_of_a_long_text_the_beginning_is_kept_and_how_long_it_was() -> None:
    content = content_of(raw("é" * MAX_TEXT), None)
    assert content is not None
    kept = unpack(pack(content)).messages
    assert kept.cut
    assert (len(kept.text.encode()) <= MAX_TEXT, kept.length) == (True, 6 * MAX_TEXT + 2)


def test_what_can_not_be_compressed_is_small_all_the_same() -> None:
    chance = random.Random(7)
    letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/é", k=MAX_TEXT))
    content = content_of(letters, letters)
    assert content is not None
    packed = pack(content)
    assert MAX_PACKED / 4 < len(packed) <= MAX_PACKED
    assert unpack(packed).response.cut


def test_odd_values_are_written_somehow_or_left_out() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert as_json(deep) is None
    assert as_json("half an emoji \ud83d") == b'"half an emoji ?"'
    assert as_json(float("nan")) == b"NaN"


def test_no_character_is_cut_in_two() -> None:
    content = content_of(msgspec.Raw(b'"' + "é".encode() * MAX_TEXT + b'"'), None)
    assert content is not None
    assert content.messages == Text('"' + "é" * (MAX_TEXT // 2 - 1), 2 * MAX_TEXT + 2)
