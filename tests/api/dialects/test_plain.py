"""The fast way reads what the general way reads, to the last field, or leaves it alone."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from api.dialects import Arrival, plain, rest
from api.dialects.attribution import METADATA_KEYS
from models.usage.event import Event

NOON = 1_795_262_400_000_000
ARRIVAL = Arrival(NOON)

TEXTS = st.sampled_from(["", "search", "ünïcode", "x" * 300, "a\x00b", "openai", "User-Agent: x", " "])
NUMBERS = st.sampled_from([0, 1, 15, 10**12, 10**12 + 1, -1, 1.0, 2.5, 0.00015, 1e-12, 1e300])
TIMES = st.sampled_from(
    [
        "2026-11-21T11:00:00Z",
        "2026-11-21T11:00:00.1234567+02:00",
        "2026-11-21",
        "1795262400",
        "1999-01-01T00:00:00Z",
        "soon",
    ]
)
ANYTHING = st.one_of(st.none(), st.booleans(), TEXTS, NUMBERS, TIMES, st.just([]), st.just({}), st.just(["a", "a"]))
FIELDS = [*plain.Plain.__struct_fields__, *(field for field, *_ in rest.KEPT if isinstance(field, str)), "unknown"]
EVENTS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["gpt-4o", "openai/gpt-4o", "claude-sonnet-4-5", " ", "\x00"]),
        "startTime": TIMES,
    },
    optional={
        "endTime": TIMES,
        "id": TEXTS,
        "provider": TEXTS,
        "endpoint": TEXTS,
        "end_user": TEXTS,
        "status": st.sampled_from(["success", "failure"]),
        "prompt_tokens": NUMBERS,
        "completion_tokens": NUMBERS,
        "total_tokens": NUMBERS,
        "response_cost": NUMBERS,
        "cache_hit": st.booleans(),
        "request_tags": st.lists(TEXTS, max_size=4),
        "metadata": st.dictionaries(
            st.sampled_from([*METADATA_KEYS, "user_id", "tags", "unknown"]), st.one_of(TEXTS, ANYTHING)
        ),
    },
)
ODD = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=2)


def generally(sent: dict[str, Any]) -> object:
    return rest.judged(json.loads(json.dumps(sent), parse_float=Decimal), ARRIVAL)


@given(EVENTS, ODD)
@example({"model": "gpt-4o", "startTime": "2026-11-21T11:00:00Z"}, {})
def test_both_ways_agree(sent: dict[str, Any], odd: dict[str, Any]) -> None:
    sent = sent | odd
    fast = plain.one(json.dumps(sent).encode(), ARRIVAL)
    assert fast is None or fast == generally(sent)


def test_what_most_senders_send_is_plain() -> None:
    body = json.dumps({"events": [rest.EXAMPLE | {"startTime": "2026-11-21T11:00:00Z"}] * 100}).encode()
    events = plain.many(body, ARRIVAL, 100)
    assert events is not None
    assert len(events) == 100
    assert plain.many(body, Arrival(NOON, {"x-team": "search"}), 100) is None, "headers speak for events, too"


def test_one_event_that_is_not_plain_leaves_all_to_the_general_way() -> None:
    good = {"model": "gpt-4o", "startTime": "2026-11-21T11:00:00Z"}
    for other in ({"model": None}, good | {"usage": {"prompt_tokens": 5}}, good | {"error_str": "x"}, 5, None):
        body = json.dumps({"events": [good, other]}).encode()
        assert plain.many(body, ARRIVAL, 100) is None
        assert isinstance(rest.decode_batch(body, ARRIVAL)[0], Event)
