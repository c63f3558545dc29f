"""The same as `test_kill.py` for as long as one likes, at every point: `make torture`."""

import itertools
import os
from collections import Counter
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tests.crash import views
from tests.crash.points import API, BY_NAME, CLOSING, HEALING, NEW_CUBE, OPENING, PUBLISHING
from tests.crash.rounds import ENOUGH, Kill, Rounds, a_new_cube, damage

MINUTES = float(os.environ.get("TORTURE_MINUTES", "10"))
AT_LEAST = 50  # rounds
IN_A_HISTORY = 8  # rounds; then a new installation, for checks take longer with history

FIRST = (Kill("both"), *(Kill("api", point) for point in API))  # what needs no files to stand there
EVERY = (
    *FIRST,
    *(Kill("api", then=point) for point in OPENING),
    *(Kill(victim, point) for victim in ("jobs", "both", "rebuild") for point in PUBLISHING),
    *(Kill(victim, point, given=a_new_cube) for victim in ("jobs", "both") for point in NEW_CUBE),
    *(Kill(victim, point, given=damage) for victim in ("jobs", "both") for point in HEALING),
    *(Kill("both", then=point) for point in CLOSING),
    Kill("both", BY_NAME["between files and watermark"], then=BY_NAME["inside the watermark's transaction"]),
    Kill("jobs"),
    Kill("both"),
)


@pytest.mark.torture
def test_no_kill_loses_or_doubles_an_event(tmp_path: Path, seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    until, random = monotonic() + 60 * MINUTES, Random(seed)
    kills: Counter[str] = Counter()
    acknowledged = 0
    for number in itertools.count():
        if kills.total() >= AT_LEAST and monotonic() >= until:
            break
        chosen = [random.choice(FIRST), *random.sample(EVERY, IN_A_HISTORY - 1)]
        with Rounds.on(tmp_path / str(number), f"{seed}-{number}") as rounds:
            for kill in chosen:
                events = rounds.play(kill)
                kills[str(kill)] += 1
                acknowledged += events
                with capsys.disabled():
                    print(
                        f"KILL_SEED={seed} round {kills.total()}: {kill}: {events} acknowledged, none lost, none doubled"
                    )
                assert events >= ENOUGH
            views.check_rebuild(rounds.server)
            views.check_doctor(rounds.server)
    with capsys.disabled():
        print(f"{kills.total()} rounds, {acknowledged} acknowledged events")
        print("\n".join(f"{times:4} × {kill}" for kill, times in kills.most_common()))
