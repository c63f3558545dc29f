"""The rate limit: exact in any stretch of time, told in headers, and asked before anything else of a request is."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rate_limit import RateLimit, Windows
from models.errors import TooManyRequests
from models.rates import Rate
from tests.api.dialects.samples import BATCH, CALLBACK, INGEST, LITELLM
from tests.api.test_doors import event
from tests.api.test_quota import SINGLE, Tenant
from tests.servers import Farthing

A_DAY = 86_400  # seconds: longer than any test, so that no window moves while one runs


# -- windows ------------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 40)), max_size=60),
)
def test_no_minute_ever_holds_more_than_the_limit_and_none_is_refused_below_it(
    requests: int, steps: list[tuple[str, float]]
) -> None:
    windows, now = Windows(Rate(requests, "minute")), 0.0
    taken: dict[str, list[float]] = {"a": [], "b": []}
    for workspace, step in steps:
        now += step
        counting = [each for each in taken[workspace] if each > now - 60]
        standing = windows.standing(workspace, now, counting=True)
        assert standing.allowed == (len(counting) < requests)
        taken[workspace] += [now] if standing.allowed else []
        assert standing.remaining == max(0, requests - len(counting) - 1)
        assert standing.reset == math.ceil((counting or [now])[0] + 60 - now)


def test_there_is_room_when_it_was_said_that_there_would_be() -> None:
    windows = Windows(Rate(2, "minute"))
    for now in (100.0, 130.5):
        windows.standing("w", now, counting=True)
    full = windows.standing("w", 140.2, counting=True)
    assert (full.allowed, full.remaining, full.reset) == (False, 0, 20)
    assert windows.standing("w", 140.2 + full.reset, counting=True).allowed
    assert not windows.standing("w", 140.2 + full.reset, counting=True).allowed, "the second still counts"


def test_looking_takes_nothing() -> None:
    windows = Windows(Rate(1, "minute"))
    for _ in range(3):
        assert windows.standing("w", 0.0, counting=False).allowed
    assert windows.standing("w", 0.0, counting=True).allowed
    assert not windows.standing("w", 0.0, counting=False).allowed


def test_what_is_refused_takes_nothing() -> None:
    windows = Windows(Rate(1, "minute"))
    assert [windows.standing("w", now, counting=True).allowed for now in (0.0, 30.0, 59.9, 60.0)] == [
        True,
        False,
        False,
        True,
    ]


def test_who_sends_no_more_is_forgotten() -> None:
    windows = Windows(Rate(3, "second"))
    for each in range(1_000):
        windows.standing(f"w{each}", 0.0, counting=True)
    windows.standing("w0", 1.5, counting=True)
    assert list(windows.windows) == ["w0"]


async def test_a_request_of_several_workspaces_takes_of_all_or_of_none() -> None:
    limit = RateLimit(Rate(2, "day"))
    await limit.take(["full"], [])
    await limit.take(["full"], [])
    with pytest.raises(TooManyRequests):
        await limit.take(["full", "other"], [])
    told: list[tuple[bytes, bytes]] = []
    await limit.take(["other", "another"], told)
    await limit.take(["other"], [])
    assert (b"ratelimit-remaining", b"1") in told
    await limit.take([], told := [])
    assert told == [], "of nobody nothing is taken"


# -- doors --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    folder = tmp_path_factory.mktemp("limited")
    with Farthing.start(folder, FARTHING_RATE_LIMIT="2/day", FARTHING_LITELLM_RATE_LIMIT="3/day") as started:
        yield started


def counted(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]


def nearly_a_day(seconds: str) -> bool:
    return seconds.isdigit() and A_DAY - 600 < int(seconds) <= A_DAY


@pytest.mark.parametrize("door", SINGLE)
def test_beyond_it_a_door_answers_429(limited: Farthing, door: str) -> None:
    tenant = Tenant(limited)
    answers = [tenant.send(SINGLE[door](), to=door) for _ in range(3)]
    assert [counted(each)[1:] for each in answers] == [("2", "1"), ("2", "0"), ("2", "0")]
    assert [each.status_code < 300 for each in answers] == [True, True, False]
    refused = answers[2]
    assert refused.status_code == 429
    assert refused.json() == {"error": "Rate limit exceeded: this workspace may send 2 requests a day"}
    assert nearly_a_day(refused.headers["Retry-After"])
    assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]
    assert tenant.stored == 2


def test_all_its_doors_and_keys_count_together_and_other_workspaces_apart(limited: Farthing) -> None:
    tenant, other = Tenant(limited), Tenant(limited)
    assert counted(tenant.send(event(), event(), to=BATCH))[2] == "1", "requests are counted, not events"
    tenant.key = tenant.as_operator.post("/api/v1/keys", json={"name": "second", "scope": "ingest"}).json()["key"]
    assert counted(tenant.send(event(), to=INGEST))[2] == "0"
    assert tenant.send(event(), to=BATCH).status_code == 429
    assert counted(other.send(event(), to=INGEST)) == (202, "2", "1")


def test_bad_requests_count_and_are_told_too(limited: Farthing) -> None:
    tenant = Tenant(limited)
    assert counted(tenant.send(event(model=None), to=INGEST)) == (400, "2", "1")
    assert counted(limited.post(INGEST, b"no JSON", key=tenant.key)) == (400, "2", "0")


def test_it_is_asked_before_the_body_and_after_the_key(limited: Farthing) -> None:
    tenant = Tenant(limited)
    for _ in range(2):
        tenant.send(event(), to=INGEST)
    assert limited.post(INGEST, b"x" * 2_000_000, key=tenant.key).status_code == 429, "and not 413"
    unknown = limited.post(INGEST, event(), key="nobody's")
    assert unknown.status_code == 401
    assert "RateLimit-Limit" not in unknown.headers


def test_questions_are_not_limited(limited: Farthing) -> None:
    for _ in range(4):
        assert (
            "RateLimit-Limit"
            not in httpx2.get(f"{limited.url}/api/v1/spend", headers={"Authorization": f"Bearer {limited.read_key}"})
            .raise_for_status()
            .headers
        )


def test_litellms_doors_answer_503_beyond_their_own(limited: Farthing) -> None:
    tenant = Tenant(limited)
    answers = [tenant.send(event(), to=LITELLM) for _ in range(4)]
    assert [counted(each) for each in answers] == [(202, "3", "2"), (202, "3", "1"), (202, "3", "0"), (503, "3", "0")]
    assert nearly_a_day(answers[3].headers["Retry-After"])
    assert "[LITELLM] accepted=0 rejected=0 reason=Rate limit exceeded" in limited.log_path.read_text()
    assert tenant.send(event(), to=INGEST).status_code == 202, "the other doors have a limit of their own"
    assert tenant.stored == 4


def test_a_callback_counts_once_for_each_workspace_in_it(limited: Farthing) -> None:
    one, other = Tenant(limited), Tenant(limited)
    both = [of(one), of(one), of(other)]
    assert counted(send_unsigned(limited, both)) == (200, "3", "2")
    assert counted(send_unsigned(limited, [of(one)])) == (200, "3", "1")
    assert counted(send_unsigned(limited, [of(one)])) == (200, "3", "0")
    refused = send_unsigned(limited, [of(other), of(one)])
    assert counted(refused) == (503, "3", "0")
    assert (one.stored, other.stored) == (4, 1), "nothing of it is stored"
    assert counted(send_unsigned(limited, [of(other)])) == (200, "3", "1"), "and nothing taken of the other"


def of(tenant: Tenant) -> dict[str, Any]:
    """An event with its own key, as a proxy hands it on."""
    return event(metadata={"requester_custom_headers": {"X-Farthing-Key": tenant.key}})


def send_unsigned(server: Farthing, body: Any) -> httpx2.Response:
    return httpx2.post(server.url + CALLBACK, json=body, timeout=60)


def test_what_is_nobodys_counts_for_nobody(limited: Farthing) -> None:
    for body in ({"test": True}, [event()], [None]):
        answer = send_unsigned(limited, body)
        assert (answer.status_code, "RateLimit-Limit" in answer.headers) == (200, False)


def test_by_default_it_is_a_thousand_a_minute_and_none_for_litellm(tmp_path: Path) -> None:
    server = Farthing.prepare(tmp_path)
    del server.environment["FARTHING_RATE_LIMIT"]
    try:
        server.start_api()
        assert counted(server.post(INGEST, event()))[1:] == ("1000", "999")
        assert "RateLimit-Limit" not in server.post(LITELLM, [event()]).headers
    finally:
        server.stop()


def test_none_switches_it_off(shared: Farthing) -> None:
    assert "RateLimit-Limit" not in shared.post(INGEST, event()).headers
