"""Whether anything has happened: one small read that all open pages of a process share.

It says that a workspace has new events, never what they are or whether the asker may see them; who is told to look
again then asks the query layer, which knows both.
"""

import threading
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from models import ledger
from models.spend.events import EVENTS

BOUND = 50_000  # events: beyond it (nobody asked for long) every workspace counts as changed, and none is read


@dataclass
class Pulse:
    """A number per workspace that grows when events of it are committed; good for comparing within one process."""

    through: int = -1  # seq up to which events were looked at
    floor: int = 0  # what a workspace without newer events has
    newest: dict[str, int] = field(default_factory=dict)  # by workspace
    guard: threading.Lock = field(default_factory=threading.Lock)

    def of(self, connection: Connection, workspace_id: str) -> int:
        with self.guard:
            self.advance(connection, ledger.last_seq(connection))
            return self.newest.get(workspace_id, self.floor)

    def advance(self, connection: Connection, counter: int) -> None:
        if counter <= self.through:
            return
        if self.through < 0 or counter - self.through > BOUND:
            self.floor, self.newest = counter, {}
        else:
            self.newest |= newest_since(connection, self.through)
        self.through = counter


def newest_since(connection: Connection, seq: int) -> dict[str, int]:
    query = select(EVENTS.c.workspace_id, func.max(EVENTS.c.seq)).where(EVENTS.c.seq > seq)
    return {row[0]: row[1] for row in connection.execute(query.group_by(EVENTS.c.workspace_id))}
