"""Retention of prompts and responses: each workspace keeps them for its days, and no longer, whether or not it keeps
more."""

from collections.abc import Callable

from models import contents, periods
from models.accounts import workspaces
from models.database import Database
from models.periods import DAY

Clock = Callable[[], int]


def run(database: Database, clock: Clock = periods.now_us) -> int:
    """Delete what is older; how many those were."""
    with database.read() as connection:
        found = workspaces.all_workspaces(connection)
    return sum(contents.delete_before(database, each.id, clock() - each.content_days * DAY) for each in found)
