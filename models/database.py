"""The ledger's database, through two engines: one that writes, one that only reads.

SQLite's own transactions begin late and lose updates between processes, so writers begin immediately; readers
are deferred and query-only, so that they never queue behind ingest. A 2xx means on disk: synchronous=FULL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from models.errors import StoreUnavailable
from models.settings import Settings

BUSY_MS = 5_000  # below the 10 seconds within which a sender hears that the store can't take it
CHECKPOINT_PAGES = 4_000  # 16 MB: a checkpoint a second under full load rather than ten


class Database:
    """One database file, shared by the processes of one machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.writing = make_engine(path, begin="BEGIN IMMEDIATE", pragmas=("synchronous=FULL", "foreign_keys=ON"))
        self.reading = make_engine(path, begin="BEGIN", pragmas=("query_only=ON", "mmap_size=33554432"))

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        return cls(settings.database_path)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed on the way out; StoreUnavailable where the store can't take it."""
        with refusing_clearly(), self.writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot."""
        with refusing_clearly(), self.reading.begin() as connection:
            yield connection

    def close(self) -> None:
        self.writing.dispose()
        self.reading.dispose()


@contextmanager
def refusing_clearly() -> Iterator[None]:
    try:
        yield
    except OperationalError as problem:
        raise StoreUnavailable(f"The store can't be reached right now ({plain(problem)})") from problem


def plain(problem: DBAPIError) -> str:
    """What the database said, without the statement and its values."""
    return str(problem.orig).splitlines()[0][:120]


def make_engine(path: Path, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
        hide_parameters=True,  # values of a failed statement are somebody's data: never in a log
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"wal_autocheckpoint={CHECKPOINT_PAGES}", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
