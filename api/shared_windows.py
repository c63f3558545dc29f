"""Windows of the rate limit that several API processes have in common, in Redis, through the `limits` library.

Redis only ever holds counts of requests, and nothing waits for it: what it does not answer at once, each process counts
for itself. Then nobody is made to wait again until it answers; that is seen to beside the requests.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from typing import Any

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.rate_limit import Away, Standing
from models.rates import Rate

log = structlog.get_logger()

PATIENCE = 0.5  # seconds for an answer: the sender waits for it
LOOK_AGAIN = 1.0  # seconds between two tries to reach it
CONNECTIONS = 32  # of this process; more requests than that wait for one
PREFIX = "farthing"
FAILURES = (RedisError, OSError, TimeoutError)


class Redis:
    """One Redis, and whether it can be reached."""

    def __init__(self, url: str) -> None:
        again = Retry(NoBackoff(), 1)  # once, at once: a connection may have ended while nobody used it
        waits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "timeout": PATIENCE}
        pool: Any = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, retry=again, **waits)
        self.storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix=PREFIX, connection_pool=pool)
        self.away = False
        self.returning: asyncio.Task[None] | None = None

    def lost(self, problem: Exception) -> None:
        """Said once, however many requests find out."""
        if not self.away:
            self.away = True
            self.returning = asyncio.create_task(self.look_again())
            log.warning("Redis is away: each process counts requests for itself", reason=type(problem).__name__)

    async def look_again(self) -> None:
        while self.away:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                await self.storage.get(PREFIX)
            except FAILURES:
                continue
            self.away = False
        log.info("Redis is back: processes count requests together")


class SharedWindows:
    """The windows of one sort of doors."""

    def __init__(self, redis: Redis, sort: str, rate: Rate) -> None:
        self.redis, self.sort = redis, sort
        self.item = RateLimitItemPerSecond(rate.requests, rate.seconds)
        self.limiter = MovingWindowRateLimiter(redis.storage)

    async def standing(self, workspace_id: str, *, counting: bool) -> Standing:
        if self.redis.away:
            raise Away
        try:
            return await self.asked(workspace_id, counting)
        except FAILURES as problem:
            self.redis.lost(problem)
            raise Away from None

    async def asked(self, workspace_id: str, counting: bool) -> Standing:
        ask = self.limiter.hit if counting else self.limiter.test
        allowed = await ask(self.item, self.sort, workspace_id)
        reset_time, remaining = await self.limiter.get_window_stats(self.item, self.sort, workspace_id)
        reset = max(1, math.ceil(reset_time - time.time()))
        return Standing(allowed, self.item.amount, remaining, reset)


def windows_in(url: str, limited: Mapping[str, Rate]) -> Mapping[str, SharedWindows]:
    redis = Redis(url)
    return {sort: SharedWindows(redis, sort, rate) for sort, rate in limited.items()}
