"""Seeding: the demo's calls into an installation, by the ledger's own way in and at Farthing's own prices.

Each call has an id of its own, so what is seeded twice is stored once. Of today there is what has happened by now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from secrets import token_urlsafe

from sqlalchemy import Connection

from jobs.demo import calls
from jobs.demo.stories import ALL_DAYS, COMPANIES, DAYS, OLDEST, Company
from jobs.rollup import Said, quiet
from models import ledger
from models.accounts import keys, uses, workspaces
from models.accounts.keys import NewKey
from models.accounts.sources import Source
from models.audit import COMMAND_LINE, Author
from models.installation import ADMIN_EMAIL, Installation, Made, make_workspace
from models.ledger import Entry
from models.pricing.cost import price
from models.pricing.prices import published

SHOWN_OF_LABS = (Source(provider="openai"),)


def found(installation: Installation, now_us: int) -> list[Made]:
    """The companies' workspaces, keys and one owner for both, all as old as the data."""
    settings = installation.settings
    owner = {
        "admin_email": settings.admin_email or ADMIN_EMAIL,
        "admin_password": settings.admin_password or token_urlsafe(12),
    }
    owned = replace(installation, settings=settings.model_copy(update=owner))
    # A microsecond apart, for the dashboard opens with the oldest.
    since = calls.start_of(OLDEST, now_us)
    return [made(owned, company, since + order) for order, company in enumerate(COMPANIES)]


def made(installation: Installation, company: Company, now_us: int) -> Made:
    founded = make_workspace(installation, company.name, company.plan, now_us)
    with installation.database.write() as connection:
        author = Author(COMMAND_LINE, now_us)
        for name in sorted({each.key for each in company.workloads} - {"default"}):
            keys.create(connection, founded.workspace_id, NewKey(name, "ingest"), author)
        if company.plan == "free":
            keys.define(connection, founded.workspace_id, "default", SHOWN_OF_LABS)
    return founded


def seed(
    installation: Installation,
    now_us: int,
    scale: float = 1,
    days: Sequence[int] = ALL_DAYS,
    said: Said = quiet,
) -> int:
    """Store what is not there yet; how many calls that were."""
    with installation.database.read() as connection:
        owners = {each.name: each.id for each in workspaces.all_workspaces(connection)}
    stored = 0
    for day in days:
        entries = [entry for each in COMPANIES for entry in entries_of(each, owners[each.name], day, now_us, scale)]
        with installation.database.write() as connection:
            stored += ledger.append(connection, entries).stored
            uses.record(connection, used(connection, entries))
    said(DAYS - days[-1], DAYS)
    return stored


def used(connection: Connection, entries: Iterable[Entry]) -> dict[str, int]:
    """When the last of these calls of each key came, by the key's id."""
    latest: dict[tuple[str, str], int] = {}
    for each in entries:
        named = each.workspace_id, str(each.event.key)
        latest[named] = max(each.received_us, latest.get(named, 0))
    return {str(keys.newest_named(connection, *named)["id"]): at_us for named, at_us in latest.items()}


def entries_of(company: Company, workspace_id: str, day: int, now_us: int, scale: float) -> list[Entry]:
    events = calls.of_day(company, day, calls.start_of(day, now_us), scale)
    return [
        Entry(workspace_id, calls.received(event), event, price(event, published()))
        for event in events
        if calls.received(event) <= now_us
    ]
