"""Each story of the demo is shown by its own question."""

from datetime import date, timedelta
from statistics import mean
from typing import Any

import pytest

from jobs.demo.stories import STORIES
from models.spend.table import PERIOD, Spend
from tests.demo import Demo, told

pytestmark = pytest.mark.xdist_group("demo")


def rows(spend: Spend) -> list[dict[str, Any]]:
    return list(spend.rows.iter_rows(named=True))


def by_day(demo: Demo, spend: Spend, measure: str) -> dict[int, Any]:
    """The figure of each day, by how long ago that was; today, which is not over, aside."""
    found = {demo.days_ago(row[PERIOD]): row[measure] for row in rows(spend)}
    return {ago: value for ago, value in found.items() if ago}


def apart(demo: Demo, name: str, measure: str) -> tuple[list[Any], list[Any]]:
    """The figures of the days on which the story runs, and those of all other days of its question."""
    found = by_day(demo, demo.shows(name), measure)
    story = told(name)
    during = [value for ago, value in found.items() if story.runs(ago)]
    return during, [value for ago, value in found.items() if not story.runs(ago)]


def before_and_after(demo: Demo, name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Whole weeks before the story began, and whole weeks since."""
    began = demo.today - timedelta(days=told(name).since)
    found = rows(demo.shows(name))
    first = min(row[PERIOD] for row in found)
    weeks = [row for row in found if row[PERIOD] > first and row[PERIOD] + timedelta(days=7) <= demo.today]
    before = [row for row in weeks if row[PERIOD] + timedelta(days=7) <= began]
    return before, [row for row in weeks if row[PERIOD] >= began]


def test_the_week_is_quiet_at_its_end(demo: Demo) -> None:
    spent = {
        row[PERIOD]: row["cost_nano_usd"] for row in rows(demo.shows("the week")) if demo.days_ago(row[PERIOD]) > 12
    }
    weekend = [cost for day, cost in spent.items() if day.weekday() >= 5]
    assert 2 * mean(weekend) < mean(cost for day, cost in spent.items() if day.weekday() < 5)


def test_growth_shows_in_every_month(demo: Demo) -> None:
    spend = demo.shows("growth")
    assert spend.previous is not None
    assert spend.totals["requests"] > 1.1 * spend.previous.totals["requests"]
    assert spend.totals["cost_nano_usd"] > spend.previous.totals["cost_nano_usd"]
    days = {row[PERIOD]: row["requests"] for row in rows(demo.ask("last=90d&granularity=day&measures=requests"))}
    assert len(days) == 90
    months = [sum(days[demo.today - timedelta(days=ago)] for ago in range(end, end + 30)) for end in (60, 30, 0)]
    assert months == sorted(months)


def test_a_cheaper_model_costs_less_for_as_many_requests(demo: Demo) -> None:
    before, after = before_and_after(demo, "a cheaper model")
    assert {row["model"] for row in before} == {"claude-sonnet-4-6"}
    assert {row["model"] for row in after} == {"claude-haiku-4-5"}
    assert mean(row["cost_nano_usd"] for row in after) < 0.5 * mean(row["cost_nano_usd"] for row in before)
    assert mean(row["requests"] for row in after) > mean(row["requests"] for row in before)


def test_a_response_cache_saves_money(demo: Demo) -> None:
    before, after = before_and_after(demo, "a response cache")
    assert {row["saved_nano_usd"] for row in before} == {0}
    assert all(row["saved_nano_usd"] > 0 for row in after)
    assert mean(row["cost_nano_usd"] for row in after) < mean(row["cost_nano_usd"] for row in before)
    assert 0.25 < mean(row["cache_hit_rate"] for row in after) < 0.45


def test_a_longer_prompt_is_dearer_by_the_request(demo: Demo) -> None:
    cost = {row["prompt"]: row["cost_per_request_nano_usd"] for row in rows(demo.shows("a longer prompt"))}
    assert set(cost) == {"assistant-v11", "assistant-v12"}
    assert cost["assistant-v12"] > 1.2 * cost["assistant-v11"]


def test_a_retry_storm_fails_nearly_always(demo: Demo) -> None:
    (stormy,), calm = apart(demo, "a retry storm", "error_rate")
    assert stormy > 0.8
    assert mean(calm) < 0.05
    (asked,), usually = apart(demo, "a retry storm", "requests")
    assert asked > 5 * max(usually)


def test_a_noisy_customer_is_before_all_others(demo: Demo) -> None:
    assert rows(demo.shows("a noisy customer"))[0]["end_user"] == "customer-0042"
    story = told("a noisy customer")
    for ago in range(story.until, story.since + 1):
        assert loudest(demo, demo.today - timedelta(days=ago)) == "customer-0042"
    assert loudest(demo, demo.today - timedelta(days=story.since + 1)) != "customer-0042"


def loudest(demo: Demo, day: date) -> str:
    period = f"from={day}&to={day + timedelta(days=1)}"
    (row,) = rows(demo.ask(f"{period}&group_by=end_user&where=end_user!:(none)&order=-requests&limit=1"))
    return str(row["end_user"])


def test_a_model_without_a_price_is_counted_and_costs_nobody_knows(demo: Demo) -> None:
    found = {f"{row['provider']}/{row['model']}": row for row in rows(demo.shows("a model without a price"))}
    assert set(found) == {"mistral/mistral-next-preview", "vllm/qwen3-32b"}
    assert all(row["unpriced_requests"] == row["requests"] > 0 < row["total_tokens"] for row in found.values())


def test_a_leaked_token_burns_for_two_days(demo: Demo) -> None:
    burnt, usually = apart(demo, "a leaked token", "cost_nano_usd")
    assert len(burnt) == 2
    assert min(burnt) > 10 * max(usually)
    assert min(usually) > 0


def test_a_reseller_s_surcharge_is_drift(demo: Demo) -> None:
    (row,) = rows(demo.shows("a reseller's surcharge"))
    assert row["provider"] == "openrouter"
    assert 0.04 < row["drift_nano_usd"] / row["cost_nano_usd"] < 0.05


def test_the_free_plan_hides_what_no_source_defines(demo: Demo) -> None:
    (row,) = rows(demo.shows("the free plan"))
    assert row["provider"] == "openai"
    stored = [event["provider"] for event in demo.stored("acme-labs")]
    assert row["requests"] == stored.count("openai") < len(stored)
    assert set(stored) == {"openai", "anthropic", "mistral"}


def test_every_story_has_its_test() -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    for story in STORIES:
        words = story.name.replace(" ", "_").replace("'", "_")
        assert any(name.startswith(f"test_{words}_") for name in tests), story.name
