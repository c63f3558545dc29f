"""Whatever is sent becomes an event, a bad event or a refused body, and no secret in it is left anywhere."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.dialects import BadEvent, dialects
from models.errors import BadRequest, TooLarge
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Event
from tests.api.dialects.samples import ARRIVAL, DOORS, LITELLM, arrived, litellm

from .bodies import CONTENT, FIELDS, MARKER, SENDERS, body_of, hidden, values

SOMETIMES = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def outcomes(door: str, body: bytes) -> list[Event | BadEvent]:
    """What the door makes of it; any other exception than the two is a failed test."""
    found = decoded_or_refused(door, body)
    if isinstance(found, BadRequest | TooLarge):
        assert json.dumps(found.body())
        return []
    for each in found:
        sound(door, each)
    return found


def decoded_or_refused(door: str, body: bytes) -> list[Event | BadEvent] | BadRequest | TooLarge:
    try:
        return list(dialects()[door].decode(body, arrived(x_team="t", idempotency_key="k")))
    except (BadRequest, TooLarge) as refused:
        return refused


def sound(door: str, found: Event | BadEvent) -> None:
    if isinstance(found, Event):
        assert msgspec.json.encode(found)
        assert price(found, published())
        return
    assert found.details.keys() == {"field", "value", "expected"}
    assert len(json.dumps(found.kept)) < 8_192
    msgspec.json.encode([found.kept, found.details, found.error])
    again = dialects()[door].decode_one(json.loads(json.dumps(found.kept)), ARRIVAL)
    assert isinstance(again, (Event, BadEvent))


@SOMETIMES
@given(door=st.sampled_from(DOORS), sent=st.dictionaries(st.sampled_from(FIELDS), values, max_size=8))
def test_any_value_in_any_field(door: str, sent: dict[str, Any]) -> None:
    outcomes(door, body_of(door, SENDERS[door](**sent)))


@SOMETIMES
@given(door=st.sampled_from(DOORS), field=st.sampled_from(FIELDS), value=values)
def test_any_value_in_one_field(door: str, field: str, value: Any) -> None:
    outcomes(door, body_of(door, SENDERS[door](**{field: value})))


@SOMETIMES
@given(door=st.sampled_from(DOORS), sent=values)
def test_any_json(door: str, sent: Any) -> None:
    outcomes(door, body_of(door, sent))


@SOMETIMES
@given(door=st.sampled_from(DOORS), body=st.binary(max_size=60))
def test_any_bytes(door: str, body: bytes) -> None:
    outcomes(door, body)


@SOMETIMES
@given(door=st.sampled_from(DOORS), cut=st.integers(0, 400), put=st.binary(max_size=4))
def test_a_body_damaged_anywhere(door: str, cut: int, put: bytes) -> None:
    whole = body_of(door, SENDERS[door](prompt_tokens=5, metadata={"team": "a", "usage_object": {"cost": 1.5}}))
    outcomes(door, whole[:cut] + put + whole[cut + 1 :])
    outcomes(door, whole[:cut] + put)


@SOMETIMES
@given(good=st.lists(st.booleans(), max_size=8), sent=values)
def test_neighbours_of_a_bad_event_live(good: list[bool], sent: Any) -> None:
    events = [litellm(id=str(at)) if fine else sent for at, fine in enumerate(good)]
    for body in (json.dumps(events).encode(), b"\n".join(json.dumps(each).encode() for each in events)):
        if body and any(good):
            found = outcomes(LITELLM, body)
            assert [each for each, fine in zip(found, good, strict=True) if fine and not isinstance(each, Event)] == []


# -- secrets ----------------------------------------------------------------------------------------------------

HIDING_PLACES: tuple[Any, ...] = (
    MARKER,
    [MARKER],
    [{"role": "user", "content": MARKER}],
    [{"role": "user", "content": [{"type": "text", "text": f"please {MARKER} now"}]}],
    {"choices": [{"message": {"content": f'"{MARKER}"\n'}}]},
)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("value", HIDING_PLACES, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("fault", [{}, {"prompt_tokens": -1}, {"model": None}, {"startTime": {}, "timestamp": True}])
def test_secrets_end_here(door: str, value: Any, fault: dict[str, Any]) -> None:
    body = body_of(door, SENDERS[door](**(hidden(value) | fault)))
    for text in (body, body.replace(b"please", b"\\ud800 please")):
        found = outcomes(door, text)
        assert found
        assert MARKER not in repr(found)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "field", [*CONTENT, "metadata", "usage", "cost_breakdown", "error_information", "api_key", "events"]
)
def test_a_secret_in_place_of_an_object_ends_here(door: str, field: str) -> None:
    assert MARKER not in repr(outcomes(door, body_of(door, SENDERS[door](**{field: MARKER, "prompt_tokens": -1}))))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body", [MARKER, f'"{MARKER}"', f'["{MARKER}"]', f'{{"a": {MARKER}}}', f'{{"events": "{MARKER}"}}']
)
def test_a_refused_body_is_not_echoed(door: str, body: str) -> None:
    found = decoded_or_refused(door, body.encode())
    assert MARKER not in repr(found.body() if isinstance(found, BadRequest) else found)


@pytest.mark.parametrize(
    "said",
    [
        "\n" * 60_000,
        " " * 60_000,
        'File "' * 20_000,
        "a." * 30_000,
        "/a" * 30_000,
        "'content': '" * 6_000,
        "\\" * 60_000,
    ],
    ids=lambda said: said[:8],
)
def test_no_text_takes_long(said: str) -> None:
    assert outcomes(LITELLM, body_of(LITELLM, litellm(error_str=said, messages=[said])))
