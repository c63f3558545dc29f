"""A server under watch: each answer must be sound, and the ledger must hold what was accepted and nothing else."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.hostile.bodies import MARKER
from tests.servers import Farthing

GOOD = (200, 201, 202)
SAID_NO = (400, 401, 403, 413)
COUNTED = {"/api/ingest": lambda _: 1, "/api/litellm/callback": lambda answer: answer.get("accepted", 0)}


@dataclass
class Watch:
    server: Farthing
    client: httpx2.Client
    database: sqlite3.Connection
    stored: set[str] = field(default_factory=set)
    seq: int = 0

    @classmethod
    def over(cls, server: Farthing) -> "Watch":
        database = sqlite3.connect(f"file:{server.data_dir / 'farthing.db'}?mode=ro", uri=True)
        return cls(server, server.client(server.ingest_key), database)

    def close(self) -> None:
        self.client.close()
        self.database.close()

    def post(self, path: str, content: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
        """Sent, answered soundly within the client's patience, and stored if and only if it was accepted."""
        raw = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        answer = self.client.post(path, content=content, headers=raw)
        self.is_sound(answer)
        new = self.look()
        accepted, ids = told(path, answer)
        assert ids <= self.stored
        assert len(new) <= accepted, "nothing else is stored"
        assert ids >= new or path in COUNTED
        return answer

    def is_sound(self, answer: httpx2.Response) -> None:
        assert answer.status_code in (*GOOD, *SAID_NO), (answer.status_code, answer.text[:500])
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(answer.json().get("error"), str) == (answer.status_code in SAID_NO)
        assert MARKER not in answer.text
        assert self.server.ingest_key not in answer.text

    def look(self) -> set[str]:
        """The ids that have come into the ledger since the last look."""
        rows = self.database.execute("SELECT seq, id FROM events WHERE seq > ?", (self.seq,)).fetchall()
        self.seq = max([self.seq, *(seq for seq, _ in rows)])
        new = {each for _, each in rows}
        self.stored |= new
        return new

    def count(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM events").fetchone()[0])


def told(path: str, answer: httpx2.Response) -> tuple[int, set[str]]:
    """How many events were accepted, and their ids where the answer has them."""
    if answer.status_code not in GOOD:
        return 0, set()
    said: dict[str, Any] = answer.json()
    if path in COUNTED:
        return COUNTED[path](said), set()
    ids = set(said["ids"]) if "ids" in said else {said["id"]}
    return len(ids), ids
