"""`python -m tests.crash.launch POINT CALL TRIGGER …` runs `farthing …` so that it signals itself at a point.

CALL counts from the moment that the file TRIGGER is there. Its fraction says how far inside the call it dies where
the point is within one: 3.7 is the third call, when 70 % of the time that the call before took have passed.
"""

import itertools
import os
import sys
import threading
from collections.abc import Callable
from functools import reduce, wraps
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import farthing
from tests.crash.points import BY_NAME, Point

AT_FIRST = 0.002  # seconds that a call is thought to take before one was timed


def main() -> None:
    name, call, trigger, *arguments = sys.argv[1:]
    arm(BY_NAME[name], float(call), Path(trigger))
    sys.argv = ["farthing", *arguments]
    farthing.main()


def arm(point: Point, call: float, trigger: Path) -> None:
    module, _, path = point.target.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    setattr(owner, name, deadly(getattr(owner, name), point, call, trigger))


def deadly(function: Callable[..., Any], point: Point, call: float, trigger: Path) -> Callable[..., Any]:
    """The function, the chosen call of which ends the process."""

    def die() -> None:
        sleep(point.linger)
        os.kill(os.getpid(), point.signal)

    calls = itertools.count(1)
    took = AT_FIRST

    @wraps(function)
    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal took
        last = trigger.exists() and next(calls) == int(call)
        if last and point.moment == "before":
            die()
        if last and point.moment == "within":
            threading.Timer(took * (call % 1), die).start()
        began = monotonic()
        result = function(*arguments, **named)
        took = monotonic() - began
        if last and point.moment != "before":
            die()
        return result

    return counted


if __name__ == "__main__":
    main()
