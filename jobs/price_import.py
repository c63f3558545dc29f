"""A LiteLLM price file taken as overrides of one workspace. Run again with the same file, it adds nothing.

By default only for models that nobody publishes a price for: a list without dates would put today's price on every past
day of a model whose history is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jobs.rollup import Said, quiet
from models import audit, identity, price_overrides
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.database import Database
from models.errors import TooLarge
from models.pricing import litellm_prices
from models.pricing.litellm_prices import Skipped, Taken
from models.pricing.overrides import ANY, Override, fits
from models.pricing.prices import Prices
from models.pricing.terms import Terms

MAX_FILE = 64 * 1024 * 1024  # bytes; LiteLLM's has four million
STEP = 500  # rows between two words on how far it has come

Place = tuple[str | None, str, int | None, int | None]  # provider, model, from when, until when

PUBLISHED = "has a published price"
THERE = "is there already"
NOT_ASKED = "does not fit --only"
EXPECTED = (PUBLISHED, THERE, NOT_ASKED, "said by another row")  # nothing that anybody must look into


@dataclass(frozen=True)
class PriceFile:
    name: str
    content: bytes

    @classmethod
    def at(cls, path: Path) -> "PriceFile":
        if path.stat().st_size > MAX_FILE:
            raise TooLarge(f"{path.name} is larger than {MAX_FILE} bytes")
        return cls(path.name, path.read_bytes())


@dataclass(frozen=True)
class Wanted:
    """Which rows, and from when on."""

    only: str = ANY  # names in the file
    missing_only: bool = True
    free: bool = False  # rows that say 0 for everything, too
    valid_from: str | None = None


@dataclass
class Imported:
    taken: list[Override] = field(default_factory=list)
    dry_run: bool = False
    skipped: dict[str, list[str]] = field(default_factory=dict)  # names by reason

    def skip(self, name: str, reason: str) -> None:
        self.skipped.setdefault(reason, []).append(name)

    def shown(self) -> dict[str, Any]:
        taken = [{"provider": each.provider, "model": each.model} for each in self.taken]
        return {"taken": taken, "skipped": self.skipped}

    def lines(self) -> Iterator[str]:
        """How many, and of those that somebody may want to look into the names."""
        yield f"{len(self.taken)} rows {'would be ' if self.dry_run else ''}taken"
        for reason, names in sorted(self.skipped.items(), key=lambda each: (each[0] not in EXPECTED, -len(each[1]))):
            yield f"{len(names)} left out: {reason}" + ("" if reason in EXPECTED else f" ({', '.join(names)})")


def run(
    database: Database, workspace: WorkspaceInfo, file: PriceFile, wanted: Wanted, author: Author,
    said: Said = quiet, dry_run: bool = False,
) -> Imported:  # fmt: skip
    """What is taken goes in as a whole, with its record on the audit log."""
    judge = Judge.of(database, workspace, wanted, author.at_us)
    found = Imported(dry_run=dry_run)
    rows = litellm_prices.rows(file.content)
    for done, row in enumerate(litellm_prices.read(rows, wanted.free), 1):
        if reason := judge.against(row):
            found.skip(row.name, reason)
        elif isinstance(row, Taken):
            found.taken.append(judge.override(row, author.at_us))
        if done % STEP == 0 or done == len(rows):
            said(done, len(rows))
    if found.taken and not dry_run:
        with database.write() as connection:
            price_overrides.add(connection, workspace, found.taken)
            tell(connection, workspace, file, found, author)
    return found


@dataclass(frozen=True)
class Judge:
    """Which rows are wanted, beside what is published and what is there."""

    wanted: Wanted
    since: int | None
    at_us: int
    published: Prices
    there: dict[Place, Terms]

    @classmethod
    def of(cls, database: Database, workspace: WorkspaceInfo, wanted: Wanted, at_us: int) -> "Judge":
        since = price_overrides.read_moment("valid_from", wanted.valid_from, workspace.timezone)
        published = Directory(database).newest(at_us).published
        with database.read() as connection:
            overrides = price_overrides.of_workspace(connection, workspace.id)
        there = {(each.provider, each.model, each.valid_from_us, each.valid_to_us): each.terms for each in overrides}
        return cls(wanted, since, at_us, published, there)

    def against(self, row: Taken | Skipped) -> str | None:
        """Why a row is left out; what is asked for goes before what can be read."""
        if not fits(self.wanted.only.lower().split(ANY), row.name.lower()):
            return NOT_ASKED
        if isinstance(row, Skipped):
            return row.reason
        if self.there.get((row.provider, row.model, self.since, None)) == row.terms:
            return THERE
        return PUBLISHED if self.wanted.missing_only and self.is_published(row) else None

    def is_published(self, row: Taken) -> bool:
        return not isinstance(self.published.card(row.provider, row.model, self.at_us), str)

    def override(self, row: Taken, now_us: int) -> Override:
        return Override(identity.new_id("price"), row.provider, row.model, self.since, None, now_us, row.terms)


def tell(connection: Connection, workspace: WorkspaceInfo, file: PriceFile, found: Imported, author: Author) -> None:
    details = {"taken": len(found.taken), "sha256": sha256(file.content).hexdigest()}
    audit.record(connection, author, workspace.id, "price.import", file.name, details)
