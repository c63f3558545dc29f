"""A seeded demo for tests: the real thing with fewer calls, at a moment of the test's choice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import select

from jobs.demo import folder
from jobs.demo.stories import ALL_DAYS, STORIES, Story
from models import periods
from models.accounts import workspaces
from models.accounts.directory import Directory
from models.installation import Installation, Made, open_installation
from models.settings import Settings
from models.spend.answer import Store
from models.spend.query import parse
from models.spend.table import Spend
from models.tables import EventRow, table

SCALE = 0.1
EVENTS = table(EventRow)


def settings(data_dir: Path, **values: Any) -> Settings:
    return folder.settings_of(Settings(data_dir=data_dir, _env_file=None, **values))  # type: ignore[call-arg]


@dataclass
class Demo:
    installation: Installation
    made: list[Made]
    now_us: int

    @property
    def today(self) -> date:
        return periods.day_of(self.now_us, "UTC")

    def ask(self, question: str, company: str = "acme") -> Spend:
        """A query string of `/api/v1/spend`, as that workspace's plan answers it."""
        with self.installation.database.read() as connection:
            workspace = workspaces.named(connection, company)
        sources = Directory(self.installation.database).newest(self.now_us).sources.get(workspace.id, {})
        spend = Store.open(self.installation.database, self.installation.lake).of(workspace, sources)
        return spend.answer(parse(parse_qs(question), "UTC", self.now_us), self.now_us)

    def shows(self, name: str) -> Spend:
        """What the story's own question is answered."""
        story = told(name)
        return self.ask(story.question, story.company)

    def days_ago(self, day: date) -> int:
        return (self.today - day).days

    def stored(self, company: str) -> list[dict[str, Any]]:
        """All events of that workspace as they stand in the ledger, hidden ones too."""
        with self.installation.database.read() as connection:
            workspace = workspaces.named(connection, company)
            rows = connection.execute(select(EVENTS).where(EVENTS.c.workspace_id == workspace.id)).mappings()
            return [dict(row) for row in rows]


def told(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


@contextmanager
def seeded(
    data_dir: Path, now_us: int, scale: float = SCALE, days: Sequence[int] = ALL_DAYS, **values: Any
) -> Iterator[Demo]:
    chosen = settings(data_dir, **values)
    made = folder.prepare(chosen, now_us, scale, days=days)
    installation = open_installation(chosen)
    try:
        yield Demo(installation, made, now_us)
    finally:
        installation.database.close()
