"""Who moved most, why, and since when."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from models import periods
from models.spend.contributions import Contribution, Usage
from models.spend.movers import Movers, movers, since_monday


def rows(*calls: tuple[str | None, str, int, int]) -> pl.DataFrame:
    """Endpoint, model, cost, requests."""
    return pl.DataFrame(
        [
            {"endpoint": endpoint, "provider": "openai", "model": model, "cost_nano_usd": cost, "requests": requests,
             "unpriced_requests": 0, "total_tokens": 0}
            for endpoint, model, cost, requests in calls
        ],
        schema={"endpoint": pl.String, "provider": pl.String, "model": pl.String, "cost_nano_usd": pl.Int64,
                "requests": pl.Int64, "unpriced_requests": pl.Int64, "total_tokens": pl.Int64},
    )  # fmt: skip


def names(found: Movers) -> list[str | None]:
    return [each.name for each in found.largest]


def test_the_largest_change_comes_first_up_or_down() -> None:
    before = rows(("/a", "m", 10, 1), ("/b", "m", 100, 1), ("/c", "m", 5, 1))
    now = rows(("/a", "m", 15, 1), ("/b", "m", 20, 1), ("/d", "m", 6, 1))
    found = movers(now, before, "endpoint", 3)
    assert [(each.name, each.change) for each in found.largest] == [("/b", -80), ("/d", 6), ("/a", 5)]
    assert found.whole.change == -74


def test_what_did_not_move_is_no_mover_and_an_absent_name_is_one() -> None:
    assert names(movers(rows(("/a", "m", 5, 1), (None, "m", 7, 1)), rows(("/a", "m", 5, 9)), "endpoint", 5)) == [None]


def test_a_mover_that_calls_another_model_now_is_mix() -> None:
    found = movers(rows(("/a", "small", 20, 10)), rows(("/a", "large", 100, 10)), "endpoint", 1)
    assert found.largest[0].why == Contribution(0, -80, 0)
    assert (found.largest[0].before, found.largest[0].now) == (Usage(100, 10), Usage(20, 10))


def test_of_a_model_there_is_volume_and_price_only() -> None:
    found = movers(rows(("/a", "m", 60, 20), ("/b", "m", 60, 20)), rows(("/a", "m", 40, 20)), "model", 1)
    assert found.largest[0].why == Contribution(40, 0, 40)


def test_nothing_at_all_moves_nobody() -> None:
    found = movers(rows(), rows(), "endpoint", 5)
    assert (found.largest, found.whole.change) == ((), 0)


def test_amounts_beyond_64_bits_add_up() -> None:
    most = 2**62
    found = movers(rows(("/a", "m", most, 1), ("/a", "n", most, 1), ("/a", "o", most, 1)), rows(), "provider", 1)
    assert found.largest[0].change == 3 * most


# -- since Monday -------------------------------------------------------------------------------------------------


def at(zone: str, *moment: int) -> int:
    return periods.to_us(datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC))  # type: ignore[misc]


def test_since_monday_is_against_the_same_weekdays_and_hours_of_the_week_before() -> None:
    now, before = since_monday(at("UTC", 2026, 11, 21, 15, 30), "UTC")
    assert (now.start_us, now.end_us) == (at("UTC", 2026, 11, 16), at("UTC", 2026, 11, 21, 15, 30) + 1)
    assert (before.start_us, before.end_us) == (at("UTC", 2026, 11, 9), at("UTC", 2026, 11, 14, 15, 30) + 1)


def test_hours_are_those_of_clocks_where_summer_time_ends_between() -> None:
    """Berlin's clocks went back on 25 October 2026."""
    now, before = since_monday(at("Europe/Berlin", 2026, 10, 28, 9), "Europe/Berlin")
    assert before.start_us == at("Europe/Berlin", 2026, 10, 19)
    assert before.end_us == at("Europe/Berlin", 2026, 10, 21, 9) + 1
    assert now.start_us == at("Europe/Berlin", 2026, 10, 26)
