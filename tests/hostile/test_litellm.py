"""Real LiteLLM bodies, mutated: what can be read is 2xx, with each event stored or named, whatever became of it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.dialects.samples import CALLBACK, FIXTURES, LITELLM
from tests.hostile.bodies import values
from tests.hostile.watch import Watch

PER_BODY = 4  # events: some 40 KB
MANY = settings(max_examples=150, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def real() -> list[dict[str, Any]]:
    """Every event of the recorded bodies."""
    files = [path for path in sorted(FIXTURES.iterdir()) if path.name not in ("expected.json", "README.md")]
    return [event for path in files for event in events_in(path.read_text()) if event]


def events_in(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]
    return found if isinstance(found, list) else [found]


EVENTS = real()
chosen = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=PER_BODY).map(lambda some: fresh(some))


def fresh(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies with ids of their own, and no recorded token of somebody else."""
    return [deepcopy(each) | {"id": f"m-{uuid4()}"} for each in some]


# -- mutations ----------------------------------------------------------------------------------------------------


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the value, as what holds it and where."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in places:
        yield value, key
        yield from nodes(inner)


def other_kind(value: Any) -> Any:
    """The same in another kind: what a careless sender makes of it."""
    match value:
        case bool() | None:
            return str(value)
        case int() | float():
            return [value]
        case str():
            return {value[:20]: value}
        case dict():
            return list(value.items())
        case _:
            return json.dumps(value)


def mutate(events: list[Any], data: st.DataObject) -> None:
    holder, key = data.draw(st.sampled_from(list(nodes(events))[:400]), label="where")
    match data.draw(st.sampled_from(("delete", "replace", "duplicate", "nest", "swap", "rename")), label="what"):
        case "delete" if holder is not events:
            holder.pop(key)
        case "replace" | "delete":
            holder[key] = data.draw(values)
        case "duplicate" if isinstance(holder, list) and holder is not events:
            holder.append(deepcopy(holder[key]))
        case "duplicate" | "nest":
            holder[key] = [{"metadata": holder[key], "x": [deepcopy(holder[key])]}]
        case "rename" if isinstance(holder, dict):
            holder[data.draw(st.text(max_size=9))] = holder.pop(key)
        case _:
            holder[key] = other_kind(holder[key])


FORMS = {
    "array": lambda events: json.dumps(events),
    "NDJSON": lambda events: "\n".join(json.dumps(each) for each in events),
    "pretty": lambda events: json.dumps(events, indent=1, ensure_ascii=False).encode("utf-8", "replace").decode(),
}


# -- the contract -------------------------------------------------------------------------------------------------


def outcome(watch: Watch, door: str, content: bytes) -> tuple[int, set[int]]:
    """How many were accepted, and which were rejected."""
    answer = watch.post(door, content)
    assert answer.status_code == (202 if door == LITELLM else 200), answer.text[:500]
    said = answer.json()
    rejected = said.get("rejected", [])
    assert all(each["error"] for each in rejected)
    return said["count" if door == LITELLM else "accepted"], {each["index"] for each in rejected}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_each_event_of_a_readable_body_is_accepted_or_named(door: str, form: str, watch: Watch) -> None:
    @MANY
    @given(events=chosen, times=st.integers(1, 5), data=st.data())
    def sent(events: list[Any], times: int, data: st.DataObject) -> None:
        for _ in range(times):
            mutate(events, data)
        if form == "NDJSON" and not any(isinstance(each, dict) for each in events):
            return  # lines without one object among them are no LiteLLM body
        accepted, rejected = outcome(watch, door, FORMS[form](events).encode())
        assert accepted + len(rejected) == len(events)

    sent()


@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_neighbours_of_a_mutated_event_are_stored(door: str, watch: Watch) -> None:
    @MANY
    @given(odd=chosen, data=st.data())
    def sent(odd: list[Any], data: st.DataObject) -> None:
        mutate(odd, data)
        before, after = ours(), ours()
        outcome(watch, door, json.dumps([before, *odd, after]).encode())
        assert {before["id"], after["id"]} <= watch.stored

    sent()


def ours() -> dict[str, Any]:
    (event,) = fresh(EVENTS[:1])
    event["metadata"]["requester_custom_headers"] = {}
    return event


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_a_body_cut_or_damaged_anywhere_is_answered(door: str, form: str, watch: Watch) -> None:
    @MANY
    @given(events=chosen, at=st.floats(0, 1), taken=st.integers(0, 50) | st.just(10**9), put=st.binary(max_size=5))
    def sent(events: list[Any], at: float, taken: int, put: bytes) -> None:
        whole = FORMS[form](events).encode()
        start = int(at * len(whole))
        watch.post(door, whole[:start] + put + whole[start + taken :])

    sent()
