"""Every view of what is stored, held against the rows of the ledger: the request log, spend by many groupings and
granularities, the Parquet files. The ledger itself is read by plain SQL, with nothing of the product in between."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from jobs import rebuild, rollup
from models.installation import open_installation
from models.settings import Settings
from tests.crash.senders import Book
from tests.servers import Farthing

# A period's start, by granularity.
PERIODS = {
    "total": "NULL",
    "hour": "strftime('%Y-%m-%dT%H:00:00Z', started_us / 1000000, 'unixepoch')",
    "day": "date(started_us / 1000000, 'unixepoch')",
    "week": "date(started_us / 1000000, 'unixepoch', 'weekday 0', '-6 days')",
    "month": "date(started_us / 1000000, 'unixepoch', 'start of month')",
}
QUESTIONS = (
    ("day", ("model",)), ("hour", ("team", "env")), ("week", ("provider", "source")), ("month", ("prompt",)),
    ("day", ("end_user",)), ("total", ("status", "error_type")), ("total", ("cost_source", "cache_hit")),
    ("day", ("tag",)), ("total", ("prompt", "end_user")),
)  # fmt: skip
MEASURES = {
    "requests": "count(*)",
    "cost_nano_usd": "coalesce(sum(cost_nano_usd), 0)",
    "errors": "sum(status = 'failure')",
    "total_tokens": "coalesce(sum(total_tokens), 0)",
    "unpriced_requests": "sum(cost_source = 'unpriced')",
}
ASKED = ",".join(name.removesuffix("_nano_usd") for name in MEASURES)

Groups = dict[tuple[Any, ...], tuple[int, ...]]


def select(server: Farthing, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{server.data_dir / 'farthing.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


# -- exactly once -------------------------------------------------------------------------------------------------


def check_ledger(server: Farthing, book: Book) -> None:
    """Every acknowledged event once, nothing that nobody sent, as it was sent, numbered without a gap, undamaged."""
    assert select(server, "PRAGMA integrity_check") == [("ok",)]
    stored = select(server, "SELECT request_id, id, reported_cost_nano_usd, seq FROM events ORDER BY seq")
    check_exactly_once([(mark, id) for mark, id, _, _ in stored], book)
    assert [mark for mark, _, cost, _ in stored if cost != book.sent[mark]] == []
    assert [seq for *_, seq in stored] == [*range(1, len(stored) + 1)]
    assert select(server, "SELECT seq FROM ledger") == [(len(stored),)]
    assert select(server, "SELECT count(*) FROM identities JOIN events USING (seq)") == [(len(stored),)]
    assert select(server, "SELECT count(*) FROM identities") == [(len(stored),)]
    assert select(server, "SELECT count(*) FROM ledger_epochs") == [(1,)], "no start took this for a restored backup"
    assert select(server, "SELECT count(*) FROM quarantine") == [(0,)]


def check_log(server: Farthing, book: Book) -> None:
    """The same over HTTP, page by page."""
    rows = server.events()
    check_exactly_once([(row["request_id"], row["id"]) for row in rows], book)
    stored = select(server, "SELECT id, cost_nano_usd FROM events")
    assert sorted((row["id"], row["cost_nano_usd"]) for row in rows) == sorted(stored)


def check_exactly_once(stored: list[tuple[str, str]], book: Book) -> None:
    marks, ids = Counter(mark for mark, _ in stored), Counter(id for _, id in stored)
    under = dict(stored)
    assert [mark for mark in book.acknowledged if marks[mark] != 1] == [], "acknowledged, and not stored once"
    assert [mark for mark, id in book.acknowledged.items() if under[mark] != id] == [], "stored under another id"
    assert [mark for mark in marks if mark not in book.sent] == [], "stored, and never sent like this"
    assert [each for counter in (marks, ids) for each, times in counter.items() if times > 1] == [], "stored twice"


# -- spend --------------------------------------------------------------------------------------------------------


def check_spend(server: Farthing) -> None:
    """By every grouping and granularity as plain SQL over the events counts it."""
    totals = counted(server, "total", ())[(None,)]
    with server.client(server.read_key) as client:
        for granularity, group_by in QUESTIONS:
            words = {"granularity": granularity, "group_by": ",".join(group_by), "measures": ASKED, "last": "30d"}
            answer = client.get("/api/v1/spend", params=words).raise_for_status().json()
            assert groups(answer["rows"], group_by) == counted(server, granularity, group_by), words
            assert tuple(answer["totals"][name] for name in MEASURES) == totals, words


def groups(rows: list[dict[str, Any]], group_by: tuple[str, ...]) -> Groups:
    return {
        (row.get("period"), *(row[name] for name in group_by)): tuple(row[name] for name in MEASURES) for row in rows
    }


def counted(server: Farthing, granularity: str, group_by: tuple[str, ...]) -> Groups:
    period = PERIODS[granularity]
    columns = ", ".join([period, *(column(name) for name in group_by)])
    table = "events LEFT JOIN json_each(events.tags) AS tag" if "tag" in group_by else "events"
    rows = select(server, f"SELECT {columns}, {', '.join(MEASURES.values())} FROM {table} GROUP BY {columns}")
    width = 1 + len(group_by)
    return {row[:width]: row[width:] for row in rows}


def column(name: str) -> str:
    return {"tag": "tag.value"}.get(name, f'events."{name}"')


# -- files --------------------------------------------------------------------------------------------------------


def check_lake(server: Farthing) -> None:
    """A glob over every cube adds up to the events of each day; only for a lake that has counted all of them."""
    of_days = counted(server, "day", ())
    for cube in cubes(server):
        rows = pl.read_parquet(cube / "**" / "*.parquet", hive_partitioning=True)
        found = rows.group_by(pl.col("day").cast(pl.String)).agg(pl.col(name).sum() for name in MEASURES)
        assert {(row[0],): row[1:] for row in found.iter_rows()} == of_days, cube.name


def check_rebuild(server: Farthing) -> None:
    """A rebuild has the same files, row for row."""
    before = dict(contents(server))
    server.run("rebuild")
    after = dict(contents(server))
    assert [*before] == [*after]
    for path, rows in before.items():
        assert_frame_equal(rows, after[path])


def cubes(server: Farthing) -> list[Path]:
    return sorted((server.data_dir / "lake" / "rollups").glob("cube=*"))


def contents(server: Farthing) -> Iterator[tuple[Path, pl.DataFrame]]:
    for path in sorted((server.data_dir / "lake" / "rollups").rglob("*")):
        if path.is_file():
            yield path, pl.read_parquet(path, hive_partitioning=False)


def check_doctor(server: Farthing) -> None:
    said = server.run("doctor").stdout
    assert "WRONG" not in said, said
    assert " 0 damaged, 0 events not rolled up yet" in said


def check_all(server: Farthing, book: Book) -> None:
    """Everything, before a rollup and after it."""
    assert book.complaints == []
    check_ledger(server, book)
    check_log(server, book)
    check_spend(server)
    roll_up(server)
    check_spend(server)
    check_lake(server)


def roll_up(server: Farthing) -> None:
    """What `farthing rollup` does, without a process of its own."""
    opened = open_installation(Settings(data_dir=server.data_dir, _env_file=None))
    rollup.run(opened.database, opened.lake)
    rebuild.heal(opened.database, opened.lake)
    opened.database.close()
