"""The rate limit: how many requests a workspace may send through a sort of doors in a while.

It is a moving window, so it holds in any minute, and not from one full minute to the next. Requests are counted in this
process, or together with others in Redis (`shared_windows`); while that is away, each process counts for itself.
"""

import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Protocol

from api.dialects import Dialect
from models import rates
from models.errors import TooManyRequests
from models.rates import Rate
from models.settings import Settings

Header = tuple[bytes, bytes]


class Standing(NamedTuple):
    """How a workspace stands after a request, or where there is no room for one."""

    allowed: bool
    limit: int
    remaining: int
    reset: int  # whole seconds, at least 1, until the oldest request counts no more

    @property
    def headers(self) -> list[Header]:
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
        ]


class Away(Exception):
    """What processes share can't be asked now."""


class Shared(Protocol):
    """Windows that several processes have in common."""

    async def standing(self, workspace_id: str, *, counting: bool) -> Standing: ...


class Windows:
    """Each workspace's requests of the last while, in this process."""

    def __init__(self, rate: Rate) -> None:
        self.requests, self.seconds = rate.requests, rate.seconds
        self.windows: dict[str, deque[float]] = {}
        self.swept = -math.inf

    def standing(self, workspace_id: str, now: float, *, counting: bool) -> Standing:
        """How it stands; counting, a request more where there is room."""
        self.sweep(now)
        window = self.windows.setdefault(workspace_id, deque())
        while window and window[0] <= now - self.seconds:
            window.popleft()
        allowed = len(window) < self.requests
        if allowed and counting:
            window.append(now)
        oldest = window[0] if window else now
        return Standing(allowed, self.requests, self.requests - len(window), math.ceil(oldest + self.seconds - now))

    def sweep(self, now: float) -> None:
        """Once in a while, forget who has sent nothing since."""
        if now - self.swept >= self.seconds:
            self.swept, since = now, now - self.seconds
            self.windows = {each: window for each, window in self.windows.items() if window and window[-1] > since}


class RateLimit:
    """One rate, and what is taken of it."""

    def __init__(self, rate: Rate, shared: Shared | None = None) -> None:
        self.own = Windows(rate)
        self.shared = shared
        self.sentence = f"Rate limit exceeded: this workspace may send {rate.requests} requests a {rate.period}"

    async def take(self, workspace_ids: Collection[str], told: list[Header]) -> None:
        """A request of each of them; or of none, and TooManyRequests. `told` hears how the tightest stands."""
        alone = len(workspace_ids) == 1
        standings = [await self.standing(each, counting=alone) for each in workspace_ids]
        if not alone and all(each.allowed for each in standings):
            standings = [await self.standing(each, counting=True) for each in workspace_ids]
        if standings:
            tightest = min(standings, key=lambda each: (each.allowed, each.remaining))
            told += tightest.headers
            if not tightest.allowed:
                raise TooManyRequests(self.sentence, tightest.reset)

    async def standing(self, workspace_id: str, *, counting: bool) -> Standing:
        if self.shared:
            try:
                return await self.shared.standing(workspace_id, counting=counting)
            except Away:
                pass
        return self.own.standing(workspace_id, monotonic(), counting=counting)


@dataclass(frozen=True)
class RateLimits:
    """Those of both sorts of doors; None is no limit."""

    rest: RateLimit | None
    litellm: RateLimit | None

    @classmethod
    def of(cls, settings: Settings) -> "RateLimits":
        sorts = {"rest": rates.read(settings.rate_limit), "litellm": rates.read(settings.litellm_rate_limit)}
        limited = {sort: rate for sort, rate in sorts.items() if rate}
        shared: Mapping[str, Shared] = {}
        if settings.redis_url and limited:
            from api.shared_windows import windows_in  # takes a tenth of a second, and most have no Redis

            shared = windows_in(settings.redis_url, limited)
        limits = {sort: RateLimit(rate, shared.get(sort)) for sort, rate in limited.items()}
        return cls(limits.get("rest"), limits.get("litellm"))

    def at(self, dialect: Dialect) -> RateLimit | None:
        return self.litellm if dialect.batching_client else self.rest
