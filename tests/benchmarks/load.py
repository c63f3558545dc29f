"""Load on a server from a process of its own: wrk where it is installed and one body will do, else `generator.py`."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("post.lua")
PATIENCE = 60  # seconds beyond its time until a generator is given up


@dataclass(frozen=True)
class Load:
    """The same request again and again, over a number of connections that each wait for the answer."""

    path: str
    body: bytes
    events: int  # in one body
    connections: int
    fresh_ids: bool = False  # the body holds marks that each request replaces, see `bodies.MARK`


@dataclass(frozen=True)
class Answers:
    """What came back. `cut_off` is how many requests may have been under way when the generator stopped listening."""

    accepted: int
    failed: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cut_off: int = 0


def drive(load: Load, url: str, key: str, seconds: float, folder: Path) -> Answers:
    body = folder / "body"
    body.write_bytes(load.body)
    address = url + load.path
    if load.fresh_ids or not shutil.which("wrk"):
        return by_ourselves(load, address, key, seconds, body)
    return by_wrk(load, address, key, seconds, body)


def by_wrk(load: Load, address: str, key: str, seconds: float, body: Path) -> Answers:
    """One thread: the server needs the other cores. wrk takes whole seconds only, and hangs up when they are over."""
    whole = max(1, round(seconds))
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{whole}s", "--timeout", "30s", "-s", str(SCRIPT), address]
    told = last_line(command, whole, {"BENCH_BODY": str(body), "BENCH_KEY": key})
    lost = told.pop("lost")
    assert not lost, f"{lost} connections failed under load"
    return Answers(**told, cut_off=load.connections)


def by_ourselves(load: Load, address: str, key: str, seconds: float, body: Path) -> Answers:
    command = [sys.executable, "-m", "tests.benchmarks.generator", address, str(body)]
    command += [str(load.connections), str(seconds)]
    return Answers(**last_line(command, seconds, {"BENCH_KEY": key}))


def last_line(command: list[str], seconds: float, environment: dict[str, str]) -> dict[str, Any]:
    """What a measuring process says in the end, in JSON."""
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=seconds + PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
