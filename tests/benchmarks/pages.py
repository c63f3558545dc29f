"""Pages, as a browser with an empty cache gets them: until the first picture stands there, every chart drawn; and one
process that serves ten people at once."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks import process
from tests.benchmarks.benchmark import OURS, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import EMAIL, PASSWORD, made
from tests.benchmarks.query import TAIL
from tests.benchmarks.rollup import with_tail
from tests.browser.conftest import CHROMIUM, QUIET, call
from tests.servers import Farthing, free_port, wait_until_up

EMPTY = "an empty page"
CANNED = "canned charts"
EXPLORED = "/explorer?group_by=model&granularity=day&compare=previous"
PEOPLE = 10
ACCEPTED = 202
PATIENCE = 60_000  # milliseconds
VISITS = 5  # in a turn; the first warms the server up and is not counted

DRAWN = """charts => [...document.querySelectorAll('.js-plotly-plot')]
  .filter(plot => plot.querySelector('.trace path')).length >= charts"""
FRESH = """() => / [0-9]\\u202fs ago/.test(document.querySelector('.f-freshness')?.textContent || '')
  && document.querySelector('.f-freshness').textContent !== window.before"""
WRITTEN = "() => document.querySelector('h1, .f-number') !== null"


def served(look: Callable[[Farthing, Browser, Any], Figures]) -> Callable[[Conditions], Figures]:
    """A turn on a history, by a browser that is signed in."""

    def turn(conditions: Conditions) -> Figures:
        past = made(conditions.events)
        with_tail(past, TAIL)
        server = Farthing.on(past.data_dir)
        server.made = {"ingest_key": past.ingest_key, "read_key": past.read_key}
        try:
            app = server.start_app()
            with chromium() as browser:
                figures = look(server, browser, sign_in(browser, server.app_url))
            return figures | process.memory(app.pid)
        finally:
            server.stop()

    return turn


def page(path: str, charts: int) -> Contestant:
    def look(server: Farthing, browser: Browser, state: Any) -> Figures:
        return visited(browser, server.app_url + path, state, charts)

    return Contestant(OURS, served(look))


def ten_people(server: Farthing, browser: Browser, state: Any) -> Figures:
    """Each looks at something else; then an event comes in, and all of them see it."""
    server.start_api()
    contexts = [
        browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state) for _ in range(PEOPLE)
    ]
    windows = [context.new_page() for context in contexts]
    began = perf_counter()
    for number, window in enumerate(windows):
        window.goto(f"{server.app_url}{EXPLORED}&where=team:team-{number}", wait_until="commit")
    for window in windows:
        window.wait_for_function(DRAWN, arg=1, timeout=PATIENCE)
    drawn = perf_counter() - began
    return {"seconds until all have their picture": drawn, "seconds until all see an event": seen(server, windows)}


def seen(server: Farthing, windows: list[Page]) -> float:
    """It is the newest of all, and of their workspace: each page says so."""
    for window in windows:
        window.evaluate("window.before = document.querySelector('.f-freshness')?.textContent")
    began = perf_counter()
    answer = server.post("/api/v1/ingest", call(1), server.ingest_key)
    assert answer.status_code == ACCEPTED, answer.text
    for window in windows:
        window.wait_for_function(FRESH, timeout=PATIENCE)
    return perf_counter() - began


def yardstick(name: str, script: str, charts: int) -> Contestant:
    def turn(_: Conditions) -> Figures:
        with streamlit(script, charts) as address, chromium() as browser:
            return visited(browser, address, None, charts)

    return Contestant(name, turn)


@contextmanager
def streamlit(script: str, charts: int) -> Iterator[str]:
    port = free_port()
    path = Path(__file__).parent / "yardsticks" / "pages" / f"{script}.py"
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(path), f"--server.port={port}", *options]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=os.environ | {"BENCH_CHARTS": str(charts)}, stdout=quiet, stderr=quiet)
    try:
        wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def sign_in(browser: Browser, address: str) -> Any:
    """What a browser that signed in has to show."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.get_by_label("E-mail", exact=True).fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_function(WRITTEN, timeout=PATIENCE)
    state = context.storage_state()
    context.close()
    return state


def visited(browser: Browser, address: str, state: Any, charts: int) -> Figures:
    taken = [first_picture(browser, address, state, charts) for _ in range(VISITS)]
    return {"seconds": median(taken[1:])}


def first_picture(browser: Browser, address: str, state: Any, charts: int) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state)
    page = context.new_page()
    started = perf_counter()
    page.goto(address)
    page.wait_for_function(WRITTEN, timeout=PATIENCE)
    page.wait_for_function(DRAWN, arg=charts, timeout=PATIENCE)
    taken = perf_counter() - started
    context.close()
    return taken


def first_pictures(name: str, path: str, charts: int) -> Benchmark:
    return Benchmark(
        name,
        (yardstick(EMPTY, "empty", 0), yardstick(CANNED, "canned", charts), page(path, charts)),
        (
            Comparison("seconds", EMPTY, AtMost(2.5), digits=2),
            Comparison("seconds", CANNED, AtMost(1.25), digits=2),
            Comparison("MB of memory, peak", target=AtMost(1024)),
        ),
    )


BENCHMARKS = (
    first_pictures("overview", "", charts=1),
    first_pictures("explorer", EXPLORED, charts=1),
    Benchmark(
        "ten-people",
        (Contestant(OURS, served(ten_people)),),
        (
            Comparison("seconds until all have their picture", digits=1),
            Comparison("seconds until all see an event", digits=1),
            Comparison("MB of memory, peak", target=AtMost(1024)),
        ),
    ),
)
