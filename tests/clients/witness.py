"""An address that the callback file sends to in place of a server: it writes down what arrives and answers as told.

For what no server shows: every byte that is sent, and answers that a healthy server does not give.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

PATIENCE = 90  # seconds until what should arrive is given up

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Arrived:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.body.splitlines()]


def accepted(arrived: Arrived) -> Answer:
    ids = [event["id"] for event in arrived.events]
    return 202, {}, json.dumps({"status": "accepted", "count": len(ids), "ids": ids}).encode()


def refusing(status: int, error: str = "No", **headers: str) -> Callable[[Arrived], Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (status, named, json.dumps({"error": error}).encode())


class Witness:
    """Serves until the `with` block ends. What `answer` returns is sent; None hangs up without an answer."""

    def __init__(self, answer: Callable[[Arrived], Answer | None] = accepted) -> None:
        self.answer = answer
        self.arrived: list[Arrived] = []
        self.accepted: list[str] = []  # ids, in order, as often as they were taken
        handler = type("Handler", (WitnessHandler,), {"witness": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def wait_for(self, arrivals: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.arrived) < arrivals:
            assert time.monotonic() < deadline, f"{len(self.arrived)} of {arrivals} arrived"
            time.sleep(0.02)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class WitnessHandler(BaseHTTPRequestHandler):
    witness: Witness

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        arrived = Arrived(self.path, dict(self.headers), body)
        answer = self.witness.answer(arrived)
        if answer and answer[0] == 202:
            self.witness.accepted += [event["id"] for event in arrived.events]
        self.witness.arrived.append(arrived)
        if answer:
            self.reply(*answer)

    def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: a test's output is no access log."""
