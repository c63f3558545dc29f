"""A stop is no kill: a process that is told to stop ends, whatever it is doing."""

from pathlib import Path

from tests.crash.points import STOPPING
from tests.servers import PATIENCE, Farthing


def test_jobs_that_are_told_to_stop_in_their_first_run_stop(tmp_path: Path) -> None:
    server = Farthing.prepare(tmp_path)
    trigger = tmp_path / "trigger"
    trigger.touch()
    try:
        (point,) = STOPPING
        jobs = server.spawn("jobs", module=("tests.crash.launch", point.name, "1.0", str(trigger)))
        assert jobs.wait(PATIENCE) == 0
    finally:
        server.stop()
