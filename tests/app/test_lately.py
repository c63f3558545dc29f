"""What goes by the clock: "now" moves while nothing happens, and what is read call by call waits for its slot."""

import time

import pytest

from app import data, lately, questions
from app.address import Address
from app.caching import SLOT
from models import periods
from models.periods import now_us
from tests.app.conftest import Dashboard, call

MINUTES = 60 * periods.SECOND


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.us = time.time_ns() // 1_000 // SLOT * SLOT

    def time_ns(self) -> int:
        return self.us * 1_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time_ns", made.time_ns)
    return made


@pytest.mark.parametrize(("path", "now"), [("tokens", "2/min"), ("models", "Now, the last 15 minutes 2/min")])
def test_now_is_over_when_traffic_stops(dashboard: Dashboard, clock: Clock, path: str, now: str) -> None:
    dashboard.send(dashboard.workspace(timezone="UTC"), *(call(ago_s=120, token="ci") for _ in range(30)))
    dashboard.sign_in()
    assert now in dashboard.open(path, show="health", last="24h").text
    clock.us += 16 * MINUTES
    assert now not in dashboard.open(path, show="health", last="24h").text


def test_calls_are_not_read_one_by_one_each_time_that_one_arrives(dashboard: Dashboard, clock: Clock) -> None:
    workspace = dashboard.workspace()
    question = questions.asked(Address(), group_by="token", granularity="minute", measures="requests", last="24h")

    def counted() -> int:
        return int(lately.by_calls(workspace, data.seen(workspace), question).totals["requests"])

    dashboard.send(workspace, call())
    assert counted() == 1
    dashboard.send(workspace, call())
    assert counted() == 1
    clock.us += SLOT
    assert counted() == 2


def test_the_tokens_page_says_how_old_its_peaks_may_be(dashboard: Dashboard, clock: Clock) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(token="ci"))
    dashboard.sign_in()
    assert "peaks may be 5 minutes old" in dashboard.open("tokens").text
    dashboard.send(workspace, call(token="ci"))
    text = dashboard.open("tokens").text
    assert "1/min" in text
    assert "2/min" not in text
    clock.us += SLOT
    assert "2/min" in dashboard.open("tokens").text


def test_the_last_minutes_are_asked_anew_every_ten_seconds(dashboard: Dashboard, clock: Clock) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(ago_s=55))
    seen = data.seen(workspace)
    first = lately.spend(workspace, seen, Address(), last="1m", measures="requests")
    clock.us += int(lately.EVERY * periods.SECOND)
    then = lately.spend(workspace, seen, Address(), last="1m", measures="requests")
    assert (first.totals["requests"], then.totals["requests"], now_us()) == (1, 0, clock.us)
