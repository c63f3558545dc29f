"""The rollup: additive, killed anywhere and run again, damage seen and mended, an older database told."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs import doctor, rebuild, rollup
from models.errors import EventsGone
from models.installation import Installation, open_installation
from models.settings import Settings
from models.spend import cubes, progress
from models.spend.cubes import BY_ID, CUBES, Cube
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of

TODAY = date(2026, 11, 21)


def run(installation: Installation) -> rollup.Run:
    return rollup.run(installation.database, installation.lake)


def reopened(installation: Installation) -> Installation:
    installation.database.close()
    return open_installation(installation.settings)


def says(installation: Installation) -> list[str]:
    return [finding.says for finding in doctor.examine(installation.settings) if not finding.good]


def test_a_run_says_what_it_did_and_a_second_finds_nothing(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(), make_event(NOON - DAY))
    assert str(run(installation)) == f"rolled up 2 events into {2 * len(CUBES)} files, through seq 2"
    assert run(installation).events == 0


def test_only_the_days_of_new_events_are_touched(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(), make_event(NOON - DAY))
    run(installation)
    append(installation, workspace.id, make_event(NOON - DAY))
    assert run(installation).files == len(CUBES)


def test_a_late_event_heals_its_day(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON - 3 * DAY, cost=1))
    run(installation)
    append(installation, workspace.id, make_event(NOON - 3 * DAY, cost=10))
    run(installation)
    day = installation.lake.read(BY_ID["models-v2"], workspace, date(2026, 11, 18))
    assert day.rows["cost_nano_usd"].to_list() == [11]
    assert day.stamp.through_seq == 2


def test_a_glob_over_any_cube_adds_up(installation: Installation) -> None:
    one, other = make_workspace(installation, "one"), make_workspace(installation, "other", timezone="Asia/Kolkata")
    for workspace in (one, other):
        append(installation, workspace.id, *(make_event(NOON - each * DAY, cost=each) for each in range(5)))
    run(installation)
    for cube in CUBES:
        rows = pl.read_parquet(installation.lake.rollups / f"cube={cube.id}" / "**/*.parquet", hive_partitioning=True)
        assert rows["cost_nano_usd"].sum() == 20
        assert set(rows["workspace"]) == {one.id, other.id}
        assert rows["day"].n_unique() == 5


def test_nothing_but_rollup_files_lies_in_the_lake(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event())
    run(installation)
    names = {path.name for path in installation.lake.rollups.rglob("*") if path.is_file()}
    assert names == {"rollup.parquet"}


# -- damage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deleted", "truncated", "older"])
def test_damage_is_answered_from_the_ledger_named_and_mended(installation: Installation, how: str) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=1))
    run(installation)
    path = installation.lake.path(BY_ID["models-v2"], workspace, TODAY)
    older = path.read_bytes()
    append(installation, workspace.id, make_event(cost=10))
    run(installation)
    if how == "deleted":
        path.unlink()
    else:
        path.write_bytes(older if how == "older" else b"PAR1")
    answer = ask(spend_of(installation, workspace), last="7d", group_by="model")
    assert answer.totals["cost_nano_usd"] == 11
    named = f"cube=models-v2 workspace={workspace.id} (team) day=2026-11-21"
    assert any(named in each for each in says(installation))
    healed = rebuild.heal(installation.database, installation.lake)
    assert (healed.mended, healed.lost) == (["cube=models-v2 workspace=team day=2026-11-21"], [])
    assert says(installation) == []
    assert ask(spend_of(installation, workspace), last="7d").totals["cost_nano_usd"] == 11


def test_a_run_over_a_damaged_day_rebuilds_it(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=1))
    run(installation)
    shutil.rmtree(installation.lake.rollups)
    append(installation, workspace.id, make_event(cost=10))
    run(installation)
    assert says(installation) == []
    assert ask(spend_of(installation, workspace), last="7d").totals["cost_nano_usd"] == 11


def test_files_of_an_unknown_workspace_are_named_and_left_alone(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event())
    run(installation)
    foreign = installation.lake.rollups / "cube=models-v2" / "workspace=ws_foreign"
    shutil.copytree(installation.lake.rollups / "cube=models-v2" / f"workspace={workspace.id}", foreign)
    assert any("ws_foreign" in each for each in says(installation))
    run(reopened(installation))
    assert foreign.exists()


def test_a_restored_older_database_trusts_no_file_that_counted_further(
    installation: Installation, tmp_path: Path
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON - DAY, cost=1, id="a"), make_event(cost=2, id="b"))
    run(installation)
    installation.database.close()
    backup = tmp_path / "backup.db"
    shutil.copy(installation.settings.database_path, backup)
    after = open_installation(installation.settings)
    append(after, workspace.id, make_event(cost=100, id="lost"), make_event(NOON - 5 * DAY, cost=1000, id="lost too"))
    run(after)
    after.database.close()
    shutil.copy(backup, installation.settings.database_path)
    for leftover in ("-wal", "-shm"):
        Path(f"{installation.settings.database_path}{leftover}").unlink(missing_ok=True)
    assert any("counted through seq 4, the database 2" in each for each in says(installation))
    restored = open_installation(installation.settings)
    assert ask(spend_of(restored, workspace), last="7d").totals["cost_nano_usd"] == 3, "lost events are not counted"
    append(restored, workspace.id, make_event(cost=30, id="new"))
    assert ask(spend_of(restored, workspace), last="7d").totals["cost_nano_usd"] == 33
    run(restored)
    rebuild.heal(restored.database, restored.lake)
    assert says(restored) == []
    assert ask(spend_of(restored, workspace), last="7d").totals["cost_nano_usd"] == 33
    lake = pl.read_parquet(restored.lake.rollups / "cube=models-v2" / "**/*.parquet")
    assert lake["cost_nano_usd"].sum() == 33, "a glob does not count what was lost either"
    restored.database.close()


# -- kills, publishers, cubes -------------------------------------------------------------------------------------


def test_a_paused_publisher_can_not_move_the_watermark(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event())
    with installation.database.write() as connection:
        old = progress.take_fence(connection)
        progress.take_fence(connection)
    with pytest.raises(Exception, match="Another publisher"), installation.database.write() as connection:
        progress.move(connection, old, [], {"models-v2": 1})
    with installation.database.read() as connection:
        assert progress.watermarks(connection)["models-v2"] == 0


def test_a_kill_between_files_and_watermark_counts_nothing_twice(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=1))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(progress, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            run(installation)
    append(installation, workspace.id, make_event(cost=10))
    spend = spend_of(installation, workspace)
    assert ask(spend, last="7d").totals["cost_nano_usd"] == 11
    run(installation)
    assert ask(spend, last="7d").totals["cost_nano_usd"] == 11


def test_a_new_cube_serves_once_it_has_counted_history(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON - 2 * DAY, cost=1), make_event(cost=2))
    run(installation)
    added = Cube("projects", ("project",), "spend by project")
    monkeypatch.setattr(rollup, "CUBES", (*CUBES, added))
    monkeypatch.setattr(progress, "CUBES", (*CUBES, added))
    monkeypatch.setitem(cubes.BY_ID, "projects-v2", added)
    append(installation, workspace.id, make_event(cost=4))
    assert run(installation).backfilled == ("projects-v2",)
    rows = pl.read_parquet(installation.lake.rollups / "cube=projects-v2" / "**/*.parquet")
    assert rows["cost_nano_usd"].sum() == 7
    append(installation, workspace.id, make_event(cost=8))
    run(installation)
    rows = pl.read_parquet(installation.lake.rollups / "cube=projects-v2" / "**/*.parquet")
    assert rows["cost_nano_usd"].sum() == 15


def test_a_changed_cube_takes_the_place_of_its_older_version(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON - DAY, cost=1), make_event(cost=2))
    run(installation)
    newer = [replace(cube, version=9) for cube in CUBES]
    for module in (rollup, progress, cubes):
        monkeypatch.setattr(module, "CUBES", tuple(newer))
    for cube in newer:
        monkeypatch.setitem(cubes.BY_ID, cube.id, cube)
    assert ask(spend_of(installation, workspace), last="7d").totals["cost_nano_usd"] == 3, "from the ledger meanwhile"
    assert run(installation).backfilled == tuple(cube.id for cube in newer)
    assert {path.name for path in installation.lake.rollups.iterdir()} == {f"cube={cube.id}" for cube in newer}
    with installation.database.read() as connection:
        assert set(progress.watermarks(connection)) == {cube.id for cube in newer}
        assert {cube for cube, _, _ in progress.expected_files(connection)} == {cube.id for cube in newer}
    assert ask(spend_of(installation, workspace), last="7d").totals["cost_nano_usd"] == 3


def test_an_older_version_stays_where_it_alone_has_counted_what_is_gone(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON - DAY, cost=1), make_event(NOON - DAY, cost=2))
    run(installation)
    with installation.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE cost_nano_usd = 2")
    newer = [replace(cube, version=9) for cube in CUBES]
    for module in (rollup, progress, cubes):
        monkeypatch.setattr(module, "CUBES", tuple(newer))
    for cube in newer:
        monkeypatch.setitem(cubes.BY_ID, cube.id, cube)
    run(installation)
    kept = {path.name for path in installation.lake.rollups.iterdir()}
    assert {f"cube={cube.id}" for cube in CUBES} <= kept, "the only files that have counted it"
    with pytest.raises(EventsGone):
        ask(spend_of(installation, workspace), last="7d")


def test_a_long_backlog_is_counted_in_steps(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "STEP", 7)
    workspace = make_workspace(installation)
    append(installation, workspace.id, *(make_event(NOON - each % 3 * DAY, cost=1) for each in range(40)))
    told: list[tuple[int, int]] = []
    assert rollup.run(installation.database, installation.lake, lambda *done: told.append(done)).events == 40
    assert told[0] == (7, 40)
    assert told[-1] == (40, 40)
    assert ask(spend_of(installation, workspace), last="7d").totals["cost_nano_usd"] == 40


def test_readers_never_see_a_wrong_sum_while_files_are_replaced(installation: Installation) -> None:
    """A glob reader that opens each file once, against a run that replaces them all the time."""
    import threading

    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=1))
    run(installation)
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        path = installation.lake.path(BY_ID["models-v2"], workspace, TODAY)
        spend = spend_of(installation, workspace)
        while not stop.is_set():
            rollup_file = installation.lake.read(BY_ID["models-v2"], workspace, TODAY)
            assert int(rollup_file.rows["requests"].sum()) == rollup_file.stamp.through_seq, path
            seen.append(ask(spend, last="7d").totals["requests"])

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(30):
        append(installation, workspace.id, make_event(cost=1))
        run(installation)
    stop.set()
    reader.join()
    assert seen == sorted(seen), "counts never drop"
    assert seen[-1] <= 31


def test_a_workspace_of_its_own_settings(tmp_path: Path) -> None:
    elsewhere = Settings(data_dir=tmp_path / "d", lake_url=str(tmp_path / "far" / "lake"), _env_file=None)
    installation = open_installation(elsewhere)
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event())
    run(installation)
    assert (tmp_path / "far" / "lake" / "rollups").exists()
    installation.database.close()
