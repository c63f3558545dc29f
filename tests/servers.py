"""A real Farthing for tests: its own data folder, real processes, real ports."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from models.settings import Settings
from tests.installations import initialise
from tests.nursery import Child, Nursery

MASTER_KEY = "master-key-for-tests-0123456789"
# One for all: each of its own would read the machine's certificates anew, which takes longer than most requests. It keeps
# no connection, for servers are killed and come back.
HTTP = httpx2.Client(timeout=60, limits=httpx2.Limits(max_keepalive_connections=0))
PATIENCE = 60  # seconds until a process that will not come up is given up
LIBRARIES = (
    "alembic.command", "apscheduler.schedulers.background", "fastapi", "genai_prices", "jinja2", "limits.aio.storage",
    "msgspec", "pandera.pandas", "plotly.graph_objects", "pwdlib.hashers.argon2", "pydantic_settings", "python_multipart",
    "redis", "rich", "sqlalchemy.dialects.sqlite", "sqlmodel", "streamlit.web.bootstrap", "structlog.dev", "typer",
    "uvicorn.lifespan.on", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl", "uvloop",
)  # fmt: skip
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # those of a pool would not survive the fork
NURSERY = Nursery(Path(sys.executable), LIBRARIES, os.environ | ONE_THREAD)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Farthing:
    """An installation and the processes that a test started on it."""

    data_dir: Path
    environment: dict[str, str]
    made: dict[str, Any] = field(default_factory=dict)
    processes: list[Child] = field(default_factory=list)
    port: int = 0
    app_port: int = 0

    @classmethod
    @contextmanager
    def start(cls, folder: Path, **settings: str) -> "Iterator[Farthing]":
        """An installation with a workspace, and `farthing api`; stopped at the end. The master key is on."""
        server = cls.prepare(folder, **settings)
        try:
            server.start_api()
            yield server
        finally:
            server.stop()

    @classmethod
    def prepare(cls, folder: Path, **settings: str) -> "Farthing":
        server = cls.on(folder / "data", **settings)
        server.made = asdict(initialise(server.settings))
        return server

    @classmethod
    def on(cls, data_dir: Path, **settings: str) -> "Farthing":
        """An installation that is there already, or nearly."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FARTHING_")}
        ours = {
            "FARTHING_DATA_DIR": str(data_dir),
            "FARTHING_MASTER_KEY": MASTER_KEY,
            "FARTHING_RATE_LIMIT": "none",  # tests and benchmarks send as much as they like, unless they say otherwise
        }
        return cls(data_dir, clean | ours | settings)

    @property
    def settings(self) -> Settings:
        """As its processes read them."""
        prefix, given = "FARTHING_", self.environment.items()
        named = {name.removeprefix(prefix).lower(): value for name, value in given if name.startswith(prefix)}
        return Settings(_env_file=None, **named)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def app_url(self) -> str:
        return f"http://127.0.0.1:{self.app_port}"

    @property
    def ingest_key(self) -> str:
        return str(self.made["ingest_key"])

    @property
    def read_key(self) -> str:
        return str(self.made["read_key"])

    @property
    def master_key(self) -> str:
        return MASTER_KEY

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the CLI, to its end."""
        done = NURSERY.run(["-m", "farthing", *arguments], self.environment, timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done

    def start_api(self, module: Sequence[str] = ("farthing",)) -> Child:
        process = self.spawn_api(module)
        wait_until_up(f"{self.url}/readyz", process)
        return process

    def spawn_api(self, module: Sequence[str] = ("farthing",)) -> Child:
        self.port = self.port or free_port()
        return self.spawn("api", "--port", str(self.port), module=module)

    def start_app(self) -> Child:
        self.app_port = self.app_port or free_port()
        process = self.spawn("app", "--port", str(self.app_port))
        wait_until_up(f"{self.app_url}/healthz", process)
        return process

    def start_jobs(self) -> Child:
        return self.spawn("jobs")

    def spawn(self, *arguments: str, module: Sequence[str] = ("farthing",)) -> Child:
        """`farthing …`, or a module with its own arguments before those of `farthing`."""
        with self.log_path.open("ab") as log:
            process = NURSERY.spawn(["-m", *module, *arguments], self.environment, log, log)
        self.processes.append(process)
        return process

    @property
    def log_path(self) -> Path:
        return self.data_dir.parent / "processes.log"

    def kill(self, process: Child) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self.processes = []

    # -- what clients do ------------------------------------------------------------------------------------------

    def client(self, key: str) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx2.Response:
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        sent = {"Authorization": f"Bearer {key or self.ingest_key}"} | headers
        return HTTP.post(self.url + path, content=content, headers=sent, timeout=60)

    def get(self, path: str, key: str | None = None, **parameters: Any) -> Any:
        sent = {"Authorization": f"Bearer {key or self.read_key}"}
        answer = HTTP.get(self.url + path, params=parameters, headers=sent, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def events(self, **parameters: Any) -> list[dict[str, Any]]:
        """All events of the last 90 days, page by page, newest first."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get("/api/v1/events", **({"last": "90d", "limit": 1000} | parameters | cursor))
            rows += page["rows"]
            if not page["next_cursor"]:
                return rows
            cursor = {"cursor": page["next_cursor"]}


def wait_until_up(address: str, process: Child) -> None:
    for _ in range(PATIENCE * 10):
        assert process.poll() is None, f"the process ended with {process.returncode}"
        try:
            if HTTP.get(address, timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not come up")
