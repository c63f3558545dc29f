"""What has a price, each declared once: its name, the price table's word for it, and the quantity that is quoted.

The names are those of the lines that explain a cost: the token classes, and the further units of `models.usage.units`.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

NANO = 1_000_000_000
TOKENS = 1_000_000
COUNT = 1_000
HOUR = 3_600  # seconds
NOT_THERE = ""  # the table quotes no such price, an override may


class Quoted(NamedTuple):
    """How people quote the price of a unit: so many dollars for `per` of them."""

    key: str  # of genai-prices
    per: int = TOKENS


CLASSES = ("input", "cache_read", "cache_write", "cache_write_1h", "output")  # counts that have one price each
QUOTED: dict[str, Quoted] = {
    "input": Quoted("input_mtok"),
    "cache_read": Quoted("cache_read_mtok"),
    "cache_write": Quoted("cache_write_mtok"),
    "cache_write_1h": Quoted("cache_write_1h_mtok"),
    "output": Quoted("output_mtok"),
    "input_audio": Quoted("input_audio_mtok"),
    "input_image": Quoted("input_image_mtok"),
    "input_video": Quoted("input_video_mtok"),
    "cache_read_audio": Quoted("cache_audio_read_mtok"),
    "cache_read_image": Quoted("cache_image_read_mtok"),
    "cache_read_video": Quoted("cache_video_read_mtok"),
    "output_audio": Quoted("output_audio_mtok"),
    "output_image": Quoted("output_image_mtok"),
    "output_video": Quoted("output_video_mtok"),
    "citation_tokens": Quoted("output_citation_mtok"),
    "reasoning_tokens": Quoted("output_reasoning_mtok"),
    "other_model_tokens": Quoted(NOT_THERE),
    "web_searches": Quoted("web_searches_kcount", COUNT),
    "file_searches": Quoted("storage_searches_kcount", COUNT),
    "x_searches": Quoted(NOT_THERE, COUNT),
    "x_posts": Quoted(NOT_THERE, COUNT),
    "x_users": Quoted(NOT_THERE, COUNT),
    "code_runs": Quoted(NOT_THERE, COUNT),
    "search_sources": Quoted(NOT_THERE, COUNT),
    "search_units": Quoted(NOT_THERE, COUNT),
    "search_requests": Quoted(NOT_THERE, COUNT),
    "classifications": Quoted(NOT_THERE, COUNT),
    "images": Quoted(NOT_THERE, COUNT),
    "audio_seconds": Quoted("input_audio_hours", HOUR),
}

# What a cached token would have cost without the cache.
UNCACHED = {"cache_read": "input", "cache_write": "input", "cache_write_1h": "input"} | {
    f"cache_read_{kind}": f"input_{kind}" for kind in ("audio", "image", "video")
}

Rates: TypeAlias = Mapping[str, Fraction]  # nano-dollars for one, by unit


def rate(unit: str, dollars: Decimal | Fraction) -> Fraction:
    """Nano-dollars for one, from dollars as they are quoted."""
    return Fraction(dollars) * NANO / QUOTED[unit].per


def quoted(unit: str, rate: Fraction) -> Decimal:
    """Dollars as they are quoted, exact where they were."""
    dollars = rate * QUOTED[unit].per / NANO
    return Decimal(dollars.numerator) / Decimal(dollars.denominator)
