"""What is lost or wrong in the lake, while the events are there and after they are gone: each ends in right numbers, or
in a clear word that names file and day."""

import shutil
from collections.abc import Callable
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
from models.spend.answer import WorkspaceSpend
from models.spend.cubes import BY_ID, CUBES, Cube
from models.spend.lake import Lake, Rollup, Stamp
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of
from tests.servers import Farthing

TODAY = date(2026, 11, 21)
YESTERDAY = date(2026, 11, 20)
SINCE_YESTERDAY = {"last": [], "from": "2026-11-20", "to": "2026-11-21"}


class Team:
    """A workspace with two days of events, rolled up: 1 and 10 yesterday, 100 and 1,000 today."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.workspace = make_workspace(installation)
        self.send(1, NOON - DAY), self.send(10, NOON - DAY, prompt="b"), self.send(100), self.send(1_000, prompt="b")
        self.roll_up()

    def send(self, cost: int, started_us: int = NOON, prompt: str = "a") -> None:
        append(self.installation, self.workspace.id, make_event(started_us, cost, prompt=prompt, team=prompt))

    def roll_up(self) -> rollup.Run:
        return rollup.run(self.installation.database, self.installation.lake)

    def rebuild_days(self, **wanted: Any) -> rebuild.Rebuilt:
        return rebuild.run(self.installation.database, self.installation.lake, rebuild.Wanted(**wanted))

    def heal(self) -> rebuild.Healed:
        return rebuild.heal(self.installation.database, self.installation.lake)

    def remove_events(self, which: str = "1 = 1") -> None:
        """As retention will: the rows go, what was counted of them stays."""
        with self.installation.database.write() as connection:
            connection.exec_driver_sql(f"DELETE FROM events WHERE {which}")

    def file(self, cube: str, day: date = TODAY) -> Path:
        return self.installation.lake.path(BY_ID[cube], self.workspace, day)

    def rows(self, cube: str, day: date = TODAY) -> Rollup:
        return self.installation.lake.read(BY_ID[cube], self.workspace, day)

    def spend(self) -> WorkspaceSpend:
        """A process that has just started: nothing is in its memory."""
        lake = Lake(self.installation.lake.root)
        return spend_of(replace(self.installation, lake=lake), self.workspace)

    def total(self, **question: Any) -> int:
        return int(ask(self.spend(), **({"last": "7d"} | question)).totals["cost_nano_usd"])

    def in_lake(self, cube: str) -> int:
        """What a reader from outside sees."""
        rows = pl.read_parquet(self.installation.lake.rollups / f"cube={cube}" / "**/*.parquet")
        return int(rows["cost_nano_usd"].sum())

    def wrong(self) -> list[str]:
        return [finding.says for finding in doctor.examine(self.installation.settings) if not finding.good]


@pytest.fixture
def team(installation: Installation) -> Team:
    return Team(installation)


# -- every kind of damage is named ----------------------------------------------------------------------------------


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def rewritten(path: Path, rows: pl.DataFrame, **metadata: str) -> None:
    rows.write_parquet(path, metadata=pl.read_parquet_metadata(path) | metadata)


def count_less_far(path: Path) -> None:
    rewritten(path, pl.read_parquet(path, hive_partitioning=False), through_seq="1")


def be_of_another_database(path: Path) -> None:
    rewritten(path, pl.read_parquet(path, hive_partitioning=False), epoch="another")


def drop_a_column(path: Path) -> None:
    rewritten(path, pl.read_parquet(path, hive_partitioning=False).drop("errors"))


def be_no_rollup(path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(path)


KINDS = [delete, truncate, count_less_far, be_of_another_database, drop_a_column, be_no_rollup]


@pytest.mark.parametrize("damage", KINDS)
def test_every_kind_is_answered_rightly_named_with_file_and_day_and_mended(
    team: Team, damage: Callable[[Path], None]
) -> None:
    before = team.rows("prompts-v2").rows
    damage(team.file("prompts-v2"))
    assert team.total(group_by="prompt") == 1_111
    named, summary = team.wrong()
    where = f"cube=prompts-v2 workspace={team.workspace.id} (team) day=2026-11-21"
    assert named.startswith(where)
    assert f"rollups/cube=prompts-v2/workspace={team.workspace.id}/day=2026-11-21/rollup.parquet" in named
    assert "farthing rebuild --from 2026-11-21 --to 2026-11-21" in named
    assert "1 damaged" in summary
    team.rebuild_days(first=TODAY, last=TODAY)
    assert team.wrong() == []
    assert team.rows("prompts-v2").rows.equals(before)


def test_a_whole_lost_lake_is_made_anew(team: Team) -> None:
    shutil.rmtree(team.installation.lake.root)
    assert team.total(group_by="prompt") == 1_111
    assert len(team.wrong()) == 2 * len(CUBES) + 1
    team.heal()
    assert team.wrong() == []
    assert {team.in_lake(cube.id) for cube in CUBES} == {1_111}


def test_an_older_copy_of_a_file_is_topped_up(team: Team) -> None:
    older = team.file("prompts-v2").read_bytes()
    team.send(10_000)
    team.roll_up()
    team.file("prompts-v2").write_bytes(older)
    assert team.total(group_by="prompt") == 11_111
    assert "has counted through seq 4, where this database says 5" in team.wrong()[0]
    team.heal()
    assert team.in_lake("prompts-v2") == 11_111


def test_a_file_of_another_database_is_named_as_such(team: Team) -> None:
    be_of_another_database(team.file("prompts-v2"))
    assert "rollup.parquet counts events that this database does not have" in team.wrong()[0]


def test_a_copy_beside_a_file_is_named_for_readers_count_it(team: Team) -> None:
    copy = team.file("models-v2").with_name("rollup (copy).parquet")
    shutil.copy(team.file("models-v2"), copy)
    assert team.total() == 1_111
    (named,) = team.wrong()
    assert named.startswith(
        f"rollups/cube=models-v2/workspace={team.workspace.id}/day=2026-11-21/rollup (copy).parquet"
    )


# -- after the events are gone --------------------------------------------------------------------------------------


def test_a_rebuild_never_counts_less_than_stands(team: Team) -> None:
    before = {cube.id: team.rows(cube.id).rows for cube in CUBES}
    team.remove_events()
    done = team.rebuild_days()
    assert done.kept == ["workspace=team day=2026-11-20", "workspace=team day=2026-11-21"]
    assert (done.days, done.files, done.lost) == (0, 0, [])
    assert str(team.heal()) == ""
    assert team.roll_up().events == 0
    assert all(team.rows(cube_id).rows.equals(rows) for cube_id, rows in before.items())
    assert team.wrong() == []
    assert team.total(group_by="prompt") == 1_111


def test_a_rebuild_goes_on_with_the_other_days(team: Team) -> None:
    team.remove_events(f"started_us < {NOON}")
    team.file("models-v2").unlink()
    done = team.rebuild_days()
    assert done.kept == ["workspace=team day=2026-11-20"]
    assert (done.days, done.files) == (1, len(CUBES))
    assert {team.in_lake(cube.id) for cube in CUBES} == {1_111}


def test_as_many_later_events_do_not_hide_that_earlier_ones_are_gone(team: Team) -> None:
    team.remove_events()
    team.send(5, NOON - DAY), team.send(5, NOON - DAY)
    team.roll_up()
    assert team.rebuild_days(last=YESTERDAY).kept == ["workspace=team day=2026-11-20"]
    assert team.total(group_by="prompt") == 1_121


def test_late_events_are_added_to_a_day_whose_events_are_gone(team: Team) -> None:
    team.remove_events()
    team.send(10_000)
    assert team.total() == 11_111
    team.roll_up()
    assert {team.in_lake(cube.id) for cube in CUBES} == {11_111}
    assert team.total(group_by="prompt") == 11_111


@pytest.mark.parametrize("mend", [Team.heal, Team.rebuild_days])
def test_a_lost_file_is_made_from_a_finer_cube(team: Team, mend: Callable[[Team], Any]) -> None:
    before = team.rows("models-v2").rows
    team.remove_events()
    team.file("models-v2").unlink()
    assert team.total(group_by="model") == 1_111
    assert "mended by `farthing rollup`" in team.wrong()[0]
    mend(team)
    assert team.rows("models-v2").rows.equals(before)
    assert team.wrong() == []


def test_what_only_a_lost_file_had_is_refused_in_a_clear_word(team: Team) -> None:
    team.remove_events()
    team.file("prompts-v2").unlink()
    assert team.total(group_by="model") == 1_111, "another cube has it"
    with pytest.raises(EventsGone, match="cube=prompts-v2 day=2026-11-21 is damaged: see `farthing doctor`"):
        team.total(group_by="prompt")
    assert team.total(group_by="prompt", **SINCE_YESTERDAY) == 11, "other days are answered"
    assert team.heal().lost == ["cube=prompts-v2 workspace=team day=2026-11-21"]
    assert team.rebuild_days().lost == ["cube=prompts-v2 workspace=team day=2026-11-21"]
    assert "its events are no longer in the ledger" in team.wrong()[0]


def test_an_older_copy_and_what_came_after_it_are_a_whole_file_again(team: Team) -> None:
    copy = team.file("prompts-v2").read_bytes()
    team.remove_events()
    team.file("prompts-v2").unlink()
    team.send(10_000)
    team.roll_up()
    with pytest.raises(EventsGone):
        team.total(group_by="prompt")
    team.file("prompts-v2").write_bytes(copy)
    with pytest.raises(EventsGone):
        team.total(group_by="prompt")
    assert "mended by `farthing rollup`" in team.wrong()[0]
    team.heal()
    assert team.wrong() == []
    assert (team.in_lake("prompts-v2"), team.total(group_by="prompt")) == (11_111, 11_111)


@pytest.mark.parametrize(
    ("question", "whole"),
    [({"group_by": "prompt,token"}, 1_111), ({"last": "2h", "granularity": "minute"}, 1_100)],
)
def test_what_needs_events_that_are_gone_is_refused_and_never_answered_in_part(
    team: Team, question: dict[str, str], whole: int
) -> None:
    assert team.total(**question) == whole
    team.remove_events(f"cost_nano_usd = 100 AND started_us = {NOON}")
    with pytest.raises(EventsGone, match="The events of 2026-11-21 are no longer in the ledger, and no rollup has"):
        team.total(**question)


def test_commands_say_which_days_events_are_gone(tmp_path: Path) -> None:
    farthing = Farthing.prepare(tmp_path)
    team = Team(open_installation(Settings(data_dir=farthing.data_dir, _env_file=None)))
    team.remove_events()
    kept = farthing.run("rebuild")
    assert "left as it is, for its events are no longer in the ledger: workspace=team day=2026-11-20" in kept.stdout
    team.file("prompts-v2").unlink()
    lost = farthing.run("rebuild", check=False)
    assert lost.returncode == 1
    gone = "damaged, and its events are no longer in the ledger, see `farthing doctor`: cube=prompts-v2 workspace=team"
    assert f"{gone} day=2026-11-21" in lost.stdout
    assert f"{gone} day=2026-11-21" in farthing.run("rollup").stdout
    assert "day=2026-11-21: rollups/cube=prompts-v2" in farthing.run("doctor", check=False).stdout
    team.installation.database.close()


# -- a restored database ----------------------------------------------------------------------------------------------


def restored(installation: Installation, backup: Path) -> Installation:
    """The copy is put back and Farthing is started, as docs/operations.md has it."""
    installation.database.close()
    for leftover in ("-wal", "-shm"):
        Path(f"{installation.settings.database_path}{leftover}").unlink(missing_ok=True)
    shutil.copy(backup, installation.settings.database_path)
    return open_installation(installation.settings)


def backup_of(installation: Installation, place: Path) -> Path:
    with installation.database.writing.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql(f"VACUUM INTO '{place}'")
    return place


def epoch_of(installation: Installation) -> str:
    with installation.database.read() as connection:
        return str(connection.exec_driver_sql("SELECT epoch FROM ledger").scalar_one())


def test_a_database_from_before_the_first_rollup_counts_nothing_of_the_files_it_finds(
    installation: Installation, tmp_path: Path
) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=1))
    backup = backup_of(installation, tmp_path / "backup.db")
    append(installation, workspace.id, make_event(cost=10), make_event(NOON - DAY, cost=100))
    rollup.run(installation.database, installation.lake)
    lost_epoch = epoch_of(installation)
    again = restored(installation, backup)
    assert epoch_of(again) != lost_epoch
    assert ask(spend_of(again, workspace), last="7d").totals["cost_nano_usd"] == 1
    says = [finding.says for finding in doctor.examine(again.settings) if not finding.good]
    assert any("day=2026-11-20: counts events that this database does not have" in each for each in says)
    rollup.run(again.database, again.lake)
    rebuild.heal(again.database, again.lake)
    assert [finding.says for finding in doctor.examine(again.settings) if not finding.good] == []
    rows = pl.read_parquet(again.lake.rollups / "cube=models-v2" / "**/*.parquet")
    assert rows["cost_nano_usd"].sum() == 1, "a glob does not count what was lost"
    again.database.close()


def test_a_restored_database_whose_events_are_gone_says_so_where_a_newer_file_has_replaced_what_it_knew(
    team: Team, tmp_path: Path
) -> None:
    team.remove_events()
    backup = backup_of(team.installation, tmp_path / "backup.db")
    team.send(10_000)
    team.roll_up()
    team.installation = restored(team.installation, backup)
    assert team.total(group_by="prompt", **SINCE_YESTERDAY) == 11
    with pytest.raises(EventsGone, match="day=2026-11-21"):
        team.total()
    assert len(team.heal().lost) == len(CUBES)
    assert all("day=2026-11-21" in each for each in team.wrong()[:-1])
    team.send(5, NOON - DAY)
    team.roll_up()
    assert team.in_lake("models-v2") == 11_111 + 5, "the file is left as it is"
    with pytest.raises(EventsGone, match="day=2026-11-21"):
        team.total()


# -- an added cube ----------------------------------------------------------------------------------------------------

PROJECTS = Cube("projects", ("project", "prompt", "token"), "an unusual combination")


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[[Cube], None]:
    def declare(cube: Cube) -> None:
        for room in (cubes, rollup, rebuild, progress):
            monkeypatch.setattr(room, "CUBES", (*CUBES, cube))
        monkeypatch.setitem(BY_ID, cube.id, cube)

    return declare


def test_questions_are_answered_rightly_before_during_and_after_an_added_cubes_backfill(
    team: Team, declare: Callable[[Cube], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    team.send(10_000)
    declare(PROJECTS)
    assert team.total(group_by="prompt,token") == 11_111
    stage, during = Lake.stage, []

    def asking(self: Lake, *arguments: Any) -> Stamp:
        during.append(team.total(group_by="prompt,token"))
        return stage(self, *arguments)

    monkeypatch.setattr(Lake, "stage", asking)
    assert team.roll_up().backfilled == ("projects-v2",)
    assert during == [11_111, 11_111]
    team.send(100_000)
    assert team.total(group_by="prompt,token") == 111_111
    team.roll_up()
    assert team.in_lake("projects-v2") == 111_111
    team.remove_events()
    assert team.total(group_by="prompt,token") == 111_111, "it is answered from the new cube's files"


def test_an_added_cube_counts_no_less_than_the_others_where_events_are_gone(
    team: Team, declare: Callable[[Cube], None]
) -> None:
    team.remove_events(f"started_us < {NOON}")
    declare(PROJECTS)
    team.roll_up()
    with pytest.raises(EventsGone, match="cube=projects-v2 day=2026-11-20"):
        team.total(group_by="prompt,token")
    assert team.total(group_by="prompt,token", last="1d") == 1_100
    assert team.total(group_by="prompt") == 1_111
    assert "cube=projects-v2" in team.wrong()[0]
    assert "day=2026-11-20" in team.wrong()[0]


def test_an_added_cube_is_made_from_a_finer_one_where_events_are_gone(
    team: Team, declare: Callable[[Cube], None]
) -> None:
    declare(Cube("teams", ("team",), "spend by team"))
    team.remove_events()
    team.roll_up()
    assert team.in_lake("teams-v2") == 1_111
    assert team.wrong() == []
    rows = ask(team.spend(), last="7d", group_by="team").rows
    assert dict(rows.select("team", "cost_nano_usd").rows()) == {"a": 101, "b": 1_010}
