"""The seed of all kills of a test."""

import os
import secrets
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.crash.rounds", "tests.crash.views")  # so that they say what differs


@pytest.fixture
def seed(record_property: Any) -> str:
    """Another one each time, printed at the end; KILL_SEED plays the same kills again."""
    chosen = os.environ.get("KILL_SEED") or str(secrets.randbelow(10**9))
    record_property("replay", f"KILL_SEED={chosen}")
    return chosen
