"""A day's calls, drawn from one generator for each workload and day: the same for everybody, whatever today is.

Only the weekday shows: a weekend day's calls are the first few of those that the day would have had. It knows no
database and no clock.
"""

from collections.abc import Iterator
from itertools import accumulate
from random import Random

from jobs.demo.stories import DAYS, Company
from jobs.demo.workloads import Range, Workload
from models.periods import DAY, HOUR, from_us
from models.pricing.cost import price
from models.pricing.prices import published
from models.usage.event import Claim, Event, Tokens

SEED = "farthing"
FIRST, LAST = 0.75, 1.25  # of a workload's calls, at the beginning and at the end of the ninety days
WOBBLE = 0.12  # of a day's calls, up or down
SATURDAY = 5
MS = 1_000  # microseconds
HANDOVER = 30 * MS  # to the first token, and from a call's end to its arrival
FROM_CACHE = 25 * MS
GIVES_UP = 30_000 * MS  # a client's patience


def of_day(company: Company, day: int, midnight: int, scale: float = 1) -> list[Event]:
    """All calls of the day that begins at `midnight`, in the order of their start; `day` counts back from the end."""
    calls = [call for each in company.on(day) for call in of_workload(company, each, day, midnight, scale)]
    return sorted(calls, key=lambda call: (call.started_us, str(call.id)))


def of_workload(company: Company, workload: Workload, day: int, midnight: int, scale: float) -> Iterator[Event]:
    chance = Random(f"{SEED} {company.name} {workload.name} {day}")  # noqa: S311 - to be the same again
    hours = list(accumulate(workload.hours))
    for number in range(calls_on(workload, day, midnight, chance.random(), scale)):
        hour = chance.choices(range(24), cum_weights=hours)[0]
        event = drawn(workload, midnight + hour * HOUR + int(chance.random() * HOUR), chance)
        event.id = f"demo {day} {workload.name} {number}"
        yield event


def calls_on(workload: Workload, day: int, midnight: int, luck: float, scale: float) -> int:
    growth = LAST - (LAST - FIRST) * day / (DAYS - 1)
    week = workload.weekend if from_us(midnight).weekday() >= SATURDAY else 1
    return round(workload.calls * scale * growth * week * (1 + WOBBLE * (2 * luck - 1)))


def drawn(workload: Workload, started_us: int, chance: Random) -> Event:
    """One call. Draws come in the same order whatever comes of them, so that a story changes only what it speaks of."""
    lucky, unlucky, pace = chance.random(), chance.random(), 0.7 + 0.9 * chance.random()
    tokens, customer, tags = spread(workload, chance), chance.random(), chance.choice(workload.tags)
    event = Event(
        workload.source, started_us, workload.model, provider=workload.provider, model_group=workload.model_group,
        endpoint=workload.endpoint, feature=workload.feature or "unknown", project=workload.project,
        prompt=workload.prompt, team=workload.team, department=workload.department, agent=workload.agent,
        env=workload.env, user=workload.user, end_user=served(workload, customer), token=workload.token,
        key=workload.key, tags=[*tags], tokens=tokens,
    )  # fmt: skip
    if unlucky < workload.failures:
        return failed(event, workload, pace)
    event.cache_hit = lucky < workload.cache_hits
    working = FROM_CACHE if event.cache_hit else HANDOVER + int((tokens.output or 0) * workload.ms_per_token * MS)
    ended(event, int((working + (tokens.input or 0) * MS // 100) * pace))
    return claimed(event, workload.surcharge) if workload.surcharge is not None else event


def spread(workload: Workload, chance: Random) -> Tokens:
    """Small counts more often than large ones."""
    read, written = within(workload.input, chance.random()), within(workload.output, chance.random())
    return Tokens(
        input=read, output=written, total=read + written, cache_read=int(read * workload.prompt_cache) or None,
        reasoning=int(written * workload.thinking) or None,
    )  # fmt: skip


def within(bounds: Range, luck: float) -> int:
    low, high = bounds
    return int(low * (high / low) ** luck) if low else low


def served(workload: Workload, luck: float) -> str | None:
    if not workload.customers:
        return workload.customer
    return f"customer-{1 + int(workload.customers * luck**2):04}"


def failed(event: Event, workload: Workload, pace: float) -> Event:
    """The provider counted nothing, or nobody waited for what it counted."""
    event.status, (event.error_type, event.error_code) = "failure", workload.error
    event.tokens = Tokens()
    ended(event, GIVES_UP if event.error_type == "Timeout" else int(10 * HANDOVER * pace))
    return event


def ended(event: Event, latency_us: int) -> None:
    event.latency_us, event.ended_us = latency_us, event.started_us + latency_us


def claimed(event: Event, surcharge: int) -> Event:
    """What the provider says that it took."""
    listed = price(event, published()).computed
    event.claim = Claim(provider_cost=None if listed is None else listed * (100 + surcharge) // 100)
    return event


def received(event: Event) -> int:
    """When it arrived here."""
    return (event.ended_us or event.started_us) + HANDOVER


def start_of(day: int, now_us: int) -> int:
    """The instant at which that day began, so many days before today."""
    return now_us // DAY * DAY - day * DAY
