"""The trend: zeros where nothing was spent, today unfinished, the period before as a ghost."""

from datetime import date, timedelta
from typing import Any

import pytest

from app import charts
from app.charts import Trend
from models.forecast import Expected
from models.installation import Installation
from models.money import NANO
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of

FIRST, END, TODAY = date(2026, 11, 18), date(2026, 11, 22), date(2026, 11, 21)


def made(spent: dict[str, dict[date, int]], before: dict[date, int] | None = None) -> Any:
    shown = Trend(spent, before or {}, FIRST, END, TODAY, dict.fromkeys(spent, "#08625a"))
    return charts.trend(shown).to_dict()


def test_days_without_spend_are_zero() -> None:
    bar = made({"openai": {date(2026, 11, 19): 2 * NANO}})["data"][0]
    assert list(bar["y"]) == [0, 2, 0, 0]
    assert list(bar["x"]) == [date(2026, 11, day) for day in (18, 19, 20, 21)]


def test_today_is_paler_and_only_today() -> None:
    bar = made({"openai": {}})["data"][0]
    assert list(bar["marker"]["opacity"]) == [1, 1, 1, charts.UNFINISHED]


def test_bars_start_at_zero_and_nothing_is_cut_off() -> None:
    layout = made({"openai": {TODAY: 7 * NANO}, "xai": {TODAY: 5 * NANO}}, {date(2026, 11, 14): 40 * NANO})["layout"]
    low, high = layout["yaxis"]["range"]
    assert low == 0
    assert high >= 40


def test_the_period_before_lies_under_the_same_days() -> None:
    *_, ghost = made({"openai": {}}, {date(2026, 11, 15): 3 * NANO})["data"]
    assert ghost["type"] == "scatter"
    assert list(ghost["y"]) == [0, 3, 0, 0]
    assert ghost["customdata"][1] == "$3.00 (15 Nov)"


def test_amounts_are_written_as_money_with_the_sum_of_the_day() -> None:
    traces = made({"openai": {TODAY: 2_400_000}, "xai": {TODAY: NANO}})["data"]
    assert [trace["customdata"][3] for trace in traces[:3]] == ["$0.0024", "$1.00", "$1.0024"]


def test_a_single_series_needs_no_sum_and_nothing_before_no_ghost() -> None:
    assert [trace["name"] for trace in made({"openai": {}})["data"]] == ["openai"]
    assert [trace["name"] for trace in made({"openai": {}}, {date(2026, 11, 15): 1})["data"]] == [
        "openai",
        "4 days before",
    ]


def test_what_is_expected_is_dashed_within_its_band_to_the_last_day_of_it() -> None:
    ahead = tuple(Expected(TODAY + timedelta(days=n), 2 * NANO, NANO, (3 + n) * NANO) for n in range(10))
    drawn = charts.trend(Trend({"openai": {}}, {}, FIRST, END, TODAY, {"openai": "#08625a"}, ahead)).to_dict()
    _, low, high, line = drawn["data"]
    assert (low["y"][0], line["y"][0], high["y"][-1], line["line"]["dash"]) == (1, 2, 12, "dash")
    assert line["customdata"][0] == "$2.00 ($1.00 to $3.00)"
    assert drawn["layout"]["xaxis"]["range"][1].date() == TODAY + timedelta(days=9)
    assert drawn["layout"]["yaxis"]["range"][1] >= 12


def test_nothing_at_all_is_still_a_chart() -> None:
    assert made({})["layout"]["yaxis"]["ticktext"] == ["$0", "$1"]


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0, ["$0", "$1"]),
        (37 * NANO, ["$0", "$10", "$20", "$30", "$40"]),
        (9 * NANO, ["$0", "$2.50", "$5.00", "$7.50", "$10.00"]),
        (2_000_000, ["$0", "$0.00050", "$0.0010", "$0.0015", "$0.0020"]),
        (90_000 * NANO, ["$0", "$25.0k", "$50.0k", "$75.0k", "$100k"]),
    ],
)
def test_gridlines_are_round(highest: int, labels: list[str]) -> None:
    assert charts.labels(charts.steps(highest)) == labels


def test_a_nano_dollar_has_a_scale_too() -> None:
    assert charts.steps(1) == [0, 1]


def test_from_an_answer(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(
        installation, workspace.id,
        make_event(cost=5, provider="openai"), make_event(cost=3, provider="xai"), make_event(cost=2, provider=None),
        make_event(NOON - 4 * DAY, cost=7, provider="xai"),
    )  # fmt: skip
    answer = ask(
        spend_of(installation, workspace), last="4d", compare="previous", granularity="day", group_by="provider",
        measures="cost",
    )  # fmt: skip
    shown = charts.trend_of(answer, "provider", {"openai": "#08625a", "other": "#878e99"}, TODAY)
    assert shown.spent == {"openai": {TODAY: 5}, "other": {TODAY: 5}}
    assert shown.before == {date(2026, 11, 17): 7}
    assert (shown.first, shown.end) == (FIRST, END)


def test_names_of_strangers_are_neither_markup_nor_templates() -> None:
    assert charts.chart_text('<b>"x"</b>') == '&lt;b&gt;"x"&lt;/b&gt;'
    assert "%{" not in charts.chart_text("%{meta} of %{x}")
