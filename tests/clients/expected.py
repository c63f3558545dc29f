"""What a right ingest stores of a call, written down from what was asked for and from the providers' price lists.

LiteLLM's own arithmetic plays no part: prices here are nano-dollars per token, so $2.50 per million tokens is 2,500.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Price:
    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0


PRICES = {
    "gpt-4o": Price(input=2_500, output=10_000, cache_read=1_250),
    "gpt-4o-mini": Price(input=150, output=600, cache_read=75),
    "text-embedding-3-small": Price(input=20, output=0),
    "claude-haiku-4-5-20251001": Price(input=1_000, output=5_000, cache_read=100, cache_write=1_250),
}


class OneOf:
    """Equal to each of its values, where the contract allows several."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __eq__(self, other: object) -> bool:
        return other in self.values

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return " or ".join(map(repr, self.values))


NONE_OR_ZERO = OneOf(None, 0)  # of a token class that a model does not have

UNATTRIBUTED = {
    "feature": "unknown",
    "team": None,
    "env": None,
    "department": None,
    "agent": None,
    "project": None,
    "endpoint": None,
    "prompt": None,
    "end_user": None,
    "tags": [],
}
SUCCEEDED = {
    "source": "litellm",
    "status": "success",
    "error_type": None,
    "error_code": None,
    "error_str": None,
    "cache_hit": False,
    "cost_source": "reported",
    "saved_nano_usd": 0,
}
FAILED = {
    "source": "litellm",
    "status": "failure",
    "cache_hit": False,
    "cost_source": "reported",
    "cost_nano_usd": 0,
    "saved_nano_usd": 0,
    "input_tokens": NONE_OR_ZERO,
    "output_tokens": NONE_OR_ZERO,
    "total_tokens": NONE_OR_ZERO,
}


def tokens(input: int, output: int, cache_read: int = 0, cache_write: int = 0, reasoning: int = 0) -> dict[str, Any]:
    return {
        "input_tokens": input,
        "output_tokens": output,
        "total_tokens": input + output,
        "cache_read_tokens": cache_read or NONE_OR_ZERO,
        "cache_write_tokens": cache_write or NONE_OR_ZERO,
        "reasoning_tokens": reasoning or NONE_OR_ZERO,
    }


def cost(model: str, input: int, output: int, cache_read: int = 0, cache_write: int = 0, **_: int) -> dict[str, int]:
    """As in an event, `input` holds cache reads and writes."""
    price = PRICES[model]
    fresh = input - cache_read - cache_write
    input_cost = fresh * price.input + cache_read * price.cache_read + cache_write * price.cache_write
    output_cost = output * price.output
    return {
        "cost_nano_usd": input_cost + output_cost,
        "input_cost_nano_usd": input_cost,
        "output_cost_nano_usd": output_cost,
    }


def success(model: str, provider: str = "openai", **counts: int) -> dict[str, Any]:
    return SUCCEEDED | {"model": model, "provider": provider} | tokens(**counts) | cost(model, **counts)


def failure(model: str, provider: str | None, error_type: str, error_code: str) -> dict[str, Any]:
    return FAILED | {"model": model, "provider": provider, "error_type": error_type, "error_code": error_code}


def cache_hit(model: str, provider: str = "openai", **counts: int) -> dict[str, Any]:
    """Costs nothing, and saved what the call would have cost."""
    return success(model, provider, **counts) | {
        "cache_hit": True,
        "cost_source": "cached",
        "cost_nano_usd": 0,
        "input_cost_nano_usd": NONE_OR_ZERO,
        "output_cost_nano_usd": NONE_OR_ZERO,
        "saved_nano_usd": cost(model, **counts)["cost_nano_usd"],
    }


def unpriced(model: str, provider: str = "openai", **counts: int) -> dict[str, Any]:
    """Nobody knows the price: no cost, and never a silent 0."""
    no_money = dict.fromkeys(("cost_nano_usd", "input_cost_nano_usd", "output_cost_nano_usd"))
    return SUCCEEDED | {"model": model, "provider": provider, "cost_source": "unpriced"} | tokens(**counts) | no_money


def assert_stored(row: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Compares each expected attribute, and names all that differ."""
    differing = []
    for name, value in expected.items():
        stored = sorted(row[name]) if name == "tags" else row.get(name, "(no such attribute)")
        if stored != value:
            differing.append(f"{name}: stored {stored!r}, expected {value!r}")
    assert not differing, "\n".join(differing)
