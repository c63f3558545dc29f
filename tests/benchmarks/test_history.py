"""The history that the benchmarks run on is a sound installation: its ledger, its lake and its answers agree."""

from datetime import date

import polars as pl
import pytest

from jobs import doctor, rebuild, rollup
from models import ledger
from models.spend.cubes import CUBES
from tests.benchmarks import history
from tests.benchmarks.history import History

EVENTS = 2_000


@pytest.fixture(scope="module")
def past(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "RESULTS", folder)
        return history.made(EVENTS)


@pytest.fixture
def installation(past: History):
    past.rewind()
    opened = past.open()
    yield opened
    opened.database.close()


def requests_in(lake) -> dict[str, int]:
    files = {cube.id: list(lake.rollups.glob(f"cube={cube.id}/*/*/*.parquet")) for cube in CUBES}
    return {cube: pl.read_parquet(found, columns=["requests"])["requests"].sum() for cube, found in files.items()}


def test_nine_tenths_are_rolled_up_and_the_rollup_counts_the_rest(installation):
    assert set(requests_in(installation.lake).values()) == {EVENTS * 0.9}
    assert rollup.run(installation.database, installation.lake).events == EVENTS * 0.1
    assert set(requests_in(installation.lake).values()) == {EVENTS}


def test_its_lake_is_what_a_rebuild_makes_of_its_ledger(installation):
    rollup.run(installation.database, installation.lake)
    before = {cube.id: rows_of(installation, cube) for cube in CUBES}
    rebuild.run(installation.database, installation.lake, rebuild.Wanted())
    for cube in CUBES:
        assert before[cube.id].equals(rows_of(installation, cube))


def rows_of(installation, cube) -> pl.DataFrame:
    return pl.read_parquet(sorted(installation.lake.rollups.glob(f"cube={cube.id}/*/*/*.parquet")))


def test_the_doctor_finds_nothing(installation):
    rollup.run(installation.database, installation.lake)
    assert [finding.says for finding in doctor.examine(installation.settings) if not finding.good] == []


def test_turns_are_taken_back(past, installation):
    rollup.run(installation.database, installation.lake)
    past.add(100)
    assert past.added() == 100
    past.rewind()
    assert past.added() == 0
    assert set(requests_in(installation.lake).values()) == {EVENTS * 0.9}
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == EVENTS


def test_a_day_is_the_same_each_time():
    assert history.events_of(date(2026, 6, 1), 50).equals(history.events_of(date(2026, 6, 1), 50))
