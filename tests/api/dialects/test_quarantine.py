"""What rests in quarantine is small, known by name, JSON, and nobody's prompt."""

import json
from decimal import Decimal
from typing import Any

import pytest

from api.dialects import quarantine
from models.usage.text import label

from .samples import BATCH, CALLBACK, INGEST, LITELLM, LLMTRACK, bad, litellm, llmtrack, rest

SECRET = "the merger is on friday"
SENDERS = {INGEST: rest, BATCH: rest, LLMTRACK: llmtrack, LITELLM: litellm, CALLBACK: litellm}


@pytest.mark.parametrize("door", SENDERS)
def test_only_known_fields_are_kept(door: str) -> None:
    content = {
        name: [{"role": "user", "content": SECRET}]
        for name in ("messages", "prompt", "input", "response", "unheard_of", "hidden_params", "api_key")
    }
    metadata = {
        "team": "search",
        "secret": SECRET,
        "prompt": SECRET,
        "requester_metadata": {"note": SECRET, "env": "qa"},
    }
    kept = bad(door, SENDERS[door](prompt_tokens=-1, metadata=metadata, **content)).kept
    assert SECRET not in repr(kept)
    assert kept["metadata"] == {"team": "search", "env": "qa"}
    assert kept["prompt_tokens"] == -1


@pytest.mark.parametrize("door", SENDERS)
@pytest.mark.parametrize("field", ["metadata", "usage", "cost_breakdown", "startTime", "response_cost", "id", "model"])
def test_a_text_in_the_wrong_place_is_not_kept(door: str, field: str) -> None:
    text = f"{SECRET} " * 60
    assert SECRET not in repr(bad(door, SENDERS[door](**{"prompt_tokens": -1, field: text})).kept)


@pytest.mark.parametrize("door", SENDERS)
def test_what_is_kept_is_small_json_whatever_was_sent(door: str) -> None:
    huge: Any = "\U0001f600" * 1024
    labels = dict.fromkeys(("team", "project", "feature", "env", "department", "agent", "endpoint", "prompt_id"), huge)
    sent = SENDERS[door](
        id=huge, request_id=huge, prompt_tokens=-1, completion_tokens=10**60, metadata=labels, end_user=huge,
        request_tags=[huge + str(number) for number in range(100)], error_str=huge,
        usage={f"k{number}": {f"k{inner}": 10**60 for inner in range(50)} for number in range(50)},
    )  # fmt: skip
    assert len(json.dumps(bad(door, sent).kept)) < 8_192


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, 5),
        (True, True),
        (1.5, 1.5),
        (Decimal("0.00028319999999999994"), 0.00028319999999999994),
        (Decimal("0.1000000000000000000000000001"), "0.1000000000000000000000000001"),
        (Decimal("NaN"), "NaN"),
        (Decimal("1e400"), "1E+400"),
        (10**30, str(10**30)),
        ("2026-06-01", "2026-06-01"),
        ("x" * 65, None),
        ({}, None),
        ([1], None),
        (None, None),
    ],
    ids=repr,
)
def test_scalars(value: object, kept: object) -> None:
    assert quarantine.scalar(value) == kept


def test_models_are_kept_whole_or_not_at_all() -> None:
    assert quarantine.name("m" * 256) == "m" * 256
    assert quarantine.name("m" * 257) is None


def test_a_usage_object_keeps_its_numbers() -> None:
    usage = {
        "prompt_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": -1, "note": SECRET},
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}, SECRET],
        "service_tier": "flex",
        SECRET: 1,
        "deep": {"deep": {"deep": {"deep": {"deep": 1}}}},
        "empty": None,
        "text": SECRET,
    }
    assert quarantine.usage_counts(usage) == {
        "prompt_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": -1},
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}],
        "service_tier": "flex",
        "deep": {"deep": {"deep": {}}},
    }
    assert quarantine.usage_counts(SECRET) is None


def test_what_comes_first_goes_first() -> None:
    fields = (*quarantine.fields(label, "a", "b"), *quarantine.fields(label, "c", inside=("in",)))
    assert quarantine.kept({"a": 1, "b": "x", "in": {"c": "y"}, "d": 1}, fields) == {
        "a": "1",
        "b": "x",
        "in": {"c": "y"},
    }
    many = quarantine.fields(label, *(f"f{number:02}" for number in range(40)))
    kept = quarantine.kept({path[0]: "x" * 256 for path, _ in many}, many)
    assert list(kept) == [path[0] for path, _ in many[: len(kept)]]
