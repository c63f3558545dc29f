"""Where a process can be made to kill or stop itself: a function of the product, and a side of its call.

The product knows nothing of this. A name that is gone fails the launch, so that no point is passed by in silence.
"""

from dataclasses import dataclass
from signal import SIGKILL, SIGTERM, Signals
from typing import Literal


@dataclass(frozen=True)
class Point:
    """`within` dies in the middle of the call; `most` is the latest call that a round waits for."""

    name: str
    moment: Literal["before", "within", "after"]
    target: str  # module:name
    most: int = 1
    signal: Signals = SIGKILL
    linger: float = 0.0  # seconds until it dies, for its other threads to go on: what they say by then must be true


API = (
    Point("between identities and events", "after", "models.ledger:store", 20, linger=0.1),
    Point("inside a transaction", "after", "models.ledger:append", 20, linger=0.1),
    Point("inside a commit", "within", "api.writer:write_all", 20),
    Point("between commit and answer", "before", "api.writer:Writer.reply", 20),
)
OPENING = (
    Point("opening, before the counter is looked at", "before", "models.ledger:reopen_above"),
    Point("opening, inside its transaction", "after", "models.ledger:reopen_above"),
)
PUBLISHING = (
    Point("taking over", "after", "models.spend.progress:take_fence"),
    Point("inside a file", "within", "models.spend.lake:Lake.write", 20),
    Point("before a file's replacement", "before", "os:replace", 20),
    Point("after a file's replacement", "after", "os:replace", 20),
    Point("between two cubes' files", "after", "models.spend.lake:Lake.publish", 20),
    Point("between files and watermark", "before", "models.spend.progress:move"),
    Point("inside the watermark's transaction", "after", "models.spend.progress:move"),
    Point("inside the watermark's commit", "within", "jobs.publishing:Publisher.record"),
    Point("after the watermark", "after", "jobs.publishing:Publisher.record"),
)
NEW_CUBE = (
    Point("staging a new cube", "after", "models.spend.lake:Lake.stage", 3),
    Point("before a new cube's place", "before", "models.spend.lake:Lake.serve_staged"),
    Point("between a new cube and its watermark", "after", "models.spend.lake:Lake.serve_staged"),
)
HEALING = (Point("between healing and its record", "after", "jobs.publishing:Publisher.rebuild"),)
CLOSING = (Point("inside the last checkpoint", "within", "models.database:Database.close"),)
MAKING = (
    Point("inside a migration", "after", "alembic.ddl.impl:DefaultImpl.create_table", 8),
    Point("between schema and ledger", "before", "models.ledger:found"),
    Point("inside the ledger's foundation", "after", "models.ledger:found"),
    Point("making a workspace", "after", "models.accounts.workspaces:create"),
)

REPRICING = (
    Point("inside a transaction of an act", "after", "models.corrections:correct", 3),
    Point("between two transactions of an act", "after", "jobs.repricing:gently", 3),
    Point("before an act is finished", "before", "models.acts:finish"),
    Point("inside the transaction that finishes an act", "after", "models.acts:finish"),
)

CHANGING_ZONE = (
    Point("building another generation", "after", "models.spend.lake:Lake.stage", 12),
    Point("before and after files are in motion", "before", "models.accounts.zones:say_files_are", 2),
    Point("between files of two generations", "after", "models.spend.lake:make_durably", 120),
    Point("between a new generation and its switch", "after", "models.spend.lake:Lake.place_staged"),
    Point("inside the switch's transaction", "after", "models.accounts.zones:switch"),
    Point("inside the switch's commit", "within", "jobs.zones:Change.switch"),
    Point("between the switch and the old files", "after", "jobs.zones:Change.switch"),
    Point("between two old files", "after", "models.spend.lake:remove_durably", 20),
)

STOPPING = (Point("told to stop in the first run", "before", "models.spend.progress:take_fence", signal=SIGTERM),)

ALL = (*API, *OPENING, *PUBLISHING, *NEW_CUBE, *HEALING, *CLOSING, *MAKING, *REPRICING, *CHANGING_ZONE, *STOPPING)
BY_NAME = {point.name: point for point in ALL}
