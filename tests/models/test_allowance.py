"""The allowance of a month: never exceeded, never short of an event, and counted with what it counts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.writer import POISONED, Waiting, write_all
from models import allowance, ledger, migrations, periods
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database
from models.installation import Installation, open_installation
from models.ledger import Appended, Entry, Fates
from models.rows import EVENTS
from models.settings import Settings
from tests.factories import AUTHOR, DAY, HOUR, NOON, make_entry, make_event, make_workspace
from tests.properties.effort import examples

FREE, PAID = "Free plan quota exceeded", "Usage limit reached"


def send(installation: Installation, workspace: WorkspaceInfo, *ids: str, at: int = NOON) -> Appended:
    """Events with these ids, arriving at that instant, in one transaction."""
    with installation.database.write() as connection:
        return ledger.append(connection, [make_entry(workspace.id, make_event(NOON, id=each), at) for each in ids])


def refusals(done: Fates) -> dict[int, tuple[int, str]]:
    return {place: (why.status, why.message) for place, why in done.refused.items()}


def used(installation: Installation, workspace: WorkspaceInfo, at: int = NOON) -> int:
    """As the workspace says it of itself."""
    with installation.database.read() as connection:
        found: int = workspaces.shown(connection, workspaces.by_id(connection, workspace.id), at)["events_this_month"]
        return found


def stored(installation: Installation) -> list[str]:
    with installation.database.read() as connection:
        return list(connection.execute(select(EVENTS.c.id).order_by(EVENTS.c.seq)).scalars())


def change(installation: Installation, workspace: WorkspaceInfo, **values: Any) -> None:
    with installation.database.write() as connection:
        current = workspaces.by_id(connection, workspace.id)
        workspaces.change(connection, current, values, AUTHOR, by_operator=True)


# -- up to the line, and beyond it --------------------------------------------------------------------------------


def test_the_free_plan_allows_ten_thousand_events_a_month(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free")
    assert not send(installation, workspace, *(f"e{each}" for each in range(10_000))).refused
    assert refusals(send(installation, workspace, "one more")) == {0: (402, FREE)}
    assert used(installation, workspace) == 10_000


def test_what_fits_is_stored_and_the_rest_is_refused_in_order_of_arrival(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=3)
    done = send(installation, workspace, "a", "b", "c", "d", "e")
    assert (done.stored, refusals(done)) == (3, {3: (402, FREE), 4: (402, FREE)})
    assert stored(installation) == ["a", "b", "c"]


def test_a_paid_plan_has_no_limit_unless_it_is_given_one(installation: Installation) -> None:
    workspace = make_workspace(installation)
    done = send(installation, workspace, *(f"e{each}" for each in range(10_001)))
    assert (done.refused, done.overage) == ({}, set())
    assert used(installation, workspace) == 10_001, "what has no limit is counted all the same"


def test_a_paid_plan_goes_on_in_overage(installation: Installation) -> None:
    workspace = make_workspace(installation, monthly_events=2)
    done = send(installation, workspace, "a", "b", "c", "d")
    assert (done.stored, done.refused, done.overage) == (4, {}, {2, 3})


def test_a_paid_plan_that_blocks_does_not(installation: Installation) -> None:
    workspace = make_workspace(installation, monthly_events=2, overage="block")
    assert refusals(send(installation, workspace, "a", "b", "c")) == {2: (402, PAID)}


def test_the_free_plan_never_goes_on(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1, overage="allow")
    assert refusals(send(installation, workspace, "a", "b")) == {1: (402, FREE)}


def test_an_allowance_of_nothing_takes_nothing(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=0)
    assert refusals(send(installation, workspace, "a")) == {0: (402, FREE)}


def test_workspaces_take_from_their_own_allowance_only(installation: Installation) -> None:
    full, other = make_workspace(installation, "full", plan="free", monthly_events=1), make_workspace(installation, "b")
    entries = [make_entry(each.id, make_event(id=f"e{place}")) for place, each in enumerate((full, other, full, other))]
    with installation.database.write() as connection:
        assert refusals(ledger.append(connection, entries)) == {2: (402, FREE)}
    assert (used(installation, full), used(installation, other)) == (1, 2)


def test_a_commit_may_hold_more_workspaces_than_a_question(installation: Installation) -> None:
    made = [
        make_workspace(installation, f"w{each}", plan="free", monthly_events=1) for each in range(allowance.ROWS + 2)
    ]
    entries = [make_entry(each.id, make_event(id=f"{times}")) for times in range(2) for each in made]
    with installation.database.write() as connection:
        done = ledger.append(connection, entries)
    assert sorted(done.refused) == list(range(len(made), 2 * len(made)))
    assert {used(installation, each) for each in made} == {1}


# -- repeats ------------------------------------------------------------------------------------------------------


def test_a_repeat_takes_nothing_and_is_taken_over_quota_too(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=2)
    assert refusals(send(installation, workspace, "a", "a", "b", "a", "c")) == {4: (402, FREE)}
    again = send(installation, workspace, "b", "a", "c")
    assert (again.stored, refusals(again)) == (0, {2: (402, FREE)})
    assert used(installation, workspace) == 2


def test_a_repeat_is_overage_where_the_first_was(installation: Installation) -> None:
    workspace = make_workspace(installation, monthly_events=1)
    assert send(installation, workspace, "in", "over", "over", "in").overage == {1, 2}
    assert send(installation, workspace, "over", "in").overage == {0}
    change(installation, workspace, monthly_events=None)
    assert send(installation, workspace, "over", "in").overage == {0}, "whatever the plan is now"


def test_what_was_refused_reserves_no_id(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=0)
    assert send(installation, workspace, "a", "a").refused
    change(installation, workspace, plan="paid")
    assert send(installation, workspace, "a").stored == 1


# -- what moves with it -------------------------------------------------------------------------------------------


def test_a_transaction_that_is_rolled_back_gives_back_what_it_took(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1)
    with installation.database.writing.connect() as connection:
        ledger.append(connection, [make_entry(workspace.id, make_event(id="a"))])
        connection.rollback()
    assert used(installation, workspace) == 0
    assert send(installation, workspace, "b").stored == 1


def test_a_changed_plan_holds_for_the_next_commit(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1)
    assert refusals(send(installation, workspace, "a", "b")) == {1: (402, FREE)}
    change(installation, workspace, plan="paid", monthly_events=2)
    assert send(installation, workspace, "b", "c").overage == {1}, "what the month has used before counts"
    change(installation, workspace, overage="block")
    assert refusals(send(installation, workspace, "d")) == {0: (402, PAID)}
    change(installation, workspace, plan="free", monthly_events=4)
    assert refusals(send(installation, workspace, "d", "e")) == {1: (402, FREE)}
    assert used(installation, workspace) == 4


def test_a_poisoned_event_takes_nothing(installation: Installation) -> None:
    """The last place is that of the good event behind it, in its own request and in another's."""
    workspace = make_workspace(installation, plan="free", monthly_events=2)
    one = waiting(workspace, "a", "poison", "b", "c")
    other = waiting(workspace, "d", "poison")
    write_all(installation.database, [one, other])
    assert one.fates.refused[1] is POISONED
    assert refusals(one.fates) == {1: (400, POISONED.message), 3: (402, FREE)}
    assert refusals(other.fates) == {0: (402, FREE), 1: (402, FREE)}, "and over quota it isn't even looked at"
    assert stored(installation) == ["a", "b"]
    assert used(installation, workspace) == 2


def waiting(workspace: WorkspaceInfo, *ids: str, at: int = NOON) -> Waiting:
    """A request's events; those of the id `poison` are what no database takes."""
    return Waiting([entry_of(workspace, each, at) for each in ids], [], "ingest", answer=None)


def entry_of(workspace: WorkspaceInfo, id: str, at: int) -> Entry:
    values = {"team": "\ud800"} if id.startswith("poison") else {}
    return make_entry(workspace.id, make_event(NOON, id=id, **values), at)


# -- months -------------------------------------------------------------------------------------------------------


def instant(zone: str, *parts: int) -> int:
    return periods.to_us(datetime(*parts, tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati"]
)
def test_a_month_is_one_of_the_workspaces_zone(installation: Installation, zone: str) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1, timezone=zone)
    december = instant(zone, 2026, 12, 1)
    assert send(installation, workspace, "first of November", at=instant(zone, 2026, 11, 1)).stored == 1
    assert send(installation, workspace, "last of November", at=december - 1).refused
    assert send(installation, workspace, "first of December", at=december).stored == 1
    assert send(installation, workspace, "last of December", at=instant(zone, 2027, 1, 1) - 1).refused
    assert used(installation, workspace, december - 1) == used(installation, workspace, december) == 1


def test_a_month_is_that_of_arrival(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1)
    old = make_event(NOON - 60 * DAY, id="of September")
    with installation.database.write() as connection:
        ledger.append(connection, [make_entry(workspace.id, old, received_us=NOON)])
    assert (used(installation, workspace), used(installation, workspace, NOON - 60 * DAY)) == (1, 0)


def test_one_commit_may_hold_two_months(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free", monthly_events=1)
    midnight = instant("UTC", 2026, 12, 1)
    entries = [entry_of(workspace, f"e{place}", midnight + step) for place, step in enumerate((-2, -1, 0, 1, -3))]
    with installation.database.write() as connection:
        assert set(ledger.append(connection, entries).refused) == {1, 3, 4}


@given(st.integers(periods.YEAR_2000, instant("UTC", 2036, 1, 1)), st.sampled_from(
    ["UTC", "America/St_Johns", "Asia/Kathmandu", "Africa/Cairo", "America/Sao_Paulo", "Asia/Beirut"]
))  # fmt: skip
def test_the_month_of_an_instant_is_that_of_its_day(at: int, zone: str) -> None:
    name, start_us, end_us = allowance.span_of(at, zone)
    assert start_us <= at < end_us
    assert f"{periods.day_of(at, zone):%Y-%m}" == name
    before, after = periods.day_of(start_us - 1, zone), periods.day_of(end_us, zone)
    assert (f"{before:%Y-%m}" < name < f"{after:%Y-%m}", after.day) == (True, 1)


# -- months that began otherwise ----------------------------------------------------------------------------------


def test_what_had_arrived_before_use_was_counted_is_counted_once(installation: Installation) -> None:
    """A database of the version before, migrated in mid-month."""
    workspace = make_workspace(installation, plan="free", monthly_events=4, timezone="Asia/Kathmandu")
    first = instant("Asia/Kathmandu", 2026, 11, 1)
    for place, at in enumerate((first - 1, first, first + DAY)):
        send(installation, workspace, f"e{place}", at=at)
    database = Database(installation.settings.database_path)
    command.downgrade(migrations.configuration(database), "0003")
    migrations.migrate(database)
    assert (used(installation, workspace), used(installation, workspace, first - HOUR)) == (2, 1)
    assert refusals(send(installation, workspace, "e0", "d", "e", "f")) == {3: (402, FREE)}


def test_in_another_zone_the_month_is_counted_anew(installation: Installation) -> None:
    workspace = make_workspace(installation, monthly_events=100)
    evening = instant("UTC", 2026, 11, 30, 20)
    for place, at in enumerate((NOON, evening, evening + 5 * HOUR)):
        send(installation, workspace, f"e{place}", at=at)
    months_of(installation, workspace, "Asia/Tokyo", evening)
    assert use(installation) == {"2026-11": 2, "2026-12": 2}, "months before stay as they were counted"
    months_of(installation, workspace, "UTC", evening)
    assert use(installation) == {"2026-11": 2, "2026-12": 1}


def months_of(installation: Installation, workspace: WorkspaceInfo, zone: str, now: int) -> None:
    with installation.database.write() as connection:
        month, _, _ = allowance.span_of(now, zone)
        allowance.recount(connection, workspace.id, month, allowance.arrivals(connection, workspace.id, zone))


def use(installation: Installation) -> dict[str, int]:
    with installation.database.read() as connection:
        return {row.month: row.events for row in connection.execute(select(allowance.USE))}


# -- anything that may happen -------------------------------------------------------------------------------------

PLANS: list[dict[str, Any]] = [
    {"plan": "free", "monthly_events": 3}, {"plan": "free", "monthly_events": 6},
    {"plan": "paid", "monthly_events": 4, "overage": "allow"}, {"plan": "paid", "monthly_events": 4, "overage": "block"},
    {"plan": "paid", "monthly_events": None},
]  # fmt: skip
IDS = [*(f"e{each}" for each in range(12)), "poison"]
INSTANTS = [instant("Asia/Kolkata", 2026, month, 1) + step for month in (11, 12) for step in (-1, 0)]

requests = st.tuples(st.just("commit"), st.lists(
    st.tuples(st.sampled_from(INSTANTS), st.lists(st.sampled_from(IDS), min_size=1, max_size=6)), min_size=1, max_size=3
))  # fmt: skip
changes = st.tuples(st.just("change"), st.sampled_from(PLANS))


@dataclass
class Model:
    """The rule in a few plain lines."""

    plan: dict[str, Any] = field(default_factory=lambda: PLANS[0])
    known: dict[str, bool] = field(default_factory=dict)  # and whether they were overage
    use: Counter[str] = field(default_factory=Counter)

    def answer(self, id: str, at: int) -> str:
        month = f"{datetime.fromtimestamp(at / 1e6, UTC).astimezone(ZoneInfo('Asia/Kolkata')):%Y-%m}"
        if id not in self.known:
            over = self.plan["monthly_events"] is not None and self.use[month] >= self.plan["monthly_events"]
            if over and self.plan["plan"] == "free":
                return FREE
            if over and self.plan["overage"] == "block":
                return PAID
            if id == "poison":
                return POISONED.message
            self.known[id] = over
            self.use[month] += 1
        return "overage" if self.known[id] else "included"


def answers(request: Waiting) -> list[str]:
    fates = request.fates
    said = {place: why.message for place, why in fates.refused.items()}
    return [
        said.get(place, "overage" if place in fates.overage else "included") for place in range(len(request.entries))
    ]


@examples(40)
@given(st.lists(requests | changes, max_size=12))
def test_whatever_comes_every_answer_is_right_and_use_is_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory, happens: list[tuple[str, Any]]
) -> None:
    with opened(tmp_path_factory) as installation:
        workspace = make_workspace(installation, timezone="Asia/Kolkata", **PLANS[0])
        model = Model()
        for kind, what in happens:
            if kind == "change":
                change(installation, workspace, **what)
                model.plan = what
                continue
            commit = [waiting(workspace, *ids, at=at) for at, ids in what]
            write_all(installation.database, commit)
            expected = [[model.answer(id, at) for id in ids] for at, ids in what]
            assert [answers(request) for request in commit] == expected
        assert stored(installation) == list(model.known)
        assert use(installation) == model.use == counted_anew(installation, workspace)


def counted_anew(installation: Installation, workspace: WorkspaceInfo) -> Counter[str]:
    with installation.database.read() as connection:
        return allowance.arrivals(connection, workspace.id, workspace.timezone)


@contextmanager
def opened(folders: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = open_installation(Settings(data_dir=folders.mktemp("allowance"), _env_file=None))
    yield installation
    installation.database.close()
