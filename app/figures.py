"""Measures and dimensions on screen: what they are called, and how a value of theirs is written, short and in full.

The short text is for reading; the exact one stands in tooltips, and is what the query API says, to the last digit.
"""

from collections.abc import Mapping
from typing import Any

from app import formats
from models.spend import dimensions
from models.spend.dimensions import NONE
from models.spend.measures import MEASURES, Measure, Unit

LABELS = {
    "cost_per_1k_tokens": "Cost per 1k tokens",
    "latency_p50": "Latency p50",
    "latency_p95": "Latency p95",
    "latency_avg": "Mean latency",
    "cache_saved": "Saved by caches",
    "known_tokens_cost": "Cost of known tokens",
    "prompt_cache_saved": "Saved by prompt cache",
    "saved": "Saved by response cache",
    "saved_share": "Saved, share of spend",
    "requests_per_minute": "Requests a minute",
    "tokens_per_minute": "Tokens a minute",
    "unpriced_requests": "Unpriced",
    "env": "Environment",
    "model_group": "Requested model",
    "end_user": "End user",
    "cache_hit": "Cache hit",
    "tags": "Set of tags",
}  # words that are not their names with blanks

PRICED = ("cost", "input_cost", "output_cost", "known_tokens_cost")  # sums that calls without a price are not in
WHOLE = ("nano_usd", "count", "tokens")  # units of integers

# Whether less of it is good news; what is in neither is neutral.
LESS_IS_BETTER = {
    "cost": True, "input_cost": True, "output_cost": True, "errors": True, "error_rate": True, "latency_avg": True,
    "latency_p50": True, "latency_p95": True, "cost_per_request": True, "cost_per_1k_tokens": True,
    "unpriced_requests": True, "saved": False, "prompt_cache_saved": False, "saved_share": False, "cache_hits": False,
    "cache_saved": False, "cache_hit_rate": False, "tokens_avoided": False,
}  # fmt: skip


def label(name: str) -> str:
    """Of a measure or a dimension."""
    if dimensions.is_tag_key(name):
        return f"Tag {name.removeprefix(dimensions.TAG_KEY)}"
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def member(value: Any) -> str:
    """A value of a dimension."""
    if isinstance(value, list):
        return ", ".join(value) or NONE
    return NONE if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def unpriced(measure: Measure, row: Mapping[str, Any]) -> bool:
    """Whether all that a row has of it is calls without a known price: they did not cost nothing."""
    return measure.name in PRICED and not row[measure.column] and bool(row.get("unpriced_requests"))


def known(measure: Measure, row: Mapping[str, Any]) -> Any:
    """Its value in a row of an answer; None where that is not known, and no nought."""
    return None if unpriced(measure, row) else row[measure.column]


def text(measure: Measure, value: Any) -> str:
    return written(measure.unit, value)


def written(unit: Unit, value: Any) -> str:
    if value is None:
        return formats.UNKNOWN
    if unit == "nano_usd":
        return formats.money(int(value))
    if unit in ("count", "tokens"):
        return formats.compact_count(int(value)) if unit == "tokens" else formats.count(int(value))
    if unit == "ratio":
        return formats.percent(value)
    return duration(value) if unit == "ms" else rate(value)


def full(unit: Unit, value: Any) -> str:
    """Where a mark is pointed at: to the last digit that the query API has."""
    if value is None:
        return formats.UNKNOWN
    rounded, whole = written(unit, value), to_the_last_digit(unit, value)
    return whole if unit in WHOLE or rounded == whole else f"{rounded} ({whole})"


def short(unit: Unit, value: Any) -> str:
    """For places where there is room for no more: axes, treemaps."""
    if unit == "nano_usd" and value is not None:
        return formats.compact_money(int(value))
    if unit == "ratio" and value is not None:
        return f"{value * 100:g}{formats.THIN}%"
    if unit == "ms" and value:
        if value % 60_000 == 0:
            return f"{value / 60_000:.4g}{formats.THIN}min"
        return f"{value / 1_000:.4g}{formats.THIN}s" if value >= 1_000 else f"{value:.4g}{formats.THIN}ms"
    return formats.compact_count(int(value)) if unit == "count" and value is not None else written(unit, value)


def duration(milliseconds: float) -> str:
    """`240 ms`, `1.85 s`, `2.3 min`."""
    if milliseconds < 1_000:
        return f"{milliseconds:.0f}{formats.THIN}ms"
    seconds = milliseconds / 1_000
    return f"{seconds:.2f}{formats.THIN}s" if seconds < 120 else f"{seconds / 60:.1f}{formats.THIN}min"


def rate(per_minute: float) -> str:
    return f"{formats.compact_count(round(per_minute))}/min" if per_minute >= 10 else f"{per_minute:.2g}/min"


def exact(measure: Measure, value: Any) -> str:
    """As the query API has it: dollars to the last place that is not 0, integers as they are, ratios as they come."""
    return "unknown" if value is None else to_the_last_digit(measure.unit, value)


def to_the_last_digit(unit: Unit, value: Any) -> str:
    if unit in WHOLE:
        return formats.exact(int(value)) if unit == "nano_usd" else formats.count(int(value))
    return repr(value).removesuffix(".0") + (f"{formats.THIN}ms" if unit == "ms" else "")


def change(name: str, now: Any, before: Any) -> formats.Change | None:
    """Of a measure's value against the period before."""
    if now is None or before is None:
        return None
    return formats.change(now, before, LESS_IS_BETTER.get(name))


def moved(name: str, now: int | None, before: int | None) -> formats.Change | None:
    """The same of money, the amount first."""
    if now is None or before is None:
        return None
    return formats.moved(now, before, LESS_IS_BETTER.get(name))


def named(names: Any) -> list[Measure]:
    return [MEASURES[name] for name in names]
