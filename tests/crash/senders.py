"""Several connections that send like real clients: singles, batches, LiteLLM bodies, with ids of their own and without,
repeats among them. What had no answer is sent again where it has an id, until it is answered.

Each event carries a mark of its own (its `request_id`), so that it is known again in whatever the ledger holds.
"""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx2

from tests.servers import Farthing

CONNECTIONS = 6
LARGE = 12  # events, at most, in one request
DAYS = 4  # over which the events are spread
PAUSE = 0.1  # seconds, at most, between two requests of one connection
GIVEN_UP = 240  # seconds: a machine may be busy with something else
DOWN = 0.05  # seconds until a server that is gone is tried again
LOOK = 0.2  # seconds between two looks at the sums
REMEMBERED = 200  # requests that may be repeated
MODELS = (("openai", "gpt-4o"), ("anthropic", "claude-haiku-4-5"), ("openai", "no-price-known"))

Sent = dict[str, Any]


@dataclass
class Book:
    """What was sent, and what was acknowledged: an event stands here before it is sent, its id when the 2xx was read."""

    sent: dict[str, int | None] = field(default_factory=dict)  # mark → cost in nano-dollars, where one was claimed
    acknowledged: dict[str, str | None] = field(default_factory=dict)  # mark → id, where the answer told it
    repeatable: list["Request"] = field(default_factory=list)  # were acknowledged
    complaints: list[str] = field(default_factory=list)
    watched: int = 0  # answers that were looked at under load

    def note(self, request: "Request") -> None:
        self.sent.update({each["request_id"]: each.get("nano") for each in request.events})

    def acknowledge(self, request: "Request", ids: list[str | None]) -> None:
        for event, told in zip(request.events, ids, strict=True):
            if event.get("id") not in (None, told):
                self.complaints.append(f"{event['id']} was answered as {told}")
            self.acknowledged[event["request_id"]] = told
        if all("id" in each for each in request.events):
            self.repeatable = [*self.repeatable[-REMEMBERED:], request]


@dataclass(frozen=True)
class Request:
    door: str
    events: tuple[Sent, ...]

    @property
    def path(self) -> str:
        return "/api/litellm/callback" if self.door == "callback" else f"/api/v1/ingest{SUFFIX[self.door]}"

    @property
    def body(self) -> str:
        return WRITTEN[self.door](self.events)

    def ids(self, answer: dict[str, Any]) -> list[str | None]:
        """As the answer tells them; the callback tells how many."""
        if self.door == "callback":
            return [each["id"] for each in self.events[: answer["accepted"]]]
        return answer["ids"] if "ids" in answer else [answer["id"]]

    def named(self) -> "Request | None":
        """What of it can be sent again without being counted twice."""
        events = tuple(each for each in self.events if "id" in each)
        return Request(self.door, events) if events else None

    def impostor(self) -> "Request":
        """Other events under the same ids: they must change nothing, whatever their day and cost."""
        other = {"start": datetime.now(UTC) - timedelta(days=DAYS + 1), "nano": 999_999_999}
        return Request(
            self.door, tuple(each | other | {"request_id": f"{each['request_id']}-impostor"} for each in self.events)
        )


# -- bodies -------------------------------------------------------------------------------------------------------


def plain(event: Sent) -> Sent:
    """As Farthing's own doors take it."""
    body = {
        "request_id": event["request_id"], "provider": event["provider"], "model": event["model"],
        "startTime": event["start"].isoformat(), "latency_ms": event["latency_ms"],
        "prompt_tokens": event["input"], "completion_tokens": event["output"],
        "status": "failure" if event["error"] else "success", "error_type": event["error"],
        "end_user": event["end_user"], "request_tags": event["tags"],
        "metadata": {"team": event["team"], "env": event["env"], "prompt": event["prompt"]},
    }  # fmt: skip
    return body | identified(event) | ({} if event["nano"] is None else {"response_cost": event["nano"] / 1e9})


def litellm(event: Sent) -> Sent:
    """As LiteLLM's callbacks write it."""
    started = event["start"].timestamp()
    body = {
        "request_id": event["request_id"], "custom_llm_provider": event["provider"], "model": event["model"],
        "startTime": started, "endTime": started + event["latency_ms"] / 1_000,
        "prompt_tokens": event["input"], "completion_tokens": event["output"],
        "status": "failure" if event["error"] else "success", "error_information": {"error_class": event["error"]},
        "end_user": event["end_user"], "request_tags": event["tags"],
        "metadata": {"requester_metadata": {"team": event["team"], "env": event["env"], "prompt": event["prompt"]}},
    }  # fmt: skip
    return body | identified(event) | ({} if event["nano"] is None else {"response_cost": event["nano"] / 1e9})


def identified(event: Sent) -> Sent:
    return {"id": event["id"]} if "id" in event else {}


SUFFIX = {"single": "", "batch": "/batch", "litellm": "/litellm"}
WRITTEN = {
    "single": lambda events: json.dumps(plain(events[0])),
    "batch": lambda events: json.dumps({"events": [plain(each) for each in events]}),
    "litellm": lambda events: json.dumps([litellm(each) for each in events]),
    "callback": lambda events: "\n".join(json.dumps(litellm(each)) for each in events),
}


class Sender:
    """One connection. It ends when it is told to and everything that can be sent again has been answered."""

    def __init__(self, server: Farthing, book: Book, name: str) -> None:
        self.server, self.book, self.random = server, book, Random(name)
        self.marks = (f"{name}-{number}" for number in itertools.count())

    def run(self, enough: threading.Event) -> None:
        waiting: Request | None = None
        with self.server.client(self.server.ingest_key) as client:
            while waiting or not enough.is_set():
                waiting = self.deliver(client, waiting or self.next())
                time.sleep(DOWN if waiting else self.random.random() * PAUSE)

    def deliver(self, client: httpx2.Client, request: Request) -> Request | None:
        """Send it; what is to be sent again."""
        try:
            answer = client.post(request.path, content=request.body)
        except httpx2.HTTPError:
            return request.named()
        if answer.status_code == 503:
            return request.named()
        if not answer.is_success or answer.json().get("rejected"):
            self.book.complaints.append(f"{request.path} answered {answer.status_code}: {answer.text[:200]}")
        elif not request.events[0]["request_id"].endswith("-impostor"):
            self.book.acknowledge(request, request.ids(answer.json()))
        return None

    def next(self) -> Request:
        kind = self.random.choice(("single", "single", "batch", "batch", "litellm", "callback", "repeat", "impostor"))
        if kind in ("repeat", "impostor") and self.book.repeatable:
            known = self.random.choice(self.book.repeatable)
            return known if kind == "repeat" else known.impostor()
        door = kind if kind in WRITTEN else "batch"
        many = 1 if door == "single" else self.random.randint(1, LARGE)
        named = 1.0 if door == "callback" else self.random.choice((1.0, 1.0, 0.5, 0.0))
        request = Request(door, tuple(self.events(many, named)))
        self.book.note(request)
        return request

    def events(self, many: int, named: float) -> Iterator[Sent]:
        """`named` is the share that has ids of its own."""
        for mark in itertools.islice(self.marks, many):
            yield self.event(mark) | ({"id": f"id-{mark}"} if self.random.random() < named else {})

    def event(self, mark: str) -> Sent:
        draw = self.random
        provider, model = draw.choice(MODELS)
        return {
            "request_id": mark, "provider": provider, "model": model,
            "start": datetime.now(UTC) - timedelta(days=DAYS * draw.random() ** 2),
            "latency_ms": draw.randint(1, 9_000), "input": draw.randint(0, 5_000), "output": draw.randint(0, 900),
            "nano": draw.choice((None, draw.randint(1, 10**9))), "error": draw.choice((None, None, "Timeout", "Refused")),
            "end_user": draw.choice((None, "c1", "c2")), "tags": draw.sample(("nightly", "batch", "eu"), draw.randint(0, 2)),
            "team": draw.choice((None, "search", "growth")), "env": draw.choice(("prod", "dev")),
            "prompt": draw.choice((None, "p1", "p2")),
        }  # fmt: skip


class Watcher:
    """Asks all the time how many requests there were: never fewer than were acknowledged before, never more than sent."""

    QUESTIONS = ("model", "team", "end_user", "tags", "prompt,end_user", "status,error_type")

    def __init__(self, server: Farthing, book: Book, name: str) -> None:
        self.server, self.book, self.random = server, book, Random(name)

    def run(self, enough: threading.Event) -> None:
        with self.server.client(self.server.read_key) as client:
            while not enough.is_set():
                with suppress(httpx2.HTTPError):  # killed
                    self.ask(client, self.random.choice(self.QUESTIONS))
                time.sleep(LOOK)

    def ask(self, client: httpx2.Client, group_by: str) -> None:
        acknowledged = len(self.book.acknowledged)
        answer = client.get("/api/v1/spend", params={"last": "30d", "group_by": group_by, "measures": "requests"})
        if answer.status_code == 503:  # said in time, and true of an overloaded machine
            return
        if answer.status_code != 200:
            self.book.complaints.append(f"by {group_by}: {answer.status_code} {answer.text[:200]}")
            return
        body = answer.json()
        self.book.watched += 1
        counted = {body["totals"]["requests"], sum(row["requests"] for row in body["rows"])}
        if len(counted) > 1 or not acknowledged <= min(counted) <= len(self.book.sent):
            self.book.complaints.append(
                f"by {group_by}: counted {counted}, acknowledged before {acknowledged}, sent {len(self.book.sent)}"
            )


class Load:
    """All connections and a watcher, while it lasts. Leaving it waits until they have ended what they began."""

    def __init__(self, server: Farthing, book: Book, name: str) -> None:
        self.book, self.before = book, len(book.acknowledged)
        self.enough = threading.Event()
        self.threads = ThreadPoolExecutor(CONNECTIONS + 1)
        senders = [Sender(server, book, f"{name}-{number}") for number in range(CONNECTIONS)]
        self.running = [self.threads.submit(each.run, self.enough) for each in (*senders, Watcher(server, book, name))]

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for each in self.running:
            each.result(GIVEN_UP)
        self.threads.shutdown()

    @property
    def acknowledged(self) -> int:
        return len(self.book.acknowledged) - self.before

    def wait_for(self, acknowledged: int) -> None:
        for _ in range(GIVEN_UP * 100):
            ended = [each for each in self.running if each.done()]
            assert not ended, ended[0].result()
            if self.acknowledged >= acknowledged:
                return
            time.sleep(0.01)
        raise AssertionError(f"only {self.acknowledged} events were acknowledged")
