"""A tenth of the demo, at noon of a Saturday and on a Wednesday evening of another year."""

from collections.abc import Iterator

import pytest

from models.periods import parse_time
from tests.demo import Demo, seeded

SATURDAY, WEDNESDAY = parse_time("2026-11-21T12:00:00Z"), parse_time("2027-03-03T18:30:00Z")


@pytest.fixture(scope="package", params=[SATURDAY, WEDNESDAY], ids=["saturday", "wednesday"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """For questions only: whoever changes it seeds one of their own."""
    with seeded(tmp_path_factory.mktemp("demo") / "data", request.param) as ready:
        yield ready
