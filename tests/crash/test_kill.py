"""A 2xx means on disk: API and jobs are killed under load, at random moments and at the worst ones, and every
acknowledged event counts exactly once, in every view."""

from pathlib import Path

import pytest

from tests.crash import views
from tests.crash.points import BY_NAME
from tests.crash.rounds import ENOUGH, Kill, Rounds, a_new_cube, damage

HISTORIES = {
    "api": (
        Kill("api", BY_NAME["inside a transaction"]),
        Kill("api", BY_NAME["inside a commit"]),
        Kill("api", BY_NAME["between commit and answer"]),
        Kill("api", then=BY_NAME["opening, inside its transaction"]),
    ),
    "jobs": (
        Kill("jobs"),
        Kill("jobs", BY_NAME["between files and watermark"]),
        Kill("jobs", BY_NAME["between two cubes' files"], given=damage),
    ),
    "both": (
        Kill("both", then=BY_NAME["inside the last checkpoint"]),
        Kill("rebuild", BY_NAME["between two cubes' files"]),
        Kill("both", BY_NAME["after a file's replacement"]),
        Kill("jobs", BY_NAME["between a new cube and its watermark"], given=a_new_cube),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("history", HISTORIES)
def test_every_acknowledged_event_survives_a_kill_exactly_once(tmp_path: Path, history: str, seed: str) -> None:
    with Rounds.on(tmp_path, f"{seed}-{history}") as rounds:
        for kill in HISTORIES[history]:
            assert rounds.play(kill) >= ENOUGH, kill
        assert rounds.book.watched > 0
        views.check_rebuild(rounds.server)
        views.check_doctor(rounds.server)
