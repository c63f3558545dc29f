"""So many requests, as fast as they are answered, from a process of its own.

Generators elsewhere here go on for a time. Who answers first and stores later would then fill its queue for ever; it is
given a number of events, and a watch is held until the last of them is stored.
"""

import asyncio
import json
import os
import re
import secrets
import socket
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

from tests.benchmarks.generator import Counted, answer

FRESH = b"fresh-id"  # in a body: where an id of its own goes each time
SHARED = b"id-of-a-request!"  # and where the same one goes throughout a request
CONNECTIONS = 64


@dataclass
class Sender:
    """Connections that share what is to be sent."""

    address: str
    head: dict[str, str]
    body: bytes
    requests: int
    counted: Counted = field(default_factory=Counted)

    async def run(self) -> dict[str, float]:
        left = iter([self.request() for _ in range(self.requests)])
        started, clock = time.time(), perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(min(CONNECTIONS, self.requests)):
                group.create_task(self.connection(left))
        took = perf_counter() - clock
        answers = {"accepted": self.counted.accepted, "failed": self.counted.failed}
        return answers | {"started": started, "seconds": took, "p99_ms": self.counted.percentile(0.99)}

    async def connection(self, left: Iterator[bytes]) -> None:
        loop, parts = asyncio.get_running_loop(), urlsplit(self.address)
        with socket.socket() as sock:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(sock, (str(parts.hostname), int(parts.port or 80)))
            for request in left:
                started = perf_counter()
                await loop.sock_sendall(sock, request)
                self.counted.note(await answer(sock), perf_counter() - started)

    def request(self) -> bytes:
        parts = urlsplit(self.address)
        head = {"Host": parts.netloc, "Content-Length": str(len(self.body))} | self.head
        lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + fresh(self.body)


def fresh(body: bytes) -> bytes:
    """Random ids, as clients have them, as long as their marks; in letters, to stand in JSON and in protobuf alike."""
    shared = body.replace(SHARED, letters(len(SHARED)))
    return re.sub(re.escape(FRESH), lambda _: letters(len(FRESH)), shared)


def letters(length: int) -> bytes:
    return b64encode(secrets.token_bytes(length * 3 // 4))


if __name__ == "__main__":
    address, body, head, requests = sys.argv[1:]
    key = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}"}
    sender = Sender(address, json.loads(head) | key, Path(body).read_bytes(), int(requests))
    assert FRESH in sender.body, "a body without a place for ids"
    print(json.dumps(uvloop.run(sender.run())))
