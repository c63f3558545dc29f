"""Deaths of a job between any two of its steps. A step is what leaves a trace on disk or in the database, or comes
right before it. Who died stays dead: no later step is done either. What was in memory is thrown away by the caller.
"""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


class Killed(BaseException):
    """Stands for a SIGKILL: nothing of the product may catch it."""


@contextmanager
def killed_after(survived: int) -> Iterator[None]:
    """Die before the step that follows so many others; live on where there are no more."""
    left = survived

    def mortal(step: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(step)
        def taken(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return step(*arguments, **options)

        return taken

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in STEPS:
            patched.setattr(owner, name, mortal(getattr(owner, name)))
        yield
