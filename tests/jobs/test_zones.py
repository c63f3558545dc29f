"""A change of the time zone: asked for, built beside what serves, switched at once; nothing is lost, counted twice or
mixed."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs import doctor, rebuild, repricing, rollup, schedule, zones
from models import allowance, audit
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo
from models.errors import BadField, Conflict, TimeZoneChanged
from models.installation import Installation, open_installation
from models.spend import progress
from models.spend.cubes import BY_ID, CUBES
from models.spend.lake import Lake
from tests.factories import AUTHOR, DAY, HOUR, NOON, append, ask, make_event, make_workspace, spend_of
from tests.pricings import Pricing

EVENING = NOON + 8 * HOUR  # 20:00 UTC on 2026-11-21: the next day in Kolkata, half past one
MIDNIGHT = NOON - 12 * HOUR
KOLKATA, ST_JOHNS = "Asia/Kolkata", "America/St_Johns"


def now(installation: Installation, workspace: WorkspaceInfo) -> WorkspaceInfo:
    with installation.database.read() as connection:
        return workspaces.by_id(connection, workspace.id)


def patch(installation: Installation, workspace: WorkspaceInfo, zone: Any) -> WorkspaceInfo:
    with installation.database.write() as connection:
        current = workspaces.by_id(connection, workspace.id)
        workspaces.require_told(connection, current, {"timezone": zone})
        workspaces.change(connection, current, {"timezone": zone}, AUTHOR)
    return now(installation, workspace)


def roll_up(installation: Installation) -> None:
    rollup.run(installation.database, installation.lake)


def change(installation: Installation) -> str:
    return str(zones.run(installation.database, installation.lake, clock=lambda: NOON))


def by_day(installation: Installation, workspace: WorkspaceInfo) -> dict[str, int]:
    """Requests by day, as somebody sees it who has just come."""
    answer = ask(spend_of(installation, now(installation, workspace)), NOON + DAY, last="90d", granularity="day")
    return {str(row["period"]): row["requests"] for row in answer.rows.iter_rows(named=True)}


def glob(installation: Installation, cube: str = "models-v2") -> dict[str, int]:
    """What a reader from outside adds up."""
    rows = pl.read_parquet(installation.lake.rollups / f"cube={cube}" / "**/*.parquet", hive_partitioning=True)
    sums = rows.group_by(pl.col("day").cast(pl.String)).agg(pl.sum("requests"))
    return dict(sums.sort("day").iter_rows())


def complaints(installation: Installation) -> list[str]:
    return [finding.says for finding in doctor.examine(installation.settings) if not finding.good]


@pytest.fixture
def team(installation: Installation) -> WorkspaceInfo:
    """Four events of two UTC days, in files, and one that no file has counted yet."""
    workspace = make_workspace(installation)
    append(installation, workspace.id, *(make_event(each) for each in (NOON - DAY, MIDNIGHT + HOUR, NOON, EVENING)))
    roll_up(installation)
    append(installation, workspace.id, make_event(EVENING + HOUR))
    return workspace


UTC_DAYS = {"2026-11-20": 1, "2026-11-21": 4}
KOLKATA_DAYS = {"2026-11-20": 1, "2026-11-21": 2, "2026-11-22": 2}
ST_JOHNS_DAYS = {"2026-11-20": 2, "2026-11-21": 3}

# -- asking for it ------------------------------------------------------------------------------------------------


def test_without_events_it_is_at_once(installation: Installation) -> None:
    workspace = make_workspace(installation)
    changed = patch(installation, workspace, KOLKATA)
    assert (changed.timezone, changed.next_timezone, changed.files_exact) == (KOLKATA, None, True)
    assert change(installation) == ""
    append(installation, workspace.id, make_event(EVENING))
    assert by_day(installation, workspace) == {"2026-11-22": 1}
    with pytest.raises(TimeZoneChanged):
        ask(spend_of(installation, workspace), NOON + DAY, last="7d")


def test_with_events_it_waits_until_its_files_are_built(installation: Installation, team: WorkspaceInfo) -> None:
    asked = patch(installation, team, KOLKATA)
    assert (asked.timezone, asked.next_timezone) == ("UTC", KOLKATA)
    assert by_day(installation, team) == UTC_DAYS, "the old days, meanwhile"
    files = 3 * len(CUBES)
    assert change(installation) == f"workspace=team: its days are those of Asia/Kolkata now, {files} files"
    changed = now(installation, team)
    assert (changed.timezone, changed.next_timezone, changed.files_exact) == (KOLKATA, None, True)
    assert by_day(installation, team) == KOLKATA_DAYS
    assert complaints(installation) == []


def test_events_that_came_before_a_rollup_wait_too(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(EVENING))
    assert patch(installation, workspace, KOLKATA).next_timezone == KOLKATA
    change(installation)
    assert by_day(installation, workspace) == {"2026-11-22": 1}


def test_the_zone_in_force_calls_it_off_and_another_takes_its_place(
    installation: Installation, team: WorkspaceInfo
) -> None:
    patch(installation, team, KOLKATA)
    assert patch(installation, team, "UTC").next_timezone is None
    assert change(installation) == ""
    patch(installation, team, KOLKATA)
    assert patch(installation, team, ST_JOHNS).next_timezone == ST_JOHNS
    change(installation)
    assert now(installation, team).timezone == ST_JOHNS
    assert now(installation, team).generation == 1, "nothing was built for the first"


@pytest.mark.parametrize("wrong", ["Mars/Olympus", 5, None, "../etc/passwd"])
def test_what_is_no_zone_is_refused(installation: Installation, team: WorkspaceInfo, wrong: Any) -> None:
    with pytest.raises(BadField):
        patch(installation, team, wrong)


def forget(installation: Installation, started_us: int) -> None:
    with installation.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE started_us = ?", (started_us,))


def test_days_whose_events_are_gone_can_not_be_told_anew(installation: Installation, team: WorkspaceInfo) -> None:
    roll_up(installation)
    forget(installation, NOON)
    with pytest.raises(Conflict, match="the events of 2026-11-21 are no longer in the ledger"):
        patch(installation, team, KOLKATA)
    forget(installation, NOON - DAY)
    with pytest.raises(Conflict, match="2026-11-20"):
        patch(installation, team, KOLKATA)
    with installation.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events")
    with pytest.raises(Conflict, match="2026-11-20"):
        patch(installation, team, KOLKATA)
    assert glob(installation) == UTC_DAYS


def test_it_is_given_up_where_events_go_while_it_waits(installation: Installation, team: WorkspaceInfo) -> None:
    patch(installation, team, KOLKATA)
    roll_up(installation)
    forget(installation, NOON)
    assert change(installation).endswith("stays UTC, for the events of 2026-11-21 are no longer in the ledger")
    assert now(installation, team).next_timezone is None
    assert glob(installation) == UTC_DAYS
    assert records(installation, team)[0]["details"]["reason"].startswith("the events of 2026-11-21")


def records(installation: Installation, workspace: WorkspaceInfo) -> list[dict[str, Any]]:
    with installation.database.read() as connection:
        found = audit.listed(connection, workspace.id).records
    return [each for each in found if each["action"] == "workspace.timezone"]


def test_who_asked_and_when_it_came_into_force_are_recorded(installation: Installation, team: WorkspaceInfo) -> None:
    patch(installation, team, KOLKATA)
    change(installation)
    (switched,) = records(installation, team)
    assert (switched["actor"], switched["details"]) == ("jobs", {"before": "UTC", "after": KOLKATA})
    with installation.database.read() as connection:
        asked = audit.listed(connection, team.id).records[1]
    assert (asked["actor"], asked["details"]["after"]) == ("tests", {"next_timezone": KOLKATA})


# -- the files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.id)
def test_a_glob_adds_up_before_and_after(installation: Installation, team: WorkspaceInfo, cube: Any) -> None:
    roll_up(installation)
    assert glob(installation, cube.id) == UTC_DAYS
    patch(installation, team, KOLKATA)
    change(installation)
    assert glob(installation, cube.id) == KOLKATA_DAYS


def test_files_carry_the_number_of_their_generation_and_no_folder_stays_empty(
    installation: Installation, team: WorkspaceInfo
) -> None:
    def names() -> set[str]:
        return {path.name for path in installation.lake.rollups.rglob("*.parquet")}

    assert names() == {"rollup.parquet"}
    for number, zone in enumerate((KOLKATA, "UTC", ST_JOHNS), 1):
        patch(installation, team, zone)
        change(installation)
        assert names() == {f"rollup-{number}.parquet"}
    folders = [path for path in installation.lake.rollups.rglob("*") if path.is_dir()]
    assert all(any(folder.iterdir()) for folder in folders)


def test_the_other_workspace_is_not_touched(installation: Installation, team: WorkspaceInfo) -> None:
    other = make_workspace(installation, "other")
    append(installation, other.id, make_event(NOON), make_event(EVENING))
    roll_up(installation)

    def theirs() -> dict[Path, tuple[int, bytes]]:
        files = installation.lake.rollups.glob(f"cube=*/workspace={other.id}/*/*")
        return {path: (path.stat().st_ino, path.read_bytes()) for path in files}

    before = theirs()
    patch(installation, team, KOLKATA)
    change(installation)
    assert theirs() == before
    assert by_day(installation, other) == {"2026-11-21": 2}


def test_afterwards_a_rebuild_has_the_same_and_new_events_are_added(
    installation: Installation, team: WorkspaceInfo
) -> None:
    patch(installation, team, KOLKATA)
    change(installation)
    append(installation, team.id, make_event(EVENING + 2 * HOUR), make_event(MIDNIGHT - HOUR))
    roll_up(installation)
    counted = contents(installation, team)
    rebuild.run(installation.database, installation.lake, rebuild.Wanted())
    assert contents(installation, team) == counted
    assert glob(installation) == by_day(installation, team) == {"2026-11-20": 1, "2026-11-21": 3, "2026-11-22": 3}


def contents(installation: Installation, workspace: WorkspaceInfo) -> dict[tuple[str, str], list[Any]]:
    owner = now(installation, workspace)
    return {
        (each.cube, each.day): installation.lake.read(BY_ID[each.cube], owner, date.fromisoformat(each.day)).rows.rows()
        for each in list(installation.lake.stamps())
    }


def test_while_both_generations_lie_there_the_workspace_says_so(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll_up(installation)
    seen: list[tuple[bool, bool]] = []

    def looking(step: Callable[..., Any]) -> Callable[..., Any]:
        def looked(*arguments: Any) -> Any:
            before = now(installation, team).files_exact
            done = step(*arguments)
            seen.append((before, now(installation, team).files_exact))
            return done

        return looked

    patch(installation, team, KOLKATA)
    monkeypatch.setattr(Lake, "place_staged", looking(Lake.place_staged))
    monkeypatch.setattr(zones.Change, "switch", looking(zones.Change.switch))
    change(installation)
    assert seen == [(False, False), (False, False)]
    assert now(installation, team).files_exact


def test_what_is_used_of_the_month_is_what_came_in_it_in_the_new_zone(installation: Installation) -> None:
    workspace = make_workspace(installation)
    first = NOON - 20 * DAY - 12 * HOUR  # 2026-11-01 in UTC, 05:30 in Kolkata
    append(installation, workspace.id, *(make_event(each) for each in (first - 6 * HOUR, first - HOUR, first, NOON)))

    def used() -> int:
        with installation.database.read() as connection:
            return allowance.used_in(connection, workspace.id, now(installation, workspace).timezone, NOON)

    assert used() == 2
    patch(installation, workspace, KOLKATA)
    change(installation)
    assert used() == 3


# -- readers ------------------------------------------------------------------------------------------------------


def test_who_knows_the_workspace_as_it_was_is_told_to_ask_again(
    installation: Installation, team: WorkspaceInfo
) -> None:
    roll_up(installation)
    before = spend_of(installation, team)
    assert ask(before, NOON + DAY, last="7d").totals["requests"] == 5
    patch(installation, team, KOLKATA)
    change(installation)
    for parameters in (
        {"last": "7d"},
        {"last": "48h", "granularity": "hour"},
        {"last": "7d", "group_by": "end_user,token"},
    ):
        with pytest.raises(TimeZoneChanged) as told:
            ask(before, NOON + DAY, **parameters)
        assert (told.value.status, told.value.headers) == (503, {"Retry-After": "1"})


def test_a_question_that_is_under_way_when_it_switches_is_answered_wholly_or_not(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its snapshot, and then finds the old files gone."""
    roll_up(installation)
    spend = spend_of(installation, team)
    patch(installation, team, KOLKATA)
    load = Lake.load

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(Lake, "load", load)
        change(installation)
        return load(*arguments)

    monkeypatch.setattr(Lake, "load", late)
    with pytest.raises(TimeZoneChanged):
        ask(spend, NOON + DAY, last="7d", granularity="day")
    assert now(installation, team).timezone == KOLKATA


# -- cut short ----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a SIGKILL."""


def cut_short(installation: Installation, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: bool) -> None:
    """A change that dies before or after that step; everything begins again."""
    step = getattr(owner, name)

    def deadly(*arguments: Any, **options: Any) -> Any:
        if after:
            step(*arguments, **options)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, deadly)
        with pytest.raises(Killed):
            change(installation)


@pytest.mark.parametrize(
    ("owner", "name", "after", "left"),
    [
        (Lake, "stage", True, None),
        (Lake, "place_staged", False, 0),
        (Lake, "place_staged", True, 3 * len(CUBES)),
        (progress, "replace", True, 3 * len(CUBES)),
        (Lake, "remove_leftovers", False, None),
    ],
)
def test_what_a_change_that_was_cut_short_left_is_named_and_taken_away(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch,
    owner: Any, name: str, after: bool, left: int | None,
) -> None:  # fmt: skip
    roll_up(installation)
    patch(installation, team, KOLKATA)
    cut_short(installation, monkeypatch, owner, name, after)
    assert by_day(installation, team) == UTC_DAYS
    lying = f"{left} files" if left else "no files yet, but soon some,"
    named = [f"workspace={team.id} (team): {lying} of another time zone's days lie in the lake"] * (left is not None)
    assert [each.split(", and readers")[0] for each in complaints(installation)] == named
    assert now(installation, team).files_exact is (left is None)
    healed = rebuild.heal(installation.database, installation.lake)
    assert healed.cleared == ([f"workspace=team, {left} files"] if left else [])
    assert complaints(installation) == []
    assert (glob(installation), now(installation, team).files_exact) == (UTC_DAYS, True)
    change(installation)
    assert glob(installation) == by_day(installation, team) == KOLKATA_DAYS


def test_old_files_that_a_killed_change_left_are_taken_away(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll_up(installation)
    patch(installation, team, KOLKATA)
    cut_short(installation, monkeypatch, zones.Change, "switch", after=True)
    assert by_day(installation, team) == KOLKATA_DAYS
    assert not now(installation, team).files_exact
    assert len(complaints(installation)) == 1
    change(installation)
    assert now(installation, team).files_exact
    assert glob(installation) == KOLKATA_DAYS


@pytest.mark.parametrize("step", ["build", "move", "arrived"])
@pytest.mark.parametrize("zone", [ST_JOHNS, "UTC"])
def test_another_wish_while_it_is_built_takes_its_place(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch, step: str, zone: str
) -> None:
    roll_up(installation)
    patch(installation, team, KOLKATA)
    taken = getattr(zones.Change, step)

    def meanwhile(*arguments: Any) -> Any:
        done = taken(*arguments)
        patch(installation, team, zone)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(zones.Change, step, meanwhile)
        assert "another time zone was asked for meanwhile" in change(installation)
    assert (now(installation, team).timezone, now(installation, team).files_exact) == ("UTC", True)
    assert glob(installation) == UTC_DAYS
    change(installation)
    assert now(installation, team).timezone == zone
    assert complaints(installation) == []


def test_one_that_was_replaced_while_it_was_paused_switches_nothing(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll_up(installation)
    patch(installation, team, KOLKATA)
    move = zones.Change.move

    def paused(change: zones.Change) -> bool:
        moved = move(change)
        with installation.database.write() as connection:
            progress.take_fence(connection)
        return moved

    with monkeypatch.context() as patched:
        patched.setattr(zones.Change, "move", paused)
        with pytest.raises(Conflict, match="Another publisher"):
            change(installation)
    assert by_day(installation, team) == UTC_DAYS
    assert not now(installation, team).files_exact
    change(installation)
    assert glob(installation) == by_day(installation, team) == KOLKATA_DAYS


def test_a_backup_of_before_takes_the_workspace_back_to_its_old_days(
    installation: Installation, team: WorkspaceInfo, tmp_path: Path
) -> None:
    roll_up(installation)
    backup = tmp_path / "backup.db"
    installation.database.close()
    shutil.copy(installation.settings.database_path, backup)
    after = open_installation(installation.settings)
    patch(after, team, KOLKATA)
    change(after)
    after.database.close()
    shutil.copy(backup, installation.settings.database_path)
    for leftover in ("-wal", "-shm"):
        Path(f"{installation.settings.database_path}{leftover}").unlink(missing_ok=True)
    restored = open_installation(installation.settings)
    assert by_day(restored, team) == UTC_DAYS
    roll_up(restored)
    assert rebuild.heal(restored.database, restored.lake).cleared == [f"workspace=team, {3 * len(CUBES)} files"]
    assert complaints(restored) == []
    assert glob(restored) == UTC_DAYS
    patch(restored, team, ST_JOHNS)
    change(restored)
    assert glob(restored) == by_day(restored, team) == ST_JOHNS_DAYS
    restored.database.close()


def test_an_act_goes_on_in_the_days_that_it_began_with(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it corrects is what its undo takes back, whatever its days are called by now."""
    workspace = make_workspace(installation)
    calls = [make_event(each, None, model="house-model") for each in (MIDNIGHT - HOUR, MIDNIGHT, NOON, EVENING)]
    append(installation, workspace.id, *calls)
    pricing, of_day = Pricing.of(installation, workspace), {"first": date(2026, 11, 21), "last": date(2026, 11, 21)}
    pricing.charge("house-model", 1_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(repricing, "CHUNK", 1)
        patched.setattr(repricing, "gently", dying_after(1))
        with pytest.raises(Killed):
            pricing.reprice(**of_day)
    patch(installation, workspace, KOLKATA)
    change(installation)
    moved = Pricing.of(installation, now(installation, workspace))
    assert moved.reprice(**of_day).changes.totals.events == 3, "the evening's too, and not those of the night before"
    assert by_day(installation, workspace) == {"2026-11-21": 3, "2026-11-22": 1}
    assert moved.total()[2] == 1
    moved.undo()
    assert moved.total() == (4, 0, 4)


def dying_after(times: int) -> Callable[[], Any]:
    left = iter(range(times))

    @contextmanager
    def mortal() -> Iterator[None]:
        if next(left, None) is None:
            raise Killed
        yield

    return mortal


# -- who does it --------------------------------------------------------------------------------------------------


def test_the_jobs_look_for_it_every_two_seconds(installation: Installation, team: WorkspaceInfo) -> None:
    job = next(each for each in schedule.jobs(installation) if each.name == "time zones")
    assert job.seconds == 2
    assert job.work(installation) is None
    patch(installation, team, KOLKATA)
    assert "its days are those of Asia/Kolkata now" in str(job.work(installation))
    assert by_day(installation, team) == KOLKATA_DAYS


def test_events_that_come_while_it_is_built_count_in_the_new_days(
    installation: Installation, team: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older than any before, on days of their own, and right into the switch."""
    roll_up(installation)
    patch(installation, team, KOLKATA)
    starts = iter((NOON - 30 * DAY, EVENING, NOON + DAY))

    def raining(step: Callable[..., Any]) -> Callable[..., Any]:
        def rained(*arguments: Any) -> Any:
            append(installation, team.id, make_event(next(starts)))
            return step(*arguments)

        return rained

    for name in ("build", "move", "switch"):
        monkeypatch.setattr(zones.Change, name, raining(getattr(zones.Change, name)))
    change(installation)
    expected = KOLKATA_DAYS | {"2026-10-22": 1, "2026-11-22": 4}
    assert by_day(installation, team) == expected
    roll_up(installation)
    assert glob(installation) == by_day(installation, team) == expected


def test_readers_in_a_loop_see_old_days_or_new_ones(installation: Installation, team: WorkspaceInfo) -> None:
    """One knows the workspace anew each time, one keeps it until it is told to ask again."""
    roll_up(installation)
    expected = {"UTC": UTC_DAYS, KOLKATA: KOLKATA_DAYS, ST_JOHNS: ST_JOHNS_DAYS}
    stop, told, wrong = threading.Event(), dict.fromkeys(expected, 0), []

    def read(fresh: bool) -> None:
        spend = spend_of(installation, now(installation, team))
        while not stop.is_set():
            try:
                answer = ask(spend, NOON + DAY, last="90d", granularity="day")
            except TimeZoneChanged:
                spend = spend_of(installation, now(installation, team))
                continue
            seen = {str(row["period"]): row["requests"] for row in answer.rows.iter_rows(named=True)}
            told[spend.workspace.timezone] += 1
            if seen != expected[spend.workspace.timezone]:
                wrong.append((spend.workspace.timezone, seen))
            if fresh:
                spend = spend_of(installation, now(installation, team))

    readers = [threading.Thread(target=partial(read, fresh)) for fresh in (True, False)]
    for reader in readers:
        reader.start()
    try:
        for zone in (KOLKATA, "UTC", ST_JOHNS, "UTC", KOLKATA):
            patch(installation, team, zone)
            change(installation)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert all(told.values()), told
