"""Pricing: an event by a remembered rate card, against genai-prices working it out each time."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from genai_prices import Usage, calc_price

from models.periods import from_us, now_us
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Event, Tokens
from tests.benchmarks.benchmark import OURS, AtLeast, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures

YARDSTICK = "genai-prices"
MICRO = 1_000_000
NOW = now_us()

# provider, model, input (with the cached), cache reads, cache writes, output
CALLS = (
    ("openai", "gpt-4o", 1200, 0, 0, 300),
    ("openai", "gpt-4o-mini", 1200, 1024, 0, 300),
    ("anthropic", "claude-sonnet-4-5", 2550, 2000, 500, 80),
    ("google", "gemini-2.5-flash", 900, 0, 0, 120),
)


def ours() -> list[Callable[[], Any]]:
    return [
        partial(price, Event("rest", NOW, model, provider=provider, tokens=tokens(*counts)), published())
        for provider, model, *counts in CALLS
    ]


def tokens(sent: int, read: int, written: int, output: int) -> Tokens:
    return Tokens(input=sent, cache_read=read, cache_write=written, output=output, total=sent + output)


def theirs() -> list[Callable[[], Any]]:
    at = from_us(NOW)
    return [
        partial(calc_price, usage(*counts), model, provider_id=provider, genai_request_timestamp=at)
        for provider, model, *counts in CALLS
    ]


def usage(sent: int, read: int, written: int, output: int) -> Usage:
    return Usage(input_tokens=sent, cache_read_tokens=read, cache_write_tokens=written, output_tokens=output)


def timed(calls: Callable[[], list[Callable[[], Any]]]) -> Callable[[Conditions], Figures]:
    def turn(conditions: Conditions) -> Figures:
        work = calls()
        for call in work:
            call()
        return rate(work, conditions.seconds / 2)

    return turn


def rate(work: list[Callable[[], Any]], seconds: float) -> Figures:
    started, count = perf_counter(), 0
    while (took := perf_counter() - started) < seconds:
        for call in work:
            call()
        count += len(work)
    return {"calls/s": count / took, "µs a call": took / count * MICRO}


BENCHMARKS = (
    Benchmark(
        "price",
        (Contestant(YARDSTICK, timed(theirs)), Contestant(OURS, timed(ours))),
        (
            Comparison("calls/s", YARDSTICK, AtLeast(12)),
            Comparison("µs a call", target=AtMost(5), digits=2),
        ),
    ),
)
