"""What runs when: a tail that has grown long is rolled up at once, and a job that fails spoils no other."""

from dataclasses import replace

import pytest

from jobs import schedule
from models.installation import Installation
from models.spend import progress
from tests.factories import append, make_event, make_workspace


def behind(installation: Installation) -> int:
    with installation.database.read() as connection:
        return min(progress.served(connection).values())


def test_a_long_tail_is_rolled_up_at_once_a_short_one_waits(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "LONG_TAIL", 3)
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(), make_event(), make_event())
    assert schedule.roll_up_long_tail(installation) is None
    assert behind(installation) == 0
    append(installation, workspace.id, make_event())
    assert "rolled up 4 events" in str(schedule.roll_up_long_tail(installation))
    assert behind(installation) == 4


def test_the_paces_are_those_of_the_settings(installation: Installation) -> None:
    settings = installation.settings.model_copy(update={"rollup_every": 7})
    paces = {job.name: job.seconds for job in schedule.jobs(replace(installation, settings=settings))}
    assert paces["rollup"] == 7
    assert paces["long tail"] <= 5


def test_a_job_that_fails_is_told_and_spoils_nothing(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Installation) -> None:
        raise RuntimeError("a customer's secret")

    schedule.perform(schedule.Job("failing", 1, fail), installation)
    said = "".join(capsys.readouterr())
    assert "job failed" in said
    assert "secret" not in said
