"""A workspace's own prices, and what its calls cost by them, for tests of corrections."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs import repricing
from jobs.repricing import Done, Wanted, Why
from models import price_overrides
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.database import Database
from models.installation import Installation
from models.pricing.prices import Prices
from models.tables import EventRow, table
from tests.factories import NOON

EVENTS = table(EventRow)
FIRST, LAST = date(2026, 1, 1), date(2026, 11, 30)


@dataclass(frozen=True)
class Pricing:
    """One workspace of an installation, to be priced and priced again."""

    database: Database
    workspace: WorkspaceInfo

    @classmethod
    def of(cls, installation: Installation, workspace: WorkspaceInfo) -> "Pricing":
        return cls(installation.database, workspace)

    def charge(self, model: str, dollars: float | str, **more: Any) -> None:
        """From now on a million tokens of that model, in or out, cost so much; the latest word on it decides."""
        body = {"model": model, "input_per_million_usd": dollars, "output_per_million_usd": dollars} | more
        with self.database.write() as connection:
            now_us = NOON + len(price_overrides.of_workspace(connection, self.workspace.id))
            override = price_overrides.of_body(body, self.workspace.timezone, now_us)
            price_overrides.create(connection, self.workspace, override, Author("test", now_us))

    def prices(self) -> Prices:
        return Directory(self.database).newest(NOON).prices_of(self.workspace.id)

    def wanted(self, **terms: Any) -> Wanted:
        return Wanted(self.workspace, **({"first": FIRST, "last": LAST} | terms))

    def tried(self, **terms: Any) -> repricing.Repriced:
        return repricing.tried(self.database, self.wanted(**terms), self.prices())

    def reprice(self, name: str = "spring", reason: str = "new prices", **terms: Any) -> Done:
        why = Why(name, reason, "ada")
        return repricing.reprice(self.database, self.wanted(**terms), self.prices(), why, clock=lambda: NOON)

    def undo(self, name: str = "spring", reason: str = "a mistake") -> Done:
        return repricing.undo(self.database, self.workspace, Why(name, reason, "ada"), clock=lambda: NOON)

    def rows(self) -> list[dict[str, Any]]:
        """The ledger's, in the order of seq."""
        ours = EVENTS.c.workspace_id == self.workspace.id
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(EVENTS.select().where(ours).order_by("seq")).mappings()]

    def total(self) -> tuple[int, int, int]:
        """Requests, cost and unpriced requests: amount times sign, and nothing else."""
        sums = "sum(sign), coalesce(sum(cost_nano_usd * sign), 0), sum((cost_source = 'unpriced') * sign)"
        with self.database.read() as connection:
            asked = f"SELECT {sums} FROM events WHERE workspace_id = ?"
            return tuple(connection.exec_driver_sql(asked, (self.workspace.id,)).one())  # type: ignore[return-value]
