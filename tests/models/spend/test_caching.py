"""Where response caches could spare more, and what is never taken for it."""

from typing import Any

import pytest

from models.accounts.sources import Source
from models.installation import Installation
from models.spend import caching
from models.spend.caching import OFTEN, Recent, Repeated
from models.spend.filters import parse
from models.spend.query import parse_period
from models.usage.event import Event, Tokens
from tests.factories import NOON, append, make_event, make_workspace, spend_of
from tests.pricings import Pricing

SECOND = 1_000_000
DAY = 86_400 * SECOND


def call(size: int, cost: int | None = 100, ago_us: int = SECOND, **values: Any) -> Event:
    tokens = Tokens(input=size, output=5, total=size + 5)
    return make_event(NOON - ago_us, cost, **({"provider": "openai", "endpoint": "/a", "tokens": tokens} | values))


class Looked:
    """Recent calls of one workspace, as somebody may see them."""

    def __init__(self, installation: Installation) -> None:
        self.installation, self.workspace = installation, make_workspace(installation)

    def at(self, *events: Event, most: int = 50_000, last: str = "30d", where: tuple[str, ...] = ()) -> Recent:
        append(self.installation, self.workspace.id, *events)
        period = parse_period({"last": [last]}, "UTC", NOON)
        return caching.recent(spend_of(self.installation, self.workspace), period, parse(where), NOON, most)

    def repeated(self, *events: Event, **asked: Any) -> list[Repeated]:
        return caching.repeated(self.at(*events, **asked).calls)


@pytest.fixture
def looked(installation: Installation) -> Looked:
    return Looked(installation)


def test_all_but_one_of_a_size_that_comes_again_and_again_could_be_spared(looked: Looked) -> None:
    found = looked.repeated(*(call(700) for _ in range(20)), *(call(100 + 50 * n) for n in range(5)))
    assert found == [Repeated("/a", "openai", "gpt-4o", 25, 19, 1, 1_900)]


def test_where_a_cache_answers_already_nothing_is_said(looked: Looked) -> None:
    assert looked.repeated(*(call(700) for _ in range(20)), call(300, None, cache_hit=True)) == []


def test_short_inputs_that_are_as_long_as_others_by_chance_are_none(looked: Looked) -> None:
    assert looked.repeated(*(call(100 + n % 12) for n in range(200))) == []
    again = looked.repeated(*(call(104) for _ in range(150)))
    assert [(each.sizes, each.repeats) for each in again] == [(1, 150 + 17 - 1)]


def test_a_few_of_one_size_are_none(looked: Looked) -> None:
    assert looked.repeated(*(call(700) for _ in range(OFTEN - 1))) == []
    assert len(looked.repeated(call(700))) == 1


def test_each_endpoint_and_model_stands_for_itself_the_dearest_first(looked: Looked) -> None:
    found = looked.repeated(
        *(call(700, endpoint=None) for _ in range(10)), *(call(700, 300, model="gpt-4.1") for _ in range(10)),
        *(call(700, None, provider="vllm", model="ours") for _ in range(10)),
    )  # fmt: skip
    assert [(each.endpoint, each.model, each.spared_nano_usd) for each in found] == [
        ("/a", "gpt-4.1", 2_700), (None, "gpt-4o", 900),
    ]  # fmt: skip


def test_filters_hold(looked: Looked) -> None:
    calls = [call(700, endpoint="/a" if n % 2 else "/b") for n in range(40)]
    assert [each.endpoint for each in looked.repeated(*calls, where=("endpoint:/b",))] == ["/b"]


def test_the_free_plan_sees_its_own_only(looked: Looked) -> None:
    calls = [call(700, feature="chat" if n % 2 else "hidden", key="k") for n in range(40)]
    append(looked.installation, looked.workspace.id, *calls)
    free = make_workspace(looked.installation, "free", plan="free")
    append(looked.installation, free.id, *calls)
    spend = spend_of(looked.installation, free, {"k": (Source(None, None, "chat"),)})
    period = parse_period({"last": ["1d"]}, "UTC", NOON)
    assert caching.recent(spend, period, (), NOON).requests == 20


def test_it_looks_at_the_newest_of_seven_days_up_to_a_bound_and_says_since_when(looked: Looked) -> None:
    calls = [call(700, ago_us=n * SECOND) for n in range(1, 21)]
    found = looked.at(*calls, call(700, ago_us=8 * DAY), most=12)
    assert (found.requests, found.since_us) == (12, NOON - 13 * SECOND + 1)
    found = looked.at()
    assert (found.requests, found.since_us) == (20, NOON + 1 - 7 * DAY)
    assert looked.at(last="5m").since_us > NOON - 301 * SECOND


def test_of_more_calls_than_that_in_one_instant_as_many_are_looked_at(looked: Looked) -> None:
    found = looked.at(*(call(700) for _ in range(20)), call(700, ago_us=2 * SECOND), most=12)
    assert (found.requests, found.since_us) == (12, NOON - SECOND)
    assert [each.repeats for each in caching.repeated(found.calls)] == [11]
    assert looked.at(call(700, ago_us=SECOND // 2), most=12).requests == 1, "what is newer comes first"


def test_a_correction_is_never_parted(looked: Looked) -> None:
    looked.at(*(call(700, None, provider="vllm", model="ours") for _ in range(4)))
    pricing = Pricing.of(looked.installation, looked.workspace)
    pricing.charge("ours", 1)
    pricing.reprice()
    assert [looked.at(most=most).requests for most in (3, 4, 5, 6, 12)] == [3, 4, 4, 4, 4]


def test_calls_that_were_corrected_count_once_at_what_they_cost_now(looked: Looked) -> None:
    assert looked.repeated(*(call(700, None, provider="vllm", model="ours") for _ in range(20))) == []
    pricing = Pricing.of(looked.installation, looked.workspace)
    pricing.charge("ours", 1)
    pricing.reprice()
    assert [(each.requests, each.repeats) for each in looked.repeated()] == [(20, 19)]


def test_nothing_at_all(looked: Looked) -> None:
    assert looked.repeated() == []
