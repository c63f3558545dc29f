"""When what runs: a table of jobs, and the loop that runs them. Everything here is due again after a kill."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler

from jobs import rebuild, rollup
from models import ledger
from models.errors import FarthingError
from models.installation import Installation
from models.spend import progress

log = structlog.get_logger()

LONG_TAIL = 50_000  # events: beyond it a rollup runs at once, so that the tail stays cheap to read
LOOK_EVERY = 2  # seconds
HEAL_EVERY = 3_600  # seconds


@dataclass(frozen=True)
class Job:
    """Runs at start and then at this pace; never twice at once."""

    name: str
    seconds: float
    work: Callable[[Installation], str | None]


def roll_up(installation: Installation) -> str | None:
    done = rollup.run(installation.database, installation.lake)
    return str(done) if done.events or done.files else None


def roll_up_long_tail(installation: Installation) -> str | None:
    with installation.database.read() as connection:
        behind = ledger.last_seq(connection) - min(progress.served(connection).values(), default=0)
    return roll_up(installation) if behind > LONG_TAIL else None


def heal(installation: Installation) -> str | None:
    healed = rebuild.heal(installation.database, installation.lake)
    return f"rebuilt damaged files: {', '.join(healed)}" if healed else None


def jobs(installation: Installation) -> tuple[Job, ...]:
    return (
        Job("rollup", installation.settings.rollup_every, roll_up),
        Job("long tail", LOOK_EVERY, roll_up_long_tail),
        Job("heal", HEAL_EVERY, heal),
    )


def run(installation: Installation) -> None:
    """Until SIGTERM or SIGINT. A job that fails is logged and due again; it ends nothing."""
    scheduler = BlockingScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3_600}
    )
    busy = threading.Lock()  # one job at a time: they share one lock on the lake anyway
    for job in jobs(installation):
        scheduler.add_job(perform, "interval", seconds=job.seconds, args=[job, installation, busy], id=job.name)

    def stop(*_: Any) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for job in jobs(installation):
        perform(job, installation, busy)
    log.info("jobs are running", jobs=[job.name for job in jobs(installation)])
    scheduler.start()


def perform(job: Job, installation: Installation, busy: threading.Lock) -> None:
    with busy:
        try:
            said = job.work(installation)
        except FarthingError as problem:
            log.warning("job put off", job=job.name, reason=problem.message)
        except Exception as problem:
            log.error("job failed", job=job.name, kind=type(problem).__name__)
        else:
            if said:
                log.info(said, job=job.name)
