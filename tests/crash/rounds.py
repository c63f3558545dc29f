"""A round: load from several connections, a kill, a restart under the same load, then every check.

The history of one installation accumulates over its rounds. All choices come from one seed.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from sqlite3 import connect

from tests.crash import views
from tests.crash.points import OPENING, Point
from tests.crash.senders import GIVEN_UP, Book, Load
from tests.nursery import Child
from tests.servers import Farthing

ENOUGH = 100  # acknowledged events before the kill
MORE = 30  # after the restart
AT_RANDOM = 0.6  # seconds, at most, until a kill at a random moment
ROLLUP_EVERY = "0.3"  # seconds: so that kills find one running

Given = Callable[[Farthing, Random], None]


@dataclass(frozen=True)
class Kill:
    """Who dies where; without a point, at a random moment. `then` dies once more, in the recovery."""

    victim: str  # api, jobs, both (jobs at the point, the API with it), rebuild (beside running jobs)
    point: Point | None = None
    given: Given | None = None
    then: Point | None = None  # in the API's start where it is a point of that, else in `farthing rollup`

    def __str__(self) -> str:
        again = f", then {self.then.name}" if self.then else ""
        return f"{self.victim}: {self.point.name if self.point else 'at a random moment'}{again}"


# -- what stands before a kill ------------------------------------------------------------------------------------


def a_new_cube(server: Farthing, random: Random) -> None:
    """As after an upgrade that brings a cube: nothing of it is known, all of history is to be counted."""
    cube = random.choice(views.cubes(server)).name.removeprefix("cube=")
    with connect(server.data_dir / "farthing.db") as connection:
        connection.execute("DELETE FROM watermarks WHERE cube = ?", (cube,))
        connection.execute("DELETE FROM rollup_files WHERE cube = ?", (cube,))
    for path in (server.data_dir / "lake" / "rollups" / f"cube={cube}").rglob("*.parquet"):
        path.unlink()


def damage(server: Farthing, random: Random) -> None:
    """Two files: one cut short, one gone. The days of old events, so that healing finds them before a rollup does."""
    files = random.choice(views.cubes(server)).rglob("*.parquet")
    oldest = sorted(files, key=lambda path: path.parent.name)[:2]
    oldest[0].write_bytes(oldest[0].read_bytes()[:100])
    oldest[1].unlink()


# -- rounds -------------------------------------------------------------------------------------------------------


@dataclass
class Rounds:
    """One installation, and all that is ever done to it."""

    server: Farthing
    random: Random
    folder: Path
    book: Book = field(default_factory=Book)
    api: Child | None = None
    jobs: Child | None = None
    done: int = 0

    @classmethod
    @contextmanager
    def on(cls, folder: Path, seed: str) -> "Iterator[Rounds]":
        server = Farthing.prepare(folder, FARTHING_ROLLUP_EVERY=ROLLUP_EVERY)
        try:
            yield cls(server, Random(seed), folder)
        finally:
            server.stop()

    def play(self, kill: Kill) -> int:
        """One round; how many events were acknowledged in it."""
        self.done += 1
        if kill.given:
            kill.given(self.server, self.random)
        self.start(kill)
        with Load(self.server, self.book, f"r{self.done}-{self.random.random()}") as load:
            load.wait_for(ENOUGH)
            self.kill(kill)
            self.recover(kill)
            load.wait_for(load.acknowledged + MORE)
        self.end_jobs()
        views.check_all(self.server, self.book)
        return load.acknowledged

    # -- before ---------------------------------------------------------------------------------------------------

    def start(self, kill: Kill) -> None:
        """Jobs run where they are to die, else beside the API in every second round: it dies with and without them."""
        if kill.victim in ("jobs", "both"):
            self.jobs = self.server.spawn("jobs", module=self.deadly(kill.point))
        elif kill.victim == "rebuild" or self.random.random() < 0.5:
            self.jobs = self.server.start_jobs()
        if self.api and kill.victim == "api" and kill.point:
            end(self.api)
            self.api = None
        if self.api is None:
            self.api = self.server.start_api(self.deadly(kill.point if kill.victim == "api" else None))

    def deadly(self, point: Point | None) -> tuple[str, ...]:
        """How a process is started that is to die at the point."""
        if point is None:
            return ("farthing",)
        call = self.random.randint(1, point.most) + self.random.random()
        return ("tests.crash.launch", point.name, f"{call:.2f}", str(self.trigger))

    @property
    def trigger(self) -> Path:
        return self.folder / f"trigger-{self.done}"

    # -- the kill -------------------------------------------------------------------------------------------------

    def kill(self, kill: Kill) -> None:
        self.trigger.touch()
        victims = [process for process in self.victims(kill) if process]
        if kill.point:
            died(victims[0])
        else:
            time.sleep(self.random.random() * AT_RANDOM)
        for process in victims:
            process.send_signal(signal.SIGKILL)
        for process in victims:
            died(process)
        self.api = None if self.api in victims else self.api
        self.jobs = None if self.jobs in victims else self.jobs

    def victims(self, kill: Kill) -> list[Child | None]:
        if kill.victim == "rebuild":
            return [self.server.spawn("rebuild", module=self.deadly(kill.point))]
        return {"api": [self.api], "jobs": [self.jobs], "both": [self.jobs, self.api]}[kill.victim]

    # -- after ----------------------------------------------------------------------------------------------------

    def recover(self, kill: Kill) -> None:
        if kill.then in OPENING:
            died(self.server.spawn_api(self.deadly(kill.then)))
        elif kill.then:
            died(self.server.spawn("rollup", module=self.deadly(kill.then)))
        if kill.victim in ("jobs", "both") and self.random.random() < 0.5:
            self.jobs = self.server.start_jobs()
        if self.api is None:
            self.api = self.server.start_api()

    def end_jobs(self) -> None:
        if self.jobs:
            end(self.jobs)
        self.jobs = None


def died(process: Child) -> None:
    """By its own hand or ours; a point that is never reached is a round that tests nothing."""
    assert process.wait(GIVEN_UP) == -signal.SIGKILL


def end(process: Child) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(GIVEN_UP) in (0, -signal.SIGTERM)
