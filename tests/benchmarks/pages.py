"""Pages, as a browser with an empty cache gets them: until the first picture stands there, every chart drawn."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks import process
from tests.benchmarks.benchmark import OURS, AtMost, Benchmark, Comparison, Conditions, Contestant, Figures
from tests.benchmarks.history import EMAIL, PASSWORD, made
from tests.benchmarks.query import TAIL
from tests.benchmarks.rollup import with_tail
from tests.browser.conftest import CHROMIUM, QUIET
from tests.servers import Farthing, free_port, wait_until_up

EMPTY = "an empty page"
CANNED = "canned charts"
CHARTS = 1  # on the Overview
PATIENCE = 60_000  # milliseconds
VISITS = 5  # in a turn; the first warms the server up and is not counted

DRAWN = """charts => [...document.querySelectorAll('.js-plotly-plot')]
  .filter(plot => plot.querySelector('.trace path')).length >= charts"""
WRITTEN = "() => document.querySelector('h1, .f-number') !== null"


def overview(conditions: Conditions) -> Figures:
    past = made(conditions.events)
    with_tail(past, TAIL)
    server = Farthing.on(past.data_dir)
    try:
        app = server.start_app()
        with chromium() as browser:
            signed_in = sign_in(browser, server.app_url)
            figures = visited(browser, server.app_url, signed_in, CHARTS)
        return figures | process.memory(app.pid)
    finally:
        server.stop()


def yardstick(name: str, script: str, charts: int) -> Contestant:
    def turn(_: Conditions) -> Figures:
        with streamlit(script) as address, chromium() as browser:
            return visited(browser, address, None, charts)

    return Contestant(name, turn)


@contextmanager
def streamlit(script: str) -> Iterator[str]:
    port = free_port()
    path = Path(__file__).parent / "yardsticks" / "pages" / f"{script}.py"
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(path), f"--server.port={port}", *options]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=os.environ | {"BENCH_CHARTS": str(CHARTS)}, stdout=quiet, stderr=quiet)
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


BENCHMARKS = (
    Benchmark(
        "overview",
        (yardstick(EMPTY, "empty", 0), yardstick(CANNED, "canned", CHARTS), Contestant(OURS, overview)),
        (
            Comparison("seconds", EMPTY, AtMost(2.5), digits=2),
            Comparison("seconds", CANNED, AtMost(1.25), digits=2),
            Comparison("MB of memory, peak", target=AtMost(1024)),
        ),
    ),
)
