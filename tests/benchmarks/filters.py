"""A changed filter: how long the server works until the page stands as it should, on ten million events. Pages are run
without a browser, in a process of their own; every question is a new one, so that no answer is at hand."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from tests.benchmarks.benchmark import OURS, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import EMAIL, PASSWORD, made
from tests.benchmarks.query import TAIL
from tests.benchmarks.rollup import with_tail

MILLISECONDS = 1_000
P95 = 0.95
PERIODS = ("7d", "30d", "90d")
GROUPED = ("model", "endpoint", "team,model")
FILTERS = ("provider:openai", "team:team-3", "env:prod", "status:failure", "feature:feature-2")


def questions() -> Iterator[dict[str, list[str]]]:
    for last, group_by, where in product(PERIODS, GROUPED, FILTERS):
        yield {
            "last": [last],
            "group_by": [group_by],
            "where": [where],
            "granularity": ["day"],
            "compare": ["previous"],
        }


def turn(conditions: Conditions) -> Figures:
    past = made(conditions.events)
    with_tail(past, TAIL)
    command = [sys.executable, "-m", "tests.benchmarks.filters", str(past.data_dir)]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"FARTHING_DATA_DIR": str(past.data_dir)}
    )
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """In a process of its own: the dashboard on that data folder."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    from app.opened import opened
    from app.server import MAIN
    from app.sessions import COOKIE
    from models.periods import now_us

    cookie = opened().sessions.begin(EMAIL, PASSWORD, now_us())
    st.context = SimpleNamespace(cookies={COOKIE: cookie}, theme=SimpleNamespace(type="light"), ip_address="192.0.2.7")  # type: ignore[assignment]
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    page._page_hash = calc_hash("explorer")
    page.run()
    taken = [changed(page, question) for question in questions()]
    print(json.dumps({"ms": median_of(taken, 0.5), "ms, p95": median_of(taken, P95)}))


def changed(page: Any, question: dict[str, list[str]]) -> float:
    page.query_params.clear()
    page.query_params.update(question)
    began = perf_counter()
    page.run()
    taken = perf_counter() - began
    assert not page.exception, page.exception
    return taken * MILLISECONDS


def median_of(taken: list[float], share: float) -> float:
    return sorted(taken)[min(len(taken) - 1, round(share * (len(taken) - 1)))]


BENCHMARKS = (
    Benchmark(
        "filter",
        (Contestant(OURS, turn),),
        (Comparison("ms", digits=0), Comparison("ms, p95", target=AtMost(300), digits=0)),
    ),
)

if __name__ == "__main__":
    main()
