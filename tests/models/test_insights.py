"""What is worth telling, what it is worth, and what is not told."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.insights import BY, MEASURES, Count, Figures, Insight, Money, Name, Share, insights
from models.money import NANO
from models.spend.measures import MEASURES as DECLARED
from models.spend.uncached import Uncached

COLUMNS = [DECLARED[name].column for name in MEASURES]
DAYS = 30
MONDAY = date(2026, 11, 16)


def frame(*calls: dict[str, Any]) -> pl.DataFrame:
    schema = dict.fromkeys(BY, pl.String) | dict.fromkeys(COLUMNS, pl.Int64)
    rows = [dict.fromkeys(BY) | dict.fromkeys(COLUMNS, 0) | call for call in calls]
    return pl.DataFrame(rows, schema=schema)


def call(endpoint: str | None = "/a", dollars: float = 10, requests: int = 1_000, **values: Any) -> dict[str, Any]:
    return {
        "endpoint": endpoint, "provider": "anthropic", "model": "claude-sonnet-4-5", "status": "success",
        "cost_nano_usd": int(dollars * NANO), "requests": requests,
    } | values  # fmt: skip


def by_env(*rows: tuple[str | None, date, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, {"env": pl.String, "period": pl.Date, "cost_nano_usd": pl.Int64}, orient="row")


def told(*calls: dict[str, Any], before: tuple[dict[str, Any], ...] = (), most: int = 10, **more: Any) -> list[Insight]:
    return [*insights(Figures(frame(*calls), frame(*before), more.pop("by_env", by_env()), DAYS, **more), most)]


def of(kind: str, found: list[Insight]) -> list[Insight]:
    return [each for each in found if each.kind == kind]


def text(insight: Insight) -> str:
    written = {Money: "nano", Share: "ratio", Count: "number", Name: "text"}
    parts = (part if isinstance(part, str) else str(getattr(part, written[type(part)])) for part in insight.says)
    return "".join(parts)


# -- order and bounds ---------------------------------------------------------------------------------------------


def test_of_nothing_nothing_is_told() -> None:
    assert told() == []


def test_the_largest_amount_comes_first_and_not_more_than_so_many() -> None:
    calls = [call(None, 100, status="failure"), call(None, 900, saved_nano_usd=40 * NANO)]
    assert [each.kind for each in told(*calls)] == ["failures", "response cache"]
    assert [each.kind for each in told(*calls, most=1)] == ["failures"]


@pytest.mark.parametrize(("dollars", "failed"), [(10, 0.99), (1_000, 4.99)])
def test_nothing_is_told_below_a_dollar_or_half_a_percent(dollars: float, failed: float) -> None:
    assert told(call(None, dollars - failed), call(None, failed, status="failure")) == []


# -- one by one ---------------------------------------------------------------------------------------------------


def test_two_of_many_endpoints_are_most_of_the_spend() -> None:
    [found] = of("concentration", told(call("/a", 50), call("/b", 30), *(call(f"/{n}", 4) for n in range(5))))
    assert text(found) == "Two endpoints are 0.8 of spend: /a and /b"
    assert (found.amount_nano_usd, found.page) == (80 * NANO, "endpoints")
    assert found.where == (("endpoint", "/a"), ("endpoint", "/b"))


def test_two_of_three_are_no_concentration() -> None:
    assert of("concentration", told(call("/a", 35), call("/b", 35), call("/c", 30))) == []


def uncached(endpoint: str | None, dollars: int) -> Uncached:
    return Uncached(endpoint, "anthropic", "claude-sonnet-4-5", 10_000, 80_000_000, dollars * NANO)


def test_what_prompt_caching_could_spare_is_told_by_endpoint() -> None:
    candidates = [uncached("/summarise", 1_700), uncached("/summarise", 100), uncached(None, 900)]
    [found] = of("prompt caching", told(call("/summarise", 5_000), uncached=candidates))
    assert found.amount_nano_usd == 1_800 * NANO
    assert text(found) == f"Prompt caching on /summarise would have saved {60 * NANO} a day"
    assert "half of the input" in found.assumes
    assert found.where == (("endpoint", "/summarise"),)


def test_what_the_response_cache_spared() -> None:
    [found] = of("response cache", told(call(), call(saved_nano_usd=5 * NANO, cache_hits=12)))
    assert text(found) == f"The response cache spared {5 * NANO}: 12 calls that nobody had to pay"


def test_an_endpoint_whose_calls_became_dearer() -> None:
    found = of(
        "dearer", told(call("/a", 20, 100), call("/b", 10, 100), before=(call("/a", 10, 100), call("/b", 10, 100)))
    )
    assert [text(each) for each in found] == [
        f"A call of /a costs 1.0 more than in the period before: {NANO // 5} instead of {NANO // 10}"
    ]
    assert found[0].amount_nano_usd == 10 * NANO


def test_more_calls_or_a_few_dear_ones_are_not_dearer() -> None:
    assert (
        of("dearer", told(call("/a", 20, 200), call("/b", 9, 3), before=(call("/a", 10, 100), call("/b", 1, 3)))) == []
    )


def test_failures_that_cost() -> None:
    [found] = of("failures", told(call(), call("/b", 3, status="failure"), call("/c", 1, status="failure")))
    assert text(found) == f"Calls that failed cost {4 * NANO}, most of it on /b"
    assert found.where == (("status", "failure"),)


def test_unpriced_calls_at_the_cost_of_the_others() -> None:
    [found] = of("unpriced", told(call("/a", 10, 100), call("/a", 0, 50, unpriced_requests=50)))
    assert found.amount_nano_usd == 5 * NANO
    assert found.assumes
    assert of("unpriced", told(call("/a", 0, 50, unpriced_requests=50))) == []


@pytest.mark.parametrize(("off", "direction"), [(5, "above"), (-5, "below")])
def test_a_model_whose_reported_costs_are_off(off: int, direction: str) -> None:
    [found] = of("drift", told(call(listed_cost_nano_usd=100 * NANO, drift_nano_usd=off * NANO)))
    assert text(found) == f"What clients report for claude-sonnet-4-5 is 0.05 {direction} its list price: {5 * NANO}"


def test_drift_of_a_rounding_is_none() -> None:
    assert of("drift", told(call(listed_cost_nano_usd=1_000 * NANO, drift_nano_usd=5 * NANO))) == []


def test_weekends_of_what_is_not_for_customers() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    rows = [(env, day, 2 * NANO) for env in ("staging", "prod", None) for day in days]
    [found] = of("weekends", told(call(), by_env=by_env(*rows)))
    assert text(found) == f"staging spent {4 * NANO} on Saturdays and Sundays"
