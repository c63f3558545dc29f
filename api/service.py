"""What one API process holds open: installation, directory, writer, store, rate limits. Made once, handed to doors and
routes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from api.rate_limit import RateLimits
from api.writer import Writer
from models.accounts.directory import POLL, Directory
from models.errors import FarthingError
from models.installation import Installation, open_installation
from models.periods import SECOND, now_us
from models.seal import Seal
from models.settings import Settings
from models.spend.answer import Store

log = structlog.get_logger()

WRITE_USES = 5  # seconds; a key's last use is known to people, and need not be newer than they can read


@dataclass
class Service:
    installation: Installation
    directory: Directory
    writer: Writer
    store: Store
    limits: RateLimits
    seal: Seal | None  # on prompts and responses; without it none are kept

    @classmethod
    def of(cls, settings: Settings) -> "Service":
        installation = open_installation(settings)
        database = installation.database
        store, limits = Store.open(database, installation.lake), RateLimits.of(settings)
        return cls(installation, Directory(database), Writer(database), store, limits, Seal.of(settings))

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """A transaction that changes control data: keys, workspaces. Once committed, it holds here at once."""
        with self.installation.database.write() as connection:
            yield connection
        self.directory.look(now_us())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.directory.check(now_us())
        await self.writer.start()
        beside = [asyncio.create_task(each) for each in (self.poll(), self.keep_uses())]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.writer.stop()
            await self.write_uses()
            self.installation.database.close()

    async def poll(self) -> None:
        """Twice a second, see whether keys or workspaces have changed."""
        while True:
            await asyncio.sleep(POLL / SECOND)
            try:
                await asyncio.to_thread(self.directory.check, now_us())
            except FarthingError as problem:
                log.warning("control data can't be read", reason=problem.message)

    async def keep_uses(self) -> None:
        """Every few seconds, write down which keys were used."""
        while True:
            await asyncio.sleep(WRITE_USES)
            await self.write_uses()

    async def write_uses(self) -> None:
        try:
            await asyncio.to_thread(self.directory.uses.write, self.installation.database)
        except FarthingError as problem:  # what was not written waits for the next time
            log.warning("the last use of keys can't be written", reason=problem.message)
