"""Real LiteLLM on one side, a real Farthing server on the other; nothing between them is replaced."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.farthing_client import FarthingClient
from tests.servers import Farthing

LITELLM_PYTHON = Path(__file__).parents[2] / ".venv-litellm" / "bin" / "python"


@pytest.fixture(scope="session")
def litellm_python() -> Path:
    if not LITELLM_PYTHON.exists():
        missing = f"no LiteLLM at {LITELLM_PYTHON}: `make test` installs it"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    return LITELLM_PYTHON


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """One server for the tests of a module: they only read what one run of a client left there."""
    with Farthing.start(tmp_path_factory.mktemp("farthing")) as server:
        yield server


@pytest.fixture(scope="module")
def client(farthing: Farthing) -> FarthingClient:
    return FarthingClient(farthing)
