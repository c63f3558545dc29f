"""`python -m tests.crash.pause POINT CALL …` runs `farthing …` so that it stops itself at a point, as SIGSTOP, a suspended
machine or a long wait for the disk would, until somebody sends SIGCONT."""

import sys
from dataclasses import replace
from pathlib import Path
from signal import SIGSTOP

import farthing
from tests.crash.launch import arm
from tests.crash.points import BY_NAME, Point

BEFORE_RECORD = Point("between files and record", "before", "jobs.publishing:Publisher.record")  # in no transaction yet


def main() -> None:
    name, call, *arguments = sys.argv[1:]
    points = BY_NAME | {BEFORE_RECORD.name: BEFORE_RECORD}
    arm(replace(points[name], signal=SIGSTOP), float(call), Path(__file__))
    sys.argv = ["farthing", *arguments]
    farthing.main()


if __name__ == "__main__":
    main()
