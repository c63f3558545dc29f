"""Asks a Farthing server, over HTTP, what it stored; and looks into its data folder for what it must not."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

ARRIVAL_SECONDS = 90  # for slow machines


class FarthingClient:
    def __init__(self, server: Any) -> None:
        self.url = server.url
        self._http = httpx2.Client(base_url=server.url, timeout=30)
        self._reader = {"Authorization": f"Bearer {server.read_key}"}
        self._master = {"Authorization": f"Bearer {server.master_key}"}

    def new_key(self, name: str) -> str:
        """An ingest key, which is also what users know as a tracking token."""
        body = {"name": name, "scope": "ingest"}
        return self._json(self._http.post("/api/v1/keys", json=body, headers=self._master))["key"]

    def events(self, *where: str) -> list[dict[str, Any]]:
        return self._json(self._get("/api/v1/events", limit=1000, where=list(where)))["rows"]

    def wait_for_events(self, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while len(rows := self.events()) < count and time.monotonic() < deadline:
            time.sleep(0.2)
        return rows

    def totals(self, measures: str, *where: str) -> dict[str, Any]:
        return self._json(self._get("/api/v1/spend", measures=measures, where=list(where)))["totals"]

    def _get(self, path: str, **parameters: Any) -> httpx2.Response:
        return self._http.get(path, params={"last": "7d", **parameters}, headers=self._reader)

    def _json(self, response: httpx2.Response) -> Any:
        assert response.is_success, f"{response.status_code} {response.text}"
        return response.json()


def places_of(text: str, folder: Path) -> Iterator[Path]:
    """The files below `folder` that hold `text`."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and text.encode() in path.read_bytes())
