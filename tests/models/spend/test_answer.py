"""Answers are exact: over rollups and tail, for every grouping, grain and filter.

That they are so at any moment, and for any question, is said in `tests/properties`.
"""

import random
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest

from jobs import rollup
from models import periods
from models.accounts.sources import Source
from models.installation import Installation, open_installation
from models.settings import Settings
from models.usage.event import Event
from tests.factories import DAY, HOUR, NOON, append, ask, make_event, make_workspace, random_event, spend_of

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
DAYS_AGO = (1, 2, 3, 19, 20, 21, 26, 27, 28)  # among them the nights in which clocks went back
GROUPINGS = (
    "provider", "model,team", "team,env,endpoint", "end_user,team", "prompt", "status,error_type", "token,cost_source",
    "workspace", "cache_hit", "end_user,token", "tags", "tags,team", "user", "model_group,key",
)  # fmt: skip


def some_event(chance: random.Random, index: int) -> Event:
    started_us = NOON - chance.choice(DAYS_AGO) * DAY + chance.randrange(DAY // 2)
    return random_event(chance, f"e{index}", started_us)


def sum_by(events: list[Event], costs: dict[str, int], key: Any) -> dict[Any, tuple[int, int]]:
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for event in events:
        slot = found[key(event)]
        slot[0] += costs[str(event.id)]
        slot[1] += 1
    return {name: (cost, count) for name, (cost, count) in found.items()}


@pytest.fixture(scope="module", params=ZONES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, list[Event], dict[str, int]]:
    """A workspace with 400 events in a zone: some rolled up, some late, some in the tail."""
    installation = open_installation(Settings(data_dir=tmp_path_factory.mktemp("filled"), _env_file=None))
    chance = random.Random(str(request.param))
    workspace = make_workspace(installation, timezone=request.param)
    events = [some_event(chance, index) for index in range(400)]
    append(installation, workspace.id, *events[:250])
    rollup.run(installation.database, installation.lake)
    append(installation, workspace.id, *events[250:320])
    rollup.run(installation.database, installation.lake)
    append(installation, workspace.id, *events[320:])
    spend = spend_of(installation, workspace)
    with installation.database.read() as connection:
        costs = dict(connection.exec_driver_sql("SELECT id, coalesce(cost_nano_usd, 0) FROM events").all())
    return spend, events, costs


def test_every_grouping_adds_up_to_the_same_total(filled: Any) -> None:
    spend, events, costs = filled
    for grouping in GROUPINGS:
        answer = ask(spend, last="60d", group_by=grouping)
        assert answer.totals["cost_nano_usd"] == sum(costs.values()), grouping
        assert int(answer.rows["cost_nano_usd"].sum()) == sum(costs.values()), grouping
        assert int(answer.rows["requests"].sum()) == len(events), grouping


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_every_granularity_adds_up_to_the_same_total(filled: Any, granularity: str) -> None:
    spend, events, costs = filled
    for grouping in ("team", "end_user", "team,token"):
        answer = ask(spend, last="60d", group_by=grouping, granularity=granularity)
        assert int(answer.rows["cost_nano_usd"].sum()) == sum(costs.values())
        assert int(answer.rows["requests"].sum()) == len(events)


def test_days_are_local(filled: Any) -> None:
    spend, events, costs = filled
    answer = ask(spend, last="60d", granularity="day")
    zone = spend.workspace.timezone
    expected = sum_by(events, costs, lambda event: periods.day_of(event.started_us, zone))
    assert {
        row["period"]: (row["cost_nano_usd"], row["requests"]) for row in answer.rows.iter_rows(named=True)
    } == expected


def test_groups_are_what_the_events_say(filled: Any) -> None:
    spend, events, costs = filled
    answer = ask(spend, last="60d", group_by="team,model", measures="cost,requests,errors")
    expected = sum_by(events, costs, lambda event: (event.team, event.model))
    found = {
        (row["team"], row["model"]): (row["cost_nano_usd"], row["requests"])
        for row in answer.rows.iter_rows(named=True)
    }
    assert found == expected


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (["team:search"], lambda e: e.team == "search"),
        (["team:(none)"], lambda e: e.team is None),
        (["team!:search"], lambda e: e.team != "search"),
        (["team!:search", "team!:(none)"], lambda e: e.team not in ("search", None)),
        (["team:search", "team:ünïcode", "env:prod"], lambda e: e.team in ("search", "ünïcode") and e.env == "prod"),
        (["end_user:c1", "token!:t1"], lambda e: e.end_user == "c1" and e.token != "t1"),
        (["cache_hit:true"], lambda e: e.cache_hit),
        (["tag:a"], lambda e: "a" in e.tags),
        (["tag:a", "tag:b"], lambda e: {"a", "b"} <= set(e.tags)),
        (["tag:a|b"], lambda e: bool({"a", "b"} & set(e.tags))),
        (["tag!:a"], lambda e: "a" not in e.tags),
        (["tag:(none)"], lambda e: not e.tags),
        (["tag.env:prod"], lambda e: "env:prod" in e.tags),
        (["tag.env:(none)", "prompt:p1"], lambda e: not any(t.startswith("env:") for t in e.tags) and e.prompt == "p1"),
        (["workspace:nobody"], lambda e: False),
    ],
)  # fmt: skip
def test_filters(filled: Any, where: list[str], holds: Any) -> None:
    spend, events, costs = filled
    kept = [event for event in events if holds(event)]
    answer = ask(spend, last="60d", where=where, group_by="model")
    assert answer.totals["cost_nano_usd"] == sum(costs[str(event.id)] for event in kept)
    assert int(answer.rows["requests"].sum()) == len(kept)


def test_tags_count_an_event_in_each_of_their_rows_and_once_in_the_total(filled: Any) -> None:
    spend, events, costs = filled
    answer = ask(spend, last="60d", group_by="tag", measures="cost,requests", limit="50")
    found = {row["tag"]: row["requests"] for row in answer.rows.iter_rows(named=True)}
    expected = Counter(tag for event in events for tag in event.tags) + Counter({None: sum(not e.tags for e in events)})
    assert found == dict(expected)
    assert answer.totals == {"cost_nano_usd": sum(costs.values()), "requests": len(events)}
    by_env = ask(spend, last="60d", group_by="tag.env", measures="requests")
    counted = Counter(tag[4:] for event in events for tag in event.tags if tag.startswith("env:"))
    assert {row["tag.env"]: row["requests"] for row in by_env.rows.iter_rows(named=True) if row["tag.env"]} == dict(
        counted
    )


def test_periods_that_cut_days_and_hours(filled: Any) -> None:
    spend, events, costs = filled
    chance = random.Random(7)
    for _ in range(12):
        start = NOON - chance.choice(DAYS_AGO) * DAY + chance.randrange(DAY // 2)
        end = start + chance.choice([HOUR // 7, HOUR, 5 * HOUR + 1, 3 * DAY + 12_345_678])
        inside = [event for event in events if start <= event.started_us < end]
        for grouping in ("team", "token", "end_user,token"):
            answer = ask(spend, **{"from": str(periods.iso(start)), "to": str(periods.iso(end))}, group_by=grouping)
            assert answer.totals["requests"] == len(inside)
            assert answer.totals["cost_nano_usd"] == sum(costs[str(event.id)] for event in inside)


def test_rolling_periods_end_with_this_instant(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(NOON), make_event(NOON - HOUR + 1), make_event(NOON - HOUR))
    assert ask(spend_of(installation, workspace), last="1h").totals["requests"] == 2
    minutes = ask(spend_of(installation, workspace), last="1h", granularity="minute").rows
    assert minutes["requests"].to_list() == [1, 1]


def test_previous_is_the_period_right_before(filled: Any) -> None:
    spend, events, costs = filled
    answer = ask(spend, last="7d", compare="previous", group_by="team", limit="2")
    assert answer.previous is not None
    days = answer.previous.period.days
    assert days is not None
    assert days == (date(2026, 11, 8), date(2026, 11, 15))
    zone = spend.workspace.timezone
    before = [event for event in events if days[0] <= periods.day_of(event.started_us, zone) < days[1]]
    assert answer.previous.totals["cost_nano_usd"] == sum(costs[str(event.id)] for event in before)
    assert set(answer.previous.rows["team"]) <= set(answer.rows["team"]), "the same groups are compared"


def test_limit_takes_the_same_groups_in_each_period(filled: Any) -> None:
    spend, *_ = filled
    whole = ask(spend, last="60d", group_by="model", limit="1")
    daily = ask(spend, last="60d", group_by="model", granularity="day", limit="1")
    assert daily.rows["model"].unique().to_list() == whole.rows["model"].to_list()
    assert daily.rows["period"].is_sorted()
    assert int(daily.rows["cost_nano_usd"].sum()) == int(whole.rows["cost_nano_usd"].sum())


def test_sums_beyond_64_bits_are_exact(installation: Installation) -> None:
    workspace = make_workspace(installation)
    for start in range(0, 10_000, 2_500):
        append(installation, workspace.id, *(make_event(cost=10**15, id=f"e{start + each}") for each in range(2_500)))
    answer = ask(spend_of(installation, workspace), last="1d")
    assert answer.totals["cost_nano_usd"] == 10**19
    assert answer.shown()["totals"]["cost_usd"] == 1e10


# -- the free plan ------------------------------------------------------------------------------------------------


def test_the_free_plan_shows_what_the_sending_key_defines(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free")
    events = [
        make_event(provider="openai", model="gpt-4o", feature="chat", key="default", cost=1),
        make_event(provider="openai", model="gpt-4o", feature="rag", key="default", cost=10),
        make_event(provider="anthropic", model="claude", feature="chat", key="default", cost=100),
        make_event(provider="openai", model="gpt-4o", feature="chat", key="other", cost=1_000),
        make_event(provider="anthropic", model="claude", feature="x", key=None, cost=10_000),
    ]
    append(installation, workspace.id, *events[:3])
    rollup.run(installation.database, installation.lake)
    append(installation, workspace.id, *events[3:])
    sources = {"default": (Source("openai", None, "chat"),), "reader": (Source("anthropic", "claude", None),)}
    for grouping in ("", "team", "end_user", "tag", "end_user,token"):
        shown = ask(spend_of(installation, workspace, sources), last="7d", group_by=grouping)
        assert shown.totals["cost_nano_usd"] == 1 + 10_000, "a key's own definitions, any of them without a key"
    assert ask(spend_of(installation, workspace, {}), last="7d").totals["requests"] == 0
    everything = {"default": (Source(),), "other": (Source(),)}
    assert ask(spend_of(installation, workspace, everything), last="7d").totals["requests"] == 5
