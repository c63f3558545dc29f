"""Ten million events over ninety days, made in minutes: straight into database and lake, as if they had come in one by
one and been rolled up every minute. Kept in bench-results/ until its days are no longer the last ones.

What is made is what a company of twenty teams sends: eighty places in its code call thirty models, each mostly one and
sometimes three others, with prompts of their own and for customers of their own, 4,800 in all; ids are the clients'. All
but the last tenth is rolled up.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from rich.progress import track

from jobs.counting import narrowed
from jobs.publishing import Publisher, publishing
from models import identity, ledger
from models.accounts.workspaces import WorkspaceInfo, all_workspaces
from models.installation import Installation, make_workspace, open_installation
from models.periods import DAY, day_start, now_us
from models.rows import COLUMNS
from models.settings import Settings
from models.spend.cubes import CUBES
from models.spend.events import COUNTED
from models.spend.facts import facts
from tests.benchmarks.report import RESULTS
from tests.servers import Farthing

EMAIL, PASSWORD = "bench@example.com", "bench-password"
EVENTS = 10_000_000
QUICK = 1_000_000
DAYS = 90
BOOKS = ("watermarks", "rollup_files")  # what the database says of the lake
ROLLED_UP = 0.9  # the rest is what the rollup's turns count

PLACES, TEAMS, MODELS = 80, 20, 30
MODELS_OF_PLACE, PROMPTS_OF_PLACE, CUSTOMERS_OF_PLACE = 4, 5, 60
LATENCY_US = 1_200_000  # the middle
PROVIDERS = ("openai", "anthropic", "google", "mistral", "bedrock")
NOT_SENT = (
    "ended_us", "error_code", "error_str", "request_id", "cache_write_tokens", "cache_write_1h_tokens",
    "reasoning_tokens", "service_tier", "reported_cost_nano_usd", "unpriced_reason", "price_card", "units",
    "partial_cost_nano_usd",
)  # fmt: skip
TAGS = (
    '["nightly"]',
    '["batch","release:2026-11"]',
    '["release:2026-11"]',
    "[]",
    '["experiment:a"]',
    '["experiment:b"]',
)


@dataclass(frozen=True)
class History:
    """An installation with a past. `events` are stored, the first `rolled_up` of them are in the lake `base`."""

    folder: Path
    events: int
    rolled_up: int
    ingest_key: str
    read_key: str

    @classmethod
    def at(cls, folder: Path) -> "History":
        return cls(folder=folder, **json.loads((folder / "about.json").read_text()))

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def base(self) -> Path:
        """The lake and its books as the turns find them; its files are never written to again."""
        return self.folder / "base"

    @property
    def database(self) -> Path:
        return self.data_dir / "farthing.db"

    @property
    def archive(self) -> Path:
        """The events once more, a Parquet file a day."""
        return self.folder / "events"

    def open(self) -> Installation:
        return open_installation(settings(self.folder))

    def rewind(self) -> None:
        """Take back what turns have done: the lake as far as the base, the ledger as far as it was made."""
        shutil.rmtree(self.data_dir / "lake", ignore_errors=True)
        shutil.copytree(self.base / "lake", self.data_dir / "lake", copy_function=os.link)
        with bulk(self.database) as connection:
            connection.execute("ATTACH ? AS base", (str(self.base / "books.db"),))
            for name in BOOKS:
                connection.execute(f"DELETE FROM main.{name}")
                connection.execute(f"INSERT INTO main.{name} SELECT * FROM base.{name}")
            if connection.execute("SELECT seq FROM ledger").fetchone()[0] > self.events:
                for name in ("events", "identities"):
                    connection.execute(f"DELETE FROM {name} WHERE seq > ?", (self.events,))
                connection.execute("UPDATE ledger SET seq = ?", (self.events,))
            connection.commit()

    def add(self, count: int) -> None:
        """Events of today on top, which nothing has counted yet."""
        installation = self.open()
        with installation.database.read() as connection:
            (workspace,) = all_workspaces(connection)
        rows = events_of(datetime.now(UTC).date(), count).with_columns(
            pl.lit(workspace.id).alias("workspace_id"),
            pl.int_range(self.events + 1, self.events + 1 + count).alias("seq"),
        )
        with bulk(installation.database.path) as connection:
            insert_events(connection, rows)
            connection.execute("UPDATE ledger SET seq = ?", (self.events + count,))
            connection.commit()
        installation.database.close()

    def added(self) -> int:
        """How many events were stored since it was made."""
        with bulk(self.database) as connection:
            return int(connection.execute("SELECT count(*) FROM events WHERE seq > ?", (self.events,)).fetchone()[0])


@contextmanager
def serving(past: History) -> Iterator[Farthing]:
    """The API on a history."""
    server = Farthing.on(past.data_dir)
    server.made = {"ingest_key": past.ingest_key, "read_key": past.read_key}
    try:
        server.start_api()
        yield server
    finally:
        server.stop()


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", admin_email=EMAIL, admin_password=PASSWORD)


def made(events: int) -> History:
    """The history of that size that ends today; from the folder where it was made before."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    folder = RESULTS / f"history-{today}-{events}"
    about = folder / "about.json"
    if not about.exists():
        for old in {*RESULTS.glob("history-*-*")} - {*RESULTS.glob(f"history-{today}-*")}:
            shutil.rmtree(old)
        shutil.rmtree(folder, ignore_errors=True)  # one that was cut off
        about.write_text(json.dumps(make(folder, events)))
    return History.at(folder)


def make(folder: Path, events: int) -> dict[str, Any]:
    installation = open_installation(settings(folder))
    made = make_workspace(installation, "bench", "paid", now_us())
    with installation.database.read() as connection:
        (workspace,) = all_workspaces(connection)
    rolled_up = int(events * ROLLED_UP)
    write(installation, workspace, folder / "events", events, rolled_up)
    keep_base(installation, folder / "base")
    return {"events": events, "rolled_up": rolled_up, "ingest_key": made.ingest_key, "read_key": made.read_key}


def keep_base(installation: Installation, base: Path) -> None:
    shutil.copytree(installation.lake.root, base / "lake")
    with bulk(installation.database.path) as connection:
        connection.execute("ATTACH ? AS base", (str(base / "books.db"),))
        for name in BOOKS:
            connection.execute(f"CREATE TABLE base.{name} AS SELECT * FROM main.{name}")
        connection.commit()


def write(installation: Installation, workspace: WorkspaceInfo, archive: Path, events: int, rolled_up: int) -> None:
    archive.mkdir()
    with (
        publishing(installation.database, installation.lake) as publisher,
        bulk(installation.database.path) as connection,
    ):
        connection.execute("CREATE TEMP TABLE digests (digest BLOB, seq INTEGER)")
        first = 1
        for day, count in track(list(days(events)), "Making the history"):
            rows = events_of(day, count).with_columns(
                pl.lit(workspace.id).alias("workspace_id"),
                pl.int_range(first, first + count).alias("seq"),
                pl.lit(1).alias("sign"),
            )
            insert_events(connection, rows)
            insert_digests(connection, workspace.id, rows)
            rows.select(COUNTED).write_parquet(archive / f"{day}.parquet")
            publish(publisher, workspace, day, rows.filter(pl.col("seq") <= rolled_up), rolled_up)
            first += count
        connection.execute("INSERT INTO identities (digest, seq) SELECT digest, seq FROM digests ORDER BY digest")
        connection.execute("UPDATE ledger SET seq = ?", (events,))
        connection.commit()
        publisher.record({cube.id: rolled_up for cube in CUBES})


def days(events: int) -> Iterator[tuple[date, int]]:
    """The last ninety days, today among them, and how many events each has."""
    today = datetime.now(UTC).date()
    for index in range(DAYS):
        count = events * (index + 1) // DAYS - events * index // DAYS
        yield today - timedelta(days=DAYS - 1 - index), count


@contextmanager
def bulk(database: Path) -> Iterator[sqlite3.Connection]:
    """Fast and not durable: a history that is cut off is made anew."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-500000")
    try:
        yield connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def insert_events(connection: sqlite3.Connection, rows: pl.DataFrame) -> None:
    connection.executemany(ledger.insertion("events", COLUMNS, 1), rows.select(COLUMNS).rows())


def insert_digests(connection: sqlite3.Connection, workspace_id: str, rows: pl.DataFrame) -> None:
    """Aside, to be sorted in the end: random ones are slow to place one by one."""
    pairs = zip(rows["id"].to_list(), rows["seq"].to_list(), strict=True)
    digests = ((identity.digest(workspace_id, each), seq) for each, seq in pairs)
    connection.executemany("INSERT INTO digests VALUES (?, ?)", digests)
    connection.commit()


def publish(publisher: Publisher, workspace: WorkspaceInfo, day: date, rows: pl.DataFrame, through: int) -> None:
    if rows.height:
        counted = facts(rows, workspace.timezone)
        for cube in CUBES:
            publisher.put(cube, workspace, day, narrowed(counted, cube), through)


# -- what happens on a day -----------------------------------------------------------------------------------------


def events_of(day: date, count: int) -> pl.DataFrame:
    """A day's events in the order of time: all columns of the ledger but seq and workspace."""
    chance = numpy.random.default_rng(day.toordinal())
    start = day_start(day, "UTC")
    started = numpy.sort(chance.integers(start, start + DAY, count))
    place = popular(chance, PLACES, count)
    model = (place + 7 * popular(chance, MODELS_OF_PLACE, count)) % MODELS
    prompt = place * PROMPTS_OF_PLACE + popular(chance, PROMPTS_OF_PLACE, count)
    customer = place * CUSTOMERS_OF_PLACE + popular(chance, CUSTOMERS_OF_PLACE, count)
    return priced(
        pl.concat([places()[place], catalogue()[model]], how="horizontal").with_columns(
            id=pl.Series(made_up_ids(chance, count)),
            started_us=pl.Series(started),
            received_us=pl.Series(started) + LATENCY_US,
            latency_us=pl.Series((LATENCY_US * chance.lognormal(0, 0.5, count)).astype("int64")),
            input_tokens=pl.Series(chance.integers(50, 8_000, count)),
            output_tokens=pl.Series(chance.integers(10, 1_500, count)),
            failed=pl.Series(chance.random(count) < 0.02),
            cache_hit=pl.Series(chance.random(count) < 0.05),
            end_user=pl.format("customer-{}", pl.Series(customer)),
            prompt=pl.format("prompt-{}", pl.Series(prompt)),
            tags=pl.Series(TAGS)[(place + popular(chance, 2, count)) % len(TAGS)],
        )
    )


def popular(chance: numpy.random.Generator, among: int, count: int) -> Any:
    """Numbers below `among`, the low ones far more often."""
    return (among * chance.random(count) ** 3).astype("int64")


def made_up_ids(chance: numpy.random.Generator, count: int) -> list[str]:
    text = chance.bytes(16 * count).hex()
    return [text[at : at + 32] for at in range(0, len(text), 32)]


@cache
def places() -> pl.DataFrame:
    """Where in a company's code calls are made: a place belongs to a team, the team to a department."""
    place = pl.Series(range(PLACES))
    named = {
        "team": ("team-{}", place % TEAMS),
        "department": ("department-{}", place % 5),
        "agent": ("agent-{}", place % 40),
        "project": ("project-{}", place % 10),
        "feature": ("feature-{}", place % 30),
        "endpoint": ("/v1/place/{}", place % 40),
        "env": ("env-{}", place // 60),
        "token": ("token-{}", place % 50),
        "user": ("user-{}", place % 60),
        "key": ("key-{}", place % 2),
    }
    columns = [pl.format(text, number).alias(name) for name, (text, number) in named.items()]
    return pl.select(*columns, source=pl.Series(["rest", "litellm"] * (PLACES // 2)))


@cache
def catalogue() -> pl.DataFrame:
    """Models and what a token of theirs costs, in nano-dollars."""
    model = pl.Series(range(MODELS))
    return pl.select(
        provider=pl.Series(PROVIDERS).gather(model % len(PROVIDERS)),
        model=pl.format("model-{}", model),
        model_group=pl.format("group-{}", model % 10),
        input_price=100 + model * 150,
        output_price=400 + model * 600,
    )


def priced(calls: pl.DataFrame) -> pl.DataFrame:
    """With costs, and with what is the same for all."""
    free = pl.col("cache_hit") | pl.col("failed")
    known = pl.col("model") != "model-29"  # one that nobody has a price for
    calls = calls.with_columns(
        input_cost_nano_usd=pl.when(free).then(0).when(known).then(pl.col("input_tokens") * pl.col("input_price")),
        output_cost_nano_usd=pl.when(free).then(0).when(known).then(pl.col("output_tokens") * pl.col("output_price")),
    ).with_columns(cost_nano_usd=pl.col("input_cost_nano_usd") + pl.col("output_cost_nano_usd"))
    source = (
        pl.when("cache_hit").then(pl.lit("cached")).when(pl.col("cost_nano_usd").is_null()).then(pl.lit("unpriced"))
    )
    return calls.with_columns(
        cost_source=source.otherwise(pl.lit("computed")),
        status=pl.when("failed").then(pl.lit("failure")).otherwise(pl.lit("success")),
        error_type=pl.when("failed").then(pl.lit("RateLimitError")),
        computed_cost_nano_usd="cost_nano_usd",
        total_tokens=pl.col("input_tokens") + pl.col("output_tokens"),
        cache_read_tokens=pl.col("input_tokens") // 2,
        tokens_avoided=pl.when("cache_hit").then(pl.col("input_tokens") + pl.col("output_tokens")).otherwise(0),
        saved_nano_usd=0,
        prompt_cache_saved_nano_usd=0,
        batch=False,
        flags=pl.lit("[]"),
        **{name: pl.lit(None) for name in NOT_SENT},
    )
