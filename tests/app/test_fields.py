"""The members of a JSON object as a readable table."""

from app.components import fields


def test_each_value_is_named_by_its_path_and_reads_like_a_word() -> None:
    members = {"model": "m", "usage": {"in": 3, "cache": {"read": None}}, "tags": ["a", "b"], "hit": True, "none": {}}
    assert fields.flat(members) == [
        ("model", "m"), ("usage.in", "3"), ("usage.cache.read", "none"), ("tags", "a, b"), ("hit", "yes"), ("none", "{}"),
    ]  # fmt: skip


def test_what_is_no_word_is_json() -> None:
    assert fields.flat({"sources": [{"provider": "ü"}], "empty": []}) == [
        ("sources", '[{"provider": "ü"}]'), ("empty", "none"),
    ]  # fmt: skip
