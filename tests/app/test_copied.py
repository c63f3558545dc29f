"""What is copied from the explorer runs as it stands, against a real API, and gets what the page shows."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app import copied
from models.periods import iso, now_us
from tests.servers import Farthing

ASKED = (
    ("last", "7d"), ("where", "team:o'neill & \"sons\" $HOME `x`!"), ("where", "endpoint:/a:b?c=d"),
    ("group_by", "team,model"), ("measures", "cost,requests"), ("limit", "5"), ("other", "true"),
)  # fmt: skip


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    with Farthing.start(tmp_path_factory.mktemp("copied")) as server:
        event = {
            "model": "gpt-4o",
            "startTime": iso(now_us()),
            "response_cost": 1.5,
            "endpoint": "/a:b?c=d",
            "metadata": {"team": ASKED[1][1][5:]},
        }
        assert server.post("/api/v1/ingest/batch", {"events": [event] * 3}, server.ingest_key).status_code == 202
        yield server


def environment(farthing: Farthing) -> dict[str, str]:
    return os.environ | {copied.KEY: farthing.read_key, "HOME": "/nowhere"}


def answer(farthing: Farthing, form: str) -> httpx2.Response:
    found = httpx2.get(copied.url(farthing.url, ASKED, form), headers={"Authorization": f"Bearer {farthing.read_key}"})
    assert found.status_code == 200
    return found


@pytest.mark.skipif(not shutil.which("curl") and not os.environ.get("CI"), reason="no curl")
def test_the_call_answers_what_the_page_asked(farthing: Farthing) -> None:
    command = copied.curl(farthing.url, ASKED)
    done = subprocess.run(
        ["bash", "-c", command], env=environment(farthing), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert '"requests":3' in done.stdout
    assert '"cost_nano_usd":4500000000' in done.stdout
    assert done.stdout.partition('"as_of"')[0] == answer(farthing, "").text.partition('"as_of"')[0]


def test_the_python_reads_it_as_a_frame(farthing: Farthing, tmp_path: Path) -> None:
    program = tmp_path / "spend.py"
    program.write_text(copied.python(farthing.url, ASKED) + "spend.write_csv('spend.csv')\n")
    done = subprocess.run(
        [sys.executable, program], env=environment(farthing), capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "spend.csv").read_bytes() == answer(farthing, "csv").content


def test_neither_holds_a_key() -> None:
    for text in (copied.curl("http://api", ASKED), copied.python("http://api", ASKED)):
        assert "fth_live" not in text
        assert copied.KEY in text
