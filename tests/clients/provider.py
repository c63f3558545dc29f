"""A stand-in for OpenAI on localhost, where LiteLLM's `mock_response` is not enough: failures, streams, real usage.

The path decides what it does: `/down/…` is always broken, `/busy/…` always refuses, anything else answers.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from uuid import uuid4

CHAT_USAGE = {
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 1024},
    "completion_tokens_details": {"reasoning_tokens": 64},
}
EMBEDDING_USAGE = {"prompt_tokens": 512, "total_tokens": 512}


class Provider:
    """Serves until the `with` block ends. `says` stands in every answer."""

    def __init__(self, says: str) -> None:
        handler = type("Handler", (ProviderHandler,), {"says": says})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def url(self, kind: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{kind}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class ProviderHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    says: str

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match self.path.split("/"):
            case [_, "down", *_]:
                self.answer(500, failure("The server had an error", "server_error", None))
            case [_, "busy", *_]:
                self.answer(429, failure("Rate limit reached", "requests", "rate_limit_exceeded"))
            case [*_, "embeddings"]:
                self.answer(200, embeddings(request["model"]))
            case _ if request.get("stream"):
                self.send(200, "text/event-stream", chat_stream(request, self.says))
            case _:
                self.answer(200, chat(request["model"], self.says))

    def answer(self, status: int, body: Any) -> None:
        self.send(status, "application/json", json.dumps(body))

    def send(self, status: int, content_type: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: a test's output is no access log."""


def failure(message: str, kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def embeddings(model: str) -> dict[str, Any]:
    data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
    return {"object": "list", "model": model, "data": data, "usage": EMBEDDING_USAGE}


def chat(model: str, says: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": says}}
    return {**envelope("chat.completion", model), "choices": [choice], "usage": CHAT_USAGE}


def chat_stream(request: dict[str, Any], says: str) -> str:
    """Server-sent events; usage comes last, and only where it was asked for."""
    frame = envelope("chat.completion.chunk", request["model"])
    deltas = [({"role": "assistant", "content": says}, None), ({}, "stop")]
    frames = [frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]} for delta, end in deltas]
    if (request.get("stream_options") or {}).get("include_usage"):
        frames.append(frame | {"choices": [], "usage": CHAT_USAGE})
    return "".join(f"data: {json.dumps(each)}\n\n" for each in frames) + "data: [DONE]\n\n"


def envelope(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": 1_790_000_000, "model": model}
