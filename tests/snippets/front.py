"""Farthing behind another address, as behind a proxy that strips a prefix: one that would break out of every string
that a snippet does not write down rightly."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

import httpx2

PREFIX = "/it's-$HOME"
PASSED_ON = ("Authorization", "X-Api-Key", "Content-Encoding")


class Front:
    def __init__(self, behind: str) -> None:
        handler = type("Handler", (Passing,), {"behind": behind})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{PREFIX}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind: str

    def do_GET(self) -> None:
        self.pass_on()

    def do_POST(self) -> None:
        self.pass_on()

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        sent = {name: value for name in PASSED_ON if (value := self.headers[name])}
        if not self.path.startswith(PREFIX):
            return self.answer(404, b"")
        got = httpx2.request(
            self.command, self.behind + self.path.removeprefix(PREFIX), content=body, headers=sent, timeout=30
        )
        self.answer(got.status_code, got.content)

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: a test's output is no access log."""
