"""Questions: for every set of dimensions, every granularity and any filters, the rows are those of SQL over the events,
and add up to the same total; on the free plan too, and by whichever cube the answer comes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import rollup
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.spend.cubes import CUBES, Cube
from models.spend.facts import DAY
from models.spend.measures import MEASURES
from models.spend.progress import WATERMARKS
from tests.properties.agreement import assert_agrees
from tests.properties.books import SUMS
from tests.properties.effort import examples
from tests.properties.life import Life
from tests.properties.streams import (
    GRANULARITIES,
    GROUPABLE,
    MINUTE,
    MINUTES_AWAY,
    PLACES,
    Question,
    questions,
    questions_of_a_part,
)

pytestmark = pytest.mark.xdist_group("questions")  # who shares the stream shares the process

SEED = 1_795_262_400
EACH = 50  # events of a workspace
KILLED_AFTER = 100  # steps of the last run: among its files, before it says so

each_plan = pytest.mark.parametrize("plan", ["paid", "free"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A workspace beside each odd instant, every other one on the free plan. Some events are rolled up, some of them
    late; some stand in files of a run that was killed; some are in the tail."""
    life, chance = Life(tmp_path_factory.mktemp("questions")), Random(SEED)
    plans = ("paid", "free")
    workspaces = [life.make_workspace(f"w{n:02}", place.zone, plans[n % 2]) for n, place in enumerate(PLACES)]
    for workspace in workspaces:
        life.define(workspace, "default", (Source("openai", None, "chat"), Source(None, "gone", None)))
        life.define(workspace, "other", (Source(None, "gpt-4o", "unknown"),))
    sent = [
        (workspace.id, place.event(number, chance.choice(MINUTES_AWAY), chance.randrange(2**31)))
        for number in range(EACH)
        for workspace, place in zip(workspaces, PLACES, strict=True)
    ]
    half, most = len(sent) // 2, len(sent) * 4 // 5
    life.commit(*sent[:half])
    life.do(rollup.run)
    life.commit(*sent[half - 20 : most])
    assert life.dies_doing(rollup.run, KILLED_AFTER)
    life.commit(*sent[most - 20 :])
    yield life
    life.end()


def of_plan(life: Life, plan: str) -> list[WorkspaceInfo]:
    return [workspace for workspace in life.workspaces() if workspace.plan == plan]


def agrees(life: Life, workspace: WorkspaceInfo, question: Question) -> None:
    with life.books(workspace.id) as books:
        assert_agrees(life.spend(workspace.id), books, question)


def test_every_measure_that_adds_up_is_compared() -> None:
    assert set(SUMS) == {measure.name for measure in MEASURES.values() if measure.additive}


@each_plan
def test_every_dimension_and_every_pair_of_them(told: Life, plan: str) -> None:
    """The pairs go round the workspaces, and round the granularities."""
    workspaces = of_plan(told, plan)
    alone = [(name,) for name in GROUPABLE]
    for number, dimensions in enumerate([(), *alone, *combinations(GROUPABLE, 2)]):
        granularity = GRANULARITIES[number % len(GRANULARITIES)]
        agrees(told, workspaces[number % len(workspaces)], Question(dimensions, granularity))


@each_plan
@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_every_granularity_in_every_zone(told: Life, plan: str, granularity: str) -> None:
    for workspace in of_plan(told, plan):
        for dimensions in ((), ("team",), ("end_user",), ("end_user", "token"), ("tag",)):
            agrees(told, workspace, Question(dimensions, granularity))


@examples(80)
@given(which=st.sampled_from(range(len(PLACES))), question=questions())
def test_any_dimensions_granularity_and_filters(told: Life, which: int, question: Question) -> None:
    agrees(told, told.workspaces()[which], question)


@examples(80)
@given(which=st.sampled_from(range(len(PLACES))), data=st.data())
def test_any_period_that_cuts_days_hours_and_minutes(told: Life, which: int, data: Any) -> None:
    agrees(told, told.workspaces()[which], data.draw(questions_of_a_part(PLACES[which])))


@each_plan
def test_periods_that_begin_and_end_where_events_lie(told: Life, plan: str) -> None:
    """At each of them, in each zone: whole hours from their cube, the rest of the first and the last hour not."""
    for workspace in of_plan(told, plan):
        odd = PLACES[told.workspaces().index(workspace)].odd
        moments = sorted(odd + minutes * MINUTE for minutes in MINUTES_AWAY)
        for moment in moments:
            agrees(told, workspace, Question(("team",), start=moments[0], end=moment + 1))
            agrees(told, workspace, Question(("team",), start=moment, end=moments[-1] + 1))


# -- every cube ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(told: Life, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Life]]:
    """For each cube a copy in which it alone serves, and has to: the ledger has let go of what it has counted."""
    lives = {cube.id: told.copy(tmp_path_factory.mktemp(cube.id)) for cube in CUBES}
    for cube_id, life in lives.items():
        with life.database.write() as connection:
            connection.execute(WATERMARKS.delete().where(WATERMARKS.c.cube != cube_id))
            connection.exec_driver_sql("DELETE FROM events WHERE seq <= (SELECT seq FROM watermarks)")
    yield lives
    for life in lives.values():
        life.end()


@st.composite
def questions_of_a_cube(draw: Any) -> Question:
    cube = draw(st.sampled_from(CUBES))
    names = tuple(name for name in GROUPABLE if column_of(name) in {*cube.columns, "workspace"})
    question: Question = draw(questions(names))
    return question if cube.hourly or question.granularity != "hour" else replace(question, granularity="day")


def column_of(name: str) -> str:
    return "tags" if name.startswith("tag") else name


def can_answer(cube: Cube, question: Question) -> bool:
    filtered = [text.partition(":")[0].removesuffix("!") for text in question.where]
    named = {column_of(name) for name in (*question.group_by, *filtered)} - {"workspace"}
    return named <= {*cube.columns, DAY} and (cube.hourly or question.granularity != "hour")


@examples(60)
@given(which=st.sampled_from(range(len(PLACES))), question=questions_of_a_cube())
def test_the_same_by_every_cube_that_can_answer(
    told: Life, alone: dict[str, Life], which: int, question: Question
) -> None:
    workspace = told.workspaces()[which]
    able = [cube for cube in CUBES if can_answer(cube, question)]
    assert able
    for cube in able:
        with told.books(workspace.id) as books:
            assert_agrees(alone[cube.id].spend(workspace.id), books, question)
