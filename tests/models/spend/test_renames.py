"""How renames are resolved: what each value is told as since which day, without chains."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from time import process_time

import polars as pl
import pytest

from models.names import MAX_NAMES
from models.spend.filters import parse
from models.spend.renames import AS_SENT, RENAMABLE, Names, Rename, closes_a_circle

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def team(name: str, becomes: str, first: date = date.min, end: date = date.max) -> Rename:
    return Rename("team", name, becomes, first, end)


def told(*renames: Rename) -> dict[str, list[tuple[date, str]]]:
    return Names(renames).columns["team"].since


def test_every_dimension_of_free_text_and_whole_tags_may_be_renamed() -> None:
    assert RENAMABLE == (
        "provider", "model", "model_group", "endpoint", "feature", "project", "prompt", "team", "department", "agent",
        "env", "user", "end_user", "token", "key", "error_type", "tag",
    )  # fmt: skip


def test_a_chain_is_told_by_its_end() -> None:
    assert told(team("a", "b"), team("b", "c"), team("x", "b")) == {name: [(date.min, "c")] for name in "abx"}


def test_so_it_is_however_it_is_stated() -> None:
    chain = [team(f"t{n}", f"t{n + 1}") for n in range(500)]
    for stated in (chain, chain[::-1]):
        assert told(*stated) == {f"t{n}": [(date.min, "t500")] for n in range(500)}


def test_a_chain_holds_on_the_days_on_which_all_of_it_does() -> None:
    assert told(team("a", "b", MAY), team("b", "c", JUNE, JULY)) == {
        "a": [(date.min, "a"), (MAY, "b"), (JUNE, "c"), (JULY, "b")],
        "b": [(date.min, "b"), (JUNE, "c"), (JULY, "b")],
    }


def test_days_on_which_the_same_is_told_are_one_stretch() -> None:
    assert told(team("a", "b", end=MAY), team("a", "b", MAY)) == {"a": [(date.min, "b")]}


def test_two_may_change_places_and_a_chain_may_turn_round_from_one_day_to_the_next() -> None:
    assert told(team("a", "b", end=JUNE), team("b", "a", JUNE)) == {
        "a": [(date.min, "b"), (JUNE, "a")],
        "b": [(date.min, "b"), (JUNE, "a")],
    }


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


def frame(*days: date, **columns: Sequence[object]) -> pl.DataFrame:
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


@pytest.mark.parametrize(("day", "as_told"), [(MAY, "b"), (JUNE, "a"), (date(2026, 6, 30), "a"), (JULY, "c")])
def test_so_is_one_value(day: date, as_told: str) -> None:
    names = Names((team("a", "c", JULY), team("a", "b", end=JUNE)))
    assert names.of("team", "a", day) == as_told
    assert (names.of("team", "x", day), names.of("env", "a", day)) == ("x", "a")


def best_of(times: int, asked: Callable[[], object]) -> float:
    """Seconds of this process."""
    seconds = []
    for _ in range(times):
        began = process_time()
        asked()
        seconds.append(process_time() - began)
    return min(seconds)


def dated(number: int) -> list[Rename]:
    """Each of another value, each from and to other days."""
    days = [MAY + timedelta(n) for n in range(2 * number)]
    return [team(f"t{n}", f"u{n}", days[n], days[number + n]) for n in range(number)]


def test_what_is_resolved_grows_with_what_is_stated_and_not_with_its_square() -> None:
    """As many as a workspace may have, each in force on the days on which hundreds of others begin and end."""
    found = Names(tuple(dated(MAX_NAMES))).columns["team"]
    assert (found.table.height, len(found.cuts)) == (3 * MAX_NAMES, 1 + 2 * MAX_NAMES)
    assert found.table is found.table, "it is made once"


def test_a_thousand_dated_names_are_told_as_each_for_itself() -> None:
    stated = dated(MAX_NAMES)
    names = Names(tuple(stated))
    days = [*(each.first for each in stated), *(each.end for each in stated)]
    rows = frame(*days, team=[each.name for each in stated] * 2)
    assert names.told(rows, ["team"])["team"].to_list() == [
        *(each.becomes for each in stated), *(each.name for each in stated)
    ]  # fmt: skip


def test_whether_one_more_closes_a_circle_is_known_without_looking_at_all_of_them() -> None:
    """It is asked inside the transaction that makes it."""
    stated = dated(MAX_NAMES)
    assert best_of(3, lambda: closes_a_circle(stated, team("u1", "x"))) < 0.05  # s; 0.2 where all are resolved


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
    assert parse(["team!:a"])[0].as_sent(names) is None
    for left_out in (["team!:c"], ["team!:c", "team!:a"]):
        assert parse(left_out)[0].as_sent(names) == parse(["team!:c"])[0]
    assert parse(["team!:a", "team!:(none)"])[0].as_sent(names) == parse(["team!:(none)"])[0]
    assert parse(["env:c"])[0].as_sent(names) == parse(["env:c"])[0]
