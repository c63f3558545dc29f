"""A workspace's change of its time zone: every day anew, from the ledger, as another generation of its files, and one
switch.

The new files are made in staging, then put beside the old ones, then the database says in one transaction which are
meant: readers use one generation or the other. The old ones go last. While both lie there a glob counts twice, and the
workspace says so. A change that was killed anywhere begins anew, once what it left is taken away. No event is lost or
counted anew by it: the same events stand in other days.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import structlog

from jobs import rollup
from jobs.counting import whole_day
from jobs.publishing import Publisher, publishing
from jobs.rollup import Said, history, quiet
from models import allowance, ledger, periods
from models.accounts import workspaces, zones
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.database import Database
from models.spend import progress
from models.spend.cubes import BY_ID, CUBES
from models.spend.lake import Lake

log = structlog.get_logger()

ACTOR = "jobs"  # the request for it has its own record, which says who asked

Clock = Callable[[], int]


@dataclass
class Done:
    """What became of the changes that were asked for, in words."""

    said: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.said)


def run(database: Database, lake: Lake, said: Said = quiet, clock: Clock = periods.now_us) -> Done:
    """Carry out what is asked for, and end what was cut short. Without either it is one small read."""
    with database.read() as connection:
        waiting = zones.unsettled(connection)
    if waiting:
        rollup.run(database, lake)  # so that every cube serves
    done, failed = Done(), []
    for workspace in waiting:
        try:
            done.said += change(database, lake, workspace.id, said, clock)
        except Exception as problem:  # raised below: no workspace waits for another's
            failed.append(problem)
    if failed:
        raise failed[0]
    return done


def change(database: Database, lake: Lake, workspace_id: str, said: Said, clock: Clock) -> list[str]:
    with publishing(database, lake) as publisher:
        publisher.settle(workspace_id)
        with database.read() as connection:
            workspace = workspaces.by_id(connection, workspace_id)
        if workspace.next_timezone is None:
            return []
        log.info("the time zone is being changed", workspace=workspace.name, to=workspace.next_timezone)
        done = Change(publisher, workspace, zones.following(workspace), clock).carry_out(said)
        return [f"workspace={workspace.name}: {done}"]


@dataclass(frozen=True)
class Change:
    """One change, by the holder of the lock. It begins with one generation in the lake and ends with one."""

    publisher: Publisher
    before: WorkspaceInfo
    after: WorkspaceInfo
    clock: Clock

    def carry_out(self, said: Said) -> str:
        if day := self.untold():
            return self.give_up(f"the events of {day} are no longer in the ledger")
        self.build(said)
        arrived, through = self.arrived()
        switched = self.move() and self.switch(arrived, through)
        self.publisher.settle(self.after.id)
        if not switched:
            return "another time zone was asked for meanwhile"
        return f"its days are those of {self.after.timezone} now, {len(self.publisher.files)} files"

    def untold(self) -> date | None:
        with self.publisher.database.read() as connection:
            return workspaces.untold(connection, self.before)

    def give_up(self, reason: str) -> str:
        with self.publisher.database.write() as connection:
            progress.require_fence(connection, self.publisher.fence)
            zones.give_up(connection, self.before, self.author(), reason)
        return f"the time zone stays {self.before.timezone}, for {reason}"

    def build(self, said: Said) -> None:
        """Every file of the new days, in staging, each through the same seq. What comes after it is the tail's."""
        with self.publisher.database.read() as connection:
            through, served = ledger.last_seq(connection), progress.served(connection)
        cubes = [cube for cube in CUBES if cube.id in served]
        days = history(self.publisher.database, self.after)  # after the seq was fixed: it has every day up to there
        for index, day in enumerate(days):
            for cube_id, rows in whole_day(self.publisher.database, cubes, self.after, day, through).items():
                if rows.height:
                    self.publisher.stage(BY_ID[cube_id], self.after, day, rows, through)
            said(index + 1, len(days))

    def move(self) -> bool:
        """Both generations in the lake, and nobody told of the new one yet; False where it is not wanted any more."""
        with self.publisher.database.write() as connection:
            progress.require_fence(connection, self.publisher.fence)
            if not zones.still_wanted(connection, self.before):
                return False
            zones.say_files_are(connection, self.before, exact=False)
        self.publisher.lake.place_staged(self.after)
        return True

    def arrived(self) -> tuple[Counter[str], int]:
        """How many events came in which month of the new zone, up to a seq: of all of them that takes its time."""
        with self.publisher.database.read() as connection:
            through = ledger.last_seq(connection)
            return allowance.arrivals(connection, self.after.id, self.after.timezone), through

    def switch(self, arrived: Counter[str], through: int) -> bool:
        """In one transaction: zone, generation, files, and what is used of the month; False as above."""
        with self.publisher.database.write() as connection:
            if not zones.still_wanted(connection, self.before):
                return False
            progress.replace(connection, self.publisher.fence, self.after, self.publisher.files)
            zones.switch(connection, self.before, self.author())
            arrived += allowance.arrivals(connection, self.after.id, self.after.timezone, after_seq=through)
            month, _, _ = allowance.span_of(self.clock(), self.after.timezone)
            allowance.recount(connection, self.after.id, month, arrived)
        return True

    def author(self) -> Author:
        return Author(ACTOR, self.clock())
