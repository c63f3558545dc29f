"""Orders of re-pricing from pages, carried out: one after the other, by one process of this machine.

Whoever holds the lock carries them out; a killed process gives its lock back, and what it had in hand is taken up
again, for acts apply once. What goes wrong is the order's answer, in a sentence. An order stops where it is when it is
withdrawn, or when the process is told to stop.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jobs import repricing_desk
from jobs.repricing_desk import Task
from models import periods, repricing_orders
from models.accounts import workspaces
from models.database import Database
from models.errors import BadField, FarthingError, StoreUnavailable
from models.installation import Installation
from models.repricing_orders import Order

LOCK = "repricing.lock"
TELL_EVERY = 0.5  # seconds
MODELS_TOLD = 200  # of those that an answer lists; it says of the others how many they are


class Stopping(FarthingError):
    """Told to stop: the order stays in hand, and goes on with the next start."""


class Withdrawn(FarthingError):
    """Nobody wants it any more."""


@dataclass
class Telling:
    """Says how far an order is, at a modest rate."""

    database: Database
    order: Order
    stopped: Callable[[], bool]
    told: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self.stopped():
            raise Stopping("the order of re-pricing goes on with the next start")
        if time.monotonic() - self.told >= TELL_EVERY:
            self.tell(done / total if total else 1.0)

    def tell(self, progress: float) -> None:
        with self.database.write() as connection:
            if not repricing_orders.advance(connection, self.order.id, progress, periods.now_us()):
                raise Withdrawn("the order was withdrawn")
        self.told = time.monotonic()


def run(installation: Installation, stopped: Callable[[], bool] = lambda: False) -> str | None:
    """Carry out the order that has waited longest: what it was; None where there is none, or another process has it."""
    with installation.database.read() as connection:
        if repricing_orders.foremost(connection) is None:
            return None
    with alone(installation.settings.data_dir / LOCK) as mine:
        order = take_up(installation.database) if mine else None
        if order is None:
            return None
        said = carry_out(installation, order, stopped)
        if order.asked.changes:
            repricing_desk.roll_up(installation)
        return said


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody else on this machine carries out orders while it lasts."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def take_up(database: Database) -> Order | None:
    with database.write() as connection:
        return repricing_orders.take_up(connection, periods.now_us())


def carry_out(installation: Installation, order: Order, stopped: Callable[[], bool]) -> str | None:
    try:
        answer = answered(installation, order, Telling(installation.database, order, stopped))
    except (StoreUnavailable, Stopping):
        raise
    except Withdrawn:
        return None
    except FarthingError as problem:
        return finish(installation, order, error=sentence(problem))
    except Exception as problem:
        what = type(problem).__name__
        finish(installation, order, error=f"It failed ({what}), and whoever runs this server should look at the logs.")
        raise
    return finish(installation, order, answer=answer)


def answered(installation: Installation, order: Order, telling: Telling) -> dict[str, Any]:
    with installation.database.read() as connection:
        workspace = workspaces.by_id(connection, order.workspace_id)
    answer = repricing_desk.answered(installation, workspace, task_of(order), telling).shown()
    return answer | {"rows": answer["rows"][:MODELS_TOLD], "models": len(answer["rows"])}


def task_of(order: Order) -> Task:
    asked = order.asked
    first, last = (date.fromisoformat(day) if day else None for day in (asked.first, asked.last))
    return Task(
        first=first, last=last, model=asked.model, name=asked.name, reason=asked.reason, author=order.author,
        dry_run=not asked.changes, undo=asked.name if asked.undoes else None, actor=order.author,
    )  # fmt: skip


def sentence(problem: FarthingError) -> str:
    return problem.reason if isinstance(problem, BadField) else problem.message


def finish(installation: Installation, order: Order, **said: Any) -> str:
    with installation.database.write() as connection:
        repricing_orders.finish(connection, order.id, periods.now_us(), **said)
    return f"{order.asked.does} for {order.author}: {'refused' if said.get('error') else 'done'}"
