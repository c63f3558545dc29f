"""A small load generator: where wrk is missing, and for bodies that need fresh ids in every request.

It patches the ids in place and hands the same buffer to the socket, so that bodies of several megabytes cost it little
more than the kernel's copying. Each connection waits for its last answer: what is counted was answered.
"""

import asyncio
import json
import os
import re
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

from tests.benchmarks.bodies import MARK

READ = 65_536  # bytes
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CHANCE = Random(SystemRandom().getrandbits(128))


@dataclass
class Counted:
    accepted: int = 0
    failed: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def note(self, status: int, seconds: float) -> None:
        self.accepted += 200 <= status < 300
        self.failed += not 200 <= status < 300
        self.milliseconds.append(seconds * 1000)

    def percentile(self, share: float) -> float:
        return sorted(self.milliseconds)[int(share * (len(self.milliseconds) - 1))]


class Request:
    """One connection's request, in one buffer."""

    def __init__(self, address: str, key: str, body: bytes) -> None:
        parts = urlsplit(address)
        head = [
            f"POST {parts.path} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: Bearer {key}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        self.buffer = bytearray("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        self.marks = [found.start() for found in re.finditer(re.escape(MARK), self.buffer)]

    def fresh(self) -> bytearray:
        for at in self.marks:
            self.buffer[at : at + len(MARK)] = fresh_id()
        return self.buffer


def fresh_id() -> bytes:
    """Random, as clients' ids mostly are: ids in order would be kind to the store."""
    return f"{CHANCE.getrandbits(4 * len(MARK)):0{len(MARK)}x}".encode()


async def connection(request: Request, address: tuple[str, int], until: float, counted: Counted) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, address)
        while perf_counter() < until:
            content = request.fresh()
            started = perf_counter()
            await loop.sock_sendall(sock, content)
            counted.note(await answer(sock), perf_counter() - started)


async def answer(sock: socket.socket) -> int:
    """The status of the next answer, which is read to its end."""
    loop = asyncio.get_running_loop()
    received = b""
    while not complete(received):
        more = await loop.sock_recv(sock, READ)
        assert more, "the server hung up"
        received += more
    return int(received[9:12])


def complete(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    assert length or not end, "an answer without its length"
    return bool(end and length and len(body) >= int(length[1]))


async def drive(address: str, key: str, body: bytes, connections: int, seconds: float) -> dict[str, float]:
    parts = urlsplit(address)
    target = str(parts.hostname), int(parts.port or 80)
    requests = [Request(address, key, body) for _ in range(connections)]
    counted, started = Counted(), perf_counter()
    async with asyncio.TaskGroup() as group:
        for request in requests:
            group.create_task(connection(request, target, started + seconds, counted))
    took = perf_counter() - started
    percentiles = {"p50_ms": counted.percentile(0.5), "p99_ms": counted.percentile(0.99)}
    return {"accepted": counted.accepted, "failed": counted.failed, "seconds": took, **percentiles}


if __name__ == "__main__":
    address, body, connections, seconds = sys.argv[1:]
    work = drive(address, os.environ["BENCH_KEY"], Path(body).read_bytes(), int(connections), float(seconds))
    print(json.dumps(uvloop.run(work)))
