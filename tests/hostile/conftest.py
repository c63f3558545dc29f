from collections.abc import Iterator

import pytest

from tests.hostile.watch import Watch
from tests.servers import Farthing


@pytest.fixture(scope="module")
def watch(shared: Farthing) -> Iterator[Watch]:
    """A module's server, without a rate limit: hostile senders do not wait."""
    watched = Watch.over(shared)
    yield watched
    watched.close()
