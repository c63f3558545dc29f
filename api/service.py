"""What one API process holds open: installation, directory, writer, store. Made once, handed to doors and routes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from api.writer import Writer
from models.accounts.directory import POLL, Directory
from models.errors import FarthingError
from models.installation import Installation, open_installation
from models.periods import SECOND, now_us
from models.settings import Settings
from models.spend.answer import Store

log = structlog.get_logger()


@dataclass
class Service:
    installation: Installation
    directory: Directory
    writer: Writer
    store: Store

    @classmethod
    def of(cls, settings: Settings) -> "Service":
        installation = open_installation(settings)
        database = installation.database
        return cls(installation, Directory(database), Writer(database), Store.open(database, installation.lake))

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
        polling = asyncio.create_task(self.poll())
        try:
            yield
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
            await self.writer.stop()
            self.installation.database.close()

    async def poll(self) -> None:
        """Twice a second, see whether keys or workspaces have changed."""
        while True:
            await asyncio.sleep(POLL / SECOND)
            try:
                await asyncio.to_thread(self.directory.check, now_us())
            except FarthingError as problem:
                log.warning("control data can't be read", reason=problem.message)
