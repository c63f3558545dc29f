"""Volume, mix and price: by hand, and whatever the figures are, to the nano-dollar."""

from hypothesis import given
from hypothesis import strategies as st

from models.spend.contributions import Contribution, Usage, contributions, total

Usages = dict[str, Usage]


def explained(before: Usages, now: Usages) -> Contribution:
    return total(contributions(before, now).values())


def test_twice_the_calls_is_volume() -> None:
    assert explained({"a": Usage(10, 5)}, {"a": Usage(20, 10)}) == Contribution(10, 0, 0)


def test_dearer_calls_are_price() -> None:
    assert explained({"a": Usage(10, 5)}, {"a": Usage(15, 5)}) == Contribution(0, 0, 5)


def test_calls_that_moved_to_a_cheaper_member_are_mix() -> None:
    before = {"dear": Usage(100, 10), "cheap": Usage(10, 10)}
    now = {"dear": Usage(50, 5), "cheap": Usage(15, 15)}
    assert contributions(before, now) == {"dear": Contribution(0, -50, 0), "cheap": Contribution(0, 5, 0)}


def test_all_three_at_once() -> None:
    before = {"a": Usage(100, 10), "b": Usage(40, 10)}
    now = {"a": Usage(360, 24), "b": Usage(48, 16)}  # twice the calls; six in ten are a's; a at 15, b at 3
    assert explained(before, now) == Contribution(140, 24, 24 * 5 - 16)


def test_a_new_member_is_mix_and_one_that_is_gone_takes_its_share_along() -> None:
    found = contributions({"old": Usage(10, 10)}, {"new": Usage(30, 10)})
    assert found == {"old": Contribution(0, -10, 0), "new": Contribution(0, 30, 0)}


def test_where_nothing_was_called_before_all_is_volume_and_so_it_is_where_nothing_is_now() -> None:
    assert explained({}, {"a": Usage(7, 2), "b": Usage(5, 1)}) == Contribution(12, 0, 0)
    assert explained({"a": Usage(7, 2), "b": Usage(5, 1)}, {}) == Contribution(-12, 0, 0)
    assert explained({}, {}) == Contribution(0, 0, 0)


def test_a_member_that_had_no_price_before_is_like_a_new_one() -> None:
    found = contributions({"a": Usage(10, 10), "b": Usage(0, 0)}, {"a": Usage(10, 10), "b": Usage(4, 0 + 2)})
    assert found["b"] == Contribution(0, 4, 0)


def test_larger_calls_are_a_part_of_the_price() -> None:
    found = explained({"a": Usage(100, 10, 1_000)}, {"a": Usage(330, 10, 3_000)})
    assert found == Contribution(0, 0, 230, size=200)


def test_what_is_whole_is_not_touched_by_rounding() -> None:
    found = explained({"a": Usage(10, 3)}, {"a": Usage(10, 3), "b": Usage(1, 4)})
    assert (found.price, found.change) == (0, 1)


members = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(Usage, st.integers(0, 10**18), st.integers(0, 10**12), st.integers(0, 10**14)),
)


@given(members, members)
def test_it_adds_up_to_the_nano_dollar(before: Usages, now: Usages) -> None:
    found = contributions(before, now)
    assert {*found} == {*before, *now}
    for name, part in found.items():
        assert part.change == now.get(name, Usage(0, 0)).cost - before.get(name, Usage(0, 0)).cost
    assert total(found.values()).change == sum(u.cost for u in now.values()) - sum(u.cost for u in before.values())


@given(members, st.integers(1, 9))
def test_more_of_the_same_is_volume_alone(before: Usages, times: int) -> None:
    now = {name: Usage(each.cost * times, each.calls * times, each.tokens * times) for name, each in before.items()}
    if all(each.calls for each in before.values()):
        assert (explained(before, now).mix, explained(before, now).price) == (0, 0)
