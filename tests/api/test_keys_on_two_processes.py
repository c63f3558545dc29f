"""Two API processes on one database: a new key works on both at once, any other change of a key holds on both within two
seconds, and a leaked key is rotated without losing an event."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.servers import PATIENCE, Farthing

WITHIN = 2.0  # seconds; a request that comes later than this after a change is judged by it


@dataclass
class Pair:
    one: Farthing
    other: Farthing

    def make(self, name: str, **wanted: Any) -> dict[str, Any]:
        answer = self.one.post("/api/v1/keys", {"name": name} | wanted, key=self.one.master_key)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def act(self, key_id: str, action: str, **body: Any) -> dict[str, Any]:
        answer = self.one.post(f"/api/v1/keys/{key_id}/{action}", body, key=self.one.master_key)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def manage(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.one.master_key}"}
        return httpx2.request(method, self.one.url + path, json=body, headers=headers)

    def said(self, secret: str) -> list[str | int]:
        """What each process says to an event of that key: the one that was changed first."""
        return [answer_of(server, secret) for server in (self.one, self.other)]


def answer_of(server: Farthing, secret: str, **values: Any) -> str | int:
    event = {"model": "gpt-4o", "provider": "openai", "startTime": datetime.now(UTC).isoformat(), "response_cost": 1}
    answer = server.post("/api/v1/ingest", event | values, key=secret)
    return str(answer.json()["error"]) if answer.status_code == 401 else answer.status_code


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    settings = {"FARTHING_RATE_LIMIT": "none"}
    with Farthing.start(tmp_path_factory.mktemp("farthing"), **settings) as one:
        other = Farthing.on(one.data_dir, **settings)
        other.made = one.made
        try:
            other.start_api()
            yield Pair(one, other)
        finally:
            other.stop()


def test_a_new_key_works_on_both_at_once(pair: Pair) -> None:
    assert pair.said(pair.make("new")["key"]) == [202, 202]


def test_deactivated_activated_revoked(pair: Pair) -> None:
    made = pair.make("switched")
    assert pair.said(made["key"]) == [202, 202]
    pair.act(made["id"], "deactivate")
    assert pair.said(made["key"])[0] == "Inactive API key"
    time.sleep(WITHIN)
    assert pair.said(made["key"]) == ["Inactive API key"] * 2
    pair.act(made["id"], "activate")
    time.sleep(WITHIN)
    assert pair.said(made["key"]) == [202, 202]
    assert pair.manage("DELETE", f"/api/v1/keys/{made['id']}").status_code == 204
    assert pair.said(made["key"])[0] == "Revoked API key"
    time.sleep(WITHIN)
    assert pair.said(made["key"]) == ["Revoked API key"] * 2


def test_rotated_without_grace_and_with(pair: Pair) -> None:
    first = pair.make("rotated")
    second = pair.act(first["id"], "rotate")
    assert pair.said(second["key"]) == [202, 202], "a new secret works at once"
    time.sleep(WITHIN)
    assert pair.said(first["key"]) == ["Revoked API key"] * 2
    third = pair.act(second["id"], "rotate", grace_seconds=3_600)
    time.sleep(WITHIN)
    assert pair.said(second["key"]) == pair.said(third["key"]) == [202, 202]


def test_sources_decide_on_both(pair: Pair) -> None:
    made = pair.make("defined", sources=[{"provider": "nobody"}])
    assert answer_of(pair.one, made["key"], feature="marked", metadata={"feature": "marked"}) == 202

    def shows() -> list[int]:
        asked = {"last": "1d", "where": "feature:marked"}
        return [server.get("/api/v1/spend", **asked)["totals"]["requests"] for server in (pair.one, pair.other)]

    try:
        assert pair.manage("PATCH", "/api/v1/workspace", {"plan": "free"}).status_code == 200
        time.sleep(WITHIN)
        assert shows() == [0, 0]
        pair.manage("PUT", f"/api/v1/keys/{made['id']}/sources", {"sources": [{"feature": "marked"}]})
        time.sleep(WITHIN)
        assert shows() == [1, 1]
    finally:
        pair.manage("PATCH", "/api/v1/workspace", {"plan": "paid"})


def test_the_last_use_on_either_is_told_by_both(pair: Pair) -> None:
    made = pair.make("used")
    assert answer_of(pair.other, made["key"]) == 202
    assert until(lambda: last_used(pair, made["id"]))


def last_used(pair: Pair, key_id: str) -> str | None:
    listed = pair.one.get("/api/v1/keys", key=pair.one.master_key)["keys"]
    used: str | None = next(each["last_used_at"] for each in listed if each["id"] == key_id)
    return used


def until(found: Any) -> Any:
    for _ in range(PATIENCE * 5):
        if answer := found():
            return answer
        time.sleep(0.2)
    return None


# -- a leaked key -------------------------------------------------------------------------------------------------


@dataclass
class Sender:
    """Sends one event after the other, to the two processes in turn, and never stops for anybody."""

    pair: Pair
    secret: str
    answers: list[str | int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.over.is_set():
            server = (self.pair.one, self.pair.other)[len(self.answers) % 2]
            self.answers.append(answer_of(server, self.secret, id=f"leak-{len(self.answers)}", endpoint="/leak"))

    def sends_more(self) -> bool:
        """It has gone on since now."""
        before = len(self.answers)
        return bool(until(lambda: len(self.answers) > before + 4))


def test_a_leaked_key_is_rotated_without_losing_an_event(pair: Pair) -> None:
    leaked = pair.make("leaked")
    sender = Sender(pair, leaked["key"])
    thread = threading.Thread(target=sender.run)
    thread.start()
    try:
        assert sender.sends_more()
        fresh = pair.act(leaked["id"], "rotate", grace_seconds=3_600)
        assert sender.sends_more(), "with the old secret, while both work"
        sender.secret = fresh["key"]
        assert sender.sends_more(), "with the new one"
        assert pair.manage("DELETE", f"/api/v1/keys/{leaked['id']}").status_code == 204
        assert sender.sends_more()
        time.sleep(WITHIN)
        assert pair.said(leaked["key"]) == ["Revoked API key"] * 2
        assert sender.sends_more()
    finally:
        sender.over.set()
        thread.join()
    assert set(sender.answers) == {202}
    stored = {event["id"] for event in pair.one.events(where="endpoint:/leak")}
    assert stored == {f"leak-{number}" for number in range(len(sender.answers))}
    assert {event["key"] for event in pair.one.events(where="endpoint:/leak")} == {"leaked"}
