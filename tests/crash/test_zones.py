"""A change of the time zone by real processes: killed at every point and run again, and asked over HTTP all the while."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import polars as pl
import pytest

from jobs import doctor
from models.settings import Settings
from tests.crash.points import CHANGING_ZONE, Point
from tests.crash.rounds import died
from tests.servers import Farthing

ZONES = ("America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
NOW = datetime.now(UTC).replace(minute=5, second=0, microsecond=0)
USUAL = ("between files of two generations", "inside the switch's commit", "between two old files")
EVENTS = 120  # some hours apart each, over nine days


def starts() -> Iterator[datetime]:
    return (NOW - timedelta(hours=each * 5 % (9 * 24), minutes=each) for each in range(EVENTS))


def send(server: Farthing, number: int) -> None:
    events = [
        {"model": f"m{each % 3}", "startTime": start.isoformat(), "id": f"e{number}-{each}", "response_cost": 0.001}
        for each, start in enumerate(starts())
    ]
    for first in range(0, EVENTS, 100):
        assert server.post("/api/v1/ingest/batch", {"events": events[first : first + 100]}).status_code == 202


def ask_for(server: Farthing, zone: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.master_key}"}
    answer = httpx2.patch(f"{server.url}/api/v1/workspace", json={"timezone": zone}, headers=headers)
    return dict(answer.raise_for_status().json())


def workspace(server: Farthing) -> dict[str, Any]:
    return dict(server.get("/api/v1/workspace", key=server.master_key))


def stored(server: Farthing, zone: str) -> dict[str, int]:
    """Requests by day, by plain SQL and zoneinfo."""
    with closing(sqlite3.connect(f"file:{server.data_dir / 'farthing.db'}?mode=ro", uri=True)) as connection:
        found = [started for (started,) in connection.execute("SELECT started_us FROM events")]
    days = sorted(datetime.fromtimestamp(each / 1_000_000, ZoneInfo(zone)).date().isoformat() for each in found)
    return {day: len([*each]) for day, each in itertools.groupby(days)}


def answered(server: Farthing) -> tuple[str, dict[str, int]]:
    """The zone of an answer, and its requests by day."""
    body = server.get("/api/v1/spend", last="60d", granularity="day", group_by="model", measures="requests")
    rows = [(row["period"], row["requests"]) for row in body["rows"]]
    days = itertools.groupby(sorted(rows), key=lambda row: row[0])
    return body["timezone"], {day: sum(requests for _, requests in each) for day, each in days}


def lying(server: Farthing) -> dict[str, int]:
    """By a glob over each cube, which all say the same."""
    found = []
    for cube in sorted((server.data_dir / "lake" / "rollups").glob("cube=*")):
        rows = pl.read_parquet(cube / "**" / "*.parquet", hive_partitioning=True)
        sums = rows.group_by(pl.col("day").cast(pl.String)).agg(pl.sum("requests")).sort("day")
        found.append(dict(sums.iter_rows()))
    assert all(each == found[0] for each in found)
    return found[0]


def complaints(server: Farthing) -> list[str]:
    settings = Settings(data_dir=server.data_dir, _env_file=None)
    return [finding.says for finding in doctor.examine(settings) if not finding.good]


def usual(points: Iterable[Point]) -> Iterator[Any]:
    """Where nothing has been switched yet, where it is being switched, and where it has been; the others under torture."""
    for point in points:
        yield point if point.name in USUAL else pytest.param(point, marks=pytest.mark.torture)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """One installation for all kills: each change begins with what the last one has left."""
    with Farthing.start(tmp_path_factory.mktemp("zones")) as server:
        send(server, 0)
        yield server


@pytest.mark.parametrize("point", usual(CHANGING_ZONE), ids=lambda point: point.name)
def test_a_change_that_was_killed_is_carried_out_by_the_next_run(site: Farthing, tmp_path: Path, point: Point) -> None:
    before = workspace(site)["timezone"]
    zone = ZONES[(ZONES.index(before) + 1) % len(ZONES)]
    assert ask_for(site, zone)["next_timezone"] == zone
    trigger = tmp_path / "trigger"
    trigger.touch()
    died(site.spawn("rollup", module=("tests.crash.launch", point.name, f"{point.most}.5", str(trigger))))
    told, days = answered(site)
    assert told in (before, zone)
    assert days == stored(site, told)
    if (left := workspace(site))["files_exact"]:
        assert lying(site) == stored(site, left["timezone"])
    else:
        assert any("of another time zone's days lie in the lake" in each for each in complaints(site))
    site.run("rollup")
    seen = workspace(site)
    assert (seen["timezone"], seen["next_timezone"], seen["files_exact"]) == (zone, None, True)
    assert answered(site) == (zone, stored(site, zone))
    assert lying(site) == stored(site, zone)
    assert complaints(site) == []


@pytest.mark.long
def test_readers_over_http_see_old_days_or_new_ones_and_are_never_refused(server: Farthing) -> None:
    """While the jobs change the zone, one time after the other, and events come."""
    jobs, seen = server.start_jobs(), set()
    for number, zone in enumerate(ZONES):
        send(server, number)
        ask_for(server, zone)
        expected = {each: stored(server, each) for each in ("UTC", *ZONES)}
        while True:
            told, days = answered(server)
            assert days == expected[told], told
            seen.add(told)
            if told == zone and workspace(server)["files_exact"]:
                break
            assert jobs.poll() is None
        assert lying(server) == expected[zone]
    assert seen == {*ZONES}
    assert "job failed" not in server.log_path.read_text()
