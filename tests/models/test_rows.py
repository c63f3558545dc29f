"""An event as a row, and back: what pricing reads of a row is what it read of the event."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.pricing.cost import Cost, price
from models.pricing.prices import published
from models.rows import COLUMNS, EVENTS, OF_COST, PRICED_BY, amounts_of, event_of, row_of, tokens_avoided
from models.usage.event import Claim, Event, Tokens
from tests.factories import NOON, make_event

COUNT = st.one_of(st.none(), st.integers(0, 1_000_000))
TOKENS = st.builds(
    Tokens, input=COUNT, cache_read=COUNT, cache_write=COUNT, cache_write_1h=COUNT, output=COUNT, reasoning=COUNT,
    total=COUNT,
)  # fmt: skip
NAMES = ("web_searches", "input_audio", "output_audio", "images")
UNITS = st.one_of(st.none(), st.dictionaries(st.sampled_from(NAMES), st.integers(1, 1_000)))
EVENTS_THAT_ARE_PRICED = st.builds(
    Event,
    source=st.just("rest"),
    id=st.just("e"),
    feature=st.just("unknown"),
    started_us=st.integers(NOON - 10**15, NOON),
    provider=st.sampled_from([None, "openai", "anthropic", "bedrock", "nobody"]),
    model=st.sampled_from([None, "gpt-4o", "claude-sonnet-4-5", "gpt-4o-audio-preview", "gone"]),
    status=st.sampled_from(["success", "failure"]),
    cache_hit=st.booleans(),
    tokens=TOKENS,
    units=UNITS,
    flags=st.lists(st.sampled_from(["cached_above_input", "total_mismatch", "stream_cut"]), unique=True),
    service_tier=st.sampled_from([None, "flex", "priority", "standard"]),
    batch=st.booleans(),
    claim=st.builds(Claim, cost=COUNT, binding=st.booleans(), price_unknown=st.booleans(), provider_cost=COUNT),
)


def row(event: Event, cost: Cost) -> dict[str, Any]:
    return dict(zip(COLUMNS, row_of(1, "ws", NOON, event, cost), strict=True))


def test_every_column_of_a_call_is_written() -> None:
    assert set(COLUMNS) == {column.name for column in EVENTS.columns} - {"sign", "corrects", "act"}


@given(EVENTS_THAT_ARE_PRICED)
def test_a_row_is_priced_as_its_event_was(event: Event) -> None:
    """Unless its cost was reported; of what a cache spared, as long as that was not told apart."""
    cost = price(event, published())
    if cost.source == "reported":
        return
    stored = row(event, cost)
    again = price(event_of({name: stored[name] for name in PRICED_BY}), published())
    assert again == cost
    assert amounts_of(again) == {name: stored[name] for name in OF_COST}


@given(EVENTS_THAT_ARE_PRICED)
def test_a_row_of_a_row_is_the_same_in_all_that_pricing_reads(event: Event) -> None:
    first = row(event, price(event, published()))
    back = event_of(first)
    second = row(back, price(back, published()))
    assert {name: second[name] for name in PRICED_BY} == {name: first[name] for name in PRICED_BY}


def test_no_units_and_units_that_nobody_told_are_two_things() -> None:
    for units in (None, {}):
        event = make_event(cost=None, units=units)
        assert event_of(row(event, price(event, published()))).units == units


def test_tokens_avoided_are_those_of_cache_hits() -> None:
    tokens = Tokens(input=10, output=5, total=15)
    assert tokens_avoided(make_event(tokens=tokens)) == 0
    assert tokens_avoided(make_event(tokens=tokens, cache_hit=True)) == 15
    assert tokens_avoided(make_event(cache_hit=True, avoided_input=7, avoided_output=None)) == 7
    assert tokens_avoided(make_event(cache_hit=True, tokens=Tokens())) == 0
