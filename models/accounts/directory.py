"""Each process's view of the control data, so that the hot path reads no database.

The view is compared with the version row twice a second; one that is older than two seconds (the process was
suspended) is compared before anything is answered. A secret that is unknown but well formed gets one look-up, so
that a new key works at once everywhere; misses are remembered for a second, in bounded memory.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from models import names, periods, price_overrides, price_tables
from models.accounts import control, secrets, teams
from models.accounts.keys import KEYS, SOURCES, Key, key_of
from models.accounts.sources import Source
from models.accounts.uses import Uses
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.database import Database
from models.errors import Unauthorized
from models.pricing.overrides import Overrides
from models.pricing.prices import OwnPrices, Prices, published
from models.spend.renames import AS_SENT, Names

POLL = periods.SECOND // 2
STALE = 2 * periods.SECOND
REMEMBER_MISS = periods.SECOND
MAX_MISSES = 10_000
MAX_LOOK_UPS = 200  # of unknown secrets, a second: some 20 ms of it


@dataclass(frozen=True)
class View:
    """Control data at one version."""

    version: int = 0
    keys: dict[str, Key] = field(default_factory=dict)  # by digest
    workspaces: dict[str, WorkspaceInfo] = field(default_factory=dict)  # by id, the oldest first
    sources: dict[str, dict[str, tuple[Source, ...]]] = field(default_factory=dict)  # by workspace, logical key
    prices: dict[str, OwnPrices] = field(default_factory=dict)  # by workspace, where it has overrides
    published: Prices = field(default_factory=published)
    edition: int | None = None  # of the published prices
    newest_edition: int | None = None
    teams: dict[str, dict[str, str]] = field(default_factory=dict)  # by workspace, where it has some: id to alias
    capturing: frozenset[str] = frozenset()  # the workspaces that keep prompts and responses
    names: dict[str, Names] = field(default_factory=dict)  # by workspace, where some are told as others

    def team_of(self, workspace_id: str, named: str | None) -> str | None:
        """The team as it is stored, whichever of its names an event has."""
        known = self.teams.get(workspace_id)
        return known.get(named, named) if known and named else named

    def prices_of(self, workspace_id: str) -> Prices:
        return self.prices.get(workspace_id, self.published)

    def names_of(self, workspace_id: str) -> Names:
        return self.names.get(workspace_id, AS_SENT)


def read_view(connection: Connection, before: View) -> View:
    found = all_workspaces(connection)
    sources: dict[str, dict[str, tuple[Source, ...]]] = {}
    for row in connection.execute(select(SOURCES).order_by(SOURCES.c.id)).mappings():
        of_workspace = sources.setdefault(row["workspace_id"], {})
        definition = Source(row["provider"], row["model"], row["feature"])
        of_workspace[row["key"]] = (*of_workspace.get(row["key"], ()), definition)
    return View(
        control.version(connection),
        {row["digest"]: key_of(row) for row in connection.execute(select(KEYS)).mappings()},
        {each.id: each for each in found},
        sources,
        own_prices(connection, before, before.published),
        before.published,
        before.edition,
        price_tables.in_use(connection).id,
        teams.aliases(connection),
        frozenset(each.id for each in found if each.capture_content),
        own_names(connection, before),
    )


def with_newest_edition(connection: Connection, view: View) -> View:
    edition = price_tables.in_use(connection)
    prices = published() if edition.packaged else Prices(price_tables.table_of(connection, edition))
    own = own_prices(connection, view, prices)
    return replace(view, prices=own, published=prices, edition=edition.id, newest_edition=edition.id)


def own_names(connection: Connection, before: View) -> dict[str, Names]:
    """By workspace. They stay the same while none of them changes: each remembers how it is resolved."""
    found = {workspace_id: Names(renames) for workspace_id, renames in names.renames(connection).items()}
    return {each: before.names[each] if before.names.get(each) == new else new for each, new in found.items()}


def own_prices(connection: Connection, before: View, published: Prices) -> dict[str, OwnPrices]:
    """By workspace. They remember cards: they stay the same while neither overrides nor published prices change."""
    found: dict[str, OwnPrices] = {}
    for workspace_id, ids in price_overrides.ids(connection).items():
        kept = before.prices.get(workspace_id)
        if kept is None or kept.published is not published or kept.overrides.ids != ids:
            kept = OwnPrices(published, Overrides(price_overrides.of_workspace(connection, workspace_id)))
        found[workspace_id] = kept
    return found


class Directory:
    """The current view, and who asks with which key."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.view = View()
        self.checked_us = 0
        self.misses: OrderedDict[str, int] = OrderedDict()
        self.looked_up = (0, 0)  # in which second, how many
        self.uses = Uses()

    def check(self, now_us: int) -> None:
        """Take the newest of all. An edition of prices takes some 0.1 s: this is not for the event loop."""
        self.look(now_us)
        before = self.view
        if before.edition != before.newest_edition:
            with self.database.read() as connection:
                view = with_newest_edition(connection, before)
            if self.view is before:  # else another thread has looked meanwhile, and the next check takes it up
                self.view = view

    def look(self, now_us: int) -> None:
        """Take the newest view where the version has moved; other prices follow with the next check."""
        with self.database.read() as connection:
            if control.version(connection) != self.view.version:
                view = read_view(connection, self.view)
                if view.version > self.view.version:  # another thread may have read a newer one meanwhile
                    self.view = view
        self.checked_us = now_us

    def current(self, now_us: int) -> View:
        if not 0 <= now_us - self.checked_us <= STALE:
            self.look(now_us)
        return self.view

    def newest(self, now_us: int) -> View:
        """Compared just now: for names that the current view does not know. Not for the event loop."""
        self.check(now_us)
        return self.view

    def authenticate(self, secret: str | None, now_us: int) -> Key:
        """The key of that secret; Unauthorized says which of the four things is wrong with it."""
        if not secret:
            raise Unauthorized("Missing API key")
        digest = secrets.digest_of_key(secret)
        key = self.find(digest, now_us) if digest else None
        if key is None:
            hint = secrets.hint(secret)
            raise Unauthorized("Invalid API key", {"hint": hint} if hint else None)
        state = key.state(now_us)
        if state != "active":
            hint = key.hint(now_us)
            raise Unauthorized(f"{state.capitalize()} API key", {"hint": hint} if hint else None)
        self.uses.note(key.id, now_us)
        return key

    def find(self, digest: str, now_us: int) -> Key | None:
        key = self.current(now_us).keys.get(digest)
        if key is None and now_us - self.misses.get(digest, 0) > REMEMBER_MISS and self.may_look_up(now_us):
            key = self.look_up(digest, now_us)
            if key is None:
                self.remember_miss(digest, now_us)
        return key

    def look_up(self, digest: str, now_us: int) -> Key | None:
        """That one key, made a moment ago: all the others, which may be many, come with the next look at everything.
        Its workspace may be as new."""
        with self.database.read() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.digest == digest)).mappings().first()
        if row is not None and row["workspace_id"] not in self.view.workspaces:
            self.look(now_us)
        return key_of(row) if row else None

    def may_look_up(self, now_us: int) -> bool:
        """So many a second: strangers can make up any number of well-formed secrets. Beyond it, a new key works from
        the next poll on."""
        second = now_us // periods.SECOND
        self.looked_up = (second, self.looked_up[1] + 1 if self.looked_up[0] == second else 1)
        return self.looked_up[1] <= MAX_LOOK_UPS

    def remember_miss(self, digest: str, now_us: int) -> None:
        self.misses[digest] = now_us
        self.misses.move_to_end(digest)
        while len(self.misses) > MAX_MISSES:
            self.misses.popitem(last=False)
