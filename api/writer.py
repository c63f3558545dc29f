"""Group commit: one writer gathers what waits into one append, and answers after the commit.

The size of a commit finds itself: while one is being written, the next gathers. The queue is bounded; what waits
too long is taken out and refused, so that nobody waits in vain. A data error is retried per request, then per
event, under savepoints: the event that still fails is quarantined, and never fails its neighbours. What is beyond a
plan's allowance is refused, and not quarantined.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from models import ledger, quarantine
from models.database import Database, plain
from models.errors import BadRequest, FarthingError, StoreUnavailable
from models.ledger import Entry, Fates
from models.quarantine import Held

log = structlog.get_logger()

MAX_WAITING = 20_000  # events; some 60 MB
EVENT_BYTES = 3_000  # of memory; so much of a prompt and its response weighs as much as an event
MAX_COMMIT = 4_000  # rows: what is gained by more is lost in waiting
PATIENCE = 8.0  # seconds; a 503 comes within 10
TICK = 0.25
POISONED = BadRequest("This event could not be stored")

# A column that can't take a value, a number beyond 64 bits, a string that is no text: the driver's own words.
DATA_ERRORS = (SQLAlchemyError, OverflowError, ValueError, TypeError)


@dataclass(eq=False)
class Waiting:
    """One request's events, between its body and its answer."""

    entries: Sequence[Entry]
    held: list[Held]  # bad events of the same request, for the same transaction
    dialect: str | None  # under which what is poisoned is held; None where it is held already
    answer: asyncio.Future[None]
    since: float = field(default_factory=monotonic)
    fates: Fates = field(default_factory=Fates)
    abandoned: bool = False
    size: int = 0  # in events

    def __post_init__(self) -> None:
        sealed = sum(len(entry.sealed) for entry in self.entries if entry.sealed)
        self.size = len(self.entries) + len(self.held) + sealed // EVENT_BYTES


class Writer:
    """The one writer of this process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queue: deque[Waiting] = deque()
        self.in_commit: list[Waiting] = []
        self.waiting = 0
        self.wake = threading.Condition()
        self.stopping = False
        self.thread = threading.Thread(target=self.work, name="writer", daemon=True)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.reaper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.reaper = asyncio.create_task(self.reap())
        self.thread.start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        with self.wake:
            self.stopping = True
            self.wake.notify()
        await asyncio.to_thread(self.thread.join)
        if self.reaper:
            self.reaper.cancel()

    async def write(self, entries: Sequence[Entry], held: list[Held], dialect: str | None) -> Fates:
        """On disk when this returns, but for the events that are refused. StoreUnavailable else."""
        waiting = Waiting(entries, held, dialect, asyncio.get_running_loop().create_future())
        with self.wake:
            if self.stopping or (self.waiting and self.waiting + waiting.size > MAX_WAITING):
                raise StoreUnavailable("The store can't keep up right now: send it again")
            self.queue.append(waiting)
            self.waiting += waiting.size
            self.wake.notify()
        await waiting.answer
        return waiting.fates

    # -- on the event loop ----------------------------------------------------------------------------------------

    async def reap(self) -> None:
        """Refuse what has waited too long: out of the queue, or without an answer from a commit that hangs."""
        while True:
            await asyncio.sleep(TICK)
            deadline = monotonic() - PATIENCE
            with self.wake:
                pending = [*self.in_commit, *self.queue]
            for waiting in pending:
                if waiting.since < deadline:
                    waiting.abandoned = True
                    refuse(waiting, StoreUnavailable("The store took too long: send it again, with the same id"))

    def answer(self, done: list[tuple[Waiting, FarthingError | None]]) -> None:
        for waiting, problem in done:
            if problem:
                refuse(waiting, problem)
            elif not waiting.answer.done():
                waiting.answer.set_result(None)

    # -- on the writer's thread -----------------------------------------------------------------------------------

    def work(self) -> None:
        while gathered := self.gather():
            self.in_commit = gathered
            problem = self.commit(gathered)
            self.in_commit = []
            self.reply([(waiting, problem) for waiting in gathered])

    def reply(self, done: list[tuple[Waiting, FarthingError | None]]) -> None:
        assert self.loop is not None
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.answer, done)

    def gather(self) -> list[Waiting]:
        """Wait for something, then take all that waits, up to a commit's size. Nothing: it is time to end."""
        with self.wake:
            while True:
                while not self.queue and not self.stopping:
                    self.wake.wait()
                gathered = self.take()
                if gathered or (self.stopping and not self.queue):
                    return gathered

    def take(self) -> list[Waiting]:
        gathered: list[Waiting] = []
        rows = 0
        while self.queue and (not gathered or rows + self.queue[0].size <= MAX_COMMIT):
            waiting = self.queue.popleft()
            self.waiting -= waiting.size
            if not waiting.abandoned:
                gathered.append(waiting)
                rows += waiting.size
        return gathered

    def commit(self, gathered: list[Waiting]) -> FarthingError | None:
        """Everything in one transaction; what the store as a whole had against it."""
        try:
            write_all(self.database, gathered)
        except StoreUnavailable as problem:
            log.warning("store unavailable", reason=problem.message)
            return problem
        except Exception as problem:
            log.error("commit failed", kind=type(problem).__name__)
            return FarthingError("Internal server error")
        return None


def refuse(waiting: Waiting, problem: FarthingError) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(problem)


def write_all(database: Database, gathered: list[Waiting]) -> None:
    """All requests in one append; where one event spoils that, once more and carefully."""
    try:
        with database.write() as connection:
            fates = ledger.append(connection, [entry for waiting in gathered for entry in waiting.entries])
            quarantine.hold(connection, [held for waiting in gathered for held in waiting.held])
    except DATA_ERRORS:
        with database.write() as connection:
            write_carefully(connection, gathered)
    else:
        share(fates, gathered)


def share(fates: Fates, gathered: list[Waiting]) -> None:
    """Tell each request what became of its own."""
    end = 0
    for waiting in gathered if fates.refused or fates.overage else ():
        start, end = end, end + len(waiting.entries)
        waiting.fates = fates.part(start, end)


def write_carefully(connection: Connection, gathered: list[Waiting]) -> None:
    """Each request in an append of its own, where that fails each event."""
    for waiting in gathered:
        waiting.fates = attempt(connection, waiting.entries) or write_each(connection, waiting)
    quarantine.hold(connection, [held for waiting in gathered for held in waiting.held])


def write_each(connection: Connection, waiting: Waiting) -> Fates:
    fates = Fates()
    for place, entry in enumerate(waiting.entries):
        alone = attempt(connection, [entry])
        if alone is None:
            fates.refused[place] = POISONED
            quarantine.hold(connection, [poisoned(entry, waiting.dialect)] if waiting.dialect else [])
        elif alone.refused:
            fates.refused[place] = alone.refused[0]
        elif alone.overage:
            fates.overage.add(place)
    return fates


def attempt(connection: Connection, entries: Sequence[Entry]) -> Fates | None:
    """Append under a savepoint, which gives back numbers, quota and all where the data is at fault: then None."""
    savepoint = connection.begin_nested()
    try:
        fates = ledger.append(connection, entries)
    except OperationalError:
        raise
    except DATA_ERRORS as problem:
        savepoint.rollback()
        reason = plain(problem) if isinstance(problem, DBAPIError) else type(problem).__name__
        log.warning("an event can't be stored", reason=reason)
        return None
    savepoint.commit()
    return fates


def poisoned(entry: Entry, dialect: str) -> Held:
    """What may be kept of an event that the database refused."""
    event = entry.event
    kept = {"model": event.model, "provider": event.provider, "startTime": event.started_us // 1_000}
    safe = {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in kept.items()
    }
    return Held(entry.workspace_id, entry.received_us, dialect, event.key, POISONED.message, {}, safe)
