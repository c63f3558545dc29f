"""A measure over time: zeros where nothing was called, bars from zero, what is not over paler, and where a mark leads."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from app import timeline
from app.timeline import Before, Timeline
from models import periods
from models.forecast import Expected
from models.money import NANO
from models.spend.measures import MEASURES
from models.spend.query import Period
from models.spend.table import MINUTE, PERIOD
from tests.factories import HOUR, NOON

DAYS = [date(2026, 11, day) for day in (18, 19, 20, 21)]


def made(series: dict[str, list[Any]], kind: Any = "bars", **more: Any) -> Any:
    values = {
        "unit": "nano_usd",
        "granularity": "day",
        "timezone": "UTC",
        "starts": DAYS[: len(next(iter(series.values())))],
    }
    return timeline.draw(
        Timeline(**(values | more), series=series, colours=dict.fromkeys(series, "#08625a")), kind
    ).to_dict()


def test_every_part_of_a_period_has_its_place() -> None:
    period = Period.of_days(date(2026, 11, 18), date(2026, 11, 22), "UTC")
    assert timeline.starts_of(period, "day", NOON) == DAYS
    assert timeline.starts_of(period, "week", NOON) == [date(2026, 11, 16)]
    assert timeline.starts_of(period, "month", NOON) == [date(2026, 11, 1)]
    assert timeline.starts_of(Period(NOON - 2 * HOUR, NOON, "UTC"), "hour", NOON) == [NOON - 2 * HOUR, NOON - HOUR]


def test_hours_of_the_night_when_clocks_go_back_are_all_there() -> None:
    night = Period.of_days(date(2026, 10, 25), date(2026, 10, 26), "Europe/Berlin")
    assert len(timeline.starts_of(night, "hour", NOON)) == 25


def test_only_what_is_not_over_is_paler() -> None:
    bar = made({"a": [NANO] * 4}, unfinished=3)["data"][0]
    assert list(bar["marker"]["opacity"]) == [1, 1, 1, timeline.UNFINISHED]


@pytest.mark.parametrize("kind", ["area", "lines"])
def test_what_leads_to_what_is_not_over_is_shaded(kind: str) -> None:
    (shade,) = made({"a": [NANO] * 4}, kind, unfinished=3)["layout"]["shapes"]
    assert [shade["x0"], shade["x1"]] == DAYS[2:4]


@pytest.mark.parametrize(("kind", "unfinished"), [("bars", 3), ("lines", None), ("lines", 0)])
def test_nothing_is_shaded_where_all_is_over_or_pale(kind: str, unfinished: int | None) -> None:
    assert not made({"a": [NANO] * 4}, kind, unfinished=unfinished)["layout"].get("shapes")


@pytest.mark.parametrize("kind", ["bars", "area", "lines"])
def test_the_axis_starts_at_zero_and_nothing_is_cut_off(kind: str) -> None:
    before = Before("2 days before", DAYS[:2], [40 * NANO, 0])
    low, high = made({"a": [7 * NANO, 1], "b": [5 * NANO, 2]}, kind, before=before)["layout"]["yaxis"]["range"]
    assert low == 0
    assert high >= 40


def test_the_period_before_lies_under_the_same_days() -> None:
    before = Before("4 days before", [day - timedelta(days=4) for day in DAYS], [0, 3 * NANO, None, 0])
    *_, ghost = made({"openai": [0] * 4}, before=before)["data"]
    assert (ghost["type"], ghost["name"]) == ("scatter", "4 days before")
    assert list(ghost["x"]) == DAYS
    assert list(ghost["y"]) == [0, 3, None, 0]
    assert list(ghost["customdata"]) == ["$0.00 (14 Nov)", "$3.00 (15 Nov)", "– (16 Nov)", "$0.00 (17 Nov)"]


def test_an_hour_before_is_told_by_the_clocks_of_the_workspace() -> None:
    hours = {"starts": [NOON], "granularity": "hour", "timezone": "Asia/Kolkata"}
    *_, ghost = made({"a": [0]}, before=Before("hour before", [NOON - HOUR], [NANO]), **hours)["data"]
    assert list(ghost["customdata"]) == ["$1.00 (21 Nov, 16:30)"]


@pytest.mark.parametrize("before", [None, Before("4 days before", DAYS, [0, None, 0, 0])])
def test_a_single_series_needs_no_sum_and_nothing_before_no_ghost(before: Before | None) -> None:
    assert [trace["name"] for trace in made({"openai": [0] * 4}, before=before)["data"]] == ["openai"]


def test_a_shorter_period_before_ends_where_it_ends() -> None:
    *_, ghost = made({"a": [0] * 4}, before=Before("month before", DAYS[:3], [NANO] * 3))["data"]
    assert list(ghost["x"]) == DAYS[:3]


def test_amounts_are_written_as_money_with_the_sum_of_the_day() -> None:
    openai, xai, whole = made({"openai": [2_400_000], "xai": [NANO]})["data"]
    assert [openai["customdata"][0][0], xai["customdata"][0][0], whole["customdata"][0]] == [
        "$0.0024",
        "$1.00",
        "$1.0024",
    ]


def test_a_mark_says_all_of_its_tokens() -> None:
    assert made({"a": [1_234_567]}, unit="tokens")["data"][0]["customdata"][0][0] == "1,234,567"


@pytest.mark.parametrize("before", [None, [0, None], [0, 1]])
def test_only_what_is_drawn_of_the_period_before_compares(before: list[Any] | None) -> None:
    earlier = Before("2 days before", DAYS[:2], before) if before else None
    shown = Timeline(DAYS[:2], {"a": [1, 2]}, {"a": "#08625a"}, "nano_usd", "day", "UTC", earlier)
    assert shown.compares == (before == [0, 1]) == (len(timeline.draw(shown, "bars").data) == 2)


def test_what_is_expected_is_dashed_within_its_band_to_the_last_day_of_it() -> None:
    today = DAYS[-1]
    ahead = tuple(Expected(today + timedelta(days=n), 2 * NANO, NANO, (3 + n) * NANO) for n in range(10))
    drawn = made({"openai": [0] * 4}, ahead=ahead)
    _, low, high, line = drawn["data"]
    assert (low["y"][0], line["y"][0], high["y"][-1], line["line"]["dash"]) == (1, 2, 12, "dash")
    assert line["customdata"][0] == "$2.00 ($1.00 to $3.00)"
    assert [end.date() for end in drawn["layout"]["xaxis"]["range"]] == [date(2026, 11, 17), today + timedelta(days=9)]
    assert drawn["layout"]["yaxis"]["range"][1] >= 12


def test_nothing_at_all_is_still_a_chart() -> None:
    assert made({"all": [0]})["layout"]["yaxis"]["ticktext"] == ["$0", "$1"]


def test_losses_hang_below_and_gains_are_not_cut_off_by_them() -> None:
    layout = made({"a": [5 * NANO], "b": [5 * NANO], "c": [-9 * NANO]})["layout"]
    low, high = layout["yaxis"]["range"]
    assert layout["barmode"] == "relative"
    assert low <= -9
    assert high >= 10


def test_shares_of_each_part_and_running_totals() -> None:
    assert timeline.share({"a": [1, 0], "b": [3, 0]}) == {"a": [0.25, None], "b": [0.75, None]}
    assert timeline.cumulative([1, None, 2]) == [1, 1, 3]


def test_a_mark_says_where_it_leads() -> None:
    bar = made(
        {"a": [NANO]}, leads={"a": "/explorer?group_by=model"}, spans=[{"from": "2026-11-18", "to": "2026-11-19"}]
    )["data"][0]
    assert bar["meta"] == "/explorer?group_by=model"
    assert list(bar["customdata"][0]) == ["$1.00", "from=2026-11-18&to=2026-11-19"]


@pytest.mark.parametrize("timezone", ["Australia/Lord_Howe", "Europe/Berlin", "Asia/Kolkata", "America/Caracas"])
@pytest.mark.parametrize(
    "first", [date(2026, 4, 4), date(2026, 10, 3), date(2026, 10, 24), date(2016, 4, 30), date(2007, 12, 8)]
)
def test_every_hour_of_an_answer_has_its_place_where_clocks_move(timezone: str, first: date) -> None:
    period = Period.of_days(first, first + timedelta(days=3), timezone)
    instants = pl.Series("started_us", range(period.start_us, period.end_us, 10 * MINUTE))
    answered = instants.to_frame().select(periods.local_hour(pl.col("started_us"), timezone)).to_series()
    assert timeline.starts_of(period, "hour", period.end_us) == answered.unique().sort().to_list()


@pytest.mark.parametrize(
    ("unit", "most", "texts"),
    [
        ("ratio", 1, ["0 %", "25 %", "50 %", "75 %", "100 %"]),
        ("ms", 240_000, ["0 ms", "1 min", "2 min", "3 min", "4 min"]),
        ("ms", 90_000, ["0 ms", "25 s", "50 s", "75 s", "100 s"]),
        ("count", 4, ["0", "1", "2", "3", "4"]),
    ],
)  # fmt: skip
def test_ticks_are_round_in_their_unit(unit: Any, most: float, texts: list[str]) -> None:
    axis = made({"a": [most]}, "lines", unit=unit)["layout"]["yaxis"]
    assert [text.replace("\u202f", " ") for text in axis["ticktext"]] == texts


@pytest.mark.parametrize(("weeks", "labelled"), [(3, 1), (8, 1), (9, 2), (60, 8)])
def test_weeks_are_labelled_by_their_mondays(weeks: int, labelled: int) -> None:
    mondays = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(weeks)]
    axis = made({"a": [NANO] * weeks}, starts=mondays, granularity="week")["layout"]["xaxis"]
    assert list(axis["tickvals"]) == mondays[::labelled]


def test_names_of_strangers_are_not_markup() -> None:
    assert made({"<b>x</b>": [1]})["data"][0]["name"] == "&lt;b&gt;x&lt;/b&gt;"
    assert made({'"x"': [1]})["data"][0]["name"] == '"x"'
    assert "%{" not in made({"%{meta}": [1]})["data"][0]["name"]


def test_what_has_no_price_is_unknown_and_what_was_not_called_is_nothing() -> None:
    rows = pl.DataFrame({PERIOD: DAYS[:3], "cost_nano_usd": [0, 0, NANO], "unpriced_requests": [2, 0, 1]})
    values = timeline.values_of(rows, MEASURES["cost"], DAYS)
    assert values == [None, 0, NANO, 0]
    drawn = made({"a": values, "b": [None, None, NANO, 0]})["data"]
    assert [said[0] for said in drawn[0]["customdata"]] == ["–", "$0.00", "$1.00", "$0.00"]
    assert list(drawn[-1]["customdata"]) == ["–", "$0.00", "$2.00", "$0.00"], "all of it"
