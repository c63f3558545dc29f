"""A rate limit that several API processes keep together, in a real Redis that comes and goes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.api.dialects.samples import INGEST, LITELLM
from tests.api.test_doors import event
from tests.redis_server import MISSING, RedisServer
from tests.servers import PATIENCE, Farthing

pytestmark = pytest.mark.skipif(MISSING, reason="no redis-server")

AWAY = "Redis is away: each process counts requests for itself"
BACK = "Redis is back: processes count requests together"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer.started(tmp_path) as started:
        yield started


@contextmanager
def two_processes(folder: Path, redis_url: str, rate: str, litellm: str = "none") -> Iterator[list[Farthing]]:
    """Two API processes of one installation."""
    settings = {"FARTHING_REDIS_URL": redis_url, "FARTHING_RATE_LIMIT": rate, "FARTHING_LITELLM_RATE_LIMIT": litellm}
    one = Farthing.prepare(folder, **settings)
    other = Farthing(one.data_dir, one.environment, one.made)
    try:
        for each in (one, other):
            each.start_api()
        yield [one, other]
    finally:
        for each in (one, other):
            each.stop()


def send(server: Farthing, door: str = INGEST) -> httpx2.Response:
    return server.post(door, [event()] if door == LITELLM else event())


def remaining(*answers: httpx2.Response) -> list[tuple[int, int]]:
    return [(answer.status_code, int(answer.headers["RateLimit-Remaining"])) for answer in answers]


def said(server: Farthing, sentence: str, times: int) -> None:
    """Wait until the log says it so often; it must not say it more often."""
    for _ in range(PATIENCE * 10):
        if server.log_path.read_text().count(sentence) >= times:
            break
        time.sleep(0.1)
    assert server.log_path.read_text().count(sentence) == times


def test_two_processes_keep_one_limit(tmp_path: Path, redis: RedisServer) -> None:
    with two_processes(tmp_path, redis.url, "3/day", litellm="2/day") as (one, other):
        assert remaining(*(send(each) for each in (one, other, other))) == [(202, 2), (202, 1), (202, 0)]
        refused = send(one)
        assert remaining(refused) == [(429, 0)]
        assert 86_400 - 600 < int(refused.headers["Retry-After"]) <= 86_400
        assert remaining(*(send(each, LITELLM) for each in (one, other, one))) == [(202, 1), (202, 0), (503, 0)]
        assert AWAY not in one.log_path.read_text()


def test_it_is_exact_whoever_sends_at_once(tmp_path: Path, redis: RedisServer) -> None:
    with two_processes(tmp_path, redis.url, "25/day") as servers, ThreadPoolExecutor(8) as pool:
        statuses = [answer.status_code for answer in pool.map(send, servers * 30)]
    assert sorted(statuses) == [202] * 25 + [429] * 35


def test_while_it_is_away_each_counts_for_itself_and_later_together_again(tmp_path: Path, redis: RedisServer) -> None:
    with two_processes(tmp_path, redis.url, "2/day") as (one, other):
        assert remaining(send(one), send(other)) == [(202, 1), (202, 0)]
        redis.kill()
        for server in (one, other):
            assert remaining(*(send(server) for _ in range(3))) == [(202, 1), (202, 0), (429, 0)]
        said(one, AWAY, times=2)  # one line of each process, whatever it was asked
        redis.start()
        said(one, BACK, times=2)
        assert remaining(send(one), send(other), send(one)) == [(202, 1), (202, 0), (429, 0)]


def test_one_that_hangs_holds_up_nobody(tmp_path: Path, redis: RedisServer) -> None:
    with two_processes(tmp_path, redis.url, "100/day") as (one, _), ThreadPoolExecutor(8) as pool:
        assert send(one).status_code == 202
        redis.pause()
        try:
            assert {answer.status_code for answer in pool.map(send, [one] * 24)} == {202}
            said(one, AWAY, times=1)
        finally:
            redis.go_on()
        said(one, BACK, times=1)
        assert send(one).status_code == 202


def test_one_that_is_not_there_yet_is_found_once_it_is(tmp_path: Path, redis: RedisServer) -> None:
    redis.kill()
    with two_processes(tmp_path, redis.url, "5/day") as (one, other):
        assert remaining(send(one), send(one), send(other)) == [(202, 4), (202, 3), (202, 4)]
        redis.start()
        said(one, BACK, times=2)
        assert remaining(send(one), send(other)) == [(202, 4), (202, 3)]


def test_nothing_of_its_address_is_logged(tmp_path: Path, redis: RedisServer) -> None:
    redis.kill()
    address = f"redis://:hidden-word@127.0.0.1:{redis.port}/0"
    with Farthing.start(tmp_path, FARTHING_REDIS_URL=address, FARTHING_RATE_LIMIT="5/day") as server:
        assert send(server).status_code == 202
        said(server, AWAY, times=1)
        assert "hidden-word" not in server.log_path.read_text()
