"""Runs programs in LiteLLM's own venv: the two scripts beside this file, and the proxy.

They get an environment of their own, so that neither the developer's provider keys nor HTTP proxies take part, and
LiteLLM's own copy of its price list, so that nothing asks the internet.
"""

import json
import os
import signal
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.nursery import Nursery

HERE = Path(__file__).parent
SCRIPT_SECONDS = 120
START_SECONDS = 120
STOP_SECONDS = 20


def run(python: Path, script: str, *arguments: str, stdin: str = "", **environment: str) -> Any:
    """What the script printed, read as JSON. LiteLLM only logs what it could not deliver: that fails here."""
    finished = nursery(python).run([HERE / script, *arguments], isolated(environment), SCRIPT_SECONDS, stdin)
    assert finished.returncode == 0, finished.stderr
    assert "Generic API Logger" not in finished.stderr, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def done(python: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program that is given as text, to its end."""
    return nursery(python).run(["-c", program], isolated(environment), SCRIPT_SECONDS)


@cache
def nursery(python: Path) -> Nursery:
    """Where LiteLLM has been imported already: that takes longer than most of what is done with it."""
    return Nursery(python, ["litellm", "litellm.caching.caching"], isolated({}))


def isolated(environment: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True", **environment}


class LiteLLMProxy:
    """A `litellm` process: answers within the `with` block, and ends with it."""

    def __init__(self, python: Path, log: Path, config: Path = HERE / "proxy.yaml", **environment: str) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._log = log
        command = [python.with_name("litellm"), "--config", config, "--host", "127.0.0.1"]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, "--port", str(port)],
                env=isolated(environment),
                cwd=log.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        try:
            self._wait_until_up()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{self.url}/health/liveliness"):
            assert self._process.poll() is None, self._log.read_text()[-4000:]
            assert time.monotonic() < deadline, self._log.read_text()[-4000:]
            time.sleep(0.1)

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).is_success
    except httpx2.TransportError:
        return False
