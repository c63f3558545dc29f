"""A 2xx means on disk: the server is killed while several connections send, and nothing acknowledged is lost or doubled."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.servers import Farthing

CONNECTIONS = 6
ENOUGH = 150  # acknowledged events before the kill


class Sender(threading.Thread):
    """One connection that sends events, singly and in batches, and remembers what was acknowledged."""

    def __init__(self, server: Farthing, number: int) -> None:
        super().__init__(daemon=True)
        self.server, self.number = server, number
        self.acknowledged: list[str] = []
        self.doubtful: list[list[dict[str, Any]]] = []  # sent, never answered

    def run(self) -> None:
        with self.server.client(self.server.ingest_key) as client:
            for turn in range(100_000):
                events = [self.event(turn, each) for each in range(1 if turn % 3 else 20)]
                try:
                    answer = client.post("/api/v1/ingest/batch", json={"events": events})
                except httpx2.HTTPError:
                    self.doubtful.append(events)
                    return
                if answer.status_code == 202:
                    self.acknowledged += answer.json()["ids"]

    def event(self, turn: int, each: int) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        return {"id": f"{self.number}-{turn}-{each}", "model": "gpt-4o", "startTime": now, "response_cost": 0.001}


@pytest.mark.parametrize("seed", range(3))
def test_every_acknowledged_event_survives_a_kill_exactly_once(tmp_path: Path, seed: int) -> None:
    server = Farthing.prepare(tmp_path)
    try:
        process = server.start_api()
        senders = [Sender(server, number) for number in range(CONNECTIONS)]
        for sender in senders:
            sender.start()
        while sum(len(sender.acknowledged) for sender in senders) < ENOUGH:
            time.sleep(0.01)
        time.sleep(random.Random(seed).random() / 5)
        server.kill(process)
        for sender in senders:
            sender.join(30)
        server.start_api()
        assert_exactly_once(server, senders)
    finally:
        server.stop()


def assert_exactly_once(server: Farthing, senders: list[Sender]) -> None:
    acknowledged = [each for sender in senders for each in sender.acknowledged]
    stored = Counter(row["id"] for row in server.events())
    assert len(acknowledged) >= ENOUGH
    assert [each for each in acknowledged if stored[each] != 1] == []
    assert max(stored.values()) == 1
    resend(server, senders)
    again = Counter(row["id"] for row in server.events())
    assert max(again.values()) == 1
    server.run("rollup")
    assert server.get("/api/v1/spend")["totals"]["requests"] == len(again)


def resend(server: Farthing, senders: list[Sender]) -> None:
    """What a client does that had no answer: send it again."""
    for sender in senders:
        for events in sender.doubtful:
            assert server.post("/api/v1/ingest/batch", {"events": events}).status_code == 202
