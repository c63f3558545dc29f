"""Arize Phoenix, as it is installed: its own process, its own folder, its own SQLite file, nothing from outside.

It answers when spans are in its queue, and stores and prices them afterwards. So its file is asked, read-only, what is there.
"""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from tests.benchmarks.report import ROOT
from tests.servers import free_port, wait_until_up

VENV = ROOT / ".venv-peers"
SPANS = Path(__file__).with_name("spans.py")
PATH = "/v1/traces"
HEAD = {"Content-Type": "application/x-protobuf"}
PRICED = "SELECT count(*) FROM span_costs WHERE total_cost > 0"  # a row of it belongs to a span, and commits with it
POLL = 0.1  # seconds between two looks into the file
QUIET = 5  # seconds without anything new until what is stored is taken for all there is
PATIENCE = 900  # seconds for a turn's spans


def version() -> str:
    """Of what is installed in the venv of the peers."""
    folders = [str(folder) for folder in VENV.glob("lib/python*/site-packages")]
    return next(found.version for found in metadata.distributions(name="arize-phoenix", path=folders))


@cache
def body(spans: int) -> bytes:
    return subprocess.run([VENV / "bin/python", SPANS, str(spans)], capture_output=True, check=True).stdout


@dataclass
class Phoenix:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    @contextmanager
    def start(cls, folder: Path) -> "Iterator[Phoenix]":
        port = free_port()
        server = cls(folder, port, spawn(folder, port))
        try:
            server.wait()
            yield server
        finally:
            server.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        wait_until_up(f"{self.url}/healthz", self.process)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def restart(self) -> None:
        self.process = spawn(self.folder, self.port)
        self.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def priced(self) -> int:
        """How many spans are stored with a cost."""
        with closing(sqlite3.connect(f"file:{self.folder / 'phoenix.db'}?mode=ro", uri=True, timeout=30)) as connection:
            return int(connection.execute(PRICED).fetchone()[0])

    def wait_until_priced(self, spans: int) -> float:
        """The time at which so many were there."""
        until = time.time() + PATIENCE
        while (found := self.priced()) < spans:
            assert time.time() < until, f"Phoenix has stored {found} of {spans} spans"
            time.sleep(POLL)
        return time.time()

    def settled(self) -> int:
        """How many there are when nothing more comes."""
        found, since = self.priced(), time.time()
        while time.time() - since < QUIET:
            time.sleep(POLL)
            if (now := self.priced()) != found:
                found, since = now, time.time()
        return found


def spawn(folder: Path, port: int) -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PHOENIX_", "OTEL_"))}
    settings = {
        "PHOENIX_WORKING_DIR": str(folder),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(port),
        "PHOENIX_GRPC_PORT": str(free_port()),
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
    }
    with (folder / "phoenix.log").open("ab") as log:
        return subprocess.Popen([VENV / "bin/phoenix", "serve"], env=clean | settings, stdout=log, stderr=log)
