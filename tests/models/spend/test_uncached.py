"""Where prompt caches could spare more, and what is never taken for it."""

from typing import Any

import pytest

from models.pricing.prices import published
from models.spend import uncached as rule
from tests.factories import NOON


def row(**values: Any) -> dict[str, Any]:
    usual = {"endpoint": "/a", "provider": "openai", "model": "gpt-4o", "requests": 1_000, "input_tokens": 5_000_000}
    return usual | {"cache_read_tokens": 0} | values


def uncached(*rows: dict[str, Any], days: int = 30) -> list[int]:
    return [each.spared_nano_usd for each in rule.uncached(rows, published(), days, NOON)]


def test_half_of_long_input_read_at_the_card_s_price_is_what_it_could_spare() -> None:
    assert uncached(row()) == [2_500_000 * (2_500 - 1_250)]  # gpt-4o: $2.50 and $1.25 a million


def test_the_dearest_come_first() -> None:
    assert uncached(row(), row(input_tokens=9_000_000)) == [4_500_000 * 1_250, 2_500_000 * 1_250]


@pytest.mark.parametrize(
    "values",
    [
        {"cache_read_tokens": 100_000}, {"input_tokens": 1_000_000}, {"requests": 30, "input_tokens": 5_000_000},
        {"provider": "vllm", "model": "ours"}, {"model": None}, {"model": "gpt-4"},
    ],
    ids=["reads already", "short input", "seldom", "no price", "no model", "no price for reading"],
)  # fmt: skip
def test_others_are_none(values: dict[str, Any]) -> None:
    assert uncached(row(**values)) == []
