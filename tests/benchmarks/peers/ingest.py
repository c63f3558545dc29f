"""Ingest against Phoenix: the same calls, each at its own door, until the last of them is stored with its price.

Farthing answers when that is so, and its spend API is asked afterwards whether it is true; Phoenix answers before, and its
file is watched. Both are killed right after their answers too, and asked what is left.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from tests.benchmarks import bodies, process
from tests.benchmarks.benchmark import OURS, AtLeast, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.load import last_line
from tests.benchmarks.peers import phoenix
from tests.benchmarks.peers.phoenix import Phoenix
from tests.benchmarks.peers.sender import FRESH
from tests.servers import Farthing

STORED = "durable and priced/s"
LEFT = "% left after SIGKILL"
WARM_UP = 2  # requests, for what is loaded at first use
PATIENCE = 600  # seconds until answers are given up
MICRO = 1_000_000


class Name(StrEnum):
    SINGLES = "singles"
    BATCHES = "batches"
    KILLED = "killed"


@dataclass(frozen=True)
class Amount:
    """How much is sent: requests of so many calls each."""

    requests: int
    events: int

    @property
    def total(self) -> int:
        return self.requests * self.events

    @property
    def warm_up(self) -> int:
        return WARM_UP * self.events


@dataclass(frozen=True)
class Sent:
    accepted: int  # requests
    failed: int
    started: float  # seconds since 1970, for another process to compare with
    seconds: float
    p99_ms: float

    @property
    def answered(self) -> float:
        return self.started + self.seconds


@dataclass(frozen=True)
class Door:
    """Where requests go, and what stands in one."""

    address: str
    body: bytes
    head: dict[str, str]
    key: str
    folder: Path

    def send(self, requests: int) -> Sent:
        """From a process of its own; whoever refuses anything is out."""
        body = self.folder / "body"
        body.write_bytes(self.body)
        command = [sys.executable, "-m", "tests.benchmarks.peers.sender", self.address, str(body)]
        command += [json.dumps(self.head), str(requests)]
        sent = Sent(**last_line(command, PATIENCE, {"BENCH_KEY": self.key}))
        assert not sent.failed, f"{sent.failed} of {requests} requests were refused"
        return sent


# -- Phoenix ------------------------------------------------------------------------------------------------------


def phoenix_stores(amount: Amount) -> Callable[[Conditions], Figures]:
    def turn(conditions: Conditions) -> Figures:
        with Phoenix.start(conditions.folder) as server:
            door = warm_phoenix(server, amount)
            before = process.cpu_seconds(server.process.pid)
            sent = door.send(amount.requests)
            stored = server.wait_until_priced(amount.warm_up + amount.total)
            return figures_of(amount, sent, stored, server.process.pid, before)

    return turn


def phoenix_is_killed(amount: Amount) -> Callable[[Conditions], Figures]:
    def turn(conditions: Conditions) -> Figures:
        with Phoenix.start(conditions.folder) as server:
            door = warm_phoenix(server, amount)
            door.send(amount.requests)
            server.kill()
            server.restart()
            return {LEFT: 100 * (server.settled() - amount.warm_up) / amount.total}

    return turn


def warm_phoenix(server: Phoenix, amount: Amount) -> Door:
    door = Door(server.url + phoenix.PATH, phoenix.body(amount.events), phoenix.HEAD, "none", server.folder)
    door.send(WARM_UP)
    server.wait_until_priced(amount.warm_up)
    return door


# -- Farthing -----------------------------------------------------------------------------------------------------


def we_store(amount: Amount) -> Callable[[Conditions], Figures]:
    def turn(conditions: Conditions) -> Figures:
        with Farthing.start(conditions.folder) as server:
            door = our_door(server, amount, conditions.folder)
            door.send(WARM_UP)
            pid = server.processes[0].pid
            before = process.cpu_seconds(pid)
            sent = door.send(amount.requests)
            figures = figures_of(amount, sent, sent.answered, pid, before)
            assert priced(server) == amount.warm_up + amount.total, "an answer was no promise"
            return figures

    return turn


def we_are_killed(amount: Amount) -> Callable[[Conditions], Figures]:
    def turn(conditions: Conditions) -> Figures:
        with Farthing.start(conditions.folder) as server:
            door = our_door(server, amount, conditions.folder)
            door.send(WARM_UP)
            door.send(amount.requests)
            server.kill(server.processes.pop())
            server.start_api()
            left = 100 * (priced(server) - amount.warm_up) / amount.total
            assert left == 100, f"{left:.1f} % left of what was acknowledged"
            return {LEFT: left}

    return turn


def our_door(server: Farthing, amount: Amount, folder: Path) -> Door:
    event = bodies.event() | {"id": FRESH.decode()}
    path = "/api/v1/ingest" if amount.events == 1 else "/api/v1/ingest/batch"
    body = msgspec.json.encode(event if amount.events == 1 else {"events": [event] * amount.events})
    return Door(server.url + path, body, {"Content-Type": "application/json"}, server.ingest_key, folder)


def priced(server: Farthing) -> int:
    found = server.get("/api/v1/spend", last="7d", measures="requests,unpriced_requests")["totals"]
    return int(found["requests"] - found["unpriced_requests"])


# -- declarations -------------------------------------------------------------------------------------------------


def figures_of(amount: Amount, sent: Sent, stored: float, pid: int, cpu_before: float) -> Figures:
    rates = {"accepted/s": amount.total / sent.seconds, STORED: amount.total / (stored - sent.started)}
    effort = (process.cpu_seconds(pid) - cpu_before) / amount.total * MICRO
    return rates | {"ms, p99": sent.p99_ms, "CPU µs an event": effort} | process.memory(pid)


def compared(peer: str, at_least: float) -> tuple[Comparison, ...]:
    return (
        Comparison("accepted/s", peer),
        Comparison(STORED, peer, AtLeast(at_least)),
        Comparison("ms, p99", peer, digits=1),
        Comparison("CPU µs an event", peer),
        Comparison("MB of memory, peak", peer),
    )


def benchmarks(quick: bool) -> tuple[Benchmark, ...]:
    """Phoenix stores some hundred spans a second, which sets the amounts: a turn is to end within minutes."""
    peer = f"Phoenix {phoenix.version()}"
    singles = Amount(500 if quick else 2_000, events=1)
    batches = Amount(32 if quick else 128, events=bodies.BATCH)
    killed = Amount(50, events=bodies.BATCH)
    return (
        Benchmark(
            Name.SINGLES,
            (Contestant(peer, phoenix_stores(singles)), Contestant(OURS, we_store(singles))),
            compared(peer, 30),
        ),
        Benchmark(
            Name.BATCHES,
            (Contestant(peer, phoenix_stores(batches)), Contestant(OURS, we_store(batches))),
            compared(peer, 150),
        ),
        Benchmark(
            Name.KILLED,
            (Contestant(peer, phoenix_is_killed(killed)), Contestant(OURS, we_are_killed(killed))),
            (Comparison(LEFT, peer, digits=1),),
        ),
    )
