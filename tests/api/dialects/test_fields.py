"""Fields are read by kind, and refused by name."""

from decimal import Decimal
from typing import Any

import pytest

from api.dialects.fields import amount, end, flag, id_if_any, latency, members, members_if_any, served, start
from models.errors import BadField
from models.periods import DAY, MAX_LATENCY, SECOND, YEAR_2000

from .samples import NOW

NAN = Decimal("NaN")
NOT_AMOUNTS = [-0.01, "-1", True, [], {}, "free", "", NAN, Decimal("Infinity"), 1_000_000.01, "1e999999999999999999"]
NOT_TIMES = ["soon", True, {}, [], NAN, float("inf"), "1e999999999999999999", 10**30, "2026-13-01"]


def refusal(call: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(BadField) as refused:
        call(*args)
    return refused.value.details or {}


@pytest.mark.parametrize(
    ("dollars", "nano"),
    [(None, None), (0, 0), (Decimal("0.00015"), 150_000), ("0.00015", 150_000), (0.00028319999999999994, 283_200)],
)
def test_amount(dollars: object, nano: int | None) -> None:
    assert amount(dollars, "cost") == nano


@pytest.mark.parametrize("value", NOT_AMOUNTS, ids=repr)
def test_no_amount(value: object) -> None:
    assert refusal(amount, value, "cost")["field"] == "cost"


@pytest.mark.parametrize("value", NOT_TIMES, ids=repr)
def test_no_time(value: object) -> None:
    assert refusal(start, value, "startTime", NOW)["field"] == "startTime"
    assert refusal(end, value, "endTime", NOW)["field"] == "endTime"


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T13:00:00+01:00",
        "2026-11-20 12:00:00",
        1795176000,
        1795176000000,
        1795176000.0,
    ],
)
def test_ways_to_write_a_time(value: object) -> None:
    assert start(value, "startTime", NOW) == 1_795_176_000 * SECOND


def test_a_start_lies_between_2000_and_tomorrow() -> None:
    assert start(YEAR_2000 // SECOND, "startTime", NOW) == YEAR_2000
    assert start((NOW + DAY) // SECOND, "startTime", NOW) == NOW + DAY
    for outside in (YEAR_2000 // SECOND - 1, (NOW + DAY) // SECOND + 1, None, "", -1, 0):
        assert refusal(start, outside, "startTime", NOW)["field"] == "startTime"


def test_an_end_may_be_wrong_without_costing_the_event() -> None:
    assert end(None, "endTime", NOW) is None
    assert end("", "endTime", NOW) is None
    assert end(1, "endTime", NOW) is None
    assert end("9999-12-31T23:59:59Z", "endTime", NOW) is None
    assert end(10**16 - 1, "endTime", NOW) is None


def test_latency() -> None:
    assert latency(None, 1_000, 3_000) == 2_000
    assert latency(None, 3_000, 1_000) is None
    assert latency(None, 3_000, None) is None
    assert latency(12.5, 1_000, 3_000) == 12_500
    assert latency(Decimal("0.1"), 1_000, 3_000) == 100
    assert latency(MAX_LATENCY, 1_000, 3_000) is None


@pytest.mark.parametrize("value", [-1, "12", True, {}, NAN, Decimal("Infinity"), float("nan")], ids=repr)
def test_no_latency(value: object) -> None:
    assert refusal(latency, value, 0, 0)["field"] == "latency_ms"


@pytest.mark.parametrize(("value", "read"), [(None, False), (True, True), ("true", True), ("False", False)])
def test_flag(value: object, read: bool) -> None:
    assert flag(value, "batch") is read


@pytest.mark.parametrize("value", [1, 0, "yes", "", [], {}, NAN], ids=repr)
def test_no_flag(value: object) -> None:
    assert refusal(flag, value, "batch")["field"] == "batch"


def test_what_stands_where_an_object_belongs_is_not_shown() -> None:
    assert refusal(members, "tell me a secret", "metadata") == {
        "field": "metadata",
        "value": "a string",
        "expected": "an object",
    }
    assert members(None, "metadata") == {}
    assert members_if_any("tell me a secret") == {}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"model": "gpt-4o"}, ("openai", "gpt-4o")),
        ({"model": "openai/gpt-4o", "provider": "OpenAI"}, ("openai", "gpt-4o")),
        ({"model": "gpt-4o", "provider": "azure", "custom_llm_provider": "openai"}, ("azure", "gpt-4o")),
        ({"model": "openai/gpt-4o", "custom_llm_provider": "openai"}, ("openai", "gpt-4o")),
        ({"model": "my-model", "provider": {}}, (None, "my-model")),
        ({"model": "m" * 256}, (None, "m" * 256)),
        ({"model": "a\ud800b"}, (None, "a�b")),
    ],
)
def test_served(sent: dict[str, Any], found: tuple[str | None, str]) -> None:
    assert served(sent) == found


@pytest.mark.parametrize("model", [None, "", "  ", 5, True, {}, ["gpt-4o"], "m" * 257], ids=repr)
def test_a_model_is_a_name_that_is_not_cut(model: object) -> None:
    assert refusal(served, {"model": model})["field"] == "model"


@pytest.mark.parametrize(
    ("said", "known"),
    [("x" * 1024, "x" * 1024), ("x" * 1025, None), ("a\x00b", None), (None, None), ("", None), ({}, None)],
    ids=lambda value: repr(value)[:12],
)
def test_an_id_that_is_not_needed_is_whole_or_missing(said: object, known: str | None) -> None:
    assert id_if_any(said) == known
