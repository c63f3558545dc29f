"""The busiest hour and its busiest minute."""

import polars as pl

from models.spend import health
from models.spend.table import PERIOD

HOUR = 3_600_000_000


def hours(*rows: tuple[int, str, int, int]) -> pl.DataFrame:
    """Hour, model, requests, tokens."""
    schema = {PERIOD: pl.Int64, "model": pl.String, "requests": pl.Int64, "total_tokens": pl.Int64}
    return pl.DataFrame([(hour * HOUR, *rest) for hour, *rest in rows], schema=schema, orient="row")


BUSY = hours((1, "a", 60, 100), (1, "b", 60, 20), (2, "a", 90, 6_000), (3, "b", 6, 6))


def test_models_are_busy_together() -> None:
    peak = health.peak(BUSY)
    assert peak
    assert (peak.start_us, peak.end_us) == (HOUR, 2 * HOUR)
    assert (peak.requests_per_minute, peak.tokens_per_minute) == (2.0, 100.0)


def test_each_has_an_hour_of_its_own() -> None:
    peaks = health.peaks(BUSY, ["model"])
    assert {key: (each.start_us // HOUR, each.requests_per_minute) for key, each in peaks.items()} == {
        ("a",): (2, 1.5), ("b",): (1, 1.0),
    }  # fmt: skip


def test_of_nothing_there_is_no_peak() -> None:
    assert health.peak(hours()) is None
    assert health.peaks(hours(), ["model"]) == {}
    assert health.busiest_minute(hours()) == 0


def test_the_busiest_minute_is_the_one_with_the_most_calls() -> None:
    assert health.busiest_minute(BUSY) == 90


def test_sums_beyond_64_bits_are_exact() -> None:
    most = 2**62
    peak = health.peak(hours((1, "a", 1, most), (1, "b", 1, most), (1, "c", 1, most)))
    assert peak
    assert peak.tokens_per_minute == 3 * most / 60
