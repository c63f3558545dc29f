"""Retention of prompts and responses: for each workspace's days, and no longer."""

from jobs import content
from jobs.schedule import Performing, jobs
from models.installation import Installation
from models.periods import DAY
from tests.factories import NOON, make_workspace
from tests.models.test_contents import append, change, entry, kept


def test_each_workspace_keeps_them_for_its_days(installation: Installation) -> None:
    week = make_workspace(installation, "week", capture_content=True)
    long = make_workspace(installation, "long", capture_content=True, content_days=30)
    for workspace in (week, long):
        for days in (31, 8, 6):
            append(installation, entry(workspace, f"{workspace.name} {days}", received_us=NOON - days * DAY))
    assert content.run(installation.database, lambda: NOON) == 3
    assert kept(installation) == ["long 6", "long 8", "week 6"]
    assert content.run(installation.database, lambda: NOON) == 0


def test_also_after_it_was_switched_off(installation: Installation) -> None:
    workspace = make_workspace(installation, capture_content=True)
    append(installation, entry(workspace, "a", received_us=NOON - 6 * DAY))
    change(installation, workspace, capture_content=False)
    assert content.run(installation.database, lambda: NOON) == 0
    assert kept(installation) == ["a"]
    assert content.run(installation.database, lambda: NOON + DAY + 1) == 1


def test_it_is_one_of_the_jobs_and_says_what_it_did(installation: Installation) -> None:
    job = next(each for each in jobs(installation) if each.name == "content")
    assert job.work(installation) is None
    append(installation, entry(make_workspace(installation, capture_content=True), "a", received_us=1))
    assert job.work(installation) == "prompts and responses of 1 events were kept for their days, and are deleted"


def test_while_much_is_deleted_the_other_jobs_go_on(installation: Installation) -> None:
    job = next(each for each in jobs(installation) if each.name == "content")
    append(installation, entry(make_workspace(installation, capture_content=True), "a", received_us=1))
    assert job.beside
    performing = Performing(installation)
    with performing.busy:
        performing(job)
    assert kept(installation) == []
