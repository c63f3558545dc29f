"""Readers from outside: Polars and DuckDB add up a glob while its files are replaced as fast as they can be. An open
that is refused is tried again; a wrong sum never appears."""

import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jobs import rebuild, rollup
from models.installation import Installation
from models.spend import lake
from models.spend.cubes import BY_ID
from tests.factories import DAY, NOON, append, make_event, make_workspace

READS = 400
BATCH = 50  # events of each step, so that a part of a file is seldom taken for the whole of one
COST = 7


def start_reader(name: str, installation: Installation, output: Path) -> subprocess.Popen[bytes]:
    glob = str(installation.lake.rollups / "cube=errors-v2" / "**" / "*.parquet")
    with output.open("wb") as file:
        command = [sys.executable, "-m", "tests.clients.read_lake", name, glob, str(READS)]
        return subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)


def test_polars_and_duckdb_never_see_a_wrong_sum(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "sync", lambda _: None)  # as fast as possible: power cuts are another test's matter
    workspace = make_workspace(installation)
    chance = random.Random(1)

    def send_a_batch() -> None:
        day = NOON - chance.randrange(3) * DAY
        names = [f"model-{chance.randrange(400)}" for _ in range(BATCH)]
        append(installation, workspace.id, *(make_event(day, COST, model=name) for name in names))
        rollup.run(installation.database, installation.lake)

    send_a_batch()
    outputs = {name: tmp_path / f"{name}.json" for name in ("polars", "duckdb")}
    readers = [start_reader(name, installation, output) for name, output in outputs.items()]
    batches = 1
    while any(reader.poll() is None for reader in readers):
        send_a_batch()
        batches += 1
        if batches % 3 == 0:
            rebuild.run(installation.database, installation.lake, rebuild.Wanted())
    assert [reader.returncode for reader in readers] == [0, 0]
    for name, output in outputs.items():
        read = json.loads(output.read_text())
        requests, costs = ([each[column] for each in read["seen"]] for column in (0, 1))
        assert len(requests) == READS
        assert {each % BATCH for each in requests} == {0}, name
        assert {each % (BATCH * COST) for each in costs} == {0}, name
        assert (requests, costs) == (sorted(requests), sorted(costs)), name
        assert max(requests) <= batches * BATCH


def test_a_reader_that_opens_each_file_once_always_succeeds(installation: Installation) -> None:
    """Rows and `through_seq` are of the same version: a batch a step, and every batch is counted."""
    workspace = make_workspace(installation)
    cube, day = BY_ID["models-v2"], date(2026, 11, 21)
    append(installation, workspace.id, make_event())
    rollup.run(installation.database, installation.lake)
    program = (
        "import io, sys, polars as pl\n"
        "for _ in range(400):\n"
        "    content = io.BytesIO(open(sys.argv[1], 'rb').read())\n"
        "    counted = int(pl.read_parquet_metadata(content)['through_seq'])\n"
        "    assert pl.read_parquet(content)['requests'].sum() == counted\n"
    )
    path = installation.lake.path(cube, workspace, day)
    reader = subprocess.Popen([sys.executable, "-c", program, str(path)], stderr=subprocess.PIPE)
    while reader.poll() is None:
        append(installation, workspace.id, make_event())
        rollup.run(installation.database, installation.lake)
    assert reader.returncode == 0, reader.communicate()[1].decode()
