"""What is drawn: the same for everybody but for the dates, in believable amounts."""

import os
import subprocess
import sys

import msgspec
import pytest

from jobs.demo import calls
from jobs.demo.stories import ALL_DAYS, COMPANIES, Company
from models.accounts.workspaces import FREE_MONTHLY_EVENTS
from models.periods import DAY, parse_time
from models.usage.event import Event

ACME, LABS = COMPANIES
MONDAY = parse_time("2026-11-16T00:00:00Z")
SATURDAY = MONDAY + 5 * DAY
YEAR = 52 * 7 * DAY

PRINTED = """
import msgspec
from jobs.demo import calls
from jobs.demo.stories import COMPANIES
print(msgspec.json.encode(calls.of_day(COMPANIES[0], 5, 1_795_046_400_000_000, 0.05)))
"""


def drawn(company: Company, day: int, midnight: int) -> list[dict[str, object]]:
    """A day's calls without their dates."""
    return [timeless(event, midnight) for event in calls.of_day(company, day, midnight, 0.1)]


def timeless(event: Event, midnight: int) -> dict[str, object]:
    told = msgspec.to_builtins(event)
    ended = None if event.ended_us is None else event.ended_us - midnight
    return told | {"started_us": event.started_us - midnight, "ended_us": ended, "claim": None}


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.name)
@pytest.mark.parametrize("day", [0, 5, 17, 35, 89])
def test_a_day_is_the_same_whenever_it_was(company: Company, day: int) -> None:
    assert drawn(company, day, MONDAY) == drawn(company, day, MONDAY + YEAR) != []


def test_a_day_is_the_same_in_every_process() -> None:
    once, again = (printed(seed) for seed in ("1", "2"))
    assert once == again


def printed(seed: str) -> bytes:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    return subprocess.run([sys.executable, "-c", PRINTED], env=environment, capture_output=True, check=True).stdout


def test_a_saturday_has_the_first_of_the_calls_that_the_day_would_have_had() -> None:
    working = {event["id"]: event for event in drawn(ACME, 60, MONDAY)}
    quiet = {event["id"]: event for event in drawn(ACME, 60, SATURDAY)}
    assert len(quiet) < len(working)
    assert all(working[name] == event for name, event in quiet.items())


def test_a_story_changes_no_other_workload() -> None:
    def others(day_of_story: Company) -> list[dict[str, object]]:
        return [event for event in drawn(day_of_story, 5, MONDAY) if event["token"] != "ci-evals"]

    assert others(ACME) == others(Untold(ACME.name, ACME.plan, ACME.on(6)))


class Untold(Company):
    def on(self, day: int) -> tuple[object, ...]:  # type: ignore[override]
        return self.workloads


def test_calls_end_after_they_began_and_have_ids_of_their_own() -> None:
    events = calls.of_day(ACME, 3, MONDAY)
    assert len({event.id for event in events}) == len(events)
    assert all(MONDAY <= event.started_us < MONDAY + DAY for event in events)
    assert all(event.latency_us and event.ended_us == event.started_us + event.latency_us for event in events)
    assert [event.started_us for event in events] == sorted(event.started_us for event in events)


def test_the_whole_is_of_a_size_that_a_laptop_makes_in_a_minute() -> None:
    assert 150_000 < sum(expected(company, day) for company in COMPANIES for day in ALL_DAYS) < 250_000


def test_the_free_workspace_stays_within_its_allowance() -> None:
    assert sum(expected(LABS, day) for day in range(31)) < FREE_MONTHLY_EVENTS


def expected(company: Company, day: int) -> int:
    """Calls of that day, with neither good nor bad luck, where today is a Sunday."""
    midnight = SATURDAY + DAY - day * DAY
    return sum(calls.calls_on(workload, day, midnight, 0.5, 1) for workload in company.on(day))
