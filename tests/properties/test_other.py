"""All groups beyond the limit as one: whatever is asked, rows add up as they do without a limit, the first groups are
what they were, and what a measure says of the others is what it says when the first are left out."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.spend.dimensions import DIMENSIONS
from models.spend.measures import MEASURES
from models.spend.table import Spend
from tests.factories import NOON, ask
from tests.properties.effort import examples
from tests.properties.life import Life
from tests.properties.streams import BEGIN, BY_TAG, END, PLACES, Question, questions, text_of

pytestmark = pytest.mark.xdist_group("questions")

EACH = 40  # events of the workspace
PLACE = PLACES[3]
COLUMNS = [measure.column for measure in MEASURES.values()]
ADDED = [measure.column for measure in MEASURES.values() if measure.additive]
limits = st.integers(1, 4)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Life(tmp_path_factory.mktemp("other"))
    workspace = made.make_workspace("team", PLACE.zone, "paid")
    made.commit(*((workspace.id, PLACE.event(number, number * 7 - 90, number)) for number in range(EACH)))
    yield made
    made.end()


def answered(life: Life, question: Question, **more: str | list[str]) -> Spend:
    words: dict[str, str | list[str]] = {
        "from": BEGIN, "to": END, "granularity": question.granularity, "where": list(question.where),
        "measures": ",".join(MEASURES), "group_by": ",".join(question.group_by),
    }  # fmt: skip
    return ask(life.spend(life.workspaces()[0].id), NOON, **words | more)


def rows(answer: Spend) -> list[dict[str, Any]]:
    """Sums to the last digit; Polars divides a column of one value and one of many a hair's breadth apart."""
    return [{name: rounded(value) for name, value in row.items()} for row in answer.rows.iter_rows(named=True)]


def rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


@examples(80)
@given(question=questions(), limit=limits)
def test_the_first_groups_stay_what_they_were(life: Life, question: Question, limit: int) -> None:
    without = rows(answered(life, question, limit=str(limit)))
    kept = [
        row for row in rows(answered(life, question, limit=str(limit), other="true")) if not row.pop("other", False)
    ]
    assert kept == without


@examples(80)
@given(question=questions(), limit=limits)
def test_rows_with_other_add_up_to_the_totals(life: Life, question: Question, limit: int) -> None:
    assume(question.adds_up)
    answer = answered(life, question, limit=str(limit), other="true")
    assert [answer.rows[name].sum() for name in ADDED] == [answer.totals[name] for name in ADDED]
    assert answer.totals == answered(life, question).totals


@examples(60)
@given(dimension=st.sampled_from([name for name in DIMENSIONS if name not in ("tag", "tags")]), limit=limits)
def test_every_measure_of_the_others_is_that_of_the_calls_beyond_the_first(
    life: Life, dimension: str, limit: int
) -> None:
    """Ratios and percentiles, too: they are made after the others were put together."""
    asked = Question((dimension,))
    *first, last = rows(answered(life, asked, limit=str(limit), other="true"))
    if not last["other"]:
        assert len(first) < limit
        return
    beyond = [f"{dimension}!:{text_of(row[dimension])}" for row in first]
    totals = answered(life, Question(where=tuple(beyond))).totals
    assert [last[name] for name in COLUMNS] == [rounded(totals[name]) for name in COLUMNS]


@pytest.mark.parametrize("dimension", BY_TAG)
def test_a_call_with_several_of_the_other_tags_is_in_them_once(life: Life, dimension: str) -> None:
    first, *_ = rows(answered(life, Question((dimension,)), limit="1"))
    with_other = rows(answered(life, Question((dimension,)), limit="1", other="true"))
    by_set = rows(answered(life, Question(("tags",))))
    prefix = dimension.removeprefix("tag").removeprefix(".")
    own = f"{prefix}:{first[dimension]}" if prefix else first[dimension]

    def beyond(tags: list[str]) -> bool:
        ours = [tag for tag in tags if tag.startswith(f"{prefix}:")] if prefix else tags
        return ours != [own] and (first[dimension] is not None or bool(ours))

    expected = sum(row["requests"] for row in by_set if beyond(row["tags"]))
    assert [row["requests"] for row in with_other] == [first["requests"], expected]
    assert with_other[1][dimension] is None


def test_the_period_before_has_the_same_first_groups_and_adds_up(life: Life) -> None:
    middle = PLACE.odd + 40 * 60_000_000
    span = {"from": str((middle) // 1_000), "to": str((middle + 60 * 60_000_000) // 1_000)}
    answer = answered(life, Question(("team", "endpoint")), limit="2", other="true", compare="previous", **span)
    assert answer.previous
    kept = {(row["team"], row["endpoint"]) for row in rows(answer) if not row["other"]}
    before = {(row["team"], row["endpoint"]) for row in rows(answer.previous) if not row["other"]}
    assert before <= kept
    assert answer.previous.rows["cost_nano_usd"].sum() == answer.previous.totals["cost_nano_usd"]
    assert len(rows(answer.previous)) > 1


def test_other_comes_last_and_only_when_it_is_asked_for(life: Life) -> None:
    found = rows(answered(life, Question(("team",), "day"), limit="1", other="true", order="cost"))
    by_period: dict[Any, list[bool]] = {}
    for row in found:
        by_period.setdefault(row["period"], []).append(row["other"])
    assert all(flags == sorted(flags) for flags in by_period.values())
    assert any(True in flags for flags in by_period.values())
    assert "other" not in answered(life, Question(("team",)), limit="1").rows.columns
    assert not answered(life, Question(("team",)), other="true").rows["other"].any()
