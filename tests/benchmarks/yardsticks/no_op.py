"""The ceiling: a bare ASGI app that decodes the events, answers like Farthing, and stores nothing."""

import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from tests.benchmarks.yardsticks.serving import serve

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Event(msgspec.Struct):
    model: str
    startTime: str
    id: str | None = None
    endTime: str | None = None
    provider: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    response_cost: float | None = None
    status: str = "success"
    endpoint: str | None = None
    request_id: str | None = None
    end_user: str | None = None
    cache_hit: bool = False
    request_tags: list[str] = []
    metadata: dict[str, Any] = {}


class Batch(msgspec.Struct):
    events: list[Event]


ONE = msgspec.json.Decoder(Event)
MANY = msgspec.json.Decoder(Batch)


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["method"] == "GET":
        await reply(send, 200, {"status": "ok"})
    else:
        read = batch if scope["path"].endswith("/batch") else single
        await reply(send, 202, {"status": "accepted"} | read(await gather(receive)))


def single(body: bytes) -> dict[str, Any]:
    return {"id": identified(ONE.decode(body))}


def batch(body: bytes) -> dict[str, Any]:
    ids = [identified(event) for event in MANY.decode(body).events]
    return {"count": len(ids), "ids": ids}


def identified(event: Event) -> str:
    return event.id or f"evt_{secrets.token_hex(13)}"


async def live(receive: Receive, send: Send) -> None:
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def gather(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


async def reply(send: Send, status: int, answer: Any) -> None:
    content = msgspec.json.encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
