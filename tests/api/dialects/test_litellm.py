"""The two LiteLLM doors: three body formats, one bad event beside good ones, costs as LiteLLM means them."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.dialects import BadEvent, Outcome, dialects
from models.errors import BadRequest
from models.periods import SECOND
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Claim, Event

from .samples import ARRIVAL, CALLBACK, FIXTURES, LITELLM, arrived, bad, decode, event, litellm, replayed

# -- bodies -----------------------------------------------------------------------------------------------------

A, B = (json.dumps(litellm(id=name)).encode() for name in "AB")
PRETTY = json.dumps(litellm(id="A"), indent=2).encode()


def ids(body: bytes) -> list[str | None]:
    return [found.id if isinstance(found, Event) else None for found in decode(LITELLM, body)]


def test_a_name_that_stands_for_none_is_none() -> None:
    """Where a provider gave no id, LiteLLM writes the word: calls that share it are many calls."""
    assert ids(json.dumps([litellm(id="None"), litellm(id="None"), litellm(id="none")]).encode()) == [
        None,
        None,
        "none",
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (A, ["A"]),
        (PRETTY, ["A"]),
        (b"[" + A + b"]", ["A"]),
        (b" \n[ " + A + b" ,\n" + PRETTY + b" ] \n", ["A", "A"]),
        (A + b"\n" + B, ["A", "B"]),
        (A + b"\r\n" + B + b"\r\n", ["A", "B"]),
        (b"\n\n" + A + b"\n \n\r\n" + B + b"\n\n", ["A", "B"]),
        (b"\xef\xbb\xbf" + A + b"\n" + B, ["A", "B"]),
        (b"\xef\xbb\xbf[" + A + b"]", ["A"]),
        (b"[]", []),
        (b"[" + A + b", null, 5, \"x\", [1], true, 1.5, " + B + b"]", ["A", None, None, None, None, None, None, "B"]),
        (A + b"\nnull\n" + B, ["A", None, "B"]),
        (A + b"\n{broken\n" + B, ["A", None, "B"]),
        (A[:-9] + b"\n" + B, [None, "B"]),
        (A + b"\n" + B[:-9], ["A", None]),
        (b"null", [None]),
        (b"5", [None]),
    ],
)  # fmt: skip
def test_formats_are_told_apart_from_the_body(body: bytes, found: list[str | None]) -> None:
    assert ids(body) == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"hello",
        b"[",
        b"[" + A,
        A[:-9],
        PRETTY[:-9],
        b"[hello]",
        b"{broken\n{broken",
        "{}".encode("utf-16"),
        b"[" + A + b", {broken}]",
    ],
)
def test_what_nobody_can_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        decode(LITELLM, body)
    assert refused.value.details["field"] == "body"


@pytest.mark.parametrize("value", [None, 5, "tell me a secret", ["x"], True, 1.5])
def test_what_is_no_object_is_a_bad_event(value: object) -> None:
    (found,) = decode(LITELLM, [value])
    assert isinstance(found, BadEvent)
    assert found.details["field"] == "event"
    assert (found.kept, found.credential) == ({}, None)
    assert "secret" not in repr(found)


def test_a_broken_line_leaves_nothing_behind() -> None:
    broken = decode(LITELLM, A + b'\n{"model": "secret", broken')[1]
    assert isinstance(broken, BadEvent)
    assert "secret" not in repr(broken)


@pytest.mark.parametrize(
    "odd",
    [
        b'"messages": [{"content": "half an emoji \\ud83d"}]',
        b'"model_map_information": {"max": NaN, "min": -Infinity, "huge": 1e99999999999999999999}',
        b'"response": "\xff\xfe"',
        b'"metadata": {"team": "\xff"}',
        b'"hidden_params": ' + b"9" * 5_000,
        b'"error_str": "raw \x01 control"',
    ],
)
def test_odd_things_in_one_event_cost_nothing(odd: bytes) -> None:
    sent = A[:-1] + b", " + odd + b"}"
    assert ids(b"[" + sent + b"," + B + b"]") == ["A", "B"]
    assert ids(sent + b"\n" + B) == ["A", "B"]
    assert ids(sent) == ["A"]


@pytest.mark.parametrize("field", ["startTime", "response_cost", "prompt_tokens"])
@pytest.mark.parametrize("odd", [b"NaN", b"Infinity", b"1e99999999999999999999", b"9" * 5_000])
def test_an_odd_number_where_one_counts_costs_that_event_only(field: str, odd: bytes) -> None:
    sent = json.dumps(litellm(**{field: 123456789})).encode().replace(b"123456789", odd)
    first, second = decode(LITELLM, b"[" + sent + b"," + B + b"]")
    assert isinstance(first, BadEvent)
    assert first.details["field"] == field
    assert isinstance(second, Event)


TEXT = b'"brackets ]}[{, a quote \\" and a backslash \\\\"'
DEEP = A[:-1] + b', "messages": ' + b"[" * 10_000 + TEXT + b"]" * 10_000 + b"}"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (DEEP + b"\n" + B, [None, "B"]),
        (b"[" + DEEP + b"]", [None]),
        (b"[" + A + b",\n " + DEEP + b" , " + B + b"]\n", ["A", None, "B"]),
        (b"[" + DEEP.replace(b",", b",\n") + b"," + DEEP + b"]", [None, None]),
        (DEEP, [None]),
        (DEEP.replace(b",", b",\n"), [None]),
        (b'[null, "text", NaN, ' + DEEP + b"]", [None] * 4),
    ],
)
def test_deep_nesting_costs_its_event_only(body: bytes, found: list[str | None]) -> None:
    assert ids(body) == found


@pytest.mark.parametrize(
    "body",
    [DEEP[:-1], b"[" + DEEP, b"[" + DEEP + b"," + A + b"}", b"[" + DEEP + b"]]", b"[" + DEEP + b" 5]", b"[" * 10_000],
)
def test_deep_nesting_that_does_not_close_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode(LITELLM, body)


# -- events -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("model", value) for value in (None, "", 5, "m" * 257)),
        *(("startTime", value) for value in (None, "soon", 1, 1_795_206_000 + 2 * 86_400, {})),
        *(("endTime", value) for value in ("soon", {})),
        *(("prompt_tokens", value) for value in (-1, "7", 1e13)),
        *(("completion_tokens", value) for value in (-1, "7", 1e13)),
        *(("response_cost", value) for value in (-1, "free", 1e7, {})),
        *(("cost_breakdown", value) for value in (5, "text", [])),
        ("cost_breakdown", {"input_cost": -1}),
        *(("metadata", value) for value in (5, "text", [])),
        *(("cache_hit", value) for value in ("yes", 1, {})),
        *(("id", value) for value in ("x" * 1025, "a\x00b", 1.5, {})),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_fields_are_named_and_never_refuse_neighbours(field: str, value: object) -> None:
    found, neighbour = decode(LITELLM, [litellm(**{field: value}), litellm(id="B")])
    assert isinstance(found, BadEvent)
    assert found.details["field"].split(".")[0] == field
    assert isinstance(neighbour, Event)


def test_null_is_absent() -> None:
    names = ("metadata", "cost_breakdown", "messages", "response", "error_information", "model_parameters", "status")
    assert event(LITELLM, litellm(**dict.fromkeys(names), request_tags=None)) == event(LITELLM, litellm())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"status": "success"}, "success"),
        ({"status": "failure"}, "failure"),
        ({"status": None}, "success"),
        ({}, "success"),
        ({"status": "success", "error_str": "client hung up"}, "success"),
        ({"status": "cancelled"}, "success"),
        ({"status": "cancelled", "error_str": "timeout"}, "failure"),
    ],
)
def test_status(sent: dict[str, Any], status: str) -> None:
    assert event(LITELLM, litellm(**sent)).status == status


def test_errors() -> None:
    information = {"error_class": "RateLimitError", "error_code": "429", "error_message": "m", "traceback": "secret"}
    failed = event(LITELLM, litellm(status="failure", error_information=information))
    assert (failed.error_type, failed.error_code, failed.error_str) == ("RateLimitError", "429", "m")
    empty = {"error_class": "", "error_code": "", "error_message": "", "traceback": ""}
    fine = event(LITELLM, litellm(status="success", error_str="", error_information=empty))
    assert (fine.error_type, fine.error_code, fine.error_str) == (None, None, None)


def test_an_echoed_prompt_is_not_kept() -> None:
    prompt = 'Why did "Project Nightingale" fail?\nAnswer in one line.'
    sent = litellm(
        status="failure",
        model=None,
        messages=[{"role": "user", "content": prompt}],
        error_str=f"BadRequestError: {prompt} is not allowed",
        error_information={"error_class": "BadRequestError", "error_message": prompt},
    )
    assert "Nightingale" not in repr(bad(LITELLM, sent))
    assert event(LITELLM, sent | {"model": "gpt-4o"}).error_str == "BadRequestError: [removed] is not allowed"


@pytest.mark.parametrize(
    ("sent", "claim"),
    [
        ({"response_cost": 0.00028319999999999994}, Claim(cost=283_200)),
        ({"response_cost": 0}, Claim(cost=0)),
        ({"response_cost": 0.0, "cost_breakdown": {"input_cost": 0.0, "output_cost": 0.0}}, Claim(0, 0, 0)),
        ({}, Claim()),
        (
            {"response_cost": 3e-9, "cost_breakdown": {"input_cost": 1e-9, "output_cost": 2e-9}, "saved_cache_cost": 1},
            Claim(3, 1, 2),
        ),
        ({"response_cost": 0.0, "response_cost_failure_debug_info": {"e": 1}}, Claim(cost=0, price_unknown=True)),
        ({"response_cost": None, "response_cost_failure_debug_info": {"e": 1}}, Claim(price_unknown=True)),
        ({"response_cost": 1e-9, "response_cost_failure_debug_info": {"e": 1}}, Claim(cost=1)),
        (
            {
                "cache_hit": True,
                "response_cost": 0.0,
                "cost_breakdown": {"input_cost": 1, "output_cost": 2},
                "saved_cache_cost": 3,
            },
            Claim(cost=0, saved=3_000_000_000),
        ),
        ({"cache_hit": "true", "saved_cache_cost": 0.0}, Claim(cost=0)),
        ({"cache_hit": True, "response_cost": 1, "saved_cache_cost": 3}, Claim(cost=1_000_000_000)),
        (
            {"custom_llm_provider": "openrouter", "metadata": {"usage_object": {"prompt_tokens": 1, "cost": 2}}},
            Claim(provider_cost=2_000_000_000),
        ),
        (
            {"custom_llm_provider": "openrouter", "metadata": {"usage_object": {"prompt_tokens": 1, "cost": 0.0}}},
            Claim(),
        ),
    ],
    ids=repr,
)
def test_claims(sent: dict[str, Any], claim: Claim) -> None:
    assert event(LITELLM, litellm(**sent)).claim == claim


def test_no_price_known_looks_free_and_is_not() -> None:
    sent = litellm(model="nobody-knows-this", response_cost=0.0, response_cost_failure_debug_info={"error_str": "x"})
    assert (
        price(event(LITELLM, sent | {"prompt_tokens": 10, "completion_tokens": 20}), published()).source == "unpriced"
    )


@pytest.mark.parametrize(
    ("sent", "guarded"),
    [
        ({"litellm_call_id": "call"}, "call"),
        ({"litellm_call_id": "call", "metadata": {"requester_metadata": {"request_id": "own"}}}, "own"),
        ({"litellm_call_id": "call", "metadata": {"request_id": "own"}}, "own"),
        ({"litellm_call_id": "call", "metadata": {"request_id": {}}}, "call"),
        ({"litellm_call_id": 1.5}, None),
    ],
)
def test_the_request_that_a_guard_was_asked_about(sent: dict[str, Any], guarded: str | None) -> None:
    assert event(LITELLM, litellm(**sent)).request_id == guarded


def test_times_and_names() -> None:
    decoded = event(
        LITELLM, litellm(endTime=1_795_205_001.5, model="openai/gpt-4o", model_group="chat", response_time=9)
    )
    assert (decoded.started_us, decoded.latency_us) == (1_795_205_000 * SECOND + 250_000, 1_250_000)
    assert (decoded.model, decoded.provider, decoded.model_group) == ("gpt-4o", "openai", "chat")


# -- credentials ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "credential"),
    [
        ({"requester_custom_headers": {"x-cloudidr-token": "trk_a"}}, "trk_a"),
        ({"requester_custom_headers": {"X-Farthing-Key": " fth_live_a "}}, "fth_live_a"),
        ({"requester_metadata": {"headers": {"x-cloudidr-token": "trk_a"}}}, "trk_a"),
        ({"requester_custom_headers": {"x-cloudidr-token": 5}}, None),
        ({"requester_custom_headers": {"x-cloudidr-token": ""}}, None),
        ({}, None),
    ],
)
def test_an_events_own_token_is_handed_on_and_kept_nowhere(metadata: dict[str, Any], credential: str | None) -> None:
    sent = litellm(metadata=metadata)
    assert event(CALLBACK, sent).credential == credential
    assert event(CALLBACK, sent, arrived(x_cloudidr_token="trk_request")).credential == credential
    refused = bad(CALLBACK, sent | {"model": None})
    assert refused.credential == credential
    assert "trk_a" not in repr(refused.kept)
    assert "fth_live" not in repr(refused.kept)


# -- quarantine -------------------------------------------------------------------------------------------------


BODIES = sorted(path for path in FIXTURES.glob("*.*json") if path.name != "expected.json")


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name)
def test_a_bad_event_that_is_mended_is_the_event(path: Path) -> None:
    whole = path.read_bytes()
    nameless = whole.replace(b'"model": "', b'"model": "' + b"m" * 300)
    for refused, expected in zip(decode(LITELLM, nameless), decode(LITELLM, whole), strict=True):
        assert isinstance(refused, BadEvent)
        assert isinstance(expected, Event)
        assert len(json.dumps(refused.kept)) < 8_192
        assert not any(word in repr(refused.kept) for word in ("Hello from", "trk_live", "site-packages", "[["))
        expected.credential = None
        assert replayed(LITELLM, refused.kept, model=expected.model) == expected


# -- answers ----------------------------------------------------------------------------------------------------

REFUSED = {"index": 1, "error": "Invalid payload"}


def test_answers() -> None:
    ingest, callback = dialects()[LITELLM], dialects()[CALLBACK]
    assert ingest.answer(Outcome(["a"], [])) == (202, {"status": "accepted", "count": 1, "ids": ["a"]})
    assert ingest.answer(Outcome([], [REFUSED]))[1] == {
        "status": "accepted",
        "count": 0,
        "ids": [],
        "rejected": [REFUSED],
    }
    assert callback.answer(Outcome(["a"], [])) == (200, {"status": "ok", "accepted": 1, "rejected": []})
    assert callback.answer(Outcome([], [REFUSED])) == (200, {"status": "ok", "accepted": 0, "rejected": [REFUSED]})


def test_both_doors_know_their_client() -> None:
    ingest, callback = dialects()[LITELLM], dialects()[CALLBACK]
    assert ingest.batching_client
    assert callback.batching_client
    assert (ingest.event_keys, callback.event_keys) == (False, True)
    assert ingest.probe is None


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (b'{"test": true}', True),
        (b'\n{ "test" : true , "x": 1}\n', True),
        (b'{"test": 1}', False),
        (b'{"test": false}', False),
        (b'[{"test": true}]', False),
        (b"true", False),
        (b"", False),
        (b"{broken", False),
        (b'{"test": true, "x": "' + b"x" * 2_000 + b'"}', False),
        (A, False),
    ],
)
def test_probe(body: bytes, asked: bool) -> None:
    probe = dialects()[CALLBACK].probe
    assert probe is not None
    assert probe(body) == ({"status": "ok", "test": True} if asked else None)


@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_examples_are_events(door: str) -> None:
    dialect = dialects()[door]
    assert all(isinstance(found, Event) for found in dialect.decode(json.dumps(dialect.example).encode(), ARRIVAL))


# -- speed ------------------------------------------------------------------------------------------------------


def fastest(call: Any) -> float:
    def took() -> float:
        began = time.perf_counter()
        call()
        return time.perf_counter() - began

    return min(took() for _ in range(5))


def test_a_full_batch_takes_less_than_three_times_its_plain_json() -> None:
    names = ("proxy_json_array_headers.json", "proxy_failure.json", "sdk_anthropic_cache.json")
    events = [each for name in names for each in json.loads((FIXTURES / name).read_bytes())]
    body = json.dumps((events * 50)[:512]).encode()
    assert fastest(lambda: decode(LITELLM, body)) < 3 * fastest(lambda: msgspec.json.decode(body))
