"""Ingest, durable and priced: single events, batches of a hundred, LiteLLM's batches, and the memory of each.

A turn of ours counts only if what was acknowledged is stored: the spend API is asked after each.
"""

import sys

from tests.benchmarks import bodies, process
from tests.benchmarks.benchmark import OURS, AtLeast, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import made, serving
from tests.benchmarks.load import Answers, Load, drive, last_line
from tests.benchmarks.yardsticks.serving import served
from tests.servers import Farthing

CEILING = "no-op"
USUAL = "the usual way"
DECODING = "msgspec, untyped"
WARM_UP = 1  # seconds, for what is loaded at first use
MICRO = 1_000_000

SINGLES = Load("/api/v1/ingest", bodies.single(), events=1, connections=64)
BATCHES = Load("/api/v1/ingest/batch", bodies.batch(), events=bodies.BATCH, connections=16)
CLIENT_IDS = Load("/api/v1/ingest/batch", bodies.batch_with_ids(), events=bodies.BATCH, connections=16, fresh_ids=True)
LITELLM = Load("/api/v1/ingest/litellm", bodies.litellm(), events=bodies.LITELLM_BATCH, connections=4, fresh_ids=True)


# -- turns ------------------------------------------------------------------------------------------------------


def farthing(load: Load, *, priced: bool = True) -> Contestant:
    def turn(conditions: Conditions) -> Figures:
        with Farthing.start(conditions.folder) as server:
            target = server.url, server.ingest_key, server.processes[0].pid
            warming, measured, figures = driven(load, *target, conditions)
            figures |= process.memory(target[2])
            check_stored(server, load, [warming, measured], priced)
        return figures

    return Contestant(OURS, turn)


def on_history(load: Load) -> Contestant:
    """On top of all that a history has stored."""

    def turn(conditions: Conditions) -> Figures:
        past = made(conditions.events)
        past.rewind()
        with serving(past) as server:
            target = server.url, server.ingest_key, server.processes[0].pid
            warming, measured, figures = driven(load, *target, conditions)
            figures |= process.memory(target[2])
        added = past.added()
        acknowledged = (warming.accepted + measured.accepted) * load.events
        assert added == acknowledged, f"{acknowledged} events acknowledged, {added} stored"
        return figures

    return Contestant(OURS, turn)


def yardstick(name: str, module: str, load: Load) -> Contestant:
    def turn(conditions: Conditions) -> Figures:
        with served(module, conditions.folder) as (url, pid):
            _, measured, figures = driven(load, url, "any-key", pid, conditions)
        assert measured.accepted, f"{name} took nothing"
        return figures

    return Contestant(name, turn)


def decoding(conditions: Conditions) -> Figures:
    command = [sys.executable, "-m", "tests.benchmarks.yardsticks.decoding", str(conditions.seconds)]
    return last_line(command, conditions.seconds, {})


def driven(
    load: Load, url: str, key: str, pid: int, conditions: Conditions
) -> tuple[Answers, Answers, dict[str, float]]:
    """What came back while it warmed up and in the turn itself, and the turn's figures."""
    warming = drive(load, url, key, WARM_UP, conditions.folder)
    before = process.cpu_seconds(pid)
    measured = drive(load, url, key, conditions.seconds, conditions.folder)
    return warming, measured, figures_of(load, measured, process.cpu_seconds(pid) - before)


def figures_of(load: Load, answers: Answers, cpu: float) -> dict[str, float]:
    events = answers.accepted * load.events
    figures = {"events/s": events / answers.seconds, "ms, p50": answers.p50_ms, "ms, p99": answers.p99_ms}
    return figures | ({"CPU µs an event": cpu / events * MICRO} if cpu and events else {})


def check_stored(server: Farthing, load: Load, answers: list[Answers], priced: bool) -> None:
    """All that was acknowledged, and no more beside it than what was under way when the generator hung up."""
    assert not any(each.failed for each in answers), "Farthing refused events"
    acknowledged = sum(each.accepted for each in answers) * load.events
    cut_off = sum(each.cut_off for each in answers) * load.events
    found = server.get("/api/v1/spend", last="7d", measures="requests,unpriced_requests")["totals"]
    stored = found["requests"]
    assert acknowledged <= stored <= acknowledged + cut_off, f"{acknowledged} events acknowledged, {stored} stored"
    assert not priced or not found["unpriced_requests"], "events were stored without a price"


# -- declarations -------------------------------------------------------------------------------------------------


def rate(against: str, at_least: float) -> Comparison:
    return Comparison("events/s", against, AtLeast(at_least))


def latency(against: str | None) -> Comparison:
    return Comparison("ms, p99", against, digits=1)


EFFORT = Comparison("CPU µs an event", CEILING, digits=1)  # says more than events/s where others use the machine too
PEAK = Comparison("MB of memory, peak", target=AtMost(250))

BENCHMARKS = (
    Benchmark(
        "singles",
        (yardstick(CEILING, "no_op", SINGLES), farthing(SINGLES), yardstick(USUAL, "usual_way", SINGLES)),
        (rate(CEILING, 0.18), rate(USUAL, 10), latency(CEILING), latency(USUAL), EFFORT, PEAK),
    ),
    Benchmark(
        "batches",
        (yardstick(CEILING, "no_op", BATCHES), farthing(BATCHES)),
        (rate(CEILING, 0.08), latency(CEILING), EFFORT, PEAK),
    ),
    Benchmark(
        "batches-on-history",
        (yardstick(CEILING, "no_op", CLIENT_IDS), on_history(CLIENT_IDS)),
        (Comparison("events/s", CEILING), latency(CEILING), EFFORT, PEAK),
    ),
    Benchmark(
        "litellm",
        (Contestant(DECODING, decoding), farthing(LITELLM, priced=False)),
        (rate(DECODING, 0.2), latency(None), PEAK),
    ),
)
