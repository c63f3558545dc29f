"""Names: whatever is told as something else, on whichever days, answers are those of a workspace to which the events
were sent under these names; totals never change, and what the free plan shows does not either."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import rebuild, rollup
from models import ledger, names, periods
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Conflict
from models.ledger import Entry
from models.pricing.cost import price
from models.pricing.prices import published
from models.spend import log
from models.spend.answer import WorkspaceSpend
from models.spend.filters import parse
from models.spend.query import parse_period
from models.spend.renames import RENAMABLE, Rename
from models.usage.event import Event
from tests.factories import AUTHOR, NOON, TAGS, VALUES
from tests.properties.agreement import answered, assert_agrees, rows_of
from tests.properties.effort import examples
from tests.properties.life import Life
from tests.properties.streams import (
    DAY,
    MINUTES_AWAY,
    OF_ALL,
    PLACES,
    Question,
    filters,
    questions,
    questions_of_a_part,
)

pytestmark = pytest.mark.xdist_group("names")  # who shares the stream shares the process

SEED = 1_795_262_401
EACH = 30  # events of a workspace
NEW = ("new", "ünïcode", "env:new")  # what nobody sent, or what something else is called already
which = st.sampled_from(range(len(PLACES)))


@dataclass
class Told:
    """Workspaces beside odd instants, and what was sent to each; some of it is rolled up, some is in the tail."""

    life: Life
    elsewhere: Life  # where the same is sent under the names that it is told by
    sent: dict[str, list[Event]]

    def name(self, workspace: WorkspaceInfo, wanted: list[Rename]) -> list[Rename]:
        """These are in force, and no others; without those that are refused."""
        taken = []
        with self.life.database.write() as connection:
            connection.execute(names.MAPPINGS.delete())
            for each in wanted:
                with suppress(Conflict):
                    names.create(connection, workspace.id, each, AUTHOR)
                    taken.append(each)
        return taken

    def as_if_sent(self, workspace: WorkspaceInfo, renames: list[Rename]) -> WorkspaceSpend:
        """The spend of another workspace, in the same zone, to which the events were sent under these names."""
        name = f"w{len(self.elsewhere.workspaces())}"
        other = self.elsewhere.make_workspace(name, workspace.timezone, "paid")
        entries = [
            Entry(other.id, event.started_us, renamed(event, renames, other.timezone), price(event, published()))
            for event in self.sent[workspace.id]
        ]
        with self.elsewhere.database.write() as connection:
            ledger.append(connection, entries)
        spend = self.elsewhere.spend(other.id)
        return replace(spend, workspace=replace(spend.workspace, name=workspace.name))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    life, elsewhere = (Life(tmp_path_factory.mktemp(name)) for name in ("names", "elsewhere"))
    chance = Random(SEED)
    found = Told(life, elsewhere, {})
    for number, place in enumerate(PLACES):
        workspace = life.make_workspace(f"w{number:02}", place.zone, "paid")
        life.define(workspace, "default", (Source("openai", None, "chat"), Source(None, "gone", None)))
        life.define(workspace, "other", (Source(None, "gpt-4o", "unknown"),))
        found.sent[workspace.id] = [
            place.event(each, chance.choice(MINUTES_AWAY), chance.randrange(2**31)) for each in range(EACH)
        ]
    send(found, 0, EACH * 2 // 3)
    life.do(rollup.run)
    send(found, EACH * 2 // 3, EACH)
    yield found
    life.end()
    elsewhere.end()


def send(told: Told, first: int, end: int) -> None:
    told.life.commit(*((owner, event) for owner, events in told.sent.items() for event in events[first:end]))


# -- the same, told a second time ---------------------------------------------------------------------------------


def renamed(event: Event, renames: list[Rename], zone: str) -> Event:
    """As it would have been sent: each value followed from name to name, on the event's own day."""
    day = periods.from_us(event.started_us).astimezone(periods.zone(zone)).date()
    stated = {(each.dimension, each.name): each.becomes for each in renames if each.first <= day < each.end}
    changes: dict[str, Any] = {
        dimension: followed(stated, dimension, getattr(event, dimension)) for dimension in {*VALUES} & {*RENAMABLE}
    }
    tags = dict.fromkeys(followed(stated, "tag", tag) for tag in event.tags)
    return msgspec.structs.replace(event, **changes, tags=list(tags))


def followed(stated: dict[tuple[str, str], str], dimension: str, value: Any) -> Any:
    while (dimension, value) in stated:
        value = stated[dimension, value]
    return value


@st.composite
def renames_of(draw: Any, place: int, dimensions: tuple[str, ...] = RENAMABLE) -> list[Rename]:
    """Any renames of values that were sent, one upon the other too; many of them hold for some days only."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        dimension = draw(st.sampled_from(dimensions))
        sent = TAGS if dimension == "tag" else tuple(each for each in VALUES[dimension] if isinstance(each, str))
        name, becomes = draw(st.sampled_from((*sent, *NEW))), draw(st.sampled_from((*sent, *NEW)))
        first, end = sorted(draw(st.tuples(*[st.sampled_from(DAYS)] * 2)))
        if name != becomes and first < end:
            found.append(Rename(dimension, name, becomes, day_at(place, first), day_at(place, end)))
    return found


EVER, FOR_GOOD = -99, 99
DAYS = (EVER, EVER, EVER, -2, -1, 0, 1, FOR_GOOD, FOR_GOOD, FOR_GOOD)  # from the day of the odd instant


def day_at(place: int, away: int) -> date:
    if away in (EVER, FOR_GOOD):
        return date.min if away == EVER else date.max
    return periods.day_of(PLACES[place].odd, PLACES[place].zone) + timedelta(days=away)


SIGNS = st.sampled_from(["", "!"])


def of_new_names(draw: Any, renames: list[Rename], question: Question) -> Question:
    """Asked, too, for what something is called now, and for what it is not called any more."""
    values = [(each.dimension, draw(st.sampled_from((each.name, each.becomes)))) for each in renames[:2]]
    more = tuple(f"{name}{draw(SIGNS)}:{value}" for name, value in values if draw(st.booleans()))
    return replace(question, where=(*question.where, *more))


# -- what must hold -----------------------------------------------------------------------------------------------


def agrees(told: Told, place: int, wanted: list[Rename], questions: list[Question]) -> None:
    workspace = told.life.workspaces()[place]
    sent = told.as_if_sent(workspace, told.name(workspace, wanted))
    spend = told.life.spend(workspace.id)
    for question in questions:
        found, expected = answered(spend, question), answered(sent, question)
        assert rows_of(found, question) == rows_of(expected, question), question
        assert found.totals == expected.totals, question


@examples(60)
@given(place=which, data=st.data())
def test_answers_are_those_of_events_sent_under_these_names(told: Told, place: int, data: Any) -> None:
    wanted = data.draw(renames_of(place))
    by_any, of_a_part = data.draw(questions()), data.draw(questions_of_a_part(PLACES[place]))
    named = replace(by_any, group_by=tuple(dict.fromkeys(each.dimension for each in wanted)))
    agrees(told, place, wanted, [of_new_names(data.draw, wanted, each) for each in (by_any, named, of_a_part)])


@examples(30)
@given(place=which, data=st.data())
def test_so_they_are_by_tags(told: Told, place: int, data: Any) -> None:
    wanted = data.draw(renames_of(place, ("tag",)))
    where = data.draw(st.lists(filters(("tag", "tag.env")), max_size=2).map(tuple))
    asked = [Question((name,), granularity, where) for name, granularity in
             (("tag", "day"), ("tag.env", "total"), ("tags", "hour"))]  # fmt: skip
    agrees(told, place, wanted, [of_new_names(data.draw, wanted, each) for each in asked])


@examples(40)
@given(place=which, data=st.data())
def test_so_is_the_log_of_requests(told: Told, place: int, data: Any) -> None:
    workspace, wanted = told.life.workspaces()[place], data.draw(renames_of(place))
    taken = told.name(workspace, wanted)
    spend, sent = told.life.spend(workspace.id), told.as_if_sent(workspace, taken)
    asked = of_new_names(data.draw, wanted, Question(where=data.draw(st.lists(filters(tuple(OF_ALL)), max_size=2))))
    where, limit = parse(asked.where), data.draw(st.integers(1, EACH))
    assert listed(spend, where, limit) == listed(sent, where, limit)
    as_sent = {row["id"]: row for row in listed(spend.as_sent(), (), EACH)}
    for row in listed(spend, where, EACH):
        one = log.one(spend, row["id"])
        differ = {name for name in row if row[name] != as_sent[row["id"]][name]}
        assert plain(one["as_sent"]) == {name: as_sent[row["id"]][name] for name in differ}


def listed(spend: WorkspaceSpend, where: Any, limit: int) -> list[dict[str, Any]]:
    period, rows, cursor = parse_period({"from": ["2026-01-01"], "to": ["2026-12-01"]}, "UTC", NOON), [], None
    while True:
        page = log.page(spend, period, where, limit, cursor)
        rows += [plain(row) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return rows


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Events keep the order in which tags were sent; as a set they are the same in any."""
    return {name: sorted(value) if name == "tags" else value for name, value in row.items()}


@examples(30)
@given(place=which, data=st.data())
def test_totals_never_change(told: Told, place: int, data: Any) -> None:
    """Whatever it is grouped by, and whatever it is filtered by that has kept its names."""
    workspace, wanted = told.life.workspaces()[place], data.draw(renames_of(place))
    told.name(workspace, wanted)
    spend = told.life.spend(workspace.id)
    kept = tuple(name for name in OF_ALL if name.partition(".")[0] not in {each.dimension for each in wanted})
    question = replace(data.draw(questions()), where=data.draw(st.lists(filters(kept), max_size=2).map(tuple)))
    found, as_sent = answered(spend, question), answered(spend.as_sent(), question)
    assert found.totals == as_sent.totals
    with told.life.books(workspace.id) as books:
        assert tuple(found.totals.values()) == books.totals(question)
        assert_agrees(spend.as_sent(), books, question)
    if question.adds_up:
        rows = rows_of(found, question).values()
        assert (tuple(map(sum, zip(*rows, strict=True))) or (0,) * len(found.totals)) == tuple(found.totals.values())


@examples(30)
@given(place=which, data=st.data())
def test_what_the_free_plan_shows_is_decided_by_names_as_they_were_sent(told: Told, place: int, data: Any) -> None:
    workspace = told.life.workspaces()[place]
    told.life.change_plan(workspace, "free")
    try:
        wanted = data.draw(renames_of(place, ("provider", "model", "feature", "key")))
        told.name(workspace, wanted)
        spend, question = told.life.spend(workspace.id), data.draw(questions(("team", "env", "tag", "status")))
        assert rows_of(answered(spend, question), question) == rows_of(answered(spend.as_sent(), question), question)
        ids = [[row["id"] for row in listed(each, (), EACH)] for each in (spend, spend.as_sent())]
        assert ids[0] == ids[1]
        rows = listed(spend, (), EACH)
        for each in wanted[:2]:
            asked = listed(spend, parse([f"{each.dimension}:{each.becomes}"]), EACH)
            assert asked == [row for row in rows if row[each.dimension] == each.becomes]
        whole = Question(("provider", "model"), start=PLACES[place].odd - DAY * 10**6, end=PLACES[place].odd)
        assert answered(spend, whole).totals == answered(spend.as_sent(), whole).totals
    finally:
        told.life.change_plan(workspace, "paid")


def test_they_are_the_same_from_the_tail_after_a_run_and_after_a_rebuild(tmp_path: Path) -> None:
    life, place, chance = Life(tmp_path), PLACES[3], Random(SEED)
    workspace = life.make_workspace("one", place.zone, "paid")
    sent = [place.event(n, chance.choice(MINUTES_AWAY), chance.randrange(2**31)) for n in range(EACH)]
    told = Told(life, life, {workspace.id: sent})
    told.name(workspace, IN_ONE_LIFE)
    seen = []
    for step in (
        lambda: send(told, 0, EACH),
        lambda: life.do(rollup.run),
        lambda: rebuild.run(life.database, life.lake, rebuild.Wanted()),
    ):
        step()
        spend = life.spend(workspace.id)
        seen.append([rows_of(answered(spend, each), each) for each in OF_ONE_LIFE])
    life.end()
    assert seen[0] == seen[1] == seen[2]
    assert {group for rows in seen[0] for group in rows} >= {("new", "/b"), ("2026-03-28", "env:new")}


IN_ONE_LIFE = [
    Rename("team", "search", "ünïcode"),
    Rename("team", "ünïcode", "new", day_at(3, -2), day_at(3, 1)),
    Rename("tag", "env:prod", "env:new"),
    Rename("tag", "env:qa", "env:new", end=day_at(3, 0)),
]
OF_ONE_LIFE = [
    Question(("team", "endpoint")),
    Question(("tag",), "day"),
    Question(("tags", "team"), "hour", ("team:new",)),
    Question(("tag.env",), "month", ("tag!:env:new",)),
]


def test_the_days_of_a_rename_are_local_and_whole(told: Told) -> None:
    """Beside each odd instant: on the day of it everything is told by the new name, and nothing before or after it."""
    for place in range(len(PLACES)):
        workspace, day = told.life.workspaces()[place], day_at(place, 0)
        told.name(workspace, [Rename("provider", "openai", "new", day, day + timedelta(days=1))])
        spend, (start, end) = told.life.spend(workspace.id), periods.day_span(day, workspace.timezone)
        on_it, before = Question(("provider",), start=start, end=end), Question(("provider",), end=day.isoformat())
        after = Question(("provider",), start=(day + timedelta(days=1)).isoformat())
        assert ("openai",) not in rows_of(answered(spend, on_it), on_it)
        for beside in (before, after):
            assert rows_of(answered(spend, beside), beside) == rows_of(answered(spend.as_sent(), beside), beside)
