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
NUMBER = "document.querySelector('.f-number')?.title"
CHANGED = f"() => {NUMBER} !== window.before"
OFTEN = 100  # milliseconds between two looks: a window behind others draws no frames to look at
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
    """Each looks at another team; then each team calls something, and all of them see it."""
    server.start_api()
    looking = [f"{server.app_url}{EXPLORED}&where=team:team-{number}" for number in range(PEOPLE)]
    windows, drawn = opened(browser, looking, state)
    return {"seconds until all have their picture": drawn, "seconds until all see their calls": seen(server, windows)}


def ten_canned(_: Conditions) -> Figures:
    with streamlit("canned", charts=1) as address, chromium() as browser:
        _, drawn = opened(browser, [address] * PEOPLE, None)
    return {"seconds until all have their picture": drawn}


def opened(browser: Browser, addresses: list[str], state: Any) -> tuple[list[Page], float]:
    """A window for each, and the seconds until all have their picture."""
    size = {"width": 1440, "height": 900}
    windows = [browser.new_context(viewport=size, storage_state=state).new_page() for _ in addresses]
    began = perf_counter()
    for window, address in zip(windows, addresses, strict=True):
        window.goto(address, wait_until="commit")
    for window in windows:
        window.wait_for_function(DRAWN, arg=1, timeout=PATIENCE, polling=OFTEN)
    return windows, perf_counter() - began


def seen(server: Farthing, windows: list[Page]) -> float:
    for window in windows:
        window.evaluate(f"window.before = {NUMBER}")
    began = perf_counter()
    calls = [call(1, metadata={"team": f"team-{number}"}) for number in range(len(windows))]
    answer = server.post("/api/v1/ingest/batch", {"events": calls}, server.ingest_key)
    assert answer.status_code == ACCEPTED, answer.text
    for window in windows:
        window.wait_for_function(CHANGED, timeout=PATIENCE, polling=OFTEN)
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
        (Contestant(CANNED, ten_canned), Contestant(OURS, served(ten_people))),
        (
            Comparison("seconds until all have their picture", CANNED, digits=2),
            Comparison("seconds until all see their calls", digits=1),
            Comparison("MB of memory, peak", target=AtMost(1024)),
        ),
    ),
)
