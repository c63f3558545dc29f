"""How renames are resolved: one table for each span of days, without chains."""

from datetime import date

import polars as pl
import pytest

from models.spend.filters import parse
from models.spend.renames import AS_SENT, RENAMABLE, Names, Rename, closes_a_circle

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def team(name: str, becomes: str, first: date = date.min, end: date = date.max) -> Rename:
    return Rename("team", name, becomes, first, end)


def tables(*renames: Rename) -> list[tuple[date, date, dict[str, str]]]:
    return [tuple(span) for span in Names(renames).spans.get("team", ())]  # type: ignore[misc]


def test_every_dimension_of_free_text_and_whole_tags_may_be_renamed() -> None:
    assert RENAMABLE == (
        "provider", "model", "model_group", "endpoint", "feature", "project", "prompt", "team", "department", "agent",
        "env", "user", "end_user", "token", "key", "error_type", "tag",
    )  # fmt: skip


def test_a_chain_is_told_by_its_end() -> None:
    assert tables(team("a", "b"), team("b", "c"), team("x", "b")) == [
        (date.min, date.max, {"a": "c", "b": "c", "x": "c"})
    ]


def test_so_it_is_however_it_is_stated() -> None:
    chain = [team(f"t{n}", f"t{n + 1}") for n in range(500)]
    for stated in (chain, chain[::-1]):
        (span,) = Names(tuple(stated)).spans["team"]
        assert set(span.told.values()) == {"t500"}


def test_a_chain_holds_on_the_days_on_which_all_of_it_does() -> None:
    assert tables(team("a", "b", MAY), team("b", "c", JUNE, JULY)) == [
        (MAY, JUNE, {"a": "b"}),
        (JUNE, JULY, {"a": "c", "b": "c"}),
        (JULY, date.max, {"a": "b"}),
    ]


def test_spans_on_which_the_same_is_told_are_one() -> None:
    assert tables(team("a", "b", end=MAY), team("a", "b", MAY)) == [(date.min, date.max, {"a": "b"})]


@pytest.mark.parametrize(
    ("stated", "new", "closes"),
    [
        ([team("a", "b")], team("b", "a"), True),
        ([team("a", "b"), team("b", "c")], team("c", "a"), True),
        ([team("a", "b", MAY, JUNE)], team("b", "a", JUNE), False),
        ([team("a", "b", MAY, JULY)], team("b", "a", JUNE), True),
        ([team("a", "b")], team("c", "a"), False),
    ],
)
def test_a_circle_is_one_only_on_days_on_which_it_closes(stated: list[Rename], new: Rename, closes: bool) -> None:
    assert closes_a_circle(stated, new) is closes


def test_one_value_twice_on_a_day_overlaps() -> None:
    assert team("a", "b", MAY, JULY).overlaps(team("a", "c", JUNE))
    assert not team("a", "b", MAY, JUNE).overlaps(team("a", "c", JUNE))
    assert not team("a", "b").overlaps(team("b", "c"))
    assert not team("a", "b").overlaps(Rename("env", "a", "c"))


def frame(*days: date, **columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"day": days, **columns})


def test_columns_of_which_nothing_is_renamed_cost_nothing() -> None:
    rows = frame(MAY, team=["a"], env=["a"])
    assert AS_SENT.told(rows, ["team"]) is rows
    assert Names((team("a", "b"),)).told(rows, ["env"]) is rows


def test_rows_of_days_on_which_nothing_is_renamed_cost_nothing() -> None:
    names = Names((team("a", "b", JUNE, JULY),))
    for rows in (frame(MAY, team=["a"]), frame(JULY, team=["a"])):
        assert names.told(rows, ["team"]) is rows


def test_each_row_is_told_by_its_day() -> None:
    names = Names((team("a", "b", end=JUNE), team("a", "c", JULY)))
    rows = frame(MAY, JUNE, JULY, JULY, team=["a", "a", "a", None])
    assert names.told(rows, ["team"])["team"].to_list() == ["b", "a", "c", None]


def test_hundreds_of_spans_are_told_too() -> None:
    days = [date.fromordinal(MAY.toordinal() + n) for n in range(400)]
    names = Names(tuple(team("a", f"t{n}", day, date.fromordinal(day.toordinal() + 1)) for n, day in enumerate(days)))
    rows = frame(*days, team=["a"] * len(days))
    assert names.told(rows, ["team"])["team"].to_list() == [f"t{n}" for n in range(400)]


def test_tags_that_become_one_are_one_in_a_sorted_set() -> None:
    names = Names((Rename("tag", "z", "a"), Rename("tag", "b", "y")))
    rows = frame(MAY, MAY, tags=[["a", "b", "z"], []])
    assert names.told(rows, ["tags"])["tags"].to_list() == [["a", "y"], []]


def test_a_filter_is_narrowed_to_what_events_may_have_said() -> None:
    """Of the days nothing is known there: what is told so on some day is read, and decided then."""
    names = Names((team("a", "c", end=JUNE), team("b", "c")))
    (wanted,) = parse(["team:c", "team:(none)"])
    sent = wanted.as_sent(names)
    assert sent is not None
    assert sent.values == (None, "a", "b", "c")
    assert parse(["team!:c"])[0].as_sent(names) is None
    assert parse(["env:c"])[0].as_sent(names) == parse(["env:c"])[0]
