"""Questions about spend, asked over HTTP, on a long history with a tail that no rollup has counted: against the same
question in SQL on the events, and by DuckDB on the same files."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

import duckdb
import httpx2

from models.spend import cubes
from tests.benchmarks.benchmark import OURS, AtLeast, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import History, made, serving
from tests.benchmarks.rollup import with_tail

SQL = "SQL on the events"
DUCKDB = "DuckDB on the files"
TAIL = 50_000  # events
ASKED = 15  # times in a turn; the median counts


@dataclass(frozen=True)
class Question:
    """By these dimensions, over the last days; perhaps of one provider only, perhaps beside as many days before."""

    name: str
    by: tuple[str, ...]
    days: int
    provider: str | None = None
    compare: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        asked = {"last": f"{self.days}d", "group_by": ",".join(self.by), "measures": "cost,requests"}
        asked |= {"where": f"provider:{self.provider}"} if self.provider else {}
        return asked | ({"compare": "previous"} if self.compare else {})

    @property
    def columns(self) -> set[str]:
        return {*self.by, *(["provider"] if self.provider else [])}

    @property
    def spans(self) -> list[tuple[date, date]]:
        """First day and the one after the last, of each period that is asked for."""
        end = datetime.now(UTC).date() + timedelta(days=1)
        starts = [end - timedelta(days=self.days * back) for back in (1, 2)]
        return [(starts[0], end), (starts[1], starts[0])][: 1 + self.compare]

    def sql(self, table: str, requests: str, when: str = "true") -> str:
        names = ", ".join(f'"{name}"' for name in self.by)
        only = f" AND provider = '{self.provider}'" if self.provider else ""
        return f"SELECT {names}, sum(cost_nano_usd), {requests} FROM {table} WHERE {when}{only} GROUP BY {names}"


QUESTIONS = (
    Question("model", ("model",), 30),
    Question("three", ("team", "endpoint", "model"), 30, provider="openai", compare=True),
    Question("end-user", ("end_user",), 30),
    Question("quarter", ("team",), 90),
)

# -- turns ------------------------------------------------------------------------------------------------------


def farthing(question: Question) -> Contestant:
    def turn(conditions: Conditions) -> Figures:
        past = made(conditions.events)
        with_tail(past, TAIL)
        with serving(past) as server, server.client(server.read_key) as client:
            return asked(lambda: answered(client, question), ASKED)

    return Contestant(OURS, turn)


def answered(client: httpx2.Client, question: Question) -> int:
    """How many bytes the answer has: reading them is the asker's affair."""
    answer = client.get("/api/v1/spend", params=question.parameters)
    assert answer.status_code == 200, answer.text
    return len(answer.content)


def raw(question: Question) -> Contestant:
    def turn(conditions: Conditions) -> Figures:
        connection = sqlite3.connect(f"file:{made(conditions.events).database}?mode=ro", uri=True)
        return asked(lambda: sum(len(connection.execute(each).fetchall()) for each in statements(question)), 1)

    return Contestant(SQL, turn)


def statements(question: Question) -> Iterator[str]:
    for first, end in question.spans:
        start_us, end_us = (int(datetime(*day.timetuple()[:3], tzinfo=UTC).timestamp() * 1e6) for day in (first, end))
        yield question.sql("events", "count(*)", f"started_us >= {start_us} AND started_us < {end_us}")


def duck(question: Question) -> Contestant:
    def turn(conditions: Conditions) -> Figures:
        past = made(conditions.events)
        return asked(lambda: sum(duckdb.sql(each).pl().height for each in on_files(question, past)), ASKED)

    return Contestant(DUCKDB, turn)


def on_files(question: Question, past: History) -> Iterator[str]:
    cube, *_ = cubes.able(question.columns, [each.id for each in cubes.CUBES])
    for first, end in question.spans:
        days = [first + timedelta(days=index) for index in range((end - first).days)]
        paths = [path for day in days for path in past.base.glob(f"lake/rollups/cube={cube.id}/*/day={day}/*.parquet")]
        listed = ", ".join(f"'{path}'" for path in paths)
        yield question.sql(f"read_parquet([{listed}], hive_partitioning=false)", "sum(requests)")


def asked(ask: Callable[[], int], times: int) -> Figures:
    """How often a second the question is answered; the first answer, which warms up, is not counted where more are."""
    taken = []
    for _ in range(times + (times > 1)):
        started = perf_counter()
        answer = ask()
        taken.append(perf_counter() - started)
    assert answer, "an empty answer"
    took = median(taken[-times:])
    return {"a second": 1 / took, "ms": took * 1000}


BENCHMARKS = tuple(
    Benchmark(
        f"spend-{question.name}",
        (raw(question), duck(question), farthing(question)),
        (
            Comparison("a second", SQL, AtLeast(50), digits=1),
            Comparison("a second", DUCKDB, AtLeast(1 / 3), digits=1),
            Comparison("ms", digits=1),
        ),
    )
    for question in QUESTIONS
)
