"""What a correction is in the ledger, in sums, in the log of requests: a pair of rows that only sums see as such."""

import random
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.counting import grouped, narrowed
from models import corrections, ledger
from models.accounts import workspaces
from models.accounts.sources import Source
from models.errors import NotFound
from models.installation import Installation, open_installation
from models.settings import Settings
from models.spend import events, held, log
from models.spend.answer import WorkspaceSpend
from models.spend.cubes import CUBES
from models.spend.facts import SUM_NAMES, facts
from models.spend.filters import parse
from models.spend.query import parse_period
from tests.factories import NOON, append, ask, make_event, make_workspace, random_event, spend_of
from tests.pricings import Pricing
from tests.properties.effort import examples


def tell(installation: Installation, act: str, homes: list[int], **amounts: Any) -> int:
    """Correct these calls, as an act would."""
    with installation.database.write() as connection:
        return corrections.correct(connection, act, homes, lambda _: amounts)


def listed(spend: WorkspaceSpend, limit: int = 100, cursor: str | None = None, where: tuple[str, ...] = ()) -> log.Page:
    period = parse_period({"last": ["30d"]}, "UTC", NOON)
    return log.page(spend, period, parse(where), limit, cursor)


def shown(page: log.Page) -> list[tuple[str, int | None]]:
    return [(row["id"], row["cost_nano_usd"]) for row in page.rows]


# -- the ledger ---------------------------------------------------------------------------------------------------


def test_a_pair_is_two_rows_one_right_above_the_other(installation: Installation) -> None:
    pricing = Pricing.of(installation, make_workspace(installation))
    append(installation, pricing.workspace.id, make_event(id="a"), make_event(id="b"))
    assert tell(installation, "act_1", [1, 2], cost_nano_usd=7) == 2
    rows = [(row["seq"], row["id"], row["sign"], row["corrects"], row["cost_nano_usd"]) for row in pricing.rows()]
    assert rows[2:] == [(3, "a", -1, 1, 1_000), (4, "a", 1, 1, 7), (5, "b", -1, 2, 1_000), (6, "b", 1, 2, 7)]
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == 6


def test_a_correction_of_a_correction_takes_back_what_counted(installation: Installation) -> None:
    pricing = Pricing.of(installation, make_workspace(installation))
    append(installation, pricing.workspace.id, make_event(id="a"))
    tell(installation, "act_1", [1], cost_nano_usd=7)
    tell(installation, "act_2", [1], cost_nano_usd=9)
    rows = [(row["sign"], row["corrects"], row["cost_nano_usd"]) for row in pricing.rows()]
    assert rows == [(1, None, 1_000), (-1, 1, 1_000), (1, 1, 7), (-1, 1, 7), (1, 1, 9)]


def test_an_act_corrects_a_call_once(installation: Installation) -> None:
    append(installation, make_workspace(installation).id, make_event(id="a"))
    assert tell(installation, "act_1", [1], cost_nano_usd=7) == 1
    assert tell(installation, "act_1", [1], cost_nano_usd=8) == 0
    assert tell(installation, "act_2", [1], cost_nano_usd=8) == 1


def test_a_correction_that_is_rolled_back_gives_back_its_numbers(installation: Installation) -> None:
    append(installation, make_workspace(installation).id, make_event(id="a"))
    with installation.database.writing.connect() as connection:
        corrections.correct(connection, "act_1", [1], lambda _: {"cost_nano_usd": 1})
        connection.rollback()
    assert tell(installation, "act_1", [1], cost_nano_usd=7) == 1
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == 3


def test_the_same_event_sent_again_changes_nothing(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"))
    tell(installation, "act_1", [1], cost_nano_usd=7)
    assert append(installation, workspace.id, make_event(id="a", cost=99)) == 0
    assert log.one(spend_of(installation, workspace), "a")["cost_nano_usd"] == 7


def test_corrections_count_for_no_quota(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"), make_event(id="b"))
    tell(installation, "act_1", [1, 2], cost_nano_usd=7)
    with installation.database.read() as connection:
        assert workspaces.shown(connection, workspace, NOON)["events_this_month"] == 2


def test_the_ledger_knows_how_many_requests_it_holds(installation: Installation) -> None:
    """At every seq: between the halves of a pair a call is not there."""
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"), make_event(id="b"))
    tell(installation, "act_1", [1, 2], cost_nano_usd=7)
    with installation.database.read() as connection:
        day = (workspace.id, "UTC", date(2026, 11, 21))
        assert [held.requests(connection, *day, through=seq) for seq in range(7)] == [0, 1, 2, 1, 2, 1, 2]
        assert held.requests(connection, *day, through=6, above=2) == 0


def test_reversals_are_counted_off_their_own_index(installation: Installation) -> None:
    with installation.database.read() as connection:
        asked = (
            "EXPLAIN QUERY PLAN SELECT count(*) FROM events WHERE workspace_id = 'w' AND started_us >= 1 AND sign < 0"
        )
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(asked))
    assert "COVERING INDEX reversals_by_time" in plan


# -- sums ---------------------------------------------------------------------------------------------------------


@examples(30)
@given(
    looks=st.lists(st.integers(0, 2**31), min_size=1, max_size=6),
    told=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, 0, 5, 10**15])), max_size=8),
    cut=st.integers(0, 100),
)
def test_any_beginning_of_a_ledger_adds_up_to_calls_that_were_there(
    tmp_path_factory: pytest.TempPathFactory, looks: list[int], told: list[tuple[int, int | None]], cut: int
) -> None:
    """Up to any seq and in any cube no sum is that of less than nothing, and a group without requests has none."""
    installation = open_installation(Settings(data_dir=tmp_path_factory.mktemp("sums"), _env_file=None))
    workspace = make_workspace(installation)
    append(
        installation, workspace.id, *(random_event(random.Random(look), f"e{i}", NOON) for i, look in enumerate(looks))
    )
    for number, (which, cost) in enumerate(told):
        source = "unpriced" if cost is None else "computed"
        home = 1 + which % len(looks)
        tell(installation, f"act_{number}", [home], cost_nano_usd=cost, cost_source=source)
    with installation.database.read() as connection:
        last = ledger.last_seq(connection)
        rows = facts(pl.concat([events.none(), *events.between(connection, 0, cut % (last + 1))]), "UTC")
    installation.database.close()
    for cube in CUBES:
        sums = narrowed(rows, cube).group_by(cube.columns).agg(pl.col(SUM_NAMES).sum())
        emptied = sums.filter(pl.col("requests") == 0).select(SUM_NAMES)
        assert emptied.select(pl.sum_horizontal(pl.all().abs())).sum().item() == 0
        assert (sums["requests"] >= 0).all()
        assert (grouped(rows, cube)["requests"] > 0).all()


def test_a_group_that_corrections_emptied_is_not_shown(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a", model="nobody", cost=None))
    tell(installation, "act_1", [1], cost_nano_usd=7, cost_source="computed")
    spend = spend_of(installation, workspace)
    answer = ask(spend, last="1d", group_by="cost_source", measures="cost,requests,latency_p50,unpriced_requests")
    assert answer.rows["cost_source"].to_list() == ["computed"]
    assert (answer.totals["cost_nano_usd"], answer.totals["requests"], answer.totals["unpriced_requests"]) == (7, 1, 0)
    assert ask(spend, last="1d", where="cost_source:unpriced").totals["requests"] == 0


# -- the log of requests ------------------------------------------------------------------------------------------


def test_the_log_shows_each_event_once_as_it_counts_now(installation: Installation) -> None:
    workspace = make_workspace(installation)
    for number, id in enumerate("abcd"):
        append(installation, workspace.id, make_event(NOON - number, id=id))
    tell(installation, "act_1", [2, 3], cost_nano_usd=7)
    tell(installation, "act_2", [3], cost_nano_usd=None, cost_source="unpriced")
    spend = spend_of(installation, workspace)
    assert shown(listed(spend)) == [("a", 1_000), ("b", 7), ("c", None), ("d", 1_000)]
    assert shown(listed(spend, where=("cost_source:unpriced",))) == [("c", None)]
    assert shown(listed(spend, where=("cost_source!:unpriced",))) == [("a", 1_000), ("b", 7), ("d", 1_000)]
    assert not {"sign", "corrects", "act", "home", "seq"} & set(listed(spend).rows[1])


def test_pages_turn_rightly_whatever_is_corrected_meanwhile(installation: Installation) -> None:
    """All of one instant: the place of an event is that of its own row."""
    workspace = make_workspace(installation)
    append(installation, workspace.id, *(make_event(id=f"e{number}") for number in range(6)))
    spend, seen, cursor = spend_of(installation, workspace), [], None
    for turn in range(6):
        page = listed(spend, limit=1, cursor=cursor)
        seen += [row["id"] for row in page.rows]
        cursor = page.next_cursor
        tell(installation, f"act_{turn}", list(range(1, 7)), cost_nano_usd=turn)
    assert seen == ["e5", "e4", "e3", "e2", "e1", "e0"]
    assert cursor is None


def test_the_free_plan_shows_what_it_showed_before(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free")
    append(installation, workspace.id, make_event(id="a", key="mine"), make_event(id="b", key="other"))
    tell(installation, "act_1", [1, 2], cost_nano_usd=7)
    spend = spend_of(installation, workspace, {"mine": (Source(None, None, None),)})
    assert shown(listed(spend)) == [("a", 7)]
    assert log.one(spend, "a")["cost_nano_usd"] == 7
    with pytest.raises(NotFound):
        log.one(spend, "b")


def test_one_event_tells_what_was_corrected_of_it(installation: Installation) -> None:
    pricing = Pricing.of(installation, make_workspace(installation))
    append(installation, pricing.workspace.id, make_event(cost=None, id="a", model="mine"), make_event(id="b"))
    pricing.charge("mine", 1)
    pricing.reprice("first", "mine costs something")
    spend = spend_of(installation, pricing.workspace)
    (told,) = log.one(spend, "a")["corrections"]
    assert told == {
        "act": told["act"], "kind": "reprice", "name": "first", "reason": "mine costs something", "author": "ada",
        "at": "2026-11-21T12:00:00Z", "from_cost_nano_usd": None, "to_cost_nano_usd": 15_000, "undone": False,
    }  # fmt: skip
    pricing.undo("first", "it does not")
    first, undo = log.one(spend, "a")["corrections"]
    assert (first["undone"], undo["undone"], undo["kind"], undo["reason"]) == (True, False, "undo", "it does not")
    assert (undo["from_cost_nano_usd"], undo["to_cost_nano_usd"]) == (15_000, None)
    assert log.one(spend, "b")["corrections"] == []


def test_no_id_that_anybody_can_ask_for_names_a_correction(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(id="a"))
    tell(installation, "act_1", [1], cost_nano_usd=7)
    with pytest.raises(NotFound):
        log.one(spend_of(installation, workspace), "act_1\0a")


@pytest.mark.parametrize("where", [(), ("cost_source:unpriced",), ("tag:x",)])
def test_the_log_is_read_along_the_index_of_time(installation: Installation, where: tuple[str, ...]) -> None:
    """Neither sorted nor scanned, however many there are."""
    spend = spend_of(installation, make_workspace(installation))
    period = parse_period({"last": ["30d"]}, "UTC", NOON)
    with installation.database.read() as connection:
        looking = log.Looking(connection, spend, period, log.Filter(parse(where)), None)
        statement = looking.statement((NOON, 5), period.start_us, 101)
        compiled = statement.compile(connection.engine, compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    assert plan[0].startswith(
        "SEARCH own USING INDEX events_by_time (workspace_id=? AND started_us>? AND started_us<?)"
    )
    assert "SEARCH now USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert any("COVERING INDEX events_by_correction" in step for step in plan)
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN events") for step in plan)
