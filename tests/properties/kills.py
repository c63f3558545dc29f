"""Deaths of a job between any two of its steps. A step is what leaves a trace on disk or in the database, or comes
right before it. Who died stays dead: no later step is done either. What was in memory is thrown away by the caller.
"""

import functools
import os
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from jobs.publishing import Publisher
from models import acts, allowance, corrections, price_cards
from models.accounts import zones
from models.spend import progress
from models.spend.lake import Lake

STEPS: tuple[tuple[Any, str], ...] = (
    (os, "mkdir"),
    (os, "rmdir"),
    (os, "unlink"),
    (os, "replace"),
    (os, "fsync"),
    (pl.DataFrame, "write_parquet"),
    (Lake, "publish"),
    (Lake, "stage"),
    (Lake, "serve_staged"),
    (Lake, "place_staged"),
    (Lake, "remove_leftovers"),
    (Publisher, "record"),
    (progress, "take_fence"),
    (progress, "move"),
    (progress, "record"),
    (progress, "replace"),
    (zones, "say_files_are"),
    (zones, "switch"),
    (allowance, "recount"),
    (acts, "begin"),
    (acts, "finish"),
    (corrections, "correct"),
    (price_cards, "keep"),
)
DUE = 11  # steps: a prime, so that it is another step of each file


class Killed(BaseException):
    """Stands for a SIGKILL: nothing of the product may catch it."""


@dataclass
class Death:
    """After how many steps, and before a step of which kind; of none for who lives on."""

    survived: int = 0
    before: str | None = None


@contextmanager
def killed_after(survived: int, spared: Container[str] = ()) -> Iterator[Death]:
    """Die before the step that follows so many others, or later where that is of a kind that is spared: before another
    kind, or when so many have passed that one is due. Live on where there are no more."""
    death = Death()

    def is_due(kind: str) -> bool:
        return death.survived >= survived and (kind not in spared or death.survived % DUE == 0)

    def mortal(kind: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(step)
        def taken(*arguments: Any, **options: Any) -> Any:
            if death.before or is_due(kind):
                death.before = death.before or kind
                raise Killed
            death.survived += 1
            return step(*arguments, **options)

        return taken

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in STEPS:
            patched.setattr(owner, name, mortal(f"{owner.__name__}.{name}", getattr(owner, name)))
        yield death
