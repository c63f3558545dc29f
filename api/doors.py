"""The ingest doors: plain ASGI in front of the application, for routing and models would cost more than the commit.

One path for all dialects: who sends → body → events → their keys, prices and ids → the writer → the answer. A 2xx
means on disk. A dialect knows its format; what every door has in common stands here, once.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api import body
from api.dialects import Arrival, BadEvent, Dialect, Outcome, dialects
from api.headers import credential, text_headers
from api.rate_limit import Header
from api.sender import Sender
from api.service import Service
from api.writer import MAX_COMMIT, Writer
from models import identity
from models.accounts.directory import View
from models.accounts.keys import Key
from models.errors import FarthingError, OverQuota, without_keys
from models.ledger import Entry, Fates
from models.periods import now_us
from models.pricing.cost import price
from models.quarantine import Held
from models.seal import Seal
from models.usage.event import Event

log = structlog.get_logger()

REST_LIMIT = 1024 * 1024  # bytes; a hundred events of 10 KB
NO_FEATURE = "unknown"
REASONS = 5  # different ones in a line of the log
MAX_REFUSED = 10_000  # refused events of one body that are named: 32 MiB of commas would make millions
LARGE = 256 * 1024  # bytes: a body from here on is read beside the event loop, which has others to serve
PART = MAX_COMMIT // 2  # good events of one body that wait for one commit, and as many bad ones
FOR_BATCHING_CLIENTS = {413: 400, 408: 503, 429: 503}  # LiteLLM sends again after 5xx only; what is too large stays so


@dataclass
class Sorted:
    """A body's events on their way: what goes to the ledger, to quarantine, and back to the sender."""

    entries: list[Entry] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the entries in the body
    held: list[Held] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    @property
    def workspace_ids(self) -> set[str]:
        return {each.workspace_id for each in self.entries} | {each.workspace_id for each in self.held}

    def refuse(self, why: dict[str, Any]) -> bool:
        """Name it in the answer; False where there are more than anybody can read."""
        self.refused += 1
        if self.refused > MAX_REFUSED:
            return False
        self.rejected.append(why)
        return True


class Doors:
    """Serves the ingest paths, hands everything else on, and lets no exception out with its traceback."""

    def __init__(self, app: ASGIApp, service: Callable[[], Service]) -> None:
        self.app = app
        self.service = service
        self.paths = {each: dialect for path, dialect in dialects().items() for each in (path, path + "/")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = self.paths.get(scope["path"]) if scope["type"] == "http" else None
        if dialect:
            await self.serve(dialect, scope, receive, send)
        elif scope["type"] == "http":
            await self.pass_on(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except body.Disconnected:
            return
        except Exception as problem:  # answered in `errors`, which hands it on
            log.error("request failed", path=without_keys(scope["path"]), kind=type(problem).__name__)

    async def serve(self, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await reply(send, 405, {"error": "Method not allowed: events are sent with POST"}, [(b"allow", b"POST")])
            return
        told: list[Header] = []  # how the sender stands with the rate limit
        try:
            status, answer = await self.take(dialect, dict(scope["headers"]), receive, told)
        except body.Disconnected:
            return
        except FarthingError as problem:
            await self.refuse(dialect, problem, send, told)
        except Exception as problem:
            log.error("ingest failed", path=scope["path"], kind=type(problem).__name__)
            await reply(send, 500, {"error": "Internal server error"})
        else:
            await reply(send, status, answer, told)

    async def refuse(self, dialect: Dialect, problem: FarthingError, send: Send, told: list[Header]) -> None:
        status = problem.status
        if dialect.batching_client:
            log_litellm(0, 0, problem.message)
            status = FOR_BATCHING_CLIENTS.get(status, status)
        headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        await reply(send, status, problem.body(), headers + told)

    async def take(
        self, dialect: Dialect, headers: dict[bytes, bytes], receive: Receive, told: list[Header]
    ) -> tuple[int, dict[str, Any]]:
        received_us = now_us()
        service = self.service()
        sender = Sender(service.directory, credential(headers), received_us)
        limited = service.limits.at(dialect)
        if not dialect.event_keys:
            key = sender.required()
            if limited:
                await limited.take((key.workspace_id,), told)
        large = dialect.large or dialect.batching_client
        limit = service.settings.max_body_bytes if large else REST_LIMIT
        content = await body.read(receive, headers, limit)
        if dialect.probe and (answer := dialect.probe(content)):
            return 200, answer
        keeps_content = service.seal is not None and bool(sender.view.capturing)
        arrival = Arrival(received_us, text_headers(headers), keeps_content)
        found = await read_and_sort(dialect, content, arrival, sender, service.seal)
        if limited and dialect.event_keys:
            await limited.take(found.workspace_ids, told)
        fates = await store(service.writer, found, dialect.name)
        return answer_for(dialect, found, fates)


async def read_and_sort(
    dialect: Dialect, content: bytes, arrival: Arrival, sender: Sender, seal: Seal | None
) -> Sorted:
    def work() -> Sorted:
        return sort(dialect.decode(content, arrival), dialect, sender, arrival.received_us, seal)

    return work() if len(content) < LARGE else await asyncio.to_thread(work)


def sort(
    events: Iterable[Event | BadEvent], dialect: Dialect, sender: Sender, received_us: int, seal: Seal | None = None
) -> Sorted:
    found = Sorted()
    sole = None if dialect.event_keys else sender.required()
    for index, event in enumerate(events):
        key = sole or sender.of(event.credential)
        if isinstance(key, FarthingError):
            found.refuse({"index": index, "error": key.message})
        elif isinstance(event, BadEvent):
            if found.refuse({"index": index, "error": event.error, "details": event.details}):
                found.held.append(held(event, dialect, key, received_us))
        else:
            found.entries.append(entry(event, key, received_us, sender.view, seal))
            found.positions.append(index)
    return found


def entry(event: Event, key: Key, received_us: int, view: View, seal: Seal | None = None) -> Entry:
    """The event with its key's attributes where it has none of its own, an id, and its cost. What was said in it is
    sealed where its workspace keeps that, and ends here where not."""
    for name, value in key.attributes.items():
        if getattr(event, name) is None:
            setattr(event, name, value)
    event.team = view.team_of(key.workspace_id, event.team)
    event.tags = event.tags or list(key.tags)
    event.feature = event.feature or NO_FEATURE
    event.token = event.token or key.name
    event.key = key.name
    minted = event.id is None
    if minted:
        event.id = identity.new_event_id(received_us)
    cost = price(event, view.prices_of(key.workspace_id))
    sealed = None if event.content is None else sealed_content(event, key.workspace_id, view, seal)
    return Entry(key.workspace_id, received_us, event, cost, minted, sealed)


def sealed_content(event: Event, workspace_id: str, view: View, seal: Seal | None) -> bytes | None:
    said, event.content = event.content, None
    if said is None or seal is None or workspace_id not in view.capturing:
        return None
    return seal.close(workspace_id, str(event.id), said)


def held(event: BadEvent, dialect: Dialect, key: Key, received_us: int) -> Held:
    return Held(key.workspace_id, received_us, dialect.name, key.name, event.error, event.details, event.kept)


async def store(writer: Writer, found: Sorted, dialect: str) -> Fates:
    """On disk when this returns, in commits of bounded size: one huge body must not keep everybody else waiting."""
    fates = Fates()
    for start in range(0, max(len(found.entries), len(found.held)), PART):
        part = slice(start, start + PART)
        some = await writer.write(found.entries[part], found.held[part], dialect)
        fates.refused |= {start + place: why for place, why in some.refused.items()}
        fates.overage |= {start + place for place in some.overage}
    return fates


def answer_for(dialect: Dialect, found: Sorted, fates: Fates) -> tuple[int, dict[str, Any]]:
    named = sorted(fates.refused.items())[:MAX_REFUSED]
    refused = [{"index": found.positions[place], "error": why.message} for place, why in named]
    rejected = sorted(found.rejected + refused, key=lambda each: each["index"])
    ids = [str(entry.event.id) for place, entry in enumerate(found.entries) if place not in fates.refused]
    if dialect.batching_client:
        refusals = found.refused + len(fates.refused)
        log_litellm(len(ids), refusals, "; ".join(sorted({in_short(each) for each in rejected})[:REASONS]) or "none")
    elif not ids:
        return none_stored(dialect, rejected, fates)
    return dialect.answer(Outcome(ids, rejected, bool(fates.overage)))


def none_stored(dialect: Dialect, rejected: list[dict[str, Any]], fates: Fates) -> tuple[int, dict[str, Any]]:
    """402 where one of them would have been stored in a month with room."""
    over = next((why for why in fates.refused.values() if isinstance(why, OverQuota)), None)
    status, said = (over.status, over.body()) if over else (400, first_of(rejected))
    return status, said if dialect.single else said | {"rejected": rejected}


def first_of(rejected: list[dict[str, Any]]) -> dict[str, Any]:
    details = rejected[0].get("details")
    return {"error": "Invalid payload", "details": details} if details else {"error": rejected[0]["error"]}


def in_short(rejected: dict[str, Any]) -> str:
    """Why, for the log: what stood in the field is the sender's, and stays out of it."""
    details = rejected.get("details") or {}
    return f"{details['field']}: expected {details['expected']}" if "expected" in details else str(rejected["error"])


def log_litellm(accepted: int, rejected: int, reason: str) -> None:
    log.info(f"[LITELLM] accepted={accepted} rejected={rejected} reason={reason}")


async def reply(
    send: Send, status: int, answer: dict[str, Any], headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    content = msgspec.json.encode(answer)
    start = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content)), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": content})
