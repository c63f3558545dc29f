"""More than one publisher: paused ones that wake up, and all that can publish at once. No file goes back, no watermark
moves wrongly, and in the end the lake is what the ledger says."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs import doctor, rollup
from models.accounts.workspaces import all_workspaces
from models.installation import Installation, open_installation
from models.settings import Settings
from models.spend import progress
from models.spend.cubes import CUBES
from models.spend.lake import Lake
from tests.factories import DAY, NOON, append, ask, make_event, spend_of
from tests.nursery import Child
from tests.servers import PATIENCE, Farthing

REPLACING = ("before a file's replacement", 5)
REPLACED = ("after a file's replacement", 5)
RECORDING = ("between files and record", 1)
SUMS = "count(*), sum(cost_nano_usd), sum(total_tokens)"


class Site:
    """An installation that processes and this test share."""

    def __init__(self, folder: Path) -> None:
        self.farthing = Farthing.prepare(folder)
        self.installation: Installation = open_installation(Settings(data_dir=self.farthing.data_dir, _env_file=None))
        with self.installation.database.read() as connection:
            (self.workspace,) = all_workspaces(connection)

    def close(self) -> None:
        self.installation.database.close()
        self.farthing.stop()

    def append(self, number: int) -> None:
        days = (NOON - each % 3 * DAY for each in range(number))
        append(self.installation, self.workspace.id, *(make_event(day, cost=7) for day in days))

    def roll_up(self) -> None:
        rollup.run(self.installation.database, self.installation.lake)

    def pause(self, point: str, call: int, *arguments: str) -> Child:
        """`farthing …`, stopped at the point when this returns."""
        process = self.farthing.spawn(*arguments, module=("tests.crash.pause", point, str(call)))
        assert process.stops(PATIENCE), self.farthing.log_path.read_text()
        return process

    def counted(self) -> dict[tuple[str, str, str], int]:
        """How far each file has counted."""
        return {tuple(where): stamp.through_seq for *where, _, stamp in self.installation.lake.stamps() if stamp}

    def watermarks(self) -> dict[str, int]:
        with self.installation.database.read() as connection:
            return progress.watermarks(connection)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    try:
        yield made
    finally:
        for process in made.farthing.processes:
            process.send_signal(signal.SIGCONT)
        made.close()


def assert_the_lake_is_the_ledger(installation: Installation) -> None:
    """Each cube's files add up to the events, day for day; the database knows each file as it is."""
    with installation.database.read() as connection:
        by_day = f"SELECT date(started_us / 1000000, 'unixepoch') AS day, {SUMS} FROM events GROUP BY day ORDER BY day"
        events = [tuple(row) for row in connection.exec_driver_sql(by_day)]
        recorded = progress.expected_files(connection)
        marks, newest = progress.served(connection), connection.exec_driver_sql("SELECT seq FROM ledger").scalar_one()
    for cube in CUBES:
        files = pl.scan_parquet(installation.lake.rollups / f"cube={cube.id}" / "**/*.parquet", hive_partitioning=True)
        sums = files.group_by(pl.col("day").cast(pl.String)).agg(pl.sum("requests", "cost_nano_usd", "total_tokens"))
        assert sums.sort("day").collect().rows() == events, cube.id
    assert marks == {cube.id: newest for cube in CUBES}
    assert {tuple(where): stamp.stamp for *where, _, stamp in installation.lake.stamps() if stamp} == {
        where: expected.stamp for where, expected in recorded.items()
    }
    assert [finding.says for finding in doctor.examine(installation.settings) if not finding.good] == []


def lake_says(site: Site) -> int:
    """A process that has just started."""
    fresh = Installation(site.installation.settings, site.installation.database, Lake(site.installation.lake.root))
    return int(ask(spend_of(fresh, site.workspace), last="7d").totals["requests"])


# -- one that is paused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "end"), [(REPLACING, signal.SIGCONT), (REPLACED, signal.SIGKILL), (RECORDING, signal.SIGCONT)]
)
def test_others_wait_for_a_paused_publisher_until_it_wakes_or_dies(
    site: Site, point: tuple[str, int], end: signal.Signals
) -> None:
    site.append(30)
    site.roll_up()
    site.append(30)
    paused = site.pause(*point, "rollup")
    site.append(30)
    assert lake_says(site) == 90, "answers are exact meanwhile"
    before = site.counted()
    waiting = site.farthing.spawn("rollup")
    wait_until_it_says(site, waiting, f"process={paused.pid}")
    assert site.watermarks() == {cube.id: 30 for cube in CUBES}
    paused.send_signal(end)
    assert paused.wait(PATIENCE) == (0 if end == signal.SIGCONT else -signal.SIGKILL)
    assert waiting.wait(PATIENCE) == 0
    assert all(site.counted()[where] >= through for where, through in before.items())
    assert_the_lake_is_the_ledger(site.installation)


@pytest.mark.parametrize(
    ("command", "point"),
    [("rollup", REPLACING), ("rollup", REPLACED), ("rollup", RECORDING), ("rebuild", REPLACED), ("rebuild", RECORDING)],
)
def test_one_that_was_replaced_while_it_was_paused_takes_nothing_back(
    site: Site, command: str, point: tuple[str, int]
) -> None:
    """Its lock's file is gone, so that another has published meanwhile."""
    site.append(30)
    site.roll_up()
    site.append(30)
    paused = site.pause(*point, command)
    site.append(30)
    site.installation.lake.lock_path.unlink()
    site.roll_up()
    before, marks = site.counted(), site.watermarks()
    assert marks == {cube.id: 90 for cube in CUBES}
    paused.send_signal(signal.SIGCONT)
    assert paused.wait(PATIENCE) == 1, "it says that it was replaced"
    assert "Traceback" not in site.farthing.log_path.read_text()
    assert (site.counted(), site.watermarks()) == (before, marks)
    assert_the_lake_is_the_ledger(site.installation)


def wait_until_it_says(site: Site, process: Child, word: str) -> None:
    while word not in site.farthing.log_path.read_text():
        assert process.poll() is None, site.farthing.log_path.read_text()
        time.sleep(0.05)


# -- all at once --------------------------------------------------------------------------------------------------


class Sender(threading.Thread):
    """Sends events of three days, batch after batch, until it is told to stop."""

    def __init__(self, farthing: Farthing) -> None:
        super().__init__(daemon=True)
        self.farthing, self.enough, self.sent = farthing, threading.Event(), 0

    def run(self) -> None:
        with self.farthing.client(self.farthing.ingest_key) as client:
            while not self.enough.wait(0.02):
                answer = client.post("/api/v1/ingest/batch", json={"events": [self.event(each) for each in range(20)]})
                assert answer.status_code == 202, answer.text
                self.sent += answer.json()["count"]

    def event(self, each: int) -> dict[str, Any]:
        started = datetime.now(UTC) - timedelta(days=each % 3, minutes=1)
        return {"model": "gpt-4o", "startTime": started.isoformat(), "response_cost": 0.000007, "total_tokens": 3}


def test_every_publisher_at_once_under_ingest_ends_in_what_the_events_say(site: Site) -> None:
    site.farthing.environment["FARTHING_ROLLUP_EVERY"] = "1"
    site.farthing.start_api()
    jobs = site.farthing.start_jobs()
    sender = Sender(site.farthing)
    sender.start()
    seen = [0]
    for turn in range(2):
        publishers = [site.farthing.spawn(command) for command in ("rollup", "rebuild")]
        if turn == 1:
            jobs.send_signal(signal.SIGSTOP)
        while any(process.poll() is None for process in publishers):
            seen.append(site.farthing.get("/api/v1/spend", last="7d")["totals"]["requests"])
            jobs.send_signal(signal.SIGCONT)
        assert [process.returncode for process in publishers] == [0, 0], site.farthing.log_path.read_text()
    sender.enough.set()
    sender.join(PATIENCE)
    assert seen == sorted(seen), "what was counted once is never missing"
    assert site.farthing.get("/api/v1/spend", last="7d")["totals"]["requests"] == sender.sent
    jobs.terminate()
    assert jobs.wait(PATIENCE) == 0
    assert "job failed" not in site.farthing.log_path.read_text()
    site.farthing.run("rollup")
    assert_the_lake_is_the_ledger(site.installation)
