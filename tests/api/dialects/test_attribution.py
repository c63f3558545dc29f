"""First hit wins, in the contract's order, on every door."""

from typing import Any

import pytest

from api.dialects.attribution import MAX_TAGS, PLACES, tags
from api.dialects.litellm_payload import Metadata, Payload, Requester

from .samples import INGEST, LITELLM, LLMTRACK, arrived, event, litellm, llmtrack, rest

# From the last place to the first: each one set beside the former ones wins over them.
ORDER: dict[str, list[dict[str, Any]]] = {
    "team": [
        {"user_api_key_team_id": "found"},
        {"user_api_key_team_alias": "found"},
        {"team": "found"},
        {"team_id": "found"},
        {"requester_metadata": {"team_id": "found"}},
        {"requester_metadata": {"team": "found"}},
    ],
    "project": [
        {"user_api_key_project_id": "found"},
        {"user_api_key_project_alias": "found"},
        {"project": "found"},
        {"requester_metadata": {"project": "found"}},
    ],
    "user": [
        {"user_id": "found"},
        {"user": "found"},
        {"requester_metadata": {"user": "found"}},
        {"user_api_key_user_id": "found"},
    ],
} | {
    name: [
        {"spend_logs_metadata": {key: "found"}},
        {key: "found"},
        {"requester_metadata": {key: "found"}},
    ]
    for name, key in (
        ("feature", "feature"),
        ("env", "env"),
        ("department", "department"),
        ("agent", "agent"),
        ("endpoint", "endpoint"),
        ("prompt", "prompt_id"),
    )
}
HEADERS = {"prompt": "x-prompt-id"} | {
    name: f"x-{name}" for name in ("team", "project", "feature", "env", "department", "agent", "endpoint")
}


def lost(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: lost(value) if isinstance(value, dict) else "lost" for key, value in metadata.items()}


def merged(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    nested = {key: merged(left[key], right[key]) for key in left.keys() & right if isinstance(left[key], dict)}
    return left | right | nested


@pytest.mark.parametrize("name", ORDER)
def test_each_place_wins_over_the_later_ones(name: str) -> None:
    metadata: dict[str, Any] = {}
    for place in ORDER[name]:
        metadata = merged(metadata, place)
        for decoded in (
            event(INGEST, rest(metadata=metadata), arrived(**{HEADERS.get(name, "x"): "lost"})),
            event(LLMTRACK, llmtrack(metadata=metadata), arrived(**{HEADERS.get(name, "x"): "lost"})),
            event(LITELLM, litellm(metadata=metadata | {"requester_custom_headers": {HEADERS.get(name, "x"): "lost"}})),
        ):
            assert getattr(decoded, name) == "found", place
        metadata = lost(metadata)


@pytest.mark.parametrize("name", HEADERS)
def test_headers_come_last(name: str) -> None:
    header = HEADERS[name]
    assert getattr(event(INGEST, rest(), arrived(**{header: "found"})), name) == "found"
    own = {"requester_custom_headers": {header: "found"}, "requester_metadata": {"headers": {header: "lost"}}}
    assert getattr(event(LITELLM, litellm(metadata=own), arrived(**{header: "lost"})), name) == "found"


def test_a_litellm_events_own_headers_count_and_never_the_requests() -> None:
    assert event(LITELLM, litellm(), arrived(x_team="gateway")).team is None


@pytest.mark.parametrize("custom", [{}, {"requester_custom_headers": None}])
def test_without_the_enterprise_package_headers_are_in_the_requesters_metadata(custom: dict[str, Any]) -> None:
    metadata = custom | {"requester_metadata": {"headers": {"X-Team": "search"}}}
    assert event(LITELLM, litellm(metadata=metadata)).team == "search"


def test_the_sdk_nests_the_callers_metadata() -> None:
    assert event(LITELLM, litellm(metadata={"metadata": {"team": "nested"}, "team_id": "outer"})).team == "nested"
    both = {"metadata": {"team": "nested"}, "requester_metadata": {"team": "named", "env": None}}
    assert event(LITELLM, litellm(metadata=both)).team == "named"


def test_end_user() -> None:
    metadata = {"user_api_key_end_user_id": "second"}
    sent = litellm(end_user="first", metadata=metadata, model_parameters={"user": "third"}, user="fourth")
    for expected, gone in (("first", "end_user"), ("second", "metadata"), ("third", "model_parameters")):
        assert event(LITELLM, sent).end_user == expected
        sent[gone] = "" if gone == "end_user" else None
    assert event(LITELLM, sent).end_user == "fourth"


def test_the_token_is_the_gateways_key_alias() -> None:
    assert event(LITELLM, litellm(metadata={"user_api_key_alias": "web-prod"})).token == "web-prod"
    assert event(INGEST, rest(token="fth_live_secret")).token is None


def test_an_event_of_ours_may_say_an_attribute_beside_its_metadata() -> None:
    decoded = event(INGEST, rest(team="beside", env="prod", endpoint="/chat", prompt_id="p-1", prompt="free text"))
    assert (decoded.team, decoded.env, decoded.endpoint, decoded.prompt) == ("beside", "prod", "/chat", "p-1")
    assert event(INGEST, rest(team="beside"), arrived(x_team="header")).team == "header"


def test_a_prompts_text_is_no_attribute() -> None:
    decoded = event(INGEST, rest(prompt="text", metadata={"prompt": "text", "requester_metadata": {"prompt": "text"}}))
    assert decoded.prompt is None


@pytest.mark.parametrize("odd", [5, "text", ["a"], True])
def test_odd_containers_of_labels_count_as_nothing_said(odd: object) -> None:
    metadata = dict.fromkeys(
        ("requester_metadata", "metadata", "spend_logs_metadata", "requester_custom_headers", "usage_object"), odd
    )
    decoded = event(LITELLM, litellm(metadata=metadata | {"team": "kept"}, model_parameters=odd, error_information=odd))
    assert decoded.team == "kept"


def test_labels_that_are_numbers_become_text_and_long_ones_are_cut() -> None:
    decoded = event(INGEST, rest(metadata={"team": 42, "env": True, "agent": "a" * 300, "feature": {"x": 1}}))
    assert (decoded.team, decoded.env, decoded.agent, decoded.feature) == ("42", "true", "a" * 256, None)


@pytest.mark.parametrize("half", [b'{"team": "a\\ud83d"}', b'{"team": "a\\u0000"}'])
def test_half_an_emoji_in_a_label_costs_nothing(half: bytes) -> None:
    body = b'{"model": "gpt-4o", "startTime": 1795205000, "response_cost": 0.00015, "metadata": ' + half + b"}"
    for door in (INGEST, LITELLM):
        decoded = event(door, body)
        assert decoded.team == "a�"
        assert decoded.claim.cost == 150_000


def test_litellms_decoder_reads_every_place_of_the_table() -> None:
    """The typed decoder drops what it does not know: a new place must be known to it too."""
    known = {"requester": Requester, "spend_logs": Requester, "metadata": Metadata}
    for places in PLACES.values():
        for scope, key in places:
            assert scope not in known or key in known[scope].__annotations__, (scope, key)
    assert {"end_user", "user", "model_parameters"} <= Payload.__annotations__.keys()


# -- tags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (None, []),
        ([], []),
        (["b", "a", "b"], ["b", "a"]),
        ([{"k": "v"}, {"key": "k2", "value": "v2"}, {"a": 1, "b": True}], ["k:v", "k2:v2", "a:1", "b:true"]),
        ([{"key": "k"}, {"value": "v"}], ["key:k", "value:v"]),
        ([{"key": None, "value": "v"}, {"k": None}, {"k": {"deep": 1}}, None, [], ""], []),
        (["User-Agent: OpenAI", "User-Agent: OpenAI/Python 3.52.0", "mine"], ["mine"]),
        ([1, 2.5, True], ["1", "2.5", "true"]),
        ("single", ["single"]),
        ({"k": "v"}, ["k:v"]),
        (["x" * 300], ["x" * 256]),
        ([{"k" * 200: "v" * 200}], [("k" * 200 + ":" + "v" * 200)[:256]]),
        (7, ["7"]),
    ],
    ids=repr,
)
def test_tags(sent: object, read: list[str]) -> None:
    assert tags(sent) == read


def test_tags_of_both_places_in_order_each_once_and_bounded() -> None:
    decoded = event(INGEST, rest(request_tags=["a", "b"], metadata={"tags": ["b", {"k": "v"}]}))
    assert decoded.tags == ["a", "b", "k:v"]
    assert tags([str(number) for number in range(1000)]) == [str(number) for number in range(MAX_TAGS)]


def test_litellms_own_tags_are_tags_only() -> None:
    headers = {"x-litellm-tags": "team:search,agent:bot"}
    decoded = event(
        LITELLM, litellm(request_tags=["team:search", "agent:bot"], metadata={"requester_custom_headers": headers})
    )
    assert (decoded.team, decoded.agent, decoded.tags) == (None, None, ["team:search", "agent:bot"])
