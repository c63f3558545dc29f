"""The query layer opens each file once, and none that it need not open. Polars opens files in its own threads, where
Python's audit hooks see nothing, so the kernel is asked."""

import ctypes
import os
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import rollup
from models.installation import Installation
from models.spend.lake import FILE
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of

DAYS = 4
OPENED, NON_BLOCKING = 0x20, 0o4000  # of <sys/inotify.h>: IN_OPEN, IN_NONBLOCK
HEAD = struct.Struct("iIII")  # watch, mask, cookie, length of the name

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


class Opens:
    """Counts how often each rollup file is opened, by whomever."""

    def __init__(self, root: Path) -> None:
        self.kernel = ctypes.CDLL(None, use_errno=True)
        self.handle = self.kernel.inotify_init1(NON_BLOCKING)
        self.folders: dict[int, Path] = {}
        for file in sorted(root.rglob(FILE)):
            self.folders[self.watch(file.parent)] = file.parent
            self.watch(file)  # between two of its folder's: the kernel reports two equal events in a row as one

    def watch(self, path: Path) -> int:
        number = self.kernel.inotify_add_watch(self.handle, bytes(path), OPENED)
        assert number >= 0, os.strerror(ctypes.get_errno())
        return int(number)

    def close(self) -> None:
        os.close(self.handle)

    def since(self) -> Counter[str]:
        """Since the last time: `cube=… day=…` and how often."""
        found: Counter[str] = Counter()
        for watch, name in self.events():
            if watch in self.folders and name == FILE:
                cube, _, day = self.folders[watch].parts[-3:]
                found[f"{cube} {day}"] += 1
        return found

    def events(self) -> list[tuple[int, str]]:
        try:
            content = os.read(self.handle, 1 << 20)
        except BlockingIOError:
            return []
        events, at = [], 0
        while at < len(content):
            watch, _, _, length = HEAD.unpack_from(content, at)
            at += HEAD.size + length
            events.append((watch, content[at - length : at].rstrip(b"\0").decode()))
        return events


@pytest.fixture
def filled(installation: Installation) -> Iterator[tuple[Installation, Any, Opens]]:
    workspace = make_workspace(installation)
    events = [make_event(NOON - each * DAY, team="a", end_user=f"c{each}", prompt="p") for each in range(DAYS)]
    append(installation, workspace.id, *events)
    rollup.run(installation.database, installation.lake)
    opens = Opens(installation.lake.rollups)
    yield installation, spend_of(installation, workspace), opens
    opens.close()


def once(cube: str) -> dict[str, int]:
    return {f"cube={cube} day=2026-11-{21 - each}": 1 for each in range(DAYS)}


def test_the_count_itself_sees_every_open(filled: Any) -> None:
    installation, _, opens = filled
    path = next(installation.lake.rollups.glob(f"cube=models-v2/*/day=2026-11-21/{FILE}"))
    for _ in range(3):
        path.read_bytes()
    with path.open("rb"), path.open("rb"):
        pass
    assert opens.since() == {"cube=models-v2 day=2026-11-21": 5}


@pytest.mark.parametrize(
    ("cube", "question"),
    [
        ("models-v2", {"group_by": "model"}),
        (
            "models-v2",
            {"group_by": "model", "granularity": "day", "measures": "cost,requests,error_rate,cost_per_request"},
        ),
        ("customers-v2", {"group_by": "end_user", "where": "team:a", "limit": "2"}),
        ("prompts-v2", {"group_by": "prompt,model"}),
        ("latency-v2", {"measures": "latency_p50,latency_p95"}),
        ("hourly-v2", {"granularity": "hour"}),
    ],
)
def test_a_question_opens_each_file_once_and_no_other(filled: Any, cube: str, question: dict[str, str]) -> None:
    _, spend, opens = filled
    assert ask(spend, last="4d", **question).totals
    assert opens.since() == once(cube)


def test_asked_again_it_opens_none(filled: Any) -> None:
    _, spend, opens = filled
    for _ in range(2):
        ask(spend, last="4d", group_by="model", compare="previous")
    assert opens.since() == once("models-v2")


def test_what_was_read_of_a_file_stays_when_more_of_it_is_asked_for(filled: Any) -> None:
    _, spend, opens = filled
    ask(spend, last="4d", group_by="model")
    ask(spend, last="4d", group_by="feature")
    assert opens.since() == dict.fromkeys(once("models-v2"), 2)
    ask(spend, last="4d", group_by="model,feature")
    assert opens.since() == {}


def test_only_the_file_that_was_replaced_is_opened_again(filled: Any) -> None:
    installation, spend, _ = filled
    ask(spend, last="4d", group_by="model")
    append(installation, spend.workspace.id, make_event(NOON, team="a"))
    rollup.run(installation.database, installation.lake)
    seen = Opens(installation.lake.rollups)
    assert ask(spend, last="4d", group_by="model").totals["requests"] == DAYS + 1
    assert seen.since() == {"cube=models-v2 day=2026-11-21": 1}
    seen.close()


def test_a_damaged_day_costs_one_open_more(filled: Any) -> None:
    installation, spend, opens = filled
    path = next(installation.lake.rollups.glob(f"cube=models-v2/*/day=2026-11-21/{FILE}"))
    path.write_bytes(b"PAR1")
    opens.since()
    assert ask(spend, last="4d", group_by="model").totals["requests"] == DAYS
    others = {name: number for name, number in opens.since().items() if "cube=models-v2" not in name}
    assert list(others.values()) == [1], "another cube's file of that day"
