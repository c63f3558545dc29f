"""The spine: whatever happens to events, rollups and processes, in whatever order, answers are exact, files hold what
they say, and in the end what was counted bit by bit is what a rebuild counts."""

import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobs import rebuild, repricing, rollup, zones
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.errors import Conflict
from models.spend import events, tail
from models.spend.cubes import BY_ID, CUBES, Cube
from models.usage.event import Claim
from tests.factories import VALUES
from tests.properties.agreement import assert_agrees, assert_files_hold_what_they_say, assert_log_agrees
from tests.properties.effort import examples, is_torture
from tests.properties.life import Job, Life
from tests.properties.streams import (
    ODD_INSTANTS,
    ZONES,
    Place,
    Question,
    looks,
    minutes,
    numbers,
    places,
    questions,
    questions_of_a_part,
)

MOST_WORKSPACES = 2
BY_HOUR = Question(("team",), "hour")
IN_TURN = (Question(("model",), "day"), BY_HOUR, Question(("end_user", "token")), Question(("tags",), "week"))

BOUNDS = (
    (events, "PIECE", 3), (rollup, "STEP", 5), (tail, "BOUND", 7), (repricing, "PIECE", 5), (repricing, "CHUNK", 2),
)  # fmt: skip
STEPS_OF_A_FILE = 5  # at least
NEW_CUBE_EVERY = 3  # deaths
TIMES = 2  # that somebody dies before the same kind of step, and then of it only where one is due
CHANGES_SURVIVED = 3  # of the time zone, after all those that were not

Batch = list[tuple[int, int, int, int]]  # which workspace, which event, how many minutes away, what it looks like

plans = st.sampled_from(["free", "paid"])
batches = st.lists(st.tuples(st.integers(0, MOST_WORKSPACES - 1), numbers, minutes, looks), min_size=1, max_size=12)
survivals = st.integers(0, 120)  # steps of a job: a run takes some fifty for each day
survivals_of_changes = st.integers(0, 400)  # of a zone: a rollup's, and some thirty for each file
survivals_of_acts = st.integers(0, 30)  # an act takes two, and two for each of its transactions
parts = (st.sampled_from((*VALUES[part], None)) for part in ("provider", "model", "feature"))
definitions = st.lists(st.builds(Source, *parts), max_size=2)
rebuild_all = partial(rebuild.run, wanted=rebuild.Wanted())


class Spine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="farthing-"))
        self.life = Life(self.folder)
        self.places: dict[str, Place] = {}  # by workspace
        self.unsound = False  # files were lost, or count events that were
        self.sent: dict[str, dict[str, int]] = {}  # by workspace and id, when the first of that id started
        self.patched = pytest.MonkeyPatch()
        self.turn = 0
        self.acts = 0

    @initialize(place=places, plan=plans, few=st.booleans())
    def begin(self, place: Place, plan: str, few: bool) -> None:
        """In half of the lives, what is read or written at once is less than what there is."""
        self.patched.setattr(repricing, "BREATH", 0)
        if few:
            for module, bound, value in BOUNDS:
                self.patched.setattr(module, bound, value)
        self.another_workspace(place, plan)

    def teardown(self) -> None:
        try:
            if self.places:
                self.counted_bit_by_bit_is_as_rebuilt()
        finally:
            self.patched.undo()
            self.life.end()
            shutil.rmtree(self.folder)

    # -- workspaces -----------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.places) < MOST_WORKSPACES)
    @rule(place=places, plan=plans)
    def another_workspace(self, place: Place, plan: str) -> None:
        name = ("one", "two")[len(self.places)]  # in the order of the alphabet
        self.places[self.life.make_workspace(name, place.zone, plan).id] = place

    @rule(
        which=st.integers(0, MOST_WORKSPACES - 1),
        plan=plans,
        key=st.sampled_from(["default", "other"]),
        defined=definitions,
    )
    def change_plan(self, which: int, plan: str, key: str, defined: list[Source]) -> None:
        """And what the free plan shows of a key."""
        self.life.change_plan(self.workspace(which), plan)
        self.life.define(self.workspace(which), key, tuple(defined))

    @rule(which=st.integers(0, MOST_WORKSPACES - 1), zone=st.sampled_from(ZONES))
    def ask_for_zone(self, which: int, zone: str) -> None:
        """Another one, another than was asked for before, or the one in force after all."""
        self.life.ask_for_zone(self.workspace(which), zone)

    def workspace(self, which: int) -> WorkspaceInfo:
        known = self.life.workspaces()
        return known[which % len(known)]

    # -- events ---------------------------------------------------------------------------------------------------

    @rule(batch=batches)
    def commit(self, batch: Batch, claims: bool = True) -> None:
        """Without claims, their cost is ours to compute."""
        entries = []
        for which, number, away, look in batch:
            ours = self.workspace(which).id
            event = self.places[ours].event(number, away, look)
            event.claim = event.claim if claims else Claim()
            entries.append((ours, event))
            self.sent.setdefault(ours, {}).setdefault(str(event.id), event.started_us)
        self.life.commit(*entries)

    # -- acts -----------------------------------------------------------------------------------------------------

    @rule(
        batch=batches,
        which=st.integers(0, MOST_WORKSPACES - 1),
        model=st.sampled_from(["*", "gone", "gpt-4o"]),
        dollars=st.sampled_from(["0.7", "40", "0"]),
        survived=survivals_of_acts,
    )
    def reprice(self, batch: Batch, which: int, model: str, dollars: str, survived: int) -> None:
        """Prices change, and an act applies them, perhaps in part; one that was cut short goes on."""
        self.commit(batch, claims=False)
        workspace = self.workspace(which)
        if act := self.life.in_hand(workspace):
            self.die_acting(self.going_on(workspace, act), survived)
            return
        self.acts += 1
        pricing, name = self.life.pricing(workspace), f"act {self.acts}"
        pricing.charge(model, dollars)
        self.die_acting(lambda *_: pricing.reprice(name), survived)

    @rule(which=st.integers(0, MOST_WORKSPACES - 1), chosen=st.integers(0, 3), survived=survivals_of_acts)
    def take_back(self, which: int, chosen: int, survived: int) -> None:
        """All of it or nothing, where another act has come upon the same events. One of the latest, or one before."""
        pricing = self.life.pricing(self.workspace(which))
        names = [act.name for act in self.life.acts(pricing.workspace) if act.kind == "reprice"]
        if not names:
            return
        before, in_hand = pricing.rows(), self.life.in_hand(pricing.workspace)
        try:
            self.die_acting(lambda *_: pricing.undo(names[-1 - chosen % len(names)]), survived)
        except Conflict:
            assert self.life.pricing(pricing.workspace).rows() == before
            assert self.life.in_hand(pricing.workspace) == in_hand

    def going_on(self, workspace: WorkspaceInfo, act: Act) -> Job:
        pricing = self.life.pricing(workspace)
        return lambda *_: pricing.undo(act.name) if act.kind == "undo" else pricing.reprice(act.name)

    def finish_acts(self) -> None:
        for workspace in self.life.workspaces():
            while act := self.life.in_hand(workspace):
                self.life.do(self.going_on(workspace, act))

    def die_acting(self, job: Job, survived: int) -> None:
        self.life.dies_doing(job, survived)
        for workspace_id in self.places:
            with self.life.books(workspace_id) as books:
                assert_log_agrees(self.life.spend(workspace_id), books, 1 + survived)

    # -- jobs -----------------------------------------------------------------------------------------------------

    @rule(batch=batches)
    def roll_up(self, batch: Batch) -> None:
        self.commit(batch)
        self.life.do(rollup.run)

    @rule(batch=batches, survived=survivals)
    def die_rolling_up(self, batch: Batch, survived: int) -> None:
        self.commit(batch)
        self.life.dies_doing(rollup.run, survived)
        self.files_hold_what_they_say()

    @rule()
    def rebuild(self) -> None:
        self.life.do(rebuild_all)
        self.files_hold_what_they_say()

    @rule(survived=survivals)
    def die_rebuilding(self, survived: int) -> None:
        self.life.dies_doing(rebuild_all, survived)
        self.files_hold_what_they_say()

    @rule(survived=survivals)
    def die_healing(self, survived: int) -> None:
        if not self.life.dies_doing(rebuild.heal, survived):
            self.unsound = False

    @rule(which=st.integers(0, MOST_WORKSPACES - 1), zone=st.sampled_from(ZONES), batch=batches)
    def change_zone(self, which: int, zone: str, batch: Batch) -> None:
        self.commit(batch)
        self.life.ask_for_zone(self.workspace(which), zone)
        self.life.do(zones.run)
        assert (self.workspace(which).timezone, self.workspace(which).files_exact) == (zone, True)
        self.files_hold_what_they_say()

    @rule(
        batch=batches,
        survived=survivals_of_changes,
        which=st.integers(0, MOST_WORKSPACES - 1),
        zone=st.sampled_from(ZONES),
    )
    def die_changing_zone(self, batch: Batch, survived: int, which: int, zone: str) -> None:
        self.ask_for_zone(which, zone)
        self.commit(batch)
        self.life.dies_doing(zones.run, survived)
        self.files_hold_what_they_say()

    @rule(batch=batches, survived=survivals, cube=st.sampled_from(CUBES))
    def die_counting_a_new_cube(self, batch: Batch, survived: int, cube: Cube) -> None:
        self.life.forget(cube)
        self.die_rolling_up(batch, survived)

    # -- accidents ------------------------------------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        self.life.begin_again()

    @rule(which=st.integers(0, 100), left=st.sampled_from([None, 0, 100]))
    def lose_a_file(self, which: int, left: int | None) -> None:
        files = sorted(self.life.lake.rollups.rglob("*.parquet"))
        if files:
            lost = files[which % len(files)]
            lost.unlink() if left is None else lost.write_bytes(lost.read_bytes()[:left])
            self.life.begin_again()
            self.unsound = True

    @rule(batch=batches, zone=st.none() | st.sampled_from(ZONES))
    def go_back(self, batch: Batch, zone: str | None) -> None:
        """A backup is restored: what came after it is lost, though files have counted it, in other days perhaps."""
        backup, sent = self.life.back_up(), deepcopy(self.sent)
        self.roll_up(batch)
        if zone:
            self.change_zone(0, zone, batch)
        self.life.restore(backup)
        self.sent, self.unsound = sent, True

    # -- what holds -----------------------------------------------------------------------------------------------

    @invariant()
    def every_id_stands_once_as_it_first_came(self) -> None:
        for workspace_id in self.places:
            with self.life.books(workspace_id) as books:
                assert books.stored() == sorted(self.sent.get(workspace_id, {}).items())

    @invariant()
    def answers_are_exact(self) -> None:
        self.turn += 1
        for workspace_id in self.places:
            self.agrees(workspace_id, IN_TURN[self.turn % len(IN_TURN)])

    @rule(which=st.integers(0, MOST_WORKSPACES - 1), question=questions())
    def any_answer_is_exact(self, which: int, question: Question) -> None:
        self.agrees(self.workspace(which).id, question)

    @rule(which=st.integers(0, MOST_WORKSPACES - 1), data=st.data())
    def any_answer_of_a_part_is_exact(self, which: int, data: Any) -> None:
        ours = self.workspace(which).id
        self.agrees(ours, data.draw(questions_of_a_part(self.places[ours])))

    def agrees(self, workspace_id: str, question: Question) -> None:
        with self.life.books(workspace_id) as books:
            assert_agrees(self.life.spend(workspace_id), books, question)

    def files_hold_what_they_say(self) -> None:
        if not self.unsound:
            assert_files_hold_what_they_say(self.life)

    def counted_bit_by_bit_is_as_rebuilt(self) -> None:
        self.finish_acts()
        self.life.do(rollup.run)
        self.files_hold_what_they_say()
        self.life.do(zones.run)
        assert all(each.next_timezone is None and each.files_exact for each in self.life.workspaces())
        healed = self.life.do(rebuild.heal)
        assert healed.lost == []
        assert self.unsound or healed.mended == [], "no death damages a file"
        assert self.life.complaints() == []
        counted = rows_of(self.life)
        self.life.do(rebuild_all)
        assert rows_of(self.life) == counted
        assert_files_hold_what_they_say(self.life)
        assert self.life.do(rollup.run).events == 0
        self.answers_are_exact()


def rows_of(life: Life) -> dict[Any, Any]:
    return {which: rows for which, (rows, _) in life.rollups().items()}


@pytest.mark.long
def test_whatever_happens_answers_are_exact_and_equal_a_rebuild() -> None:
    run_state_machine_as_test(Spine, settings=examples(5, stateful_step_count=20))


@dataclass
class Deaths:
    """One after the other, each after more steps than the one before: under torture before every step, else before every
    kind of step, and of those that come again and again, before some."""

    life: Life
    tried: int = 0
    survived: int = 0
    before: Counter[str] = field(default_factory=Counter)

    def another(self, job: Job) -> bool:
        """Whether there was one."""
        spared = () if is_torture() else {kind for kind, times in self.before.items() if times >= TIMES}
        death = self.life.dies_doing(job, self.survived, spared)
        self.tried += 1
        if death:
            self.before[str(death.before)] += 1
        self.survived = (death.survived if death else self.survived) + 1
        return death is not None


@pytest.mark.long
def test_a_change_of_zone_may_die_before_any_of_its_steps(tmp_path: Path) -> None:
    """One after the other, from zone to zone: each finds what the one before has left. An event comes before each."""
    life, place = Life(tmp_path), Place("America/St_Johns", ODD_INSTANTS["America/St_Johns"][0])
    workspace = life.make_workspace("one", place.zone, "paid").id
    life.commit(*((workspace, place.event(number, 15 * number, number)) for number in range(-3, 3)))
    deaths, changed = Deaths(life), 0
    while changed < CHANGES_SURVIVED:
        life.commit((workspace, place.event(deaths.tried, 15, deaths.tried)))
        (before,) = life.workspaces()
        if before.next_timezone is None:
            life.ask_for_zone(before, ZONES[(ZONES.index(before.timezone) + 1) % len(ZONES)])
        changed += not deaths.another(zones.run)
        assert_files_hold_what_they_say(life)
        with life.books(workspace) as books:
            assert_agrees(life.spend(workspace), books, IN_TURN[deaths.tried % 2])
    assert deaths.survived > STEPS_OF_A_FILE * len(CUBES)
    assert deaths.before.keys() >= {"Lake.stage", "Lake.place_staged", "models.accounts.zones.switch", "os.unlink"}
    assert life.complaints() == []
    life.end()


def test_a_run_may_die_before_any_of_its_steps(tmp_path: Path) -> None:
    """One after the other, so that what each leaves behind is there for the next. An event comes before each, and now
    and then a cube that has to count all of history first."""
    life, place = Life(tmp_path), Place("Asia/Kathmandu", ODD_INSTANTS["Asia/Kathmandu"][0])
    workspace = life.make_workspace("one", place.zone, "paid").id
    deaths, died = Deaths(life), True
    while died:
        life.commit((workspace, place.event(deaths.tried, 15, deaths.tried)))
        if deaths.tried % NEW_CUBE_EVERY == 0:
            life.forget(BY_ID["hourly-v2"])
        died = deaths.another(rollup.run)
        assert_files_hold_what_they_say(life)
        with life.books(workspace) as books:
            assert_agrees(life.spend(workspace), books, IN_TURN[deaths.tried % 2])
    assert deaths.survived > STEPS_OF_A_FILE * len(CUBES)
    assert deaths.before.keys() >= {"Lake.publish", "Publisher.record", "models.spend.progress.move"}
    assert life.complaints() == []
    life.end()
