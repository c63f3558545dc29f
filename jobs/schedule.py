"""When what runs: a table of jobs, and the loop that runs them. Everything here is due again after a kill."""

import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from jobs import content, rebuild, repricing_orders, rollup, zones
from models import ledger
from models.errors import FarthingError
from models.installation import Installation
from models.spend import progress

log = structlog.get_logger()

LONG_TAIL = 50_000  # events: beyond it a rollup runs at once, so that the tail stays cheap to read
LOOK_EVERY = 2  # seconds
ORDERS_EVERY = 1  # seconds: somebody waits before a page
HEAL_EVERY = 3_600  # seconds
FORGET_EVERY = 600  # seconds
STOPS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Job:
    """Runs at start and then at this pace; never twice at once."""

    name: str
    seconds: float
    work: Callable[[Installation], str | None]
    beside: bool = False  # runs while others do: it takes long, and of the lake's lock no more than they do


def roll_up(installation: Installation) -> str | None:
    done = rollup.run(installation.database, installation.lake)
    return str(done) if done.events or done.files else None


def roll_up_long_tail(installation: Installation) -> str | None:
    with installation.database.read() as connection:
        behind = ledger.last_seq(connection) - min(progress.served(connection).values(), default=0)
    return roll_up(installation) if behind > LONG_TAIL else None


def heal(installation: Installation) -> str | None:
    return str(rebuild.heal(installation.database, installation.lake)) or None


def change_zones(installation: Installation) -> str | None:
    return str(zones.run(installation.database, installation.lake)) or None


def forget_content(installation: Installation) -> str | None:
    deleted = content.run(installation.database)
    return f"prompts and responses of {deleted} events were kept for their days, and are deleted" if deleted else None


def jobs(installation: Installation, stopped: Callable[[], bool] = lambda: False) -> tuple[Job, ...]:
    orders = partial(repricing_orders.run, stopped=stopped)
    return (
        Job("rollup", installation.settings.rollup_every, roll_up),
        Job("long tail", LOOK_EVERY, roll_up_long_tail),
        Job("time zones", LOOK_EVERY, change_zones),
        Job("re-pricing", ORDERS_EVERY, orders, beside=True),
        Job("heal", HEAL_EVERY, heal),
        Job("content", FORGET_EVERY, forget_content, beside=True),
    )


def run(installation: Installation) -> None:
    """Until SIGTERM or SIGINT, and to the end of the job at hand; an order of re-pricing stops where it is, and goes on
    with the next start. A job that fails is logged and due again."""
    asked_to_stop = heard(STOPS)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a job is still at work is no news
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3_600}
    )
    performing = Performing(installation)
    table = jobs(installation, performing.stopped.is_set)
    for job in table:
        now = datetime.now(UTC)
        scheduler.add_job(performing, "interval", seconds=job.seconds, args=[job], id=job.name, next_run_time=now)
    scheduler.start()
    log.info("jobs are running", jobs=[job.name for job in table])
    asked_to_stop.recv(1)
    performing.stopped.set()
    scheduler.shutdown(wait=False)


def heard(signals: Iterable[signal.Signals]) -> socket.socket:
    """Has a byte to read for each of these signals that came. The interpreter itself writes it, whichever thread is
    reached: a handler that did more would run within the scheduler's own locks, and might wait for them for ever."""
    hears, tells = socket.socketpair()
    tells.setblocking(False)
    signal.set_wakeup_fd(tells.detach())
    for each in signals:
        signal.signal(each, lambda *_: None)
    return hears


@dataclass
class Performing:
    """One job at a time, for they share one lock on the lake anyway, and beside them those that may take long; none
    once it is stopped."""

    installation: Installation
    busy: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __call__(self, job: Job) -> None:
        with nullcontext() if job.beside else self.busy:
            if not self.stopped.is_set():
                perform(job, self.installation)


def perform(job: Job, installation: Installation) -> None:
    try:
        said = job.work(installation)
    except FarthingError as problem:
        log.warning("job put off", job=job.name, reason=problem.message)
    except Exception as problem:
        log.error("job failed", job=job.name, kind=type(problem).__name__)
    else:
        if said:
            log.info(said, job=job.name)
